//! What is recorded together: a commit is made before each effect, and not more often.

use std::sync::atomic::Ordering;
use std::time::Duration;

use owf_runtime::prelude::*;
use owf_runtime::store::{Faults, FaultyStore, MemoryStore};

use crate::{Verdict, options, soon};

/// Runs a workflow on a store that counts, and tells how many commits it took.
async fn commits_of<W: owf_runtime::Workflow>(workflow: W, input: W::Input) -> Result<u64, RunError> {
    let faults = Faults { seed: 1, before: 0.0, after: 0.0, delay_max: Duration::ZERO };
    let store = FaultyStore::new(MemoryStore::new(), faults);
    let commits = store.commits();
    let client = WorkflowClient::new(options().over(store));
    soon(client.invoke(workflow, input)).await?;
    Ok(commits.load(Ordering::Relaxed))
}

#[tokio::test]
async fn a_step_takes_one_commit_and_the_last_one_shares_that_of_the_end() -> Verdict {
    #[workflow]
    async fn steps(count: u32) -> WorkflowResult<u32> {
        let mut sum = 0;
        for n in 0..count {
            sum += step!("step", n).await?;
        }
        Ok(sum)
    }
    assert_eq!(commits_of(steps, 5).await?, 5);
    assert_eq!(commits_of(steps, 0).await?, 1, "its end");
    Ok(())
}

#[tokio::test]
async fn steps_of_a_join_that_end_together_share_a_commit() -> Verdict {
    #[workflow]
    async fn joined() -> WorkflowResult<u32> {
        let (a, b, c) = join!(step!("a", 1), step!("b", 2), step!("c", 3)).await;
        let sum = a? + b? + c?;
        Ok(step!("sum", sum).await?)
    }
    assert_eq!(commits_of(joined, ()).await?, 2, "one for the three, one for the sum and the end");
    Ok(())
}

#[tokio::test]
async fn values_are_recorded_with_what_comes_next() -> Verdict {
    #[workflow]
    async fn values() -> WorkflowResult<bool> {
        let (a, b) = (random::<u64>("a").await?, random::<u64>("b").await?);
        Ok(step!("compare", a == b).await?)
    }
    assert_eq!(commits_of(values, ()).await?, 2, "before the step, which may use them, and at the end");
    Ok(())
}

#[tokio::test]
async fn a_wait_is_recorded_with_the_steps_before_it() -> Verdict {
    #[workflow]
    async fn waits() -> WorkflowResult<()> {
        step!("before", ()).await?;
        sleep("nap", Duration::from_millis(1)).await?;
        Ok(())
    }
    assert_eq!(commits_of(waits, ()).await?, 2, "the step and the timer, and the end");
    Ok(())
}
