//! What is traced of a run: a span for each attempt of a step, and no payloads.

mod capture;

use capture::{Capture, Traced};
use owf_runtime::prelude::*;
use owf_runtime::{RunId, Workflow};
use tracing::Level;

/// Stands for something that must not be read in a log.
const SECRET: &str = "card-4242-4242";

#[workflow(name = "charging-workflow", allow(duplicate_id, reason = "the test is about IDs that are met again"))]
async fn charging(secret: String) -> WorkflowResult<String> {
    let copy = step!("copy", input = secret, {
        tracing::info!("from the body");
        format!("{secret}, copied")
    })
    .await?;
    let failed = step!("fails", retries = 1, Err(format!("declined: {secret}"))?).await.err();
    let (left, right) = join!(step!("both", copy.clone()), async { step!("both", copy.len()).await }).await;
    let owned = step!("owned", async move { left?.to_uppercase() }).await?;
    Ok(format!("{owned} {} {failed:?}", right?))
}

/// The steps and attempts of all spans, in order.
fn attempts(traced: &[Traced]) -> Vec<(&str, &str)> {
    let spans = traced.iter().filter(|traced| traced.span == Some("step"));
    spans.map(|span| (span.fields["step"].as_str(), span.fields["attempt"].as_str())).collect()
}

async fn trace(client: WorkflowClient) -> Vec<Traced> {
    let (capture, _guard) = Capture::begin();
    let run = client.keep_values(true).start(charging, SECRET.to_owned()).id("order-42").await.expect("it starts");
    let output = run.result().await.expect("it ends with a value");
    assert!(output.contains(&SECRET.to_uppercase()), "{output}");
    assert!(capture.warnings().is_empty(), "{:?}", capture.warnings());
    capture.traced()
}

fn drivers() -> [WorkflowClient; 2] {
    let host = || std::sync::Arc::new(owf_runtime::VirtualHost::new(42));
    [
        WorkflowClient::new(InMemoryDriver::with_host(host())),
        WorkflowClient::new(CheckpointInMemoryDriver::with_host(host())),
    ]
}

#[tokio::test]
async fn each_attempt_of_a_step_has_a_span() {
    for client in drivers() {
        let traced = trace(client).await;
        let expected = [("copy", "1"), ("fails", "1"), ("fails", "2"), ("both", "1"), ("both:1", "1"), ("owned", "1")];
        assert_eq!(attempts(&traced), expected);
        for span in traced.iter().filter(|traced| traced.span.is_some()) {
            assert_eq!((span.target.as_str(), span.level), ("owf", Level::INFO));
            assert_eq!(span.fields["run"], RunId::new("order-42").as_str());
            assert_eq!(span.fields["workflow"], <charging as Workflow>::NAME);
        }
    }
}

#[tokio::test]
async fn the_events_of_a_body_are_in_its_span() {
    for client in drivers() {
        let traced = trace(client).await;
        let told: Vec<&Traced> =
            traced.iter().filter(|traced| traced.fields.get("message").is_some_and(|m| m == "from the body")).collect();
        assert_eq!(told.len(), 1, "a replay does not run the body");
        let span = &traced[told[0].inside.expect("it is in a span")];
        assert_eq!((span.span, span.fields["step"].as_str()), (Some("step"), "copy"));
    }
}

#[tokio::test]
async fn no_payload_is_traced_above_trace() {
    for client in drivers() {
        let traced = trace(client).await;
        assert!(traced.iter().any(|traced| traced.target == "owf"));
        let leak = traced
            .iter()
            .find(|traced| traced.level != Level::TRACE && traced.fields.values().any(|text| text.contains(SECRET)));
        assert!(leak.is_none(), "{leak:?}");
        let outputs =
            traced.iter().filter(|traced| traced.level == Level::TRACE && traced.fields.contains_key("output"));
        assert!(outputs.count() > 0, "at the level `trace` outputs are shown");
    }
}

#[tokio::test]
async fn a_failed_run_traces_no_payload_either() {
    #[workflow]
    async fn failing(secret: String) -> WorkflowResult<String> {
        step!("copy", secret.clone()).await?;
        Err(WorkflowError::msg(format!("declined: {secret}")))
    }
    for client in drivers() {
        let (capture, _guard) = Capture::begin();
        let error = client.invoke(failing, SECRET.to_owned()).await.expect_err("it fails");
        assert!(error.to_string().contains(SECRET), "the caller gets the text: {error}");
        let leak = capture
            .traced()
            .into_iter()
            .find(|traced| traced.level != Level::TRACE && traced.fields.values().any(|text| text.contains(SECRET)));
        assert!(leak.is_none(), "{leak:?}");
    }
}
