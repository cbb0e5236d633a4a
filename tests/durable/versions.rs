//! Code that changes under live runs.

use std::time::Duration;

use owf_runtime::RunStatus;
use owf_runtime::prelude::*;

use crate::ledger;
use crate::{Directory, Verdict, client, options, soon, until};

mod yesterday {
    use owf_runtime::prelude::*;

    use crate::ledger;

    #[workflow]
    pub(super) async fn edited(id: String) -> WorkflowResult<String> {
        step!("a", ledger::note(&id, "a")).await?;
        step!("b", ledger::note(&id, "b")).await?;
        step!("removed", ledger::note(&id, "removed")).await?;
        let word = wait_for_signal::<String>("word?", "word").await?;
        step!("last", ledger::note(&id, "last, as it was")).await?;
        Ok(word)
    }
}

mod today {
    use owf_runtime::prelude::*;

    use crate::ledger;

    /// One step is gone, two have changed places, and two are new: one before and one behind where runs wait.
    #[workflow]
    pub(super) async fn edited(id: String) -> WorkflowResult<String> {
        step!("b", ledger::note(&id, "b")).await?;
        step!("added", ledger::note(&id, "added")).await?;
        step!("a", ledger::note(&id, "a")).await?;
        let word = wait_for_signal::<String>("word?", "word").await?;
        step!("more", ledger::note(&id, "more")).await?;
        step!("last", ledger::note(&id, "last")).await?;
        Ok(format!("{word} today"))
    }
}

#[tokio::test]
async fn steps_may_be_added_removed_and_reordered_under_a_live_run() -> Verdict {
    let directory = Directory::new();
    let old = client(&directory, options());
    let run = old.start(yesterday::edited, "edited".to_owned()).id("edited").await?;
    until(async || run.steps().await.is_ok_and(|steps| steps.len() == 3)).await;
    old.shut_down(Duration::from_secs(5)).await?;
    let new = client(&directory, options());
    new.register(today::edited)?;
    new.signal("edited", "word", "hello").await?;
    assert_eq!(soon(new.handle(today::edited, "edited").await?.result()).await?, "hello today");
    assert_eq!(ledger::of("edited"), ["a", "b", "removed", "added", "more", "last"]);
    Ok(())
}

mod first {
    use owf_runtime::prelude::*;

    #[workflow(version = 1)]
    pub(super) async fn versioned(_id: String) -> WorkflowResult<String> {
        let word = wait_for_signal::<String>("word?", "word").await?;
        Ok(format!("{word} from version 1"))
    }
}

mod second {
    use owf_runtime::prelude::*;

    #[workflow(version = 2)]
    pub(super) async fn versioned(_id: String) -> WorkflowResult<String> {
        let word = wait_for_signal::<String>("word?", "word").await?;
        Ok(format!("{word} from version 2"))
    }
}

/// A process with some versions of the workflow finishes a run that was begun by one with the first.
async fn finished_by(register: impl FnOnce(&WorkflowClient)) -> Result<String, Box<dyn std::error::Error>> {
    let directory = Directory::new();
    let old = client(&directory, options());
    let run = old.start(first::versioned, "old".to_owned()).id("old").await?;
    until(async || run.status().await.is_ok_and(|status| status == RunStatus::Running)).await;
    old.shut_down(Duration::from_secs(5)).await?;
    let new = client(&directory, options());
    register(&new);
    new.signal("old", "word", "hello").await?;
    Ok(soon(new.handle(first::versioned, "old").await?.result()).await?)
}

#[tokio::test]
async fn a_run_keeps_to_the_function_of_its_version_where_that_is_kept() -> Verdict {
    let told = finished_by(|client| {
        client.register(first::versioned).expect("registers");
        client.register(second::versioned).expect("registers");
    });
    assert_eq!(told.await?, "hello from version 1");
    Ok(())
}

#[tokio::test]
async fn a_run_whose_version_is_gone_goes_on_in_the_newest() -> Verdict {
    let told = finished_by(|client| client.register(second::versioned).expect("registers"));
    assert_eq!(told.await?, "hello from version 2");
    Ok(())
}

#[tokio::test]
async fn a_process_with_old_code_leaves_newer_runs_alone() -> Verdict {
    let directory = Directory::new();
    let old = client(&directory, options());
    old.register(first::versioned)?;
    let asking = client(&directory, options().without_worker());
    let newer = asking.start(second::versioned, "newer".to_owned()).id("newer").await?;
    let older = asking.start(first::versioned, "older".to_owned()).id("older").await?;
    newer.signal("word", "hello").await?;
    older.signal("word", "hello").await?;
    assert_eq!(soon(older.result()).await?, "hello from version 1", "it has claimed what there is for it");
    assert_eq!(asking.inspect("newer").await?.summary.started_at, None);
    let new = client(&directory, options());
    new.register(second::versioned)?;
    assert_eq!(soon(newer.result()).await?, "hello from version 2");
    Ok(())
}
