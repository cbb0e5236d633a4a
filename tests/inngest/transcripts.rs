//! What a real server and the official TypeScript SDK said to each other, said again to this driver: its answers are theirs.
//!
//! The functions are those of `transcripts/functions.mjs`; `transcripts/copy.py` has copied what was recorded.

mod accepted;
mod compare;
mod functions;

use std::collections::BTreeSet;

use bytes::Bytes;
use owf_runtime::inngest::{Checkpointing, InngestDriver};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::cloud::Cloud;
use accepted::ACCEPTED;
use compare::{Difference, compare};

/// One recorded request and its answer.
#[derive(Deserialize)]
struct Record {
    function: Option<String>,
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

/// Without and with checkpointing, in one test: the functions count their attempts in statics.
#[tokio::test]
async fn every_recorded_call_is_answered_as_it_was() {
    let mut differences = Vec::new();
    let mut calls = 0;
    for (transcript, outgoing, checkpointing) in [
        (include_str!("transcripts/plain-calls.jsonl"), include_str!("transcripts/plain-outgoing.jsonl"), false),
        (
            include_str!("transcripts/checkpointing-calls.jsonl"),
            include_str!("transcripts/checkpointing-outgoing.jsonl"),
            true,
        ),
    ] {
        functions::forget_attempts();
        let (transcript, outgoing) = (records(transcript), records(outgoing));
        calls += transcript.len();
        differences.extend(replay(&transcript, &outgoing, checkpointing).await);
    }
    assert_eq!(calls, 101, "all that was recorded is replayed");
    let unexpected: Vec<&Difference> = differences.iter().filter(|difference| !is_accepted(difference)).collect();
    assert!(unexpected.is_empty(), "{} differences:\n{}", unexpected.len(), lines(&unexpected));
    let used: BTreeSet<&str> = differences.iter().filter_map(|difference| accepted(difference)).collect();
    let mut accepted = ACCEPTED.iter().flat_map(|accepted| accepted.paths);
    let unused = accepted.find(|path| !used.contains(*path));
    assert_eq!(unused, None, "it is accepted, and is no difference any more");
}

async fn replay(transcript: &[Record], outgoing: &[Record], checkpointing: bool) -> Vec<Difference> {
    let cloud = Cloud::start().await;
    let mut driver = functions::all(InngestDriver::new("rec")).dev(true).base_url(&cloud.origin);
    if checkpointing {
        driver = driver.checkpointing(Checkpointing::new());
    }
    // Where the functions were served when they were recorded.
    let registered = outgoing.iter().find_map(|sent| sent.request["url"].as_str()).expect("a registration");
    let served_at = registered.split("/api/").next().expect("an origin").to_owned();
    let mut differences = Vec::new();
    for (number, record) in transcript.iter().enumerate() {
        let function = record.function.as_deref().unwrap_or("(sync)");
        let of_run = |sent: &&Record| sent.url == "/fn/register" && record.method == "PUT" || is_sent_in(sent, record);
        let expected: Vec<&Record> = outgoing.iter().filter(of_run).collect();
        expected.iter().for_each(|record| cloud.answer(record.status, record.response.clone()));
        let answer = driver.handle(request(record, &served_at)).await;
        let at = |mut difference: Difference| {
            difference.call = format!("{function} #{number}{}", if checkpointing { " (checkpointing)" } else { "" });
            difference
        };
        let (ours, theirs) = (parts_of(&answer), recorded(record));
        differences.extend(compare(&ours, &theirs).into_iter().map(at));
        let asked = cloud.asked();
        let ours: Vec<Value> = asked.iter().map(|asked| json!({ "path": asked.path, "body": asked.body })).collect();
        let theirs: Vec<Value> =
            expected.iter().map(|sent| json!({ "path": sent.url, "body": sent.request })).collect();
        differences.extend(compare(&json!({ "sent": ours }), &json!({ "sent": theirs })).into_iter().map(at));
    }
    differences
}

/// Whether a request was sent while a call was answered.
fn is_sent_in(sent: &Record, call: &Record) -> bool {
    let id = |record: &Record, at: &str| record.request.pointer(at).and_then(Value::as_str).map(str::to_owned);
    match call.function.as_deref() {
        _ if call.method != "POST" || sent.url == "/fn/register" => false,
        Some("sends") if sent.url.starts_with("/e/") => call.request["steps"].as_object().is_some_and(Map::is_empty),
        _ => {
            let request = id(sent, "/request_id");
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

fn accepted(difference: &Difference) -> Option<&'static str> {
    ACCEPTED.iter().find_map(|accepted| accepted.covers(difference))
}

fn is_accepted(difference: &Difference) -> bool {
    accepted(difference).is_some()
}

fn lines(differences: &[&Difference]) -> String {
    differences.iter().map(|difference| format!("{difference}\n")).collect()
}
