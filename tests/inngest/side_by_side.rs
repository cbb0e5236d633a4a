//! This driver and the official TypeScript SDK, each asked the same: for what the recorded transcripts lack.
//!
//! Needs Node and npm; without them it says that it is left out.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{Method, Request};
use owf_runtime::SystemHost;
use owf_runtime::inngest::InngestDriver;
use owf_runtime::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::fuzz::{canonical, signature};
use crate::hash;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/inngest/side_by_side");
const KEY: &str = "signkey-test-00c0ffee";
const BARE_KEY: &str = "00c0ffee";

#[derive(Serialize, Deserialize)]
struct Number {
    n: u32,
}

#[workflow(event = "app/double")]
async fn double(number: Number) -> WorkflowResult<u32> {
    Ok(step!("double", number.n * 2).await?)
}

#[workflow(event = "app/long")]
async fn long(_: Value) -> WorkflowResult<u32> {
    let mut sum = 0;
    for i in 0..=1000 {
        sum += step!("add", i).await?;
    }
    Ok(sum)
}

#[workflow(event = "app/pair")]
async fn pair(_: Value) -> WorkflowResult<u32> {
    let (a, b) = join!(step!("a", 1), step!("b", 2)).await;
    let (a, b) = (a?, b?);
    Ok(step!("sum", a + b).await?)
}

/// What is asked of both.
struct Asked {
    what: &'static str,
    method: Method,
    query: &'static str,
    headers: Vec<(&'static str, String)>,
    body: String,
}

/// What a difference is accepted for. Whoever removes one removes its line.
const ACCEPTED: &[(&str, &str, &str)] = &[
    (
        "GET, unsigned",
        "status",
        "the specification (4.5) has everybody answered with what is no secret; the SDK refuses",
    ),
    (
        "a body that is no JSON",
        "status",
        "the request is at fault, and sending it again cannot help; the SDK answers 500",
    ),
    ("without a function", "status", "the request is at fault; the SDK answers 500"),
    (
        "PUT, unsigned",
        "status",
        "whoever may say where the app is could have the server call somebody else: an origin has to be set",
    ),
];

#[tokio::test]
async fn both_answer_alike() {
    if !is_installed() {
        println!("left out: there is no Node with npm on this machine");
        return;
    }
    let mut differences = Vec::new();
    for (mode, requests) in [("dev", dev()), ("cloud", cloud())] {
        let app = Node::start(mode).await;
        let driver = InngestDriver::new("app").dev(mode == "dev").signing_key(KEY).event_key("events");
        let driver = driver.base_url("http://127.0.0.1:1").host(Arc::new(SystemHost::new()));
        let driver = driver.function(double).function(long).function(pair);
        for asked in requests {
            let (ours, theirs) = (ask_driver(&driver, &asked).await, app.ask(&asked).await);
            for (field, ours, theirs) in compare(&asked, &ours, &theirs) {
                differences.push((mode, asked.what, field, ours, theirs));
            }
        }
    }
    let is_accepted = |what: &str, field: &str| ACCEPTED.iter().any(|(known, at, _)| *known == what && *at == field);
    let unexpected: Vec<_> = differences.iter().filter(|(_, what, field, ..)| !is_accepted(what, field)).collect();
    assert!(unexpected.is_empty(), "{unexpected:#?}");
    for (what, field, _) in ACCEPTED {
        let is_used = differences.iter().any(|(_, asked, at, ..)| asked == what && at == field);
        assert!(is_used, "{what}: it is no difference any more");
    }
}

fn post(what: &'static str, query: &'static str, body: impl ToString) -> Asked {
    Asked { what, method: Method::POST, query, headers: Vec::new(), body: body.to_string() }
}

fn call(name: &str, data: &Value, steps: &Value, stack: &Value) -> Value {
    json!({
        "event": { "name": name, "data": data, "id": "e", "ts": 1 },
        "events": [{ "name": name, "data": data }],
        "steps": steps,
        "ctx": {
            "run_id": "01M814WRNQT7SPHQVJVNMKC84V", "attempt": 0, "max_attempts": 4, "disable_immediate_execution": false,
            "use_api": false, "stack": { "stack": stack, "current": 0 },
        },
        "version": 2,
    })
}

fn large() -> Value {
    let ids: Vec<String> =
        (0..1000).map(|i| hash(&if i == 0 { "add".to_owned() } else { format!("add:{i}") })).collect();
    let text = "x".repeat(2000);
    let mut steps: serde_json::Map<String, Value> =
        ids.iter().enumerate().map(|(i, id)| (id.clone(), json!({ "data": i }))).collect();
    steps.insert(hash("gone"), json!({ "data": text }));
    call("app/long", &json!({}), &Value::Object(steps), &json!(ids))
}

const DOUBLE: &str = "fnId=app-double&stepId=step";
const PAIR: &str = "fnId=app-pair&stepId=step";

fn dev() -> Vec<Asked> {
    let empty = json!({});
    let fine = call("app/double", &json!({ "n": 4 }), &empty, &json!([]));
    let edited = json!({ (hash("gone")): { "data": 1 }, (hash("b")): { "data": 20 } });
    let both = json!({ (hash("a")): { "data": 10 }, (hash("b")): { "data": 20 }, (hash("gone")): null });
    vec![
        post("a call", DOUBLE, &fine),
        post("without a step", "fnId=app-double", &fine),
        post("a body that is no JSON", DOUBLE, "{"),
        post("an unknown function", "fnId=app-other&stepId=step", &fine),
        post("without a function", "stepId=step", &fine),
        post("a trust probe", "probe=trust", &fine),
        post("an unknown probe", "probe=other", &fine),
        Asked { what: "another method", method: Method::DELETE, query: "", headers: Vec::new(), body: String::new() },
        post("a large state", "fnId=app-long&stepId=step", large()),
        post(
            "a step that is gone from the code, another that is moved",
            PAIR,
            call("app/pair", &empty, &edited, &json!([hash("gone"), hash("b")])),
        ),
        post(
            "steps that were recorded in another order",
            PAIR,
            call("app/pair", &empty, &both, &json!([hash("gone"), hash("b"), hash("a")])),
        ),
        post("no order of recording", PAIR, call("app/pair", &empty, &both, &Value::Null)),
    ]
}

fn cloud() -> Vec<Asked> {
    let fine = call("app/double", &json!({ "n": 4 }), &json!({}), &json!([]));
    let signed = |mut asked: Asked, key: &str, age: u64| {
        let body: Value = serde_json::from_str(&asked.body).unwrap_or_default();
        let canonical = if asked.body.is_empty() { Vec::new() } else { canonical(&body) };
        asked.headers.push(("x-inngest-signature", signature(key, now() - age, &canonical)));
        asked
    };
    let of = |what, method, body: &str| Asked { what, method, query: "", headers: Vec::new(), body: body.to_owned() };
    let in_band = |what, body: &str| {
        let mut asked = of(what, Method::PUT, body);
        asked.headers.push(("x-inngest-sync-kind", "in_band".to_owned()));
        asked
    };
    let url = r#"{"url":"http://outside.test/api/inngest"}"#;
    let spaced = format!("{}  ", serde_json::to_string_pretty(&fine).expect("JSON"));
    vec![
        of("GET, unsigned", Method::GET, ""),
        post("an unsigned call", DOUBLE, &fine),
        post("an empty body", DOUBLE, ""),
        signed(post("a signed call", DOUBLE, &fine), BARE_KEY, 0),
        signed(post("a signed call, spaced otherwise", DOUBLE, spaced), BARE_KEY, 0),
        signed(post("a call that is signed with another key", DOUBLE, &fine), "00c0ffef", 0),
        signed(post("a call that was signed long ago", DOUBLE, &fine), BARE_KEY, 301),
        signed(post("a large state, signed", "fnId=app-long&stepId=step", large()), BARE_KEY, 0),
        signed(in_band("in-band sync", url), BARE_KEY, 0),
        in_band("in-band sync, unsigned", url),
        signed(in_band("in-band sync without an address", "{}"), BARE_KEY, 0),
        signed(in_band("in-band sync with more than an address", r#"{"more":1,"url":"http://a.test"}"#), BARE_KEY, 0),
        of("PUT, unsigned", Method::PUT, ""),
    ]
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after the epoch").as_secs()
}

/// An answer, as far as it is compared.
struct Answer {
    status: u16,
    no_retry: Option<String>,
    sync_kind: Option<String>,
    version: Option<String>,
    is_signed: bool,
    body: Value,
}

fn compare(asked: &Asked, ours: &Answer, theirs: &Answer) -> Vec<(&'static str, String, String)> {
    let mut differences = Vec::new();
    let mut check = |field, ours: String, theirs: String| {
        if ours != theirs {
            differences.push((field, ours, theirs));
        }
    };
    check("status", ours.status.to_string(), theirs.status.to_string());
    if ours.status != theirs.status {
        return differences;
    }
    check("x-inngest-no-retry", format!("{:?}", ours.no_retry), format!("{:?}", theirs.no_retry));
    check("x-inngest-sync-kind", format!("{:?}", ours.sync_kind), format!("{:?}", theirs.sync_kind));
    check("x-inngest-req-version", format!("{:?}", ours.version), format!("{:?}", theirs.version));
    check("x-inngest-signature", ours.is_signed.to_string(), theirs.is_signed.to_string());
    if ours.status == 206 || ours.status == 200 && asked.method == Method::POST {
        check("body", without_times(&ours.body).to_string(), without_times(&theirs.body).to_string());
    }
    if asked.what == "in-band sync" {
        check("app_id", ours.body["app_id"].to_string(), theirs.body["app_id"].to_string());
        check("url", ours.body["url"].to_string(), theirs.body["url"].to_string());
        check("functions", ours.body["functions"].to_string(), theirs.body["functions"].to_string());
    }
    differences
}

fn without_times(body: &Value) -> Value {
    let mut body = body.clone();
    for op in body.as_array_mut().into_iter().flatten() {
        if let Some(op) = op.as_object_mut() {
            op.remove("timing");
        }
    }
    body
}

async fn ask_driver(driver: &InngestDriver, asked: &Asked) -> Answer {
    let mut request = Request::builder().method(asked.method.clone());
    request = request.uri(format!("http://served.test/api/inngest?{}", asked.query));
    for (name, value) in &asked.headers {
        request = request.header(*name, value);
    }
    let answer = driver.handle(request.body(Bytes::from(asked.body.clone())).expect("a request")).await;
    let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    Answer {
        status: answer.status().as_u16(),
        no_retry: header("x-inngest-no-retry"),
        sync_kind: header("x-inngest-sync-kind"),
        version: header("x-inngest-req-version"),
        is_signed: header("x-inngest-signature").is_some(),
        body: serde_json::from_slice(answer.body()).unwrap_or_default(),
    }
}

/// The official SDK, served on loopback.
struct Node {
    process: Child,
    port: u16,
}

impl Node {
    async fn start(mode: &str) -> Node {
        let mut command = Command::new("node");
        command.arg("app.mjs").current_dir(FOLDER).env("MODE", mode).stdout(Stdio::piped()).stderr(Stdio::null());
        for name in ["INNGEST_DEV", "INNGEST_ENV", "INNGEST_BASE_URL", "INNGEST_SIGNING_KEY_FALLBACK"] {
            command.env_remove(name);
        }
        command.env("INNGEST_SIGNING_KEY", KEY).env("INNGEST_EVENT_KEY", "events");
        // A sync out of band is to reach nobody.
        command.env("INNGEST_API_BASE_URL", "http://127.0.0.1:1");
        let mut process = command.spawn().expect("Node starts");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("it is piped");
        std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).expect("it prints its port");
        Node { process, port: line.trim().parse().expect("a port") }
    }

    async fn ask(&self, asked: &Asked) -> Answer {
        let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.expect("it listens");
        let mut text = format!("{} /api/inngest?{} HTTP/1.1\r\nhost: served.test\r\n", asked.method, asked.query);
        for (name, value) in &asked.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str(&format!(
            "content-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
            asked.body.len()
        ));
        text.push_str(&asked.body);
        stream.write_all(text.as_bytes()).await.expect("it reads");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("it answers");
        parse(&String::from_utf8_lossy(&answer))
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn parse(answer: &str) -> Answer {
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    let body =
        if header("transfer-encoding").as_deref() == Some("chunked") { unchunked(body) } else { body.to_owned() };
    Answer {
        status,
        no_retry: header("x-inngest-no-retry"),
        sync_kind: header("x-inngest-sync-kind"),
        version: header("x-inngest-req-version"),
        is_signed: header("x-inngest-signature").is_some(),
        body: serde_json::from_str(&body).unwrap_or_default(),
    }
}

fn unchunked(body: &str) -> String {
    let (mut text, mut rest) = (String::new(), body);
    while let Some((size, tail)) = rest.split_once("\r\n")
        && let Ok(size) = usize::from_str_radix(size, 16)
        && size > 0
    {
        text.push_str(&tail[..size]);
        rest = tail[size..].trim_start_matches("\r\n");
    }
    text
}

/// Installs the SDK where that was not done yet.
fn is_installed() -> bool {
    let runs = |program: &str| {
        Command::new(program)
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    if !runs("node") || !runs("npm") {
        return false;
    }
    if Path::new(FOLDER).join("node_modules/inngest/package.json").exists() {
        return true;
    }
    let install =
        Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(FOLDER).output().expect("npm runs");
    assert!(install.status.success(), "{}", String::from_utf8_lossy(&install.stderr));
    true
}
