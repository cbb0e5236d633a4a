//! Requests of all kinds: no panic, no wrong acceptance, and always an answer.
//!
//! `OWF_FUZZ_CASES=1000000 cargo test --release --features inngest --test inngest fuzz` runs as many.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use http::{Method, Request};
use owf_runtime::inngest::InngestDriver;
use owf_runtime::prelude::*;
use owf_runtime::{Host, VirtualHost};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::hash;

#[workflow]
async fn mixture(value: Value) -> WorkflowResult<Value> {
    let (a, b) = join!(step!("a", 1), wait_for_event::<Value>("b", "e").matching("x", &value["x"])).await;
    let a = a.unwrap_or_default();
    let raced = race! {
        a = step!("raced", a) => a.unwrap_or_default(),
        _ = sleep("slow", Duration::from_secs(5)) => 0,
    };
    let mut all = vec![json!(b.ok()), json!(raced)];
    for i in 0..3 {
        let again = step!("again", i).await.unwrap_or_default();
        all.push(json!(again));
    }
    let child = invoke("child", mixture, Value::Null).await;
    all.push(json!(child.ok()));
    Ok(Value::Array(all))
}

const KEY: &str = "signkey-test-00c0ffee";
const NOW: u64 = 1_795_335_021;

fn cases() -> u32 {
    std::env::var("OWF_FUZZ_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(2000)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

fn check<S: Strategy>(strategy: S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = Config { cases: cases(), failure_persistence: None, max_shrink_iters: 10_000, ..Config::default() };
    TestRunner::new(config).run(&strategy, test).expect("it holds for all cases");
}

/// JSON of any kind, not deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(".{0,6}", inner, 0..4).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// What may stand in `steps`.
fn memo() -> impl Strategy<Value = Value> {
    prop_oneof![
        any_json(),
        any_json().prop_map(|data| json!({ "data": data })),
        any_json().prop_map(|error| json!({ "error": error })),
        ".{0,9}".prop_map(|message| json!({ "error": { "name": "Error", "message": message } })),
        any_json().prop_map(|data| json!({ "name": "e", "data": data })),
        any_json().prop_map(|input| json!({ "input": [input] })),
    ]
}

fn id() -> impl Strategy<Value = String> {
    let known = ["a", "b", "raced", "slow", "again", "again:1", "again:2", "child", "owf:cancel", "owf:failed"];
    prop_oneof![prop::sample::select(known.to_vec()).prop_map(hash), ".{0,8}"]
}

/// A call request, more or less.
fn call() -> impl Strategy<Value = Value> {
    let steps = prop::collection::vec((id(), memo()), 0..6);
    let stack = prop::collection::vec(id(), 0..6);
    (any_json(), steps, stack, 0..6_u32, prop::option::of(0..6_u32), any::<bool>()).prop_map(
        |(data, steps, stack, attempt, max, planned)| {
            json!({
                "event": { "name": "e", "data": data },
                "events": [],
                "steps": steps.into_iter().collect::<serde_json::Map<_, _>>(),
                "ctx": {
                    "run_id": "01M814WRNQT7SPHQVJVNMKC84V",
                    "attempt": attempt,
                    "max_attempts": max,
                    "disable_immediate_execution": planned,
                    "stack": { "stack": stack, "current": 0 },
                },
            })
        },
    )
}

/// A body: a call request, one with something else in a place, other JSON, or no JSON at all.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let broken = (call(), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(call, at, byte)| {
        let mut bytes = call.to_string().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        bytes
    });
    let replaced = (call(), prop::sample::select(vec!["event", "events", "steps", "ctx"]), any_json()).prop_map(
        |(mut call, field, value)| {
            call[field] = value;
            call.to_string().into_bytes()
        },
    );
    prop_oneof![
        4 => call().prop_map(|call| call.to_string().into_bytes()),
        2 => replaced,
        2 => broken,
        1 => any_json().prop_map(|json| json.to_string().into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..64),
    ]
}

fn method() -> impl Strategy<Value = Method> {
    prop_oneof![8 => Just(Method::POST), 1 => Just(Method::GET), 1 => Just(Method::PUT), 1 => Just(Method::PATCH)]
}

fn query() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => id().prop_map(|id| format!("fnId=app-mixture&stepId={}", escaped(&id))),
        6 => Just("fnId=app-mixture&stepId=step".to_owned()),
        1 => "[a-zA-Z0-9%&=+._-]{0,24}",
    ]
}

fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Every request is answered with JSON and a status that fits.
#[test]
fn any_request_is_answered() {
    let driver = crate::driver().function(mixture).serve_origin("http://app.test").base_url("http://127.0.0.1:1");
    let runtime = runtime();
    check((method(), query(), body()), |(method, query, body)| {
        // A sync would ask the server that is not there.
        let method = if method == Method::PUT { Method::GET } else { method };
        let request = Request::builder().method(method).uri(format!("http://app.test/?{query}"));
        let Ok(request) = request.body(Bytes::from(body)) else { return Ok(()) };
        let trimmed = String::from_utf8_lossy(request.body()).contains("use_api");
        if trimmed {
            return Ok(());
        }
        let answer = runtime.block_on(driver.handle(request));
        let status = answer.status().as_u16();
        prop_assert!([200, 206, 400, 405, 500].contains(&status), "{status}");
        let json = serde_json::from_slice::<Value>(answer.body());
        prop_assert!(json.is_ok(), "{:?}", answer.body());
        prop_assert_eq!(status == 206, json.is_ok_and(|json| json.is_array() && status == 206));
        Ok(())
    });
}

pub(crate) fn signature(key: &str, time: u64, body: &[u8]) -> String {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key.as_bytes()).expect("any length");
    mac.update(body);
    mac.update(time.to_string().as_bytes());
    let bytes = mac.finalize().into_bytes();
    format!("t={time}&s={}", bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

/// A signature: of another key, of another time, changed in a place, or anything.
fn forged(body: &[u8], kind: u8, at: usize, byte: u8) -> Option<Vec<u8>> {
    let canonical = serde_json::from_slice::<Value>(body).ok().map(|json| json.to_string().into_bytes());
    let canonical = canonical.unwrap_or_else(|| body.to_vec());
    let good = signature("00c0ffee", NOW, &canonical);
    match kind % 6 {
        0 => None,
        1 => Some(signature("00c0ffef", NOW, &canonical).into_bytes()),
        2 => Some(signature("00c0ffee", NOW - 301 - u64::from(byte), &canonical).into_bytes()),
        3 => Some(signature("00c0ffee", NOW, &[&canonical[..], &[byte]].concat()).into_bytes()),
        4 => {
            let mut bytes = good.clone().into_bytes();
            let at = at % bytes.len();
            let is_same = bytes[at].eq_ignore_ascii_case(&byte);
            bytes[at] = if is_same { b'x' } else { byte };
            Some(bytes)
        }
        _ => Some([good.as_bytes(), &[byte]].concat()),
    }
}

/// What is not signed by the key is not believed, whatever it is.
#[test]
fn no_forged_request_is_believed() {
    let host = Arc::new(VirtualHost::new(42));
    let runtime = runtime();
    runtime.block_on(host.sleep_until(UNIX_EPOCH + Duration::from_secs(NOW)));
    let driver =
        InngestDriver::new("app").dev(false).host(host).signing_key(KEY).signing_key_fallback("").function(mixture);
    check((query(), body(), any::<u8>(), any::<usize>(), any::<u8>()), |(query, body, kind, at, byte)| {
        let mut request = Request::post(format!("http://app.test/?{query}"));
        if let Some(forged) = forged(&body, kind, at, byte) {
            let Ok(value) = http::HeaderValue::from_bytes(&forged) else { return Ok(()) };
            request = request.header("x-inngest-signature", value);
        }
        let Ok(request) = request.body(Bytes::from(body)) else { return Ok(()) };
        let answer = runtime.block_on(driver.handle(request));
        prop_assert_eq!(answer.status().as_u16(), 401);
        prop_assert!(!answer.headers().contains_key("x-inngest-signature"));
        Ok(())
    });
}

/// What is signed is believed, however it is spaced, ordered and escaped.
#[test]
fn every_signed_request_is_believed() {
    let host = Arc::new(VirtualHost::new(42));
    let runtime = runtime();
    runtime.block_on(host.sleep_until(UNIX_EPOCH + Duration::from_secs(NOW)));
    let driver = InngestDriver::new("app").dev(false).host(host).signing_key(KEY).function(mixture);
    check(call(), |mut call| {
        // Floats are written in another way by serde_json and by RFC 8785; `the_canonical_form_is_what_counts` has one.
        without_floats(&mut call);
        let header = signature("00c0ffee", NOW, &canonical(&call));
        let body = serde_json::to_vec_pretty(&call).expect("JSON");
        let request = Request::post("http://app.test/?fnId=app-mixture").header("x-inngest-signature", header);
        let answer = runtime.block_on(driver.handle(request.body(Bytes::from(body)).expect("a request")));
        prop_assert_ne!(answer.status().as_u16(), 401);
        prop_assert!(answer.headers().contains_key("x-inngest-signature"));
        Ok(())
    });
}

fn without_floats(value: &mut Value) {
    match value {
        Value::Number(number) if number.as_i64().is_none_or(|number| number.unsigned_abs() > 1 << 53) => {
            *value = json!(7)
        }
        Value::Array(values) => values.iter_mut().for_each(without_floats),
        Value::Object(fields) => fields.values_mut().for_each(without_floats),
        _ => {}
    }
}

/// RFC 8785 for JSON without floats: keys by their UTF-16 units.
pub(crate) fn canonical(value: &Value) -> Vec<u8> {
    match value {
        Value::Array(values) => {
            let values: Vec<Vec<u8>> = values.iter().map(canonical).collect();
            [b"[".to_vec(), values.join(&b','), b"]".to_vec()].concat()
        }
        Value::Object(fields) => {
            let mut fields: Vec<(&String, &Value)> = fields.iter().collect();
            fields.sort_by_key(|(key, _)| key.encode_utf16().collect::<Vec<u16>>());
            let fields: Vec<Vec<u8>> = fields
                .into_iter()
                .map(|(key, value)| {
                    [Value::from(key.as_str()).to_string().into_bytes(), b":".to_vec(), canonical(value)].concat()
                })
                .collect();
            [b"{".to_vec(), fields.join(&b','), b"}".to_vec()].concat()
        }
        other => other.to_string().into_bytes(),
    }
}
