//! The client: events that start runs.

use std::time::{Duration, UNIX_EPOCH};

use owf_runtime::inngest::{InngestDriver, InngestEvent, InngestFunction};
use owf_runtime::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::driver;

#[derive(Serialize, Deserialize)]
struct Order {
    id: u32,
}

#[workflow(event = "order.created")]
async fn process_order(order: Order) -> WorkflowResult<u32> {
    Ok(order.id)
}

#[workflow]
async fn greet(name: String) -> WorkflowResult<String> {
    Ok(name)
}

async fn with_cloud() -> (Cloud, InngestDriver) {
    let cloud = Cloud::start().await;
    let driver = driver().base_url(&cloud.origin).event_key("the-key").environment("branch");
    (cloud, driver)
}

#[tokio::test]
async fn starting_a_workflow_sends_its_event() {
    let (cloud, driver) = with_cloud().await;
    let client = driver.function(InngestFunction::new(greet).event("user.joined")).client();
    cloud.answer(200, json!({ "ids": ["e1"], "status": 200 }));
    assert_eq!(client.start(process_order, Order { id: 42 }).id("order-42").await, Ok("e1".to_owned()));
    let asked = cloud.asked().remove(0);
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", "/e/the-key"));
    assert_eq!(asked.header("x-inngest-env"), Some("branch"));
    let expected = json!([{ "id": "order-42", "name": "order.created", "data": { "id": 42 }, "ts": 0 }]);
    assert_eq!(asked.body, expected, "the clock stands at the epoch");
    client.start(greet, "Ada".to_owned()).await.expect("the driver says which event");
    let sent = cloud.asked().remove(0).body;
    assert_eq!((&sent[0]["name"], &sent[0]["data"]), (&json!("user.joined"), &json!({ "input": "Ada" })));
    let nothing = driver_without_events().client().start(greet, String::new()).await.expect_err("nothing starts it");
    assert_eq!(nothing.to_string(), "no event starts workflow `greet`: say `#[workflow(event = \"..\")]`");
}

fn driver_without_events() -> InngestDriver {
    driver().function(greet)
}

#[tokio::test]
async fn events_are_sent_together() {
    let (cloud, driver) = with_cloud().await;
    cloud.answer(200, json!({ "ids": ["1", "2"], "status": 200 }));
    let later = UNIX_EPOCH + Duration::from_secs(5);
    let events = [
        InngestEvent::new("a", &json!({ "n": 1 })).expect("JSON").id("x").at(later),
        InngestEvent::new("b", &Value::Null).expect("JSON"),
    ];
    assert_eq!(driver.client().send(events).await, Ok(vec!["1".to_owned(), "2".to_owned()]));
    let expected = json!([
        { "id": "x", "name": "a", "data": { "n": 1 }, "ts": 5000 },
        { "name": "b", "data": {}, "ts": 0 },
    ]);
    assert_eq!(cloud.asked()[0].body, expected);
    assert_eq!(driver.client().send([]).await, Ok(Vec::new()));
    assert!(cloud.asked().is_empty(), "nothing is nothing to send");
}

/// It arrives once: every attempt has the same seed.
#[tokio::test]
async fn what_may_succeed_later_is_tried_again() {
    let (cloud, driver) = with_cloud().await;
    cloud.answer(500, json!({ "error": "down" }));
    cloud.answer(429, json!({}));
    cloud.answer(200, json!({ "ids": ["1"], "status": 200 }));
    let event = || InngestEvent::new("a", &1).expect("JSON");
    assert_eq!(driver.client().send([event()]).await, Ok(vec!["1".to_owned()]));
    let seeds: Vec<_> =
        cloud.asked().iter().map(|asked| asked.header("x-inngest-event-id-seed").map(str::to_owned)).collect();
    assert!(seeds.len() == 3 && seeds[0].is_some() && seeds.iter().all(|seed| *seed == seeds[0]), "{seeds:?}");
    cloud.answer(400, json!({ "error": "no event" }));
    let refused = driver.client().send([event()]).await.expect_err("it is refused");
    assert!(!refused.is_retryable());
    assert_eq!(cloud.asked().len(), 1);
    (0..5).for_each(|_| cloud.answer(503, json!({})));
    assert!(driver.client().send([event()]).await.expect_err("it is down").is_retryable());
}

#[tokio::test]
async fn the_cloud_wants_a_key() {
    let driver = InngestDriver::new("app").dev(false).event_key("");
    let event = InngestEvent::new("a", &1).expect("JSON");
    let error = driver.client().send([event]).await.expect_err("there is no key");
    assert!(error.to_string().contains("INNGEST_EVENT_KEY"), "{error}");
}

#[tokio::test]
async fn signals_tell_who_waited() {
    let (cloud, driver) = with_cloud().await;
    cloud.answer(200, json!({ "data": { "run_id": "r1" } }));
    cloud.answer(404, json!({}));
    assert_eq!(driver.client().signal("go", &1).await, Ok(Some("r1".to_owned())));
    assert_eq!(driver.client().signal("go", &1).await, Ok(None));
}
