//! The client: starting runs, and telling what became of them.

use std::time::{Duration, SystemTime};

use owf_runtime::prelude::*;
use owf_runtime::{Json, OperationKind, RunErrorReason, RunStatus, StepOutcome, StepRecord};

use crate::probe::Probe;
use crate::subjects::{Client, Subject, Verdict};

#[workflow]
async fn noted(probe: Probe) -> WorkflowResult<usize> {
    Ok(step!("note", probe.note("effect")).await?)
}

#[workflow]
async fn other_noted(probe: Probe) -> WorkflowResult<usize> {
    Ok(step!("note", probe.note("other")).await?)
}

#[workflow]
async fn gated(probe: Probe) -> WorkflowResult<u32> {
    step!("wait", probe.meet("gate", 2).await).await?;
    Ok(7)
}

pub(crate) async fn starting_a_run_again_gives_the_same_run(subject: Subject) -> Verdict {
    let (client, probe) = (subject.client(), Probe::new());
    let first = client.start(noted, probe).id("order-42").await?;
    let second = client.clone().start(noted, probe).id("order-42".to_owned()).await?;
    assert_eq!(first.id(), "order-42");
    assert_eq!(second.id(), first.id());
    assert_eq!((first.result().await?, second.result().await?), (1, 1));

    let after_its_end = client.start(noted, probe).id("order-42").await?;
    assert_eq!(after_its_end.result().await?, 1);
    assert_eq!(after_its_end.steps().await?, first.steps().await?);
    assert_eq!(probe.count("effect"), 1);
    Ok(())
}

pub(crate) async fn runs_of_other_ids_are_other_runs(subject: Subject) -> Verdict {
    let (client, probe) = (subject.client(), Probe::new());
    let a = client.start(noted, probe).id("a").await?;
    let b = client.start(noted, probe).id("b").await?;
    let (c, d) = (client.start(noted, probe).await?, client.start(noted, probe).await?);
    assert_ne!(c.id(), d.id(), "an ID is made where none is given");
    let mut values = [a.result().await?, b.result().await?, c.result().await?, d.result().await?];
    values.sort_unstable();
    assert_eq!(values, [1, 2, 3, 4]);
    Ok(())
}

pub(crate) async fn a_known_id_with_another_input_is_refused(subject: Subject) -> Verdict {
    let (client, probe) = (subject.client(), Probe::new());
    let run = client.start(noted, probe).id("order-42").await?;
    let refused = client.start(noted, Probe::new()).id("order-42").await.expect_err("the input differs");
    let RunErrorReason::Refused(text) = refused.reason() else { panic!("{refused:?}") };
    assert!(text.contains("another input"), "{text}");
    assert_eq!(refused.run(), "order-42");
    assert_eq!(run.result().await?, 1, "the run itself goes on");
    Ok(())
}

pub(crate) async fn an_input_without_order_is_the_same_input(subject: Subject) -> Verdict {
    type Amounts = std::collections::HashMap<String, u32>;
    #[workflow]
    async fn total(amounts: Amounts) -> WorkflowResult<u32> {
        Ok(amounts.get("a").copied().unwrap_or_default())
    }
    let amounts = || ["a", "b", "c", "d", "e", "f"].map(|name| (name.to_owned(), 1)).into_iter().collect::<Amounts>();
    let client = subject.client();
    for _ in 0..8 {
        assert_eq!(client.start(total, amounts()).id("totals").await?.result().await?, 1);
    }
    Ok(())
}

pub(crate) async fn a_run_without_a_name_is_refused(subject: Subject) -> Verdict {
    let refused = subject.client().start(noted, Probe::new()).id("").await.expect_err("its ID is empty");
    assert!(refused.to_string().contains("its ID is empty"), "{refused}");
    Ok(())
}

pub(crate) async fn a_known_id_of_another_workflow_is_refused(subject: Subject) -> Verdict {
    let (client, probe) = (subject.client(), Probe::new());
    let run = client.start(noted, probe).id("order-42").await?;
    let refused = client.start(other_noted, probe).id("order-42").await.expect_err("the workflow differs");
    let RunErrorReason::Refused(text) = refused.reason() else { panic!("{refused:?}") };
    assert!(text.contains("`noted`"), "{text}");
    assert_eq!(run.result().await?, 1);
    assert_eq!(probe.notes(), ["effect"]);
    Ok(())
}

pub(crate) async fn the_status_follows_the_run(subject: Subject) -> Verdict {
    #[workflow]
    async fn failing() -> WorkflowResult<u32> {
        Err(WorkflowError::msg("no"))
    }
    let (client, probe) = (subject.client(), Probe::new());
    let run = client.start(gated, probe).await?;
    assert_eq!(run.status().await?, RunStatus::Running);
    tokio::task::yield_now().await;
    assert_eq!(run.status().await?, RunStatus::Running, "its step waits for the gate");
    probe.meet("gate", 2).await;
    run.result().await?;
    assert_eq!(run.status().await?, RunStatus::Completed);

    let run = client.start(failing, ()).await?;
    run.result().await.expect_err("it fails");
    assert_eq!(run.status().await?, RunStatus::Failed);
    Ok(())
}

pub(crate) async fn a_result_may_be_awaited_any_number_of_times(subject: Subject) -> Verdict {
    let (client, probe) = (subject.client(), Probe::new());
    let run = client.start(gated, probe).await?;
    let clone = run.clone();
    let waiting = tokio::spawn(async move { clone.result().await });
    probe.meet("gate", 2).await;
    assert_eq!(run.result().await?, 7);
    assert_eq!(run.result().await?, 7);
    assert_eq!(waiting.await??, 7);
    Ok(())
}

pub(crate) async fn a_started_run_goes_on_without_its_handle(subject: Subject) -> Verdict {
    #[workflow]
    async fn unwatched(probe: Probe) -> WorkflowResult<()> {
        step!("first", ()).await?;
        Ok(step!("meet", probe.meet("gate", 2).await).await?)
    }
    let probe = Probe::new();
    drop(subject.client().start(unwatched, probe).await?);
    probe.meet("gate", 2).await;
    Ok(())
}

pub(crate) async fn records_tell_of_each_attempt(subject: Subject) -> Verdict {
    #[workflow]
    async fn recorded(probe: Probe) -> WorkflowResult<()> {
        sleep("nap", Duration::from_secs(5)).await?;
        step!("flaky", backoff = Duration::from_secs(10), {
            if probe.note("attempt") == 1 {
                Err("first")?;
            }
        })
        .await?;
        let _ = step!("bad", retries = 0, Err::<(), _>("no")?).await;
        Ok(())
    }
    let (_, steps) = subject.start(recorded, Probe::new()).await?;
    let at = |second| SystemTime::UNIX_EPOCH + Duration::from_secs(second);
    let told: Vec<_> = steps.iter().map(|s| (s.id.as_str(), s.kind, s.attempt, s.started_at, s.ended_at)).collect();
    let (step, sleep) = (OperationKind::Step, OperationKind::Sleep);
    let expected = [
        ("nap", sleep, 1, at(0), at(5)),
        ("flaky", step, 1, at(5), at(5)),
        ("flaky", step, 2, at(15), at(15)),
        ("bad", step, 1, at(15), at(15)),
    ];
    assert_eq!(told, expected);
    let StepOutcome::Retrying { failure, not_before } = &steps[1].outcome else { panic!("{:?}", steps[1]) };
    assert_eq!((failure.message(), *not_before), ("first", at(15)));
    let StepOutcome::Failed { failure } = &steps[3].outcome else { panic!("{:?}", steps[3]) };
    assert_eq!(failure.message(), "no");
    assert_eq!(steps[0].duration(), Duration::from_secs(5));
    let here = &steps[1].location;
    assert!(here.file().ends_with("client.rs") && here.line() > 1, "{here}");
    Ok(())
}

#[workflow]
async fn with_values(word: String) -> WorkflowResult<usize> {
    let upper = step!("upper", input = word, word.to_uppercase()).await?;
    Ok(step!("length", upper.len()).await?)
}

/// What the records show as inputs and outputs.
fn values(steps: &[StepRecord]) -> Vec<(Option<&str>, Option<&str>)> {
    fn output(outcome: &StepOutcome) -> Option<&Json> {
        match outcome {
            StepOutcome::Succeeded { output } => output.as_ref(),
            _ => None,
        }
    }
    steps.iter().map(|step| (step.input.as_ref().map(Json::as_str), output(&step.outcome).map(Json::as_str))).collect()
}

pub(crate) async fn values_are_shown_on_request_only(subject: Subject) -> Verdict {
    let plain = subject.client().start(with_values, "word".to_owned()).await?;
    assert_eq!(plain.result().await?, 4);
    assert_eq!(values(&plain.steps().await?), [(None, None), (None, None)]);

    let kept = subject.client().keep_values(true).start(with_values, "word".to_owned()).await?;
    assert_eq!(kept.result().await?, 4);
    assert_eq!(values(&kept.steps().await?), [(Some("\"word\""), Some("\"WORD\"")), (None, Some("4"))]);
    Ok(())
}

/// Adds its own number up, and lets other runs go first in between.
#[workflow(allow(duplicate_id, reason = "the test is about IDs that are met again"))]
async fn own_sum(n: usize) -> WorkflowResult<usize> {
    let mut sum = 0;
    for round in 0..5 {
        let (a, b) = join!(
            step!("add", {
                for _ in 0..(n + round) % 4 {
                    tokio::task::yield_now().await;
                }
                n
            }),
            async { step!("add", n).await },
        )
        .await;
        sum += a? + b?;
    }
    Ok(sum)
}

async fn run_many(client: Client) -> Result<(), RunError> {
    let mut runs = Vec::new();
    for n in 0..200 {
        runs.push(client.start(own_sum, n).id(format!("run-{n}")).await?);
    }
    for (n, run) in runs.iter().enumerate() {
        assert_eq!(run.result().await?, n * 10);
        assert_eq!(run.steps().await?.len(), 10);
    }
    Ok(())
}

pub(crate) async fn many_runs_at_once_do_not_mix(subject: Subject) -> Verdict {
    Ok(run_many(subject.client()).await?)
}

pub(crate) async fn runs_may_move_between_threads(subject: Subject) -> Verdict {
    let on_many_threads = || {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().expect("a runtime");
        runtime.block_on(run_many(subject.client()))
    };
    // A runtime cannot be entered from within this one.
    let result = std::thread::scope(|scope| scope.spawn(on_many_threads).join());
    Ok(result.expect("the thread does not panic")?)
}

pub(crate) async fn runs_may_interleave_within_one_task(subject: Subject) -> Verdict {
    let client = subject.client();
    let (a, b, c) = tokio::join!(client.invoke(own_sum, 1), client.invoke(own_sum, 2), client.invoke(own_sum, 3));
    assert_eq!((a?, b?, c?), (10, 20, 30));
    Ok(())
}
