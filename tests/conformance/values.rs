//! `now`, `random`, `uuid`, `run_id`: the same on every replay, without an invocation of their own.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use owf_runtime::OperationKind;
use owf_runtime::prelude::*;

use crate::probe::Probe;
use crate::subjects::{Subject, Verdict};

const DAY: Duration = Duration::from_secs(24 * 3600);

pub(crate) async fn values_are_the_same_on_every_replay(subject: Subject) -> Verdict {
    #[workflow]
    async fn drawn(probe: Probe) -> WorkflowResult<usize> {
        probe.note("entered");
        let (time, number, id) = (now("time").await?, random::<u64>("number").await?, uuid("id").await?);
        let shown = format!("{time:?} {number} {id}");
        probe.note(format!("drawn {shown}"));
        for _ in 0..3 {
            step!("show", probe.mark(shown.as_str())).await?;
        }
        Ok(probe.count(&shown))
    }
    let probe = Probe::new();
    assert_eq!(subject.invoke(drawn, probe).await?, 3, "{:?}", probe.notes());
    assert_eq!(probe.count("entered"), subject.entries(3), "a value ends no invocation");
    let values: BTreeSet<String> = probe.notes().into_iter().filter(|note| note.starts_with("drawn")).collect();
    assert_eq!(values.len(), 1, "{values:?}");
    Ok(())
}

pub(crate) async fn each_value_is_another(subject: Subject) -> Verdict {
    #[workflow(allow(duplicate_id, reason = "they are told apart by their order"))]
    async fn several() -> WorkflowResult<Vec<String>> {
        let mut ids = Vec::new();
        for _ in 0..3 {
            ids.push(uuid("id").await?.to_string());
        }
        let (a, b) = join!(uuid("id"), uuid("id")).await;
        ids.extend([a?.to_string(), b?.to_string()]);
        Ok(ids)
    }
    let mut ids = subject.invoke(several, ()).await?;
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 5);
    Ok(())
}

pub(crate) async fn now_is_the_hosts_time_where_it_stands(subject: Subject) -> Verdict {
    #[workflow]
    async fn times() -> WorkflowResult<(SystemTime, SystemTime)> {
        let begin = now("begin").await?;
        sleep("nap", DAY).await?;
        step!("between", ()).await?;
        Ok((begin, now("end").await?))
    }
    let (begin, end) = subject.invoke(times, ()).await?;
    assert_eq!((begin, end), (SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH + DAY));
    Ok(())
}

pub(crate) async fn values_are_recorded_under_their_ids(subject: Subject) -> Verdict {
    #[workflow(allow(duplicate_id, reason = "they are told apart by their order"))]
    async fn recorded() -> WorkflowResult<bool> {
        let first = random::<f64>("draw").await?;
        let second = random::<f64>("draw").await?;
        step!("after", ()).await?;
        Ok((0.0..1.0).contains(&first) && first != second)
    }
    let (ok, steps) = subject.start(recorded, ()).await?;
    assert!(ok);
    let kinds: Vec<(&str, OperationKind)> = steps.iter().map(|step| (step.id.as_str(), step.kind)).collect();
    let value = OperationKind::Value;
    assert_eq!(kinds, [("draw", value), ("draw:1", value), ("after", OperationKind::Step)]);
    Ok(())
}

pub(crate) async fn values_race_and_join_with_other_operations(subject: Subject) -> Verdict {
    #[workflow]
    async fn raced(probe: Probe) -> WorkflowResult<(u32, u32)> {
        let won = race! {
            _ = random::<u32>("draw") => 1,
            _ = sleep("nap", DAY) => 2,
        };
        let (drawn, noted) = join!(random::<u32>("beside"), step!("note", probe.note("note") as u32)).await;
        let again = step!("show", drawn.clone()?).await?;
        probe.note(format!("drawn {again}"));
        assert_eq!(again, drawn?);
        Ok((won, noted?))
    }
    assert_eq!(subject.invoke(raced, Probe::new()).await?, (1, 1));
    Ok(())
}

pub(crate) async fn a_workflow_knows_its_run(subject: Subject) -> Verdict {
    #[workflow]
    async fn who() -> WorkflowResult<(String, String)> {
        let before = run_id().to_string();
        step!("between", ()).await?;
        Ok((before, run_id().to_string()))
    }
    let run = subject.client().start(who, ()).id("order-42").await?;
    assert_eq!(run.result().await?, ("order-42".to_owned(), "order-42".to_owned()));
    Ok(())
}

pub(crate) async fn a_step_does_not_know_its_run(subject: Subject) -> Verdict {
    /// What is written into the step itself does not compile.
    fn ask() -> String {
        run_id().to_string()
    }

    #[workflow]
    async fn who() -> WorkflowResult<String> {
        Ok(step!("ask", retries = 0, ask()).await?)
    }
    let error = subject.invoke(who, ()).await.expect_err("there is no workflow around a step").to_string();
    assert!(error.contains("`run_id` was called outside a workflow, or in a step"), "{error}");
    Ok(())
}

pub(crate) async fn values_in_loops_and_branches_are_the_same_on_every_replay(subject: Subject) -> Verdict {
    #[workflow(allow(duplicate_id, reason = "they are told apart by their order"))]
    async fn loops(probe: Probe) -> WorkflowResult<Vec<String>> {
        let mut all = Vec::new();
        for n in 0..3 {
            let id = uuid("id").await?.to_string();
            let drawn = random::<u64>("draw").await?;
            let (left, right) = join!(uuid("side"), async {
                let first = random::<u32>("inner").await?;
                step!("note", probe.mark(format!("{n}"))).await?;
                Ok::<_, StepError>((first, random::<u32>("inner").await?))
            })
            .await;
            all.push(format!("{id} {drawn} {} {:?}", left?, right?));
            step!("show", probe.mark(all.join("\n"))).await?;
        }
        Ok(all)
    }
    let probe = Probe::new();
    let all = subject.invoke(loops, probe).await?;
    assert_eq!(probe.notes().last().unwrap(), &all.join("\n"));
    assert_eq!(probe.notes().len(), 6);
    Ok(())
}
