//! `join_all(..).concurrency(n)`: so many at a time.

use owf_runtime::prelude::*;

use crate::probe::Probe;
use crate::subjects::{Subject, Verdict};

/// What two barriers of `limit` tell: no more than `limit` run at a time, and as many do.
#[workflow]
async fn limited((probe, count, limit): (Probe, usize, usize)) -> WorkflowResult<Vec<usize>> {
    let steps = (0..count).map(|n| {
        step!(format!("n-{n}"), async move {
            probe.note("begun");
            let running = probe.count("begun") - probe.count("ended");
            for _ in 0..=n % 5 {
                tokio::task::yield_now().await;
            }
            probe.note("ended");
            running
        })
    });
    let mut all = Vec::new();
    for running in join_all(steps).concurrency(limit).await {
        all.push(running?);
    }
    Ok(all)
}

pub(crate) async fn no_more_than_the_limit_run_at_a_time(subject: Subject) -> Verdict {
    for limit in [1, 3, 7] {
        let probe = Probe::new();
        let running = subject.invoke(limited, (probe, 20, limit)).await?;
        assert_eq!(running.len(), 20);
        assert_eq!(running.iter().max(), Some(&limit), "{running:?}");
        assert_eq!((probe.count("begun"), probe.count("ended")), (20, 20));
    }
    Ok(())
}

pub(crate) async fn a_limit_beyond_the_number_changes_nothing(subject: Subject) -> Verdict {
    for limit in [4, 5, usize::MAX] {
        assert_eq!(subject.invoke(limited, (Probe::new(), 4, limit)).await?, [1, 2, 3, 4]);
    }
    assert!(subject.invoke(limited, (Probe::new(), 0, 3)).await?.is_empty());
    Ok(())
}

pub(crate) async fn two_thousand_steps_run_eight_at_a_time(subject: Subject) -> Verdict {
    let probe = Probe::new();
    let running = subject.invoke(limited, (probe, 2_000, 8)).await?;
    assert_eq!((running.len(), running.iter().max()), (2_000, Some(&8)));
    Ok(())
}

pub(crate) async fn a_branch_begins_when_one_ends(subject: Subject) -> Verdict {
    #[durable]
    async fn branch(probe: Probe, n: usize) -> Result<usize, StepError> {
        let mut sum = 0;
        for factor in [1, 10] {
            // One ID for all: which branch it falls to shows in the values.
            sum += step!("work", {
                probe.note(format!("{factor} {n}"));
                for _ in 0..(7 * n) % 5 {
                    tokio::task::yield_now().await;
                }
                n * factor
            })
            .await?;
        }
        Ok(sum)
    }
    #[workflow]
    async fn branches(probe: Probe) -> WorkflowResult<Vec<usize>> {
        let mut all = Vec::new();
        for one in join_all((0..12).map(|n| branch(probe, n))).concurrency(3).await {
            all.push(one?);
        }
        Ok(all)
    }
    let probe = Probe::new();
    let expected: Vec<usize> = (0..12).map(|n| n * 11).collect();
    assert_eq!(subject.invoke(branches, probe).await?, expected);
    let notes = probe.notes();
    assert_eq!(notes[..3], ["1 0", "1 1", "1 2"], "the first three begin");
    assert_eq!(notes.len(), 24);
    for n in 0..12 {
        assert_eq!((probe.count(&format!("1 {n}")), probe.count(&format!("10 {n}"))), (1, 1));
    }
    Ok(())
}

pub(crate) async fn failures_and_children_make_room_for_the_next(subject: Subject) -> Verdict {
    #[workflow]
    async fn child(n: u32) -> WorkflowResult<u32> {
        if n.is_multiple_of(3) { Err(WorkflowError::msg("no")) } else { Ok(step!("value", n).await?) }
    }
    #[workflow]
    async fn parent() -> WorkflowResult<u32> {
        let all = join_all((0..30).map(|n| invoke(format!("child-{n}"), child, n))).concurrency(4).await;
        Ok(all.into_iter().filter_map(Result::ok).sum())
    }
    subject.knows(child);
    assert_eq!(subject.invoke(parent, ()).await?, (0..30_u32).filter(|n| !n.is_multiple_of(3)).sum::<u32>());
    Ok(())
}

pub(crate) async fn a_limit_of_zero_is_refused(subject: Subject) -> Verdict {
    let error = subject.invoke(limited, (Probe::new(), 3, 0)).await.expect_err("nothing would begin");
    assert!(error.to_string().contains("`concurrency(0)` lets nothing begin"), "{error}");
    Ok(())
}
