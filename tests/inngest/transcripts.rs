//! What a real server and the official TypeScript SDK said to each other, said again to this driver: its answers are theirs.
//!
//! The functions are those of `transcripts/functions.mjs`, of which `transcripts/copy.py` has copied what was recorded, and those of
//! `transcripts/further/functions.mjs`, which `record.mjs` has recorded.

mod accepted;
mod compare;
mod functions;
mod further;

use std::collections::BTreeSet;

use bytes::Bytes;
use owf_runtime::inngest::{Checkpointing, InngestDriver};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::cloud::Cloud;
use accepted::{Accepted, Place};
use compare::{Difference, compare};

/// One recorded request and its answer.
#[derive(Deserialize)]
struct Record {
    function: Option<String>,
    /// The request that was being answered when this one was sent.
    during: Option<String>,
    method: String,
    url: String,
    request_headers: Map<String, Value>,
    request: Value,
    status: u16,
    response_headers: Map<String, Value>,
    response: Value,
}

fn records(text: &str) -> Vec<Record> {
    text.lines().map(|line| serde_json::from_str(line).expect("a record")).collect()
}

/// A set of functions, with what was recorded of them.
struct Suite {
    functions: fn(InngestDriver) -> InngestDriver,
    forget: fn(),
    recordings: Vec<Recording>,
    accepted: &'static [Accepted],
    /// How many calls were recorded.
    calls: usize,
}

/// What was recorded in one way of serving.
struct Recording {
    way: &'static str,
    calls: &'static str,
    outgoing: &'static str,
    checkpointing: Option<Checkpointing>,
}

macro_rules! recording {
    ($folder:literal, $way:literal, $checkpointing:expr) => {
        Recording {
            way: $way,
            calls: include_str!(concat!("transcripts/", $folder, $way, "-calls.jsonl")),
            outgoing: include_str!(concat!("transcripts/", $folder, $way, "-outgoing.jsonl")),
            checkpointing: $checkpointing,
        }
    };
}

#[tokio::test]
async fn every_recorded_call_is_answered_as_it_was() {
    let recordings = vec![recording!("", "plain", None), recording!("", "checkpointing", Some(Checkpointing::new()))];
    let suite = Suite {
        functions: functions::all,
        forget: functions::forget_attempts,
        recordings,
        accepted: accepted::FIRST,
        calls: 101,
    };
    suite.check().await;
}

#[tokio::test]
async fn every_call_of_the_further_functions_is_answered_as_it_was() {
    let recordings = vec![
        recording!("further/", "plain", None),
        recording!("further/", "checkpointing", Some(Checkpointing::new())),
        recording!("further/", "buffered", Some(Checkpointing::new().buffered_steps(3))),
    ];
    let suite = Suite {
        functions: further::all,
        forget: further::forget_counts,
        recordings,
        accepted: accepted::FURTHER,
        calls: 562,
    };
    suite.check().await;
}

impl Suite {
    /// The ways are replayed one after the other: the functions count their attempts.
    async fn check(&self) {
        let mut differences = Vec::new();
        let mut calls = 0;
        for recording in &self.recordings {
            (self.forget)();
            let (transcript, outgoing) = (records(recording.calls), records(recording.outgoing));
            calls += transcript.len();
            differences.extend(self.replay(recording, &transcript, &outgoing).await);
        }
        assert_eq!(calls, self.calls, "all that was recorded is replayed");
        let accepted = |difference: &Difference| {
            accepted::EVERYWHERE.iter().chain(self.accepted).find_map(|accepted| accepted.covers(difference))
        };
        let unexpected: Vec<&Difference> =
            differences.iter().filter(|difference| accepted(difference).is_none()).collect();
        assert!(unexpected.is_empty(), "{} differences:\n{}", unexpected.len(), lines(&unexpected));
        let used: BTreeSet<Place> = differences.iter().filter_map(accepted).collect();
        let places = accepted::EVERYWHERE.iter().chain(self.accepted).flat_map(Accepted::places);
        let unused: Vec<Place> = places.filter(|place| !used.contains(place)).collect();
        assert!(unused.is_empty(), "accepted, and no difference any more: {unused:?}");
    }

    async fn replay(&self, recording: &Recording, transcript: &[Record], outgoing: &[Record]) -> Vec<Difference> {
        let cloud = Cloud::start().await;
        let mut driver = (self.functions)(InngestDriver::new("rec")).dev(true).base_url(&cloud.origin);
        if let Some(checkpointing) = recording.checkpointing.clone() {
            driver = driver.checkpointing(checkpointing);
        }
        // Where the functions were served when they were recorded.
        let registered = outgoing.iter().find_map(|sent| sent.request["url"].as_str()).expect("a registration");
        let served_at = registered.split("/api/").next().expect("an origin").to_owned();
        let mut differences = Vec::new();
        for (number, record) in transcript.iter().enumerate() {
            let function = record.function.as_deref().unwrap_or("(sync)");
            let of_run =
                |sent: &&Record| sent.url == "/fn/register" && record.method == "PUT" || is_sent_in(sent, record);
            let expected: Vec<&Record> = outgoing.iter().filter(of_run).collect();
            expected.iter().for_each(|record| cloud.answer(record.status, record.response.clone()));
            let answer = driver.handle(request(record, &served_at)).await;
            let at = |mut difference: Difference| {
                difference.call = format!("{function} #{number} ({})", recording.way);
                difference
            };
            let (ours, theirs) = (parts_of(&answer), recorded(record));
            differences.extend(compare(&ours, &theirs).into_iter().map(at));
            let asked = cloud.asked();
            cloud.forget_answers();
            let ours: Vec<Value> =
                asked.iter().map(|asked| json!({ "path": asked.path, "body": asked.body })).collect();
            let theirs: Vec<Value> =
                expected.iter().map(|sent| json!({ "path": sent.url, "body": sent.request })).collect();
            differences.extend(compare(&json!({ "sent": ours }), &json!({ "sent": theirs })).into_iter().map(at));
        }
        differences
    }
}

/// Whether a request was sent while a call was answered.
fn is_sent_in(sent: &Record, call: &Record) -> bool {
    let id = |record: &Record, at: &str| record.request.pointer(at).and_then(Value::as_str).map(str::to_owned);
    match call.function.as_deref() {
        _ if call.method != "POST" || sent.url == "/fn/register" => false,
        Some("sends") if sent.url.starts_with("/e/") => call.request["steps"].as_object().is_some_and(Map::is_empty),
        _ => {
            let request = sent.during.clone().or_else(|| id(sent, "/request_id"));
            request.is_some() && request == id(call, "/ctx/request_id")
        }
    }
}

fn request(record: &Record, served_at: &str) -> http::Request<Bytes> {
    let mut request = http::Request::builder().method(record.method.as_str()).uri(format!("{served_at}{}", record.url));
    for (name, value) in &record.request_headers {
        request = request.header(name, value.as_str().unwrap_or_default());
    }
    let body = match &record.request {
        Value::String(text) => text.clone(),
        body => body.to_string(),
    };
    request.body(Bytes::from(body)).expect("a request")
}

fn parts_of(answer: &http::Response<Bytes>) -> Value {
    let headers: Map<String, Value> = compare::HEADERS
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), answer.headers().get(*name)?.to_str().ok()?.into())))
        .collect();
    let body: Value = serde_json::from_slice(answer.body()).expect("every answer is JSON");
    json!({ "status": answer.status().as_u16(), "headers": headers, "body": body })
}

fn recorded(record: &Record) -> Value {
    json!({ "status": record.status, "headers": record.response_headers, "body": record.response })
}

fn lines(differences: &[&Difference]) -> String {
    differences.iter().map(|difference| format!("{difference}\n")).collect()
}
