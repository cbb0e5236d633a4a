//! The contract of `Driver`, as each driver keeps it.

use std::time::{Duration, SystemTime};

use owf_runtime::kernel::{RunId, RunInfo};
use owf_runtime::prelude::*;
use owf_runtime::{Action, Memo, OperationKind, RunErrorReason, StepOutcome};

use crate::probe::Probe;
use crate::spy::{Spy, disk_full};
use crate::subjects::{Subject, Verdict};

const HOUR: Duration = Duration::from_secs(3600);

#[workflow]
async fn two_steps(n: u32) -> WorkflowResult<u32> {
    let a = step!("a", n + 1).await?;
    Ok(step!("b", a * 2).await?)
}

pub(crate) async fn hooks_are_called_in_order(subject: Subject) -> Verdict {
    let spy = Spy::on(subject.driver());
    spy.client().start(two_steps, 1).await?.result().await?;
    let output = if subject.keeps_memos() { "4" } else { "nothing" };
    let completed = format!("completed {output}");
    assert_eq!(spy.calls(), ["started", "found a", "executed a#1+", "found b", "executed b#1+", completed.as_str()]);
    Ok(())
}

pub(crate) async fn invoke_calls_the_same_hooks_as_start(subject: Subject) -> Verdict {
    let (invoked, started) = (Spy::on(subject.driver()), Spy::on(subject.driver()));
    invoked.client().invoke(two_steps, 1).await?;
    started.client().start(two_steps, 1).await?.result().await?;
    assert_eq!(invoked.calls(), started.calls());
    Ok(())
}

pub(crate) async fn parallel_operations_are_found_together_in_program_order(subject: Subject) -> Verdict {
    #[workflow]
    async fn parallel(probe: Probe) -> WorkflowResult<()> {
        let (a, nap, c, d) = join!(
            step!("a", probe.in_turn("end", 1).await),
            sleep("nap", HOUR),
            async { step!("c", probe.in_turn("end", 0).await).await },
            step!("d", probe.in_turn("end", 2).await),
        )
        .await;
        a?;
        nap?;
        c?;
        d?;
        Ok(())
    }
    let spy = Spy::on(subject.driver());
    spy.client().invoke(parallel, Probe::new()).await?;
    let calls = spy.calls();
    let calls: Vec<&str> = calls.iter().map(String::as_str).filter(|call| *call != "started").collect();
    assert_eq!(calls[..4], ["found a nap c d", "executed c#1+", "executed a#1+", "executed d#1+"]);
    assert_eq!(calls.iter().filter(|call| call.starts_with("executed")).count(), 4);
    assert!(calls[calls.len() - 1].starts_with("completed"), "{calls:?}");
    Ok(())
}

pub(crate) async fn each_attempt_that_ended_is_told_once(subject: Subject) -> Verdict {
    #[workflow]
    async fn failing(probe: Probe) -> WorkflowResult<()> {
        step!("flaky", {
            if probe.note("attempt") < 3 {
                Err("not yet")?;
            }
        })
        .await?;
        let _ = step!("bad", retries = 1, Err("always")?).await;
        sleep("nap", HOUR).await?;
        Err(WorkflowError::msg("no"))
    }
    let spy = Spy::on(subject.driver());
    let error = spy.client().start(failing, Probe::new()).await?.result().await.expect_err("it fails");
    assert_eq!(error.workflow_error().map(WorkflowError::message), Some("no"));
    let calls = spy.calls();
    let executed: Vec<&str> = calls.iter().map(String::as_str).filter(|call| !call.starts_with("found")).collect();
    let expected = [
        "started",
        "executed flaky#1~",
        "executed flaky#2~",
        "executed flaky#3+",
        "executed bad#1~",
        "executed bad#2-",
        "executed nap#1+",
        "error no (last)",
    ];
    assert_eq!(executed, expected);
    Ok(())
}

pub(crate) async fn a_workflow_error_tells_whether_the_run_is_retried(subject: Subject) -> Verdict {
    #[workflow(retries = 2)]
    async fn failing(probe: Probe) -> WorkflowResult<()> {
        match probe.note("entered") {
            1 => Err(WorkflowError::msg("first")),
            2 => panic!("second"),
            _ => Err(WorkflowError::msg("third")),
        }
    }
    let spy = Spy::on(subject.driver());
    spy.client().invoke(failing, Probe::new()).await.expect_err("it fails");
    let errors = spy.calls();
    let errors: Vec<&str> = errors.iter().map(String::as_str).filter(|call| *call != "started").collect();
    assert_eq!(errors, ["error first (retry)", "error panicked: second (retry)", "error third (last)"]);
    Ok(())
}

pub(crate) async fn records_carry_outputs_where_memos_are_kept(subject: Subject) -> Verdict {
    let spy = Spy::on(subject.driver());
    spy.client().invoke(two_steps, 1).await?;
    spy.client().start(two_steps, 1).await?.result().await?;
    let records = spy.records();
    let outputs: Vec<Option<&str>> = records
        .iter()
        .map(|record| match &record.outcome {
            StepOutcome::Succeeded { output } => output.as_ref().map(owf_runtime::Json::as_str),
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = if subject.keeps_memos() { [Some("2"), Some("4")] } else { [None, None] };
    assert_eq!(outputs, [expected, expected].concat());
    Ok(())
}

pub(crate) async fn all_times_come_from_the_drivers_host(subject: Subject) -> Verdict {
    #[workflow]
    async fn timed(probe: Probe) -> WorkflowResult<()> {
        sleep("nap", HOUR).await?;
        step!("flaky", backoff = HOUR, timeout = Duration::from_secs(5), {
            if probe.note("attempt") == 1 {
                Err("not yet")?;
            }
        })
        .await?;
        Ok(())
    }
    let spy = Spy::on(subject.driver());
    spy.client().invoke(timed, Probe::new()).await?;
    let at = |hours| SystemTime::UNIX_EPOCH + hours * HOUR;
    let told: Vec<_> = spy.records().iter().map(|record| (record.started_at, record.ended_at)).collect();
    assert_eq!(told, [(at(0), at(1)), (at(1), at(1)), (at(2), at(2))]);
    let found = spy.found();
    assert_eq!(found[0].action, Action::Sleep { since: at(0), until: at(1), is_dated: false });
    let first = found.iter().find(|operation| operation.id == "flaky").map(|operation| &operation.action);
    let Some(Action::Run { attempt: 1, not_before: None, retry, timeout }) = first else { panic!("{first:?}") };
    assert_eq!((retry.retries, retry.backoff, *timeout), (3, Backoff::fixed(HOUR), Some(Duration::from_secs(5))));
    Ok(())
}

#[workflow]
async fn interrupted(probe: Probe) -> WorkflowResult<Vec<usize>> {
    let (late, early) = join!(
        step!("late", {
            probe.in_turn("end", 1).await;
            probe.note("late")
        }),
        step!("early", {
            probe.in_turn("end", 0).await;
            probe.note("early")
        }),
    )
    .await;
    let failed = step!("failed", retries = 0, {
        probe.note("failed");
        Err::<usize, _>("no")?
    });
    let failed = failed.await.map_err(|error| error.to_string()).unwrap_or(7);
    let (slept, flaky) = join!(
        sleep("nap", HOUR),
        step!("flaky", backoff = 2 * HOUR, {
            match probe.note("flaky") {
                1 => Err("not yet")?,
                attempt => attempt,
            }
        }),
    )
    .await;
    slept?;
    let last = step!("last", probe.note("last")).await?;
    Ok(vec![late?, early?, failed, flaky?, last])
}

fn run_info(id: &RunId) -> RunInfo {
    RunInfo::new(id.clone(), "interrupted", std::time::SystemTime::UNIX_EPOCH)
}

/// Runs `interrupted` until the driver fails in `call`.
async fn run_until(subject: &Subject, call: &'static str, probe: Probe, id: &str) -> Result<RunError, RunError> {
    let spy = Spy::scripted_on(subject.driver(), move |made| if made == call { disk_full() } else { None });
    let run = spy.client().start(interrupted, probe).id(id).await?;
    let error = run.result().await.expect_err("the driver fails");
    assert!(matches!(error.reason(), RunErrorReason::Driver(_)), "{error:?}");
    assert_eq!(spy.calls().last().map(String::as_str), Some(call), "nothing follows the failed hook");
    Ok(error)
}

pub(crate) async fn every_recorded_memo_is_returned_in_the_order_of_recording(subject: Subject) -> Verdict {
    let (probe, id) = (Probe::new(), RunId::new("order-42"));
    run_until(&subject, "found last", probe, id.as_str()).await?;
    let memos = subject.driver().on_run_started(&run_info(&id), None).await?;
    if !subject.keeps_memos() {
        assert!(memos.is_empty(), "{memos:?}");
        return Ok(());
    }
    let told: Vec<(&str, OperationKind, u32)> = memos
        .iter()
        .map(|(id, memo)| match memo {
            Memo::Done { kind, attempts, .. } => (id.as_str(), *kind, *attempts),
            other => panic!("{id}: {other:?}"),
        })
        .collect();
    let (step, sleep) = (OperationKind::Step, OperationKind::Sleep);
    let expected = [("early", step, 1), ("late", step, 1), ("failed", step, 1), ("nap", sleep, 1), ("flaky", step, 2)];
    assert_eq!(told, expected);
    Ok(())
}

pub(crate) async fn memos_of_waits_are_returned(subject: Subject) -> Verdict {
    let (probe, id) = (Probe::new(), RunId::new("order-42"));
    run_until(&subject, "executed nap#1+", probe, id.as_str()).await?;
    let memos = subject.driver().on_run_started(&run_info(&id), None).await?;
    let at = |hours| SystemTime::UNIX_EPOCH + hours * HOUR;
    if subject.keeps_memos() {
        assert_eq!(memos.get("nap"), Some(&Memo::Waiting { since: at(0), until: at(1) }));
        assert_eq!(memos.get("flaky"), Some(&Memo::Retrying { attempts: 1, not_before: at(2) }));
    } else {
        assert!(memos.is_empty(), "{memos:?}");
    }
    Ok(())
}

pub(crate) async fn no_memos_are_returned_for_an_unknown_run(subject: Subject) -> Verdict {
    run_until(&subject, "found last", Probe::new(), "known").await?;
    let memos = subject.driver().on_run_started(&run_info(&RunId::new("unknown")), None).await?;
    assert!(memos.is_empty(), "{memos:?}");
    Ok(())
}

pub(crate) async fn a_run_that_the_driver_failed_is_taken_up_where_it_stood(subject: Subject) -> Verdict {
    if !subject.keeps_memos() {
        // Declared: nothing is kept, and the run begins anew under its ID.
        let probe = Probe::new();
        run_until(&subject, "found last", probe, "order-42").await?;
        assert_eq!(probe.count("last"), 0);
        return Ok(());
    }
    let calls = ["executed early#1+", "found failed", "executed nap#1+", "executed flaky#2+", "executed last#1+"];
    for (number, call) in calls.into_iter().enumerate() {
        let (probe, id, begun) = (Probe::new(), format!("order-{number}"), subject.host.elapsed());
        run_until(&subject, call, probe, &id).await?;
        // Whatever was not recorded runs again, and only that.
        let repeated = call.strip_prefix("executed ").and_then(|step| step.split('#').next());
        let probed = |step: &str| probe.count(step) - usize::from(repeated == Some(step) && probe.count(step) > 1);
        let run = subject.client().start(interrupted, probe).id(id.as_str()).await?;
        run.result().await?;
        let counts = ["late", "early", "failed", "flaky", "last"].map(probed);
        assert_eq!(counts, [1, 1, 1, 2, 1], "after {call}: {:?}", probe.notes());
        assert_eq!(subject.host.elapsed() - begun, 2 * HOUR, "after {call}: timers go on from where they were set");
    }
    Ok(())
}
