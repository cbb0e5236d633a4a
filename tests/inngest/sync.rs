//! Introspection and syncs (4.3, 4.5), and what is registered.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{Method, Request};
use owf_runtime::inngest::{
    Batch, CancelOn, Concurrency, Debounce, InngestDriver, InngestFunction, RateLimit, Scope, Singleton, Throttle,
};
use owf_runtime::prelude::*;
use owf_runtime::{Host, VirtualHost};
use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::driver;
use crate::server::Answered;

#[workflow(event = "order.created", cron = "0 2 * * *", timezone = "Europe/Amsterdam")]
async fn order() -> WorkflowResult<()> {
    Ok(())
}

#[workflow(retries = 7)]
async fn plain(_: Value) -> WorkflowResult<()> {
    Ok(())
}

async fn send(driver: &InngestDriver, method: Method, query: &str, headers: &[(&str, &str)], body: &str) -> Answered {
    let mut request = Request::builder().method(method).uri(format!("http://served.test/api/inngest{query}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Answered::of(&driver.handle(request.body(Bytes::from(body.to_owned())).expect("a request")).await)
}

const KEY: &str = "signkey-test-00c0ffee";
const NOW: u64 = 1_795_335_021;

async fn cloud_driver() -> InngestDriver {
    let host = Arc::new(VirtualHost::new(42));
    host.sleep_until(UNIX_EPOCH + Duration::from_secs(NOW)).await;
    let driver = InngestDriver::new("app").dev(false).host(host).signing_key(KEY).event_key("events");
    driver.function(order).function(plain)
}

fn signature(body: &str) -> String {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(b"00c0ffee").expect("any length");
    mac.update(format!("{body}{NOW}").as_bytes());
    let bytes = mac.finalize().into_bytes();
    format!("t={NOW}&s={}", bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

/// 4.5: everybody learns this much, and no more.
#[tokio::test]
async fn everybody_is_told_little() {
    const OPEN: [&str; 8] = [
        "authentication_succeeded",
        "extra",
        "function_count",
        "has_event_key",
        "has_signing_key",
        "has_signing_key_fallback",
        "mode",
        "schema_version",
    ];
    let driver = cloud_driver().await;
    for (signature, succeeded) in [(None, Value::Null), (Some("t=1&s=0"), json!(false))] {
        let headers: Vec<(&str, &str)> =
            signature.iter().map(|signature| ("x-inngest-signature", *signature)).collect();
        let answer = send(&driver, Method::GET, "", &headers, "").await;
        assert_eq!((answer.status, keys(&answer.body)), (200, OPEN.to_vec()));
        assert_eq!(answer.body["authentication_succeeded"], succeeded);
        assert_eq!((&answer.body["function_count"], &answer.body["mode"]), (&json!(2), &json!("cloud")));
        assert_eq!((&answer.body["schema_version"], &answer.body["extra"]), (&json!("2024-05-24"), &json!({})));
    }
    let dev = send(&crate::driver().function(plain), Method::GET, "", &[], "").await;
    assert_eq!((&dev.body["mode"], &dev.body["authentication_succeeded"]), (&json!("dev"), &Value::Null));
}

/// 4.5: the server learns more, and no key.
#[tokio::test]
async fn the_server_is_told_more() {
    let driver = cloud_driver().await.environment("branch").serve_origin("https://a.test").serve_path("/x");
    let answer = send(&driver, Method::GET, "", &[("x-inngest-signature", &signature(""))], "").await;
    let mut expected = vec![
        "api_origin",
        "app_id",
        "authentication_succeeded",
        "capabilities",
        "env",
        "event_api_origin",
        "event_key_hash",
        "extra",
        "framework",
        "function_count",
        "has_event_key",
        "has_signing_key",
        "has_signing_key_fallback",
        "mode",
        "schema_version",
        "sdk_language",
        "sdk_version",
        "serve_origin",
        "serve_path",
        "signing_key_fallback_hash",
        "signing_key_hash",
    ];
    expected.sort_unstable();
    assert_eq!(keys(&answer.body), expected);
    assert_eq!(answer.body["authentication_succeeded"], json!(true));
    assert_eq!(
        (&answer.body["api_origin"], &answer.body["event_api_origin"]),
        (&json!("https://api.inngest.com"), &json!("https://inn.gs"))
    );
    assert_eq!((&answer.body["env"], &answer.body["serve_path"]), (&json!("branch"), &json!("/x")));
    assert_eq!(answer.body["event_key_hash"].as_str().map(str::len), Some(64));
    assert_eq!(answer.body["signing_key_hash"].as_str().map(str::len), Some(12));
    assert_eq!(answer.header("x-inngest-env"), Some("branch"));
}

/// 4.3.2: the functions are registered, with the deployment's ID in the address and not in theirs.
#[tokio::test]
async fn functions_are_registered() {
    let cloud = Cloud::start().await;
    let driver = driver().base_url(&cloud.origin).function(order).function(plain);
    cloud.answer(200, json!({ "ok": true, "modified": true }));
    let answer = send(&driver, Method::PUT, "?deployId=d%201&token=x", &[("x-inngest-server-kind", "dev")], "").await;
    assert_eq!(
        (answer.status, &answer.body),
        (200, &json!({ "message": "Successfully registered", "modified": true }))
    );
    assert_eq!(answer.header("x-inngest-sync-kind"), Some("out_of_band"));
    let asked = cloud.asked().remove(0);
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", "/fn/register?deployId=d%201"));
    assert_eq!(asked.header("x-inngest-expected-server-kind"), Some("dev"));
    let body = &asked.body;
    assert_eq!(body["url"], "http://served.test/api/inngest?token=x");
    assert_eq!((&body["deployType"], &body["appName"], &body["v"]), (&json!("ping"), &json!("app"), &json!("0.1")));
    assert_eq!(body["sdk"].as_str(), asked.header("x-inngest-sdk"));
    assert_eq!(
        body["functions"][0]["triggers"],
        json!([{ "event": "order.created" }, { "cron": "TZ=Europe/Amsterdam 0 2 * * *" }])
    );
    let step = &body["functions"][1]["steps"]["step"];
    assert_eq!(
        step["runtime"],
        json!({ "type": "http", "url": "http://served.test/api/inngest?token=x&fnId=app-plain&stepId=step" })
    );
    assert_eq!(step["retries"], json!({ "attempts": 7 }));
    assert_eq!(body["functions"][0]["steps"]["step"].get("retries"), None, "the server's default holds");
}

/// A process that sends events as it starts does not wait until it is asked.
#[tokio::test]
async fn a_process_registers_its_functions_by_itself() {
    let cloud = Cloud::start().await;
    let driver = driver().base_url(&cloud.origin).function(order);
    cloud.answer(200, json!({ "ok": true, "modified": true }));
    assert_eq!(driver.register("http://localhost:3000/api/inngest").await, Ok(true));
    let asked = cloud.asked().remove(0);
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", "/fn/register"));
    let step = &asked.body["functions"][0]["steps"]["step"];
    assert_eq!(step["runtime"]["url"], "http://localhost:3000/api/inngest?fnId=app-order&stepId=step");
    cloud.answer(400, json!({ "error": "not you" }));
    let refused = driver.register("http://localhost:3000/api/inngest").await.expect_err("it is refused");
    assert_eq!(refused.to_string(), "registering the functions failed: the server answers 400 Bad Request: not you");
    cloud.asked();
    let twice = driver.function(order).register("http://localhost:3000").await.expect_err("it is there twice");
    assert!(twice.to_string().starts_with("function `order` is served twice"), "{twice}");
    assert!(cloud.asked().is_empty(), "the server is not asked");
}

/// 4.3.3: a refusal is passed on.
#[tokio::test]
async fn a_registration_that_fails_is_told() {
    let cloud = Cloud::start().await;
    let driver = driver().base_url(&cloud.origin).function(plain);
    cloud.answer(400, json!({ "error": "no such app" }));
    let answer = send(&driver, Method::PUT, "", &[], "").await;
    assert_eq!((answer.status, &answer.body["modified"]), (500, &json!(false)));
    let message = answer.body["message"].as_str().expect("a text");
    assert_eq!(message, "registering the functions failed: the server answers 400 Bad Request: no such app");
    let nowhere = crate::driver().base_url("http://127.0.0.1:1").function(plain);
    let answer = send(&nowhere, Method::PUT, "", &[], "").await;
    assert!(answer.body["message"].as_str().is_some_and(|text| text.contains("cannot be reached")), "{answer:?}");
}

/// 4.3.5: the functions are the answer.
#[tokio::test]
async fn functions_are_registered_in_band() {
    let driver = cloud_driver().await;
    let body = r#"{"url":"https://outside.test/x"}"#;
    let kind = ("x-inngest-sync-kind", "in_band");
    let answer = send(&driver, Method::PUT, "", &[kind, ("x-inngest-signature", &signature(body))], body).await;
    assert_eq!((answer.status, answer.header("x-inngest-sync-kind")), (200, Some("in_band")));
    assert_eq!((&answer.body["app_id"], &answer.body["url"]), (&json!("app"), &json!("https://outside.test/x")));
    assert_eq!(answer.body["functions"][1]["id"], "app-plain");
    assert_eq!(answer.body["inspection"]["authentication_succeeded"], json!(true));
    assert_eq!(answer.body["sdk_language"], "rust");
    assert!(answer.header("x-inngest-signature").is_some());
    let unsigned = send(&driver, Method::PUT, "", &[kind], body).await;
    assert_eq!((unsigned.status, unsigned.header("x-inngest-sync-kind")), (401, None));
    for wrong in ["", "{}", r#"{"url":1}"#, r#"{"more":1,"url":"https://a.test"}"#, r#"{"url":"nowhere"}"#] {
        let signature = signature(wrong);
        let answer = send(&driver, Method::PUT, "", &[kind, ("x-inngest-signature", &signature)], wrong).await;
        assert_eq!((answer.status, &answer.body["code"]), (400, &json!("invalid_request")), "{wrong}");
    }
}

/// Where it stands behind a proxy.
#[tokio::test]
async fn the_address_is_that_of_the_request_unless_something_else_is_said() {
    let cloud = Cloud::start().await;
    let put = async |driver: InngestDriver, uri: &str, headers: &[(&str, &str)]| {
        let mut request = Request::put(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        driver.base_url(&cloud.origin).function(plain).handle(request.body(Bytes::new()).expect("a request")).await;
        cloud.asked().first().map(|asked| asked.body["url"].as_str().expect("a text").to_owned())
    };
    let host = ("host", "app.test:8080");
    assert_eq!(put(driver(), "/api", &[host]).await.as_deref(), Some("http://app.test:8080/api"));
    let forwarded = [host, ("x-forwarded-proto", "https"), ("x-forwarded-host", "outside.test")];
    assert_eq!(put(driver(), "/api", &forwarded).await.as_deref(), Some("https://outside.test/api"));
    let said = driver().serve_origin("https://said.test/").serve_path("there");
    assert_eq!(put(said, "/api", &[host]).await.as_deref(), Some("https://said.test/there"));
    assert_eq!(put(driver(), "/api", &[]).await, None, "nobody knows");
    assert_eq!(put(driver(), "/api", &[("host", "no host/")]).await, None);
}

#[tokio::test]
async fn every_limit_is_registered() {
    let second = Duration::from_secs(1);
    let function = InngestFunction::new(plain)
        .display_name("Plain")
        .event("a")
        .event_when("b", "event.data.n > 1")
        .cron("*/5 * * * *", None)
        .concurrency(Concurrency::new(2))
        .concurrency(Concurrency::new(9).key("event.data.customer").scope(Scope::Account))
        .throttle(Throttle::new(10, 60 * second).burst(2).key("k"))
        .rate_limit(RateLimit::new(3, 3600 * second).key("k"))
        .debounce(Debounce::new(5 * second).key("k").timeout(90 * second))
        .priority("event.data.vip ? 100 : 0")
        .singleton(Singleton::cancel().key("k"))
        .cancel_on(CancelOn::new("stop").when("async.data.id == event.data.id").timeout(86_400 * second))
        .start_timeout(600 * second)
        .finish_timeout(3600 * second);
    let mut registered = registered(function).await;
    registered.as_object_mut().expect("an object").remove("steps");
    let expected = json!({
        "id": "app-plain",
        "name": "Plain",
        "triggers": [{ "event": "a" }, { "event": "b", "expression": "event.data.n > 1" }, { "cron": "*/5 * * * *" }],
        "concurrency": [{ "limit": 2 }, { "limit": 9, "key": "event.data.customer", "scope": "account" }],
        "throttle": { "limit": 10, "period": "1m", "burst": 2, "key": "k" },
        "rateLimit": { "limit": 3, "period": "1h", "key": "k" },
        "debounce": { "period": "5s", "key": "k", "timeout": "1m30s" },
        "priority": { "run": "event.data.vip ? 100 : 0" },
        "singleton": { "mode": "cancel", "key": "k" },
        "cancel": [{ "event": "stop", "if": "async.data.id == event.data.id", "timeout": "1d" }],
        "timeouts": { "start": "10m", "finish": "1h" },
    });
    assert_eq!(registered, expected);
    let batched = registered_batch().await;
    assert_eq!(batched["batchEvents"], json!({ "maxSize": 100, "timeout": "1m", "key": "k" }));
    assert_eq!(batched["idempotency"], "event.data.id");
}

async fn registered_batch() -> Value {
    let batch = Batch::new(100, Duration::from_secs(60)).key("k");
    registered(InngestFunction::new(plain).batch(batch).idempotency("event.data.id")).await
}

async fn registered(function: InngestFunction) -> Value {
    let cloud = Cloud::start().await;
    let driver = driver().base_url(&cloud.origin).function(function);
    assert_eq!(driver.problems(), Vec::<String>::new());
    send(&driver, Method::PUT, "", &[], "").await;
    cloud.asked()[0].body["functions"][0].clone()
}

/// What the server would refuse is not sent.
#[tokio::test]
async fn limits_that_are_passed_are_told() {
    let second = Duration::from_secs(1);
    let bare = || InngestFunction::new(plain);
    let two = || bare().concurrency(Concurrency::new(1)).concurrency(Concurrency::new(1));
    let batch = || bare().batch(Batch::new(2, second));
    for (function, problem) in [
        (two().concurrency(Concurrency::new(1)), "it has at most two limits of concurrency"),
        (bare().concurrency(Concurrency::new(0)), "a limit of concurrency is at least 1"),
        (
            bare().concurrency(Concurrency::new(1).scope(Scope::Account)),
            "a limit of concurrency beyond the function needs a key",
        ),
        (bare().throttle(Throttle::new(0, second)), "a throttle lets at least 1 run start"),
        (bare().rate_limit(RateLimit::new(1, Duration::from_millis(5))), "a rate limit's period is at least 1s"),
        (bare().debounce(Debounce::new(8 * 86_400 * second)), "a debounce's period is from 1s to 7d"),
        (bare().batch(Batch::new(1, second)), "a batch has from 2 to 100 events"),
        (bare().batch(Batch::new(5, 61 * second)), "a batch is gathered for 1s to 60s"),
        (batch().debounce(Debounce::new(second)), "a batch and a debounce exclude each other"),
        (batch().singleton(Singleton::skip()), "a batch and a singleton exclude each other"),
        (batch().priority("1"), "a batch and a priority exclude each other"),
        (batch().cancel_on(CancelOn::new("x")), "a batch and `cancel_on` exclude each other"),
        (bare().idempotency("x").rate_limit(RateLimit::new(1, second)), "idempotency is a rate limit: say one of them"),
        (
            (0..6).fold(bare(), |function, _| function.cancel_on(CancelOn::new("x"))),
            "at most five events cancel its runs",
        ),
        ((0..11).fold(bare(), |function, _| function.event("x")), "it has at most ten triggers"),
    ] {
        let driver = driver().function(function);
        assert_eq!(driver.problems(), [format!("function `plain`: {problem}")]);
        let answer = send(&driver, Method::PUT, "", &[], "").await;
        assert_eq!((answer.status, &answer.body["message"]), (500, &json!(format!("function `plain`: {problem}"))));
    }
    let twice = driver().function(bare()).function(bare());
    assert_eq!(twice.problems(), ["function `plain` is served twice: give one of them another name"]);
    assert_eq!(InngestDriver::new(" ").problems().len(), 1);
}

#[workflow(
    event = "order.created",
    inngest(
        when = "event.data.cents > 100",
        concurrency(limit = 2),
        concurrency(limit = 9, key = "event.data.customer", scope = "account"),
        throttle(limit = 10, period = "1m", burst = 2, key = "k"),
        rate_limit(limit = 3, period = "1h", key = "k"),
        debounce(period = "5s", key = "k", timeout = "1m30s"),
        priority = "event.data.vip ? 100 : 0",
        singleton(mode = "cancel", key = "k"),
        cancel_on(event = "stop", when = "async.data.id == event.data.id", timeout = "1d"),
        start_timeout = "10m",
        finish_timeout = "1h",
    )
)]
async fn limited(_: Value) -> WorkflowResult<()> {
    Ok(())
}

/// The attribute says what the builder says.
#[tokio::test]
async fn the_attribute_says_limits_too() {
    let registered = registered(InngestFunction::new(limited)).await;
    assert_eq!(registered["triggers"], json!([{ "event": "order.created", "expression": "event.data.cents > 100" }]));
    let second = Duration::from_secs(1);
    let built = InngestFunction::new(plain)
        .concurrency(Concurrency::new(2))
        .concurrency(Concurrency::new(9).key("event.data.customer").scope(Scope::Account))
        .throttle(Throttle::new(10, 60 * second).burst(2).key("k"))
        .rate_limit(RateLimit::new(3, 3600 * second).key("k"))
        .debounce(Debounce::new(5 * second).key("k").timeout(90 * second))
        .priority("event.data.vip ? 100 : 0")
        .singleton(Singleton::cancel().key("k"))
        .cancel_on(CancelOn::new("stop").when("async.data.id == event.data.id").timeout(86_400 * second))
        .start_timeout(600 * second)
        .finish_timeout(3600 * second);
    let built = self::registered(built).await;
    for field in ["concurrency", "throttle", "rateLimit", "debounce", "priority", "singleton", "cancel", "timeouts"] {
        assert!(!registered[field].is_null() && registered[field] == built[field], "{field}: {registered}");
    }
}

/// What a workflow with a `transaction!` looks like.
#[derive(Clone, Copy)]
struct Transacting;

impl owf_runtime::Workflow for Transacting {
    type Input = ();
    type Output = ();
    const NAME: &'static str = "transacting";
    const HAS_TRANSACTIONS: bool = true;

    fn options(&self) -> owf_runtime::WorkflowOptions {
        owf_runtime::WorkflowOptions::new()
    }

    fn run(&self, (): ()) -> BoxDurable<'static, Result<(), WorkflowError>> {
        Box::pin(owf_runtime::__private::block(async { Ok(()) }))
    }
}

/// The server's runs have no database to commit to.
#[tokio::test]
async fn a_workflow_with_transactions_is_refused() {
    let driver = driver().serve_origin("http://served.test").function(Transacting);
    let expected = "function `transacting`: it has a `transaction!`, which commits to the SQL database of its driver, and this driver has \
                    none: run it on `SqliteDriver` (feature `sqlite`)";
    assert_eq!(driver.problems(), [expected]);
    let sync = http::Request::put("http://served.test/api/inngest").body(bytes::Bytes::new()).expect("a request");
    let answer = Answered::of(&driver.handle(sync).await);
    assert_eq!((answer.status, &answer.body["message"]), (500, &json!(expected)));
    let called = crate::server::post(&driver, "app-transacting", "step", &json!({ "event": {} })).await;
    assert_eq!((called.status, called.header("x-inngest-no-retry")), (400, Some("true")), "{called:?}");
    assert_eq!(called.body["message"], expected);
}
