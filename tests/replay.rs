//! Export of runs, and their replay against today's code.

use std::time::Duration;

use owf_runtime::prelude::*;
use owf_runtime::testing::{ReplayError, TestKit, replay};
use owf_runtime::{ExportError, ExportedStatus, Failure, Memo, OperationKind, RunExport, Workflow};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
struct Declined {
    limit: u64,
}

impl std::fmt::Display for Declined {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "over the limit of {}", self.limit)
    }
}

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Yesterday's code.
mod yesterday {
    use super::*;

    #[workflow]
    pub(crate) async fn order(cents: u32) -> WorkflowResult<String> {
        let reserved = step!("reserve", cents + 1).await?;
        let (mail, label) = join!(step!("mail", "mail".to_owned()), step!("label", "label".to_owned())).await;
        sleep("cool-off", DAY).await?;
        let by = wait_for_signal::<String>("approval", "approved").timeout(7 * DAY).await?;
        Ok(format!("{reserved} {} {} {by:?}", mail?, label?))
    }
}

async fn exported(kit: TestKit, approve: bool) -> RunExport {
    let run = kit.start(yesterday::order, 41).id("order-42").await.expect("it starts");
    if approve {
        kit.at(2 * DAY).signal(&run, "approved", "Ada");
        run.result().await.expect("it ends");
    } else {
        kit.advance(2 * DAY).await;
    }
    let json = run.export().await.expect("its values are kept").to_json().expect("it is JSON");
    RunExport::from_json(json.as_str()).expect("it reads back")
}

async fn diverged<W: Workflow>(workflow: W, export: &RunExport) -> String {
    match replay(workflow, export).await.expect_err("today's code is another") {
        diverged @ ReplayError::Diverged { .. } => diverged.to_string(),
        other => panic!("{other}"),
    }
}

#[owf_runtime::test]
async fn a_run_is_exported_with_all_that_is_known_of_it(kit: TestKit) {
    let run = kit.start(yesterday::order, 41).id("order-42").await.expect("it starts");
    run.signal("other", &7).await.expect("it is not over");
    kit.advance(DAY).await;
    let export = run.export().await.expect("its values are kept");
    assert_eq!((export.version, export.workflow.as_str(), export.run.as_str()), (1, "order", "order-42"));
    assert_eq!((export.input.as_str(), &export.status), ("41", &ExportedStatus::Running));
    assert_eq!(export.exported_at.duration_since(export.started_at).ok(), Some(DAY));
    let ids: Vec<&str> = export.memos.iter().map(|memo| memo.id.as_str()).collect();
    assert_eq!(ids, ["reserve", "mail", "label", "cool-off", "approval"]);
    assert!(matches!(export.memos[4].memo, Memo::Waiting { .. }), "{export:?}");
    assert_eq!(export.memos[3].ended_at, Some(export.exported_at));
    let [wait] = &export.waits[..] else { panic!("{export:?}") };
    assert_eq!((wait.kind, wait.about.as_deref()), (OperationKind::WaitForSignal, Some("approved")));
    assert_eq!(wait.until, Some(export.exported_at + 7 * DAY));
    assert_eq!(export.mail.len(), 1, "{export:?}");
}

#[owf_runtime::test]
async fn both_drivers_export_the_same(kit: TestKit) {
    let continuous = exported(kit.clone(), true).await;
    let checkpoint = exported(kit.checkpoint(), true).await;
    let ids =
        |export: &RunExport| export.memos.iter().map(|memo| (memo.id.clone(), memo.memo.clone())).collect::<Vec<_>>();
    let of_steps =
        |export| ids(export).into_iter().filter(|(_, memo)| matches!(memo, Memo::Done { .. })).collect::<Vec<_>>();
    assert_eq!(of_steps(&continuous), of_steps(&checkpoint));
    assert_eq!(continuous.status, checkpoint.status);
}

#[owf_runtime::test]
async fn the_same_code_accepts_a_run_that_is_over_and_one_that_is_not(kit: TestKit) {
    for approve in [false, true] {
        let kit = kit.clone().checkpoint();
        let export = exported(kit.clone(), approve).await;
        replay(yesterday::order, &export).await.expect("nothing was changed");
    }
}

#[owf_runtime::test]
async fn a_step_that_was_renamed_is_shown_beside_the_recorded_one(kit: TestKit) {
    #[workflow]
    async fn order(cents: u32) -> WorkflowResult<String> {
        let reserved = step!("book", cents + 1).await?;
        Ok(format!("{reserved}"))
    }
    let text = diverged(order, &exported(kit, true).await).await;
    assert!(
        text.starts_with("today's `order` does not accept the run: diverged on replay: the recorded steps `reserve`"),
        "{text}"
    );
    let line = |part: &str| text.lines().find(|line| line.contains(part)).unwrap_or_else(|| panic!("{part}: {text}"));
    assert!(line("step `reserve`").ends_with("≠  -"), "{text}");
    assert!(text.contains("today's code"), "{text}");
}

#[owf_runtime::test]
async fn a_step_that_became_something_else_is_told(kit: TestKit) {
    #[workflow]
    async fn order(_cents: u32) -> WorkflowResult<String> {
        sleep("reserve", DAY).await?;
        Ok(String::new())
    }
    let text = diverged(order, &exported(kit, true).await).await;
    assert!(text.contains("`reserve` was recorded as a step, and is a sleep at tests/replay.rs:"), "{text}");
    assert!(text.contains("step `reserve`    ≠  sleep `reserve` at tests/replay.rs:"), "{text}");
}

#[owf_runtime::test]
async fn a_recorded_value_of_another_type_is_told(kit: TestKit) {
    #[workflow]
    async fn order(_cents: u32) -> WorkflowResult<String> {
        Ok(step!("reserve", "a text".to_owned()).await?)
    }
    let text = diverged(order, &exported(kit, true).await).await;
    assert!(text.contains("the recorded result of step `reserve` is not what"), "{text}");
}

#[owf_runtime::test]
async fn a_run_that_was_over_must_not_go_on_and_one_that_was_not_may(kit: TestKit) {
    #[workflow]
    async fn order(cents: u32) -> WorkflowResult<String> {
        let reserved = step!("reserve", cents + 1).await?;
        let (mail, label) = join!(step!("mail", "mail".to_owned()), step!("label", "label".to_owned())).await;
        sleep("cool-off", DAY).await?;
        let by = wait_for_signal::<String>("approval", "approved").timeout(7 * DAY).await?;
        step!("archive", ()).await?;
        Ok(format!("{reserved} {} {} {by:?}", mail?, label?))
    }
    replay(order, &exported(kit.clone().checkpoint(), false).await).await.expect("it comes to the new step later");
    let text = diverged(order, &exported(kit, true).await).await;
    assert!(
        text.contains("the run was over, and today's code goes on with step `archive` at tests/replay.rs:"),
        "{text}"
    );
}

#[owf_runtime::test]
async fn another_result_is_told(kit: TestKit) {
    #[workflow]
    async fn order(cents: u32) -> WorkflowResult<String> {
        let reserved = step!("reserve", cents + 1).await?;
        let (mail, label) = join!(step!("mail", "mail".to_owned()), step!("label", "label".to_owned())).await;
        sleep("cool-off", DAY).await?;
        let by = wait_for_signal::<String>("approval", "approved").timeout(7 * DAY).await?;
        Ok(format!("{reserved}/{}/{}/{by:?}", mail?, label?))
    }
    let text = diverged(order, &exported(kit, true).await).await;
    assert!(text.contains("it comes to another end"), "{text}");
    assert!(
        text.contains(r#"returned "42 mail label Some(\"Ada\")"  ≠  returned "42/mail/label/Some(\"Ada\")""#),
        "{text}"
    );
}

#[owf_runtime::test]
async fn a_failed_and_a_cancelled_run_are_replayed_with_their_undos(kit: TestKit) {
    async fn release(_: u32) -> Result<(), Failure> {
        Ok(())
    }
    #[workflow]
    async fn failing(wait: bool) -> WorkflowResult<()> {
        step!("reserve", 7).undo(release).await?;
        if wait {
            sleep("a year", 365 * DAY).await?;
        }
        Err("no flight".into())
    }
    for kit in [kit.clone(), kit.checkpoint()] {
        for wait in [false, true] {
            let run = kit.start(failing, wait).await.expect("it starts");
            if wait {
                kit.advance(DAY).await;
                run.cancel("not wanted").await.expect("it is not over");
            }
            run.result().await.expect_err("it does not complete");
            kit.assert_steps(&run, ["reserve", "reserve:undo"]);
            let export = run.export().await.expect("its values are kept");
            assert_eq!(matches!(export.status, ExportedStatus::Cancelled(_)), wait, "{export:?}");
            replay(failing, &export).await.unwrap_or_else(|error| panic!("{error}"));
        }
    }
}

#[owf_runtime::test]
async fn a_run_whose_own_failure_was_retried_is_replayed(kit: TestKit) {
    #[workflow(retries = 2)]
    async fn retried() -> WorkflowResult<()> {
        step!("a", ()).await?;
        Err("each time".into())
    }
    let run = kit.start(retried, ()).await.expect("it starts");
    run.result().await.expect_err("it fails");
    let export = run.export().await.expect("its values are kept");
    assert_eq!(export.attempt, 3);
    replay(retried, &export).await.expect("nothing was changed");
}

#[owf_runtime::test]
async fn a_newer_format_and_another_workflow_are_refused(kit: TestKit) {
    #[workflow]
    async fn other(cents: u32) -> WorkflowResult<u32> {
        Ok(cents)
    }
    let mut export = exported(kit, true).await;
    let error = replay(other, &export).await.expect_err("it is another workflow").to_string();
    assert!(error.contains("one of workflow `order`, and this is `other`"), "{error}");
    assert!(error.contains("#[workflow(name = \"order\")]"), "{error}");

    export.version = 2;
    let error = replay(yesterday::order, &export).await.expect_err("it is newer").to_string();
    assert!(error.contains("has version 2 of the format, and this `owf-runtime` reads versions up to 1"), "{error}");
    let newer = RunExport::from_json(r#"{"version": 2, "shape": "another"}"#);
    assert_eq!(newer, Err(ExportError::Newer { version: 2 }));
    let error = RunExport::from_json("[]").expect_err("a list is no run").to_string();
    assert!(error.starts_with("this is no exported run"), "{error}");
}

/// A run that shows each form that the format has, in progress.
#[workflow(name = "order")]
async fn every_form(cents: u32) -> WorkflowResult<()> {
    step!("reserve", cents + 1).await?;
    now("now").await?;
    step!("declined", retries = 0, Err::<(), _>(Declined { limit: 5 })?).await.expect_err("it is declined");
    invoke("ship", shipped, ()).await?;
    send_event("tell", "order.shipped", &cents).await?;
    send_signal("remember", run_id(), "note", &cents).await?;
    wait_for_signal::<u32>("recall", "note").await?;
    let (none, flaky, approval, payment) = join!(
        wait_for_signal::<u32>("glance", "never").timeout(Duration::ZERO),
        step!("flaky", backoff = 2 * DAY, Err::<(), _>(StepError::msg("down"))?),
        wait_for_signal::<u32>("approval", "approved"),
        wait_for_event::<u32>("payment", "paid").timeout(3 * DAY),
    )
    .await;
    (none?, flaky?, approval?, payment?);
    Ok(())
}

#[workflow]
async fn shipped() {}

/// What the documentation shows: what `every_form` is exported to. Code that writes another document writes another version.
const VERSION_1: &str = include_str!("../owf-runtime/src/export/version-1.json");

#[owf_runtime::test]
async fn what_is_exported_is_what_the_documentation_shows(kit: TestKit) {
    let run = kit.start(every_form, 41).id("order-42").await.expect("it starts");
    kit.advance(DAY).await;
    run.signal("other", &"unread").await.expect("it is not over");
    let json = run.export().await.expect("its values are kept").to_json().expect("it is JSON");
    let exported: serde_json::Value = serde_json::from_str(json.as_str()).expect("it is JSON");
    let documented: serde_json::Value = serde_json::from_str(VERSION_1).expect("it is JSON");
    assert_eq!(exported, documented, "{}", serde_json::to_string_pretty(&exported).unwrap_or_default());
}

#[owf_runtime::test]
async fn a_document_of_the_first_version_is_read_and_replayed() {
    let export = RunExport::from_json(VERSION_1).expect("it is read");
    replay(every_form, &export).await.unwrap_or_else(|error| panic!("{error}"));
}

#[tokio::test]
async fn without_values_the_error_says_how_to_keep_them() {
    let client = WorkflowClient::new(InMemoryDriver::new());
    #[workflow]
    async fn at_once() {}
    let run = client.start(at_once, ()).await.expect("it starts");
    let error = run.export().await.expect_err("nothing is kept").to_string();
    assert!(error.contains("WorkflowClient::new(driver).keep_values(true)"), "{error}");
}
