//! Who is believed, and what nobody is told (4.1.3, 4.2.2).

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{Method, Request, Response};
use owf_runtime::inngest::InngestDriver;
use owf_runtime::prelude::*;
use owf_runtime::{Host, VirtualHost};
use serde_json::json;

use crate::capture::Capture;
use crate::cloud::Cloud;
use crate::server::{Answered, Run};

const KEY: &str = "signkey-test-00c0ffee00c0ffee";
const FALLBACK: &str = "signkey-test-00fa11bac000";
/// The time on the driver's clock, in seconds.
const NOW: u64 = 1_795_335_021;

#[workflow]
async fn double(n: u32) -> WorkflowResult<u32> {
    Ok(step!("double", n * 2).await?)
}

async fn at(seconds: u64) -> Arc<VirtualHost> {
    let host = Arc::new(VirtualHost::new(42));
    host.sleep_until(UNIX_EPOCH + Duration::from_secs(seconds)).await;
    host
}

async fn cloud_driver() -> InngestDriver {
    InngestDriver::new("app").dev(false).host(at(NOW).await).function(double)
}

fn signature(key: &str, time: u64, canonical: &str) -> String {
    let key = key.rsplit('-').next().expect("a key");
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key.as_bytes()).expect("any length");
    mac.update(format!("{canonical}{time}").as_bytes());
    let bytes = mac.finalize().into_bytes();
    format!("t={time}&s={}", bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

/// The body of a call, and the form in which it is signed. serde_json sorts the keys, and there is no float in it.
fn body() -> String {
    let driver = InngestDriver::new("app");
    Run::new(&driver, "app-double", json!({ "input": 21 })).body(0).to_string()
}

async fn send(
    driver: &InngestDriver,
    method: Method,
    signature: Option<&str>,
    body: &str,
) -> (Answered, Response<Bytes>) {
    let mut request =
        Request::builder().method(method).uri("https://served.test/api/inngest?fnId=app-double&stepId=step");
    if let Some(signature) = signature {
        request = request.header("x-inngest-signature", signature);
    }
    let response = driver.handle(request.body(Bytes::from(body.to_owned())).expect("a request")).await;
    (Answered::of(&response), response)
}

#[tokio::test]
async fn a_signed_call_is_run_and_its_answer_is_signed() {
    let driver = cloud_driver().await.signing_key(KEY);
    let body = body();
    let (answer, response) = send(&driver, Method::POST, Some(&signature(KEY, NOW, &body)), &body).await;
    assert_eq!(answer.body[0]["data"], json!(42));
    let text = std::str::from_utf8(response.body()).expect("JSON");
    assert_eq!(answer.header("x-inngest-signature"), Some(signature(KEY, NOW, text).as_str()));
}

/// The server signs the canonical form (RFC 8785), however the body is spaced and ordered.
#[tokio::test]
async fn the_canonical_form_is_what_counts() {
    let driver = cloud_driver().await.signing_key(KEY);
    let body = r#"{ "steps": {}, "event": {"data": {"input": 1.0e0, "a": "\u00e9\u2028<"} , "b": 1e21}, "ctx": {} }"#;
    let canonical = "{\"ctx\":{},\"event\":{\"b\":1e+21,\"data\":{\"a\":\"é\u{2028}<\",\"input\":1}},\"steps\":{}}";
    let (answer, _) = send(&driver, Method::POST, Some(&signature(KEY, NOW, canonical)), body).await;
    assert_ne!(answer.status, 401, "{answer:?}");
}

#[tokio::test]
async fn what_is_not_signed_well_is_refused() {
    let driver = cloud_driver().await.signing_key(KEY).signing_key_fallback(FALLBACK);
    let body = body();
    let good = signature(KEY, NOW, &body);
    let other_body = signature(KEY, NOW, "{}");
    let (other_key, old) = (signature("signkey-test-bad0", NOW, &body), signature(KEY, NOW - 301, &body));
    let (early, moved) = (signature(KEY, NOW + 301, &body), good.replace(&NOW.to_string(), &(NOW - 1).to_string()));
    let upper = good.replace("s=", "S=");
    let short = good[..good.len() - 1].to_owned();
    for wrong in [
        None,
        Some(""),
        Some("t=1"),
        Some(&other_body),
        Some(&other_key),
        Some(&old),
        Some(&early),
        Some(&moved),
        Some(&upper),
        Some(&short),
    ] {
        let wrong: Option<&str> = wrong.map(|wrong: &str| wrong);
        let (answer, _) = send(&driver, Method::POST, wrong, &body).await;
        assert_eq!(answer.status, 401, "{wrong:?}: {answer:?}");
        assert!(answer.body["message"].as_str().is_some_and(|text| text.starts_with("unauthorized: ")), "{answer:?}");
        for header in
            ["x-inngest-signature", "x-inngest-sdk", "x-inngest-req-version", "user-agent", "x-inngest-framework"]
        {
            assert_eq!(answer.header(header), None, "a stranger is told nothing: {header}");
        }
    }
}

#[tokio::test]
async fn a_signature_holds_for_five_minutes() {
    let body = body();
    let driver = cloud_driver().await.signing_key(KEY);
    for (time, expected) in [(NOW - 300, 206), (NOW + 300, 206), (NOW - 301, 401), (NOW + 301, 401)] {
        assert_eq!(send(&driver, Method::POST, Some(&signature(KEY, time, &body)), &body).await.0.status, expected);
    }
}

/// While keys are rotated, both are believed, and the answer is signed with the one that was used.
#[tokio::test]
async fn the_fallback_key_is_believed() {
    let driver = cloud_driver().await.signing_key(KEY).signing_key_fallback(FALLBACK);
    let body = body();
    let (answer, response) = send(&driver, Method::POST, Some(&signature(FALLBACK, NOW, &body)), &body).await;
    let text = std::str::from_utf8(response.body()).expect("JSON");
    assert_eq!(
        (answer.status, answer.header("x-inngest-signature")),
        (206, Some(signature(FALLBACK, NOW, text).as_str()))
    );
    let without = cloud_driver().await.signing_key(KEY);
    assert_eq!(send(&without, Method::POST, Some(&signature(FALLBACK, NOW, &body)), &body).await.0.status, 401);
}

/// A key is the same with and without its prefix.
#[tokio::test]
async fn a_key_may_have_a_prefix() {
    let body = body();
    let bare = KEY.rsplit('-').next().expect("a key");
    let driver = cloud_driver().await.signing_key(bare);
    assert_eq!(send(&driver, Method::POST, Some(&signature(KEY, NOW, &body)), &body).await.0.status, 206);
}

/// Without a key nothing is believed, and nothing is answered.
#[tokio::test]
async fn without_a_key_everything_is_refused() {
    for key in ["", "  "] {
        let driver = cloud_driver().await.signing_key(key).signing_key_fallback(FALLBACK);
        let body = body();
        for method in [Method::POST, Method::PUT, Method::GET] {
            for signature in [None, Some(signature("", NOW, &body)), Some(signature(FALLBACK, NOW, &body))] {
                let (answer, _) = send(&driver, method.clone(), signature.as_deref(), &body).await;
                assert_eq!(answer.status, 500);
                assert!(answer.body["message"].as_str().is_some_and(|text| text.starts_with("no signing key is set")));
            }
        }
    }
}

/// 4.1.1: what a request says of its server is no reason to believe it.
#[tokio::test]
async fn a_request_cannot_say_that_it_is_a_dev_servers() {
    let driver = cloud_driver().await.signing_key(KEY);
    let request = Request::post("https://served.test/?fnId=app-double").header("x-inngest-server-kind", "dev");
    let response = driver.handle(request.body(Bytes::from(body())).expect("a request")).await;
    assert_eq!(response.status(), 401);
}

#[tokio::test]
async fn a_dev_server_signs_nothing() {
    let driver = cloud_driver().await.dev(true);
    let (answer, _) = send(&driver, Method::POST, Some("t=1&s=nonsense"), &body()).await;
    assert_eq!((answer.status, answer.header("x-inngest-signature")), (206, None));
}

/// Whoever could say where this process is reached would have the server call somebody else.
#[tokio::test]
async fn an_unsigned_sync_needs_a_known_origin() {
    let cloud = Cloud::start().await;
    let open = cloud_driver().await.signing_key(KEY).base_url(&cloud.origin);
    assert_eq!(send(&open, Method::PUT, None, "").await.0.status, 401);
    assert!(cloud.asked().is_empty(), "the server is not asked");
    let known = cloud_driver().await.signing_key(KEY).base_url(&cloud.origin).serve_origin("https://app.test");
    let (answer, _) = send(&known, Method::PUT, None, "").await;
    assert_eq!(answer.status, 200);
    assert_eq!(cloud.asked()[0].body["url"], "https://app.test/api/inngest");
    assert_eq!(send(&known, Method::PUT, Some("t=1&s=00"), "").await.0.status, 401, "a wrong signature is wrong");
}

/// Keys are nowhere to be read, whatever happens.
#[tokio::test]
async fn no_key_is_ever_shown() {
    let cloud = Cloud::start().await;
    let secrets = ["00c0ffee00c0ffee", "00fa11bac000", "5ec7e7-event-key"];
    let driver = cloud_driver().await.base_url(&cloud.origin);
    let driver = driver
        .signing_key(KEY)
        .signing_key_fallback(FALLBACK)
        .event_key("5ec7e7-event-key")
        .serve_origin("https://a.test");
    let body = body();
    let mut shown = format!("{driver:?} {:?}", driver.client());
    for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
        for signature in [None, Some("t=1&s=1".to_owned()), Some(signature(KEY, NOW, &body))] {
            cloud.answer(500, json!({ "error": "no" }));
            let (answer, _) = send(&driver, method.clone(), signature.as_deref(), &body).await;
            shown.push_str(&format!("{:?} {}", answer.headers, answer.body));
        }
    }
    (0..5).for_each(|_| cloud.answer(503, json!({})));
    let event = owf_runtime::inngest::InngestEvent::new("e", &1).expect("JSON");
    shown.push_str(&driver.client().send([event]).await.expect_err("the server is down").to_string());
    // The server itself gets the digest of a signing key, and the event key.
    for asked in cloud.asked() {
        shown.push_str(&format!("{:?}", asked.headers));
    }
    for secret in secrets {
        assert!(!shown.contains(secret), "{secret} is shown");
    }
}

#[tokio::test]
async fn the_server_is_asked_with_the_keys_digest_and_then_with_the_fallbacks() {
    let cloud = Cloud::start().await;
    let driver = cloud_driver()
        .await
        .base_url(&cloud.origin)
        .signing_key("signkey-prod-12345678")
        .signing_key_fallback("signkey-prod-abcd");
    cloud.answer(401, json!({}));
    cloud.answer(200, json!({ "ok": true, "modified": true }));
    let signed = signature("signkey-prod-12345678", NOW, "");
    let (answer, _) = send(&driver, Method::PUT, Some(&signed), "").await;
    assert_eq!((answer.status, &answer.body["modified"]), (200, &json!(true)));
    let tokens: Vec<String> =
        cloud.asked().iter().map(|asked| asked.header("authorization").expect("a token").to_owned()).collect();
    // 4.1.4 has this digest.
    assert_eq!(tokens[0], "Bearer signkey-prod-b2ed992186a5cb19f6668aade821f502c1d00970dfd0e35128d51bac4649916c");
    assert!(tokens[1].starts_with("Bearer signkey-prod-") && tokens[1] != tokens[0]);
}

#[tokio::test]
async fn a_trust_probe_is_answered_to_the_server_alone() {
    let driver = cloud_driver().await.signing_key(KEY);
    let probe = async |signature: Option<String>| {
        let mut request = Request::post("https://served.test/?probe=trust");
        if let Some(signature) = signature {
            request = request.header("x-inngest-signature", signature);
        }
        driver.handle(request.body(Bytes::new()).expect("a request")).await.status().as_u16()
    };
    assert_eq!(probe(None).await, 401);
    assert_eq!(probe(Some(signature(KEY, NOW, ""))).await, 200);
}

/// A payload may be secret, too.
#[tokio::test]
async fn logs_show_no_key_no_header_and_no_payload() {
    let (capture, _guard) = Capture::begin();
    let cloud = Cloud::start().await;
    let driver = cloud_driver().await.base_url(&cloud.origin).signing_key(KEY).event_key("5ec7e7-event-key");
    let secret = json!({ "event": { "data": { "input": "5ec7e7-payload" } }, "ctx": {} }).to_string();
    for body in [body(), secret, "5ec7e7-no-json".to_owned()] {
        for method in [Method::POST, Method::PUT, Method::GET] {
            for signature in [None, Some("t=1&s=5ec7e7-header".to_owned()), Some(signature(KEY, NOW, &body))] {
                (0..5).for_each(|_| cloud.answer(503, json!({ "error": "down" })));
                send(&driver, method.clone(), signature.as_deref(), &body).await;
            }
        }
    }
    let logged = capture.traced();
    let text: String = logged
        .iter()
        .filter(|traced| traced.level < tracing::Level::TRACE)
        .map(|traced| format!("{traced:?}\n"))
        .collect();
    assert!(text.contains("an Inngest request was refused"), "what is refused is logged: {text}");
    for secret in ["5ec7e7", "00c0ffee"] {
        assert!(!text.contains(secret), "{text}");
    }
}
