//! Events: broadcast by name to all runs that wait, and to workflows that they trigger.

use std::time::Duration;

use owf_runtime::RunStatus;
use owf_runtime::prelude::*;
use serde_json::json;

use crate::probe::{Probe, let_others_go_on};
use crate::subjects::{Subject, Verdict};

const DAY: Duration = Duration::from_secs(24 * 3600);

#[workflow]
async fn paid(order: u32) -> WorkflowResult<u32> {
    let event = wait_for_event::<serde_json::Value>("paid?", "order.paid")
        .matching("order.id", &order)
        .matching("final", &true)
        .await?;
    Ok(step!("cents", event["cents"].as_u64().unwrap_or_default() as u32).await?)
}

fn payment(order: u32, cents: u32, is_final: bool) -> serde_json::Value {
    json!({ "order": { "id": order }, "cents": cents, "final": is_final })
}

pub(crate) async fn an_event_reaches_every_run_that_waits_for_it(subject: Subject) -> Verdict {
    #[workflow]
    async fn wait_for_news() -> WorkflowResult<String> {
        Ok(wait_for_event::<String>("news", "news").await?)
    }
    let client = subject.client();
    let mut runs = Vec::new();
    for _ in 0..3 {
        runs.push(client.start(wait_for_news, ()).await?);
    }
    let_others_go_on().await;
    assert!(client.send_event("other news", "rain").await?.is_empty());
    let_others_go_on().await;
    assert_eq!(runs[0].status().await?, RunStatus::Running);
    client.send_event("news", "sun").await?;
    for run in runs {
        assert_eq!(run.result().await?, "sun");
    }
    Ok(())
}

pub(crate) async fn an_event_reaches_those_whose_fields_match(subject: Subject) -> Verdict {
    let client = subject.client();
    let (first, second) = (client.start(paid, 1).await?, client.start(paid, 2).await?);
    let_others_go_on().await;
    client.send_event("order.paid", &payment(2, 10, false)).await?;
    client.send_event("order.paid", &json!("no object")).await?;
    let_others_go_on().await;
    assert_eq!(second.status().await?, RunStatus::Running, "it waits for the final payment");
    client.send_event("order.paid", &payment(2, 20, true)).await?;
    assert_eq!(second.result().await?, 20);
    client.send_event("order.paid", &payment(1, 30, true)).await?;
    assert_eq!(first.result().await?, 30);
    Ok(())
}

pub(crate) async fn an_event_is_not_kept_for_later_waits(subject: Subject) -> Verdict {
    #[workflow]
    async fn late(probe: Probe) -> WorkflowResult<Option<u32>> {
        step!("begin", probe.meet("gate", 2).await).await?;
        Ok(wait_for_event::<u32>("wait", "tick").timeout(DAY).await?)
    }
    let (client, probe) = (subject.client(), Probe::new());
    let run = client.start(late, probe).await?;
    let_others_go_on().await;
    client.send_event("tick", &1).await?;
    probe.meet("gate", 2).await;
    assert_eq!(run.result().await?, None);
    assert_eq!(subject.host.elapsed(), DAY);
    Ok(())
}

pub(crate) async fn each_wait_gets_the_next_event(subject: Subject) -> Verdict {
    #[workflow(allow(duplicate_id, reason = "they are told apart by their order"))]
    async fn two(probe: Probe) -> WorkflowResult<(u32, u32)> {
        let first = wait_for_event::<u32>("wait", "tick").await?;
        let (second, noted) =
            join!(wait_for_event::<u32>("wait", "tick"), step!("between", probe.mark("between"))).await;
        noted?;
        Ok((first, second?))
    }
    let (client, probe) = (subject.client(), Probe::new());
    let run = client.start(two, probe).await?;
    let_others_go_on().await;
    client.send_event("tick", &1).await?;
    let_others_go_on().await;
    client.send_event("tick", &2).await?;
    assert_eq!(run.result().await?, (1, 2));
    client.send_event("tick", &3).await?;
    Ok(())
}

pub(crate) async fn an_event_of_another_type_fails_the_wait(subject: Subject) -> Verdict {
    #[workflow]
    async fn picky() -> WorkflowResult<String> {
        let error = wait_for_event::<u32>("number", "tick").await.expect_err("an object is no number");
        Ok(step!("after", error.to_string()).await?)
    }
    let client = subject.client();
    let run = client.start(picky, ()).await?;
    let_others_go_on().await;
    client.send_event("tick", &json!({ "card": 4242 })).await?;
    assert_eq!(
        run.result().await?,
        "step `number` failed: event `tick` holds an object, and this wait expects `u32`: the shape differs at column 0"
    );
    Ok(())
}

pub(crate) async fn a_value_that_cannot_be_matched_fails_the_wait(subject: Subject) -> Verdict {
    #[workflow]
    async fn unmatched() -> WorkflowResult<String> {
        let pairs = std::collections::BTreeMap::from([((1, 2), 3)]);
        let error = wait_for_event::<u32>("wait", "tick").matching("pairs", &pairs).await;
        Ok(error.expect_err("it is no JSON").to_string())
    }
    let error = subject.invoke(unmatched, ()).await?;
    assert!(error.starts_with("step `wait` failed: the value for field `pairs` cannot be compared: "), "{error}");
    Ok(())
}

pub(crate) async fn a_run_sends_events_once(subject: Subject) -> Verdict {
    #[workflow]
    async fn sender() -> WorkflowResult<()> {
        step!("before", ()).await?;
        send_event("tell", "done", &1).await?;
        step!("after", ()).await?;
        sleep("nap", DAY).await?;
        Ok(step!("end", ()).await?)
    }
    let (client, probe) = (subject.client(), Probe::new());
    client.register(on_noted)?;
    #[workflow]
    async fn waiter(probe: Probe) -> WorkflowResult<u32> {
        probe.note("waiting");
        Ok(wait_for_event::<u32>("wait", "done").await?)
    }
    let waiting = client.start(waiter, probe).await?;
    let_others_go_on().await;
    client.invoke(sender, ()).await?;
    assert_eq!(waiting.result().await?, 1);
    assert_eq!(client.send_event("noted", &probe).await?.len(), 1);
    Ok(())
}

/// Runs for each event `noted`, whose payload is the probe that it notes its runs with.
#[workflow(name = "noted", event = "noted")]
async fn on_noted(probe: Probe) -> WorkflowResult<usize> {
    Ok(step!("note", probe.note("triggered")).await?)
}

pub(crate) async fn an_event_starts_the_workflows_that_it_triggers(subject: Subject) -> Verdict {
    let (client, probe) = (subject.client(), Probe::new());
    assert!(client.send_event("noted", &probe).await?.is_empty(), "nothing is registered yet");
    client.register(on_noted)?;
    assert!(client.send_event("noted?", &probe).await?.is_empty());
    for times in 1..=3 {
        let started = client.clone().send_event("noted", &probe).await?;
        assert_eq!(started.len(), 1);
        assert_eq!(client.handle(on_noted, started[0].clone()).await?.result().await?, times);
    }
    Ok(())
}

pub(crate) async fn an_event_inside_a_run_starts_what_it_triggers_once(subject: Subject) -> Verdict {
    #[workflow]
    async fn sender(probe: Probe) -> WorkflowResult<()> {
        send_event("tell", "noted", &probe).await?;
        step!("after", ()).await?;
        Ok(step!("end", ()).await?)
    }
    let (client, probe) = (subject.client(), Probe::new());
    client.register(on_noted)?;
    client.invoke(sender, probe).await?;
    let_others_go_on().await;
    assert_eq!(probe.notes(), ["triggered"]);
    Ok(())
}

pub(crate) async fn a_workflow_is_registered_once(subject: Subject) -> Verdict {
    let client = subject.client();
    client.register(on_noted)?;
    let error = client.register(on_noted).expect_err("it is registered");
    assert_eq!(error.to_string(), "workflow `noted`: a workflow of this name is registered already");
    Ok(())
}

pub(crate) async fn a_payload_without_a_form_in_json_is_refused(subject: Subject) -> Verdict {
    let pairs = std::collections::BTreeMap::from([((1, 2), 3)]);
    let error = subject.client().send_event("tick", &pairs).await.expect_err("a key is no text");
    assert!(error.to_string().starts_with("event `tick` cannot be sent: "), "{error}");
    Ok(())
}

pub(crate) async fn a_field_is_matched_in_lists_and_objects_and_null_is_not_missing(subject: Subject) -> Verdict {
    #[workflow]
    async fn picky() -> WorkflowResult<Vec<u64>> {
        let null = wait_for_event::<serde_json::Value>("null", "e").matching("a.b.c", &None::<u32>).await?;
        let deep = wait_for_event::<serde_json::Value>("deep", "e")
            .matching("lines.1", &7)
            .matching("total", &json!({ "cents": 9, "parts": [4, 5] }))
            .await?;
        Ok([null, deep].iter().filter_map(|event| event["n"].as_u64()).collect())
    }
    let client = subject.client();
    let run = client.start(picky, ()).await?;
    let_others_go_on().await;
    client.send_event("e", &json!({ "n": 1 })).await?;
    client.send_event("e", &json!({ "n": 2, "a": { "b": 5 } })).await?;
    client.send_event("e", &json!({ "n": 3, "a": { "b": { "c": 1 } } })).await?;
    client.send_event("e", &json!({ "n": 4, "a": { "b": { "c": null } } })).await?;
    let_others_go_on().await;
    client.send_event("e", &json!({ "n": 5, "lines": [7], "total": { "cents": 9, "parts": [4, 5] } })).await?;
    client.send_event("e", &json!({ "n": 6, "lines": [6, 7], "total": { "cents": 9, "parts": [5, 4] } })).await?;
    client.send_event("e", &json!({ "n": 7, "lines": [6, 7], "total": { "parts": [4, 5], "cents": 9 } })).await?;
    assert_eq!(run.result().await?, [4, 7]);
    Ok(())
}

pub(crate) async fn a_run_hears_what_it_sends_while_it_waits(subject: Subject) -> Verdict {
    #[workflow]
    async fn own() -> WorkflowResult<Option<u32>> {
        let hear = wait_for_event::<u32>("hear", "tick").timeout(DAY);
        let (heard, sent) = join!(hear, send_event("tell", "tick", &1)).await;
        sent?;
        Ok(heard?)
    }
    assert_eq!(subject.invoke(own, ()).await?, Some(1));
    Ok(())
}
