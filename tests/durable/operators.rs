//! What is asked from a process that executes nothing, while another does.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use owf_runtime::prelude::*;
use owf_runtime::store::{RunFilter, Status};
use owf_runtime::{RunErrorReason, RunStatus};

use crate::ledger;
use crate::{Directory, Verdict, client, options, soon, until};

#[workflow]
async fn approved(id: String) -> WorkflowResult<String> {
    step!("ask", ledger::note(&id, "ask")).await?;
    let word = wait_for_signal::<String>("word?", "word").await?;
    let answer = step!("answer", retries = 0, answer(&id, &word)?).await?;
    Ok(answer)
}

/// The first time, it takes no for an answer.
fn answer(id: &str, word: &str) -> Result<String, std::io::Error> {
    ledger::note(id, "answer");
    if word == "no" && ledger::count(id, "answer") == 1 {
        return Err(std::io::Error::other("declined"));
    }
    Ok(format!("{word}, {id}"))
}

#[workflow]
async fn counted(n: u32) -> WorkflowResult<u32> {
    Ok(step!("count", n).await?)
}

struct Office {
    /// Asks.
    asking: WorkflowClient,
    /// Executes.
    _working: WorkflowClient,
    _directory: Directory,
}

impl Office {
    fn open(work: owf_runtime::SqliteDriverOptions) -> Office {
        let directory = Directory::new();
        let working = client(&directory, work);
        working.register(approved).expect("registers");
        working.register(counted).expect("registers");
        let asking = client(&directory, options().without_worker());
        Office { asking, _working: working, _directory: directory }
    }
}

#[tokio::test]
async fn a_run_is_started_signalled_inspected_and_deleted_from_elsewhere() -> Verdict {
    let office = Office::open(options().suspend_after(Duration::ZERO));
    let client = &office.asking;
    let run = client.start(approved, "elsewhere".to_owned()).id("elsewhere").await?;
    let again = client.start(approved, "elsewhere".to_owned()).id("elsewhere").await?;
    assert_eq!(run.id(), again.id(), "the same run");
    let other = client.start(approved, "something".to_owned()).id("elsewhere").await.expect_err("another input");
    assert!(other.to_string().contains("with another input"), "{other}");
    until(async || run.steps().await.is_ok_and(|steps| steps.len() == 1)).await;
    client.signal("elsewhere", "word", "hello").await?;
    assert_eq!(soon(run.result()).await?, "hello, elsewhere");
    let record = client.inspect("elsewhere").await?;
    assert_eq!((record.summary.status, record.input.as_str()), (Status::Completed, r#""elsewhere""#));
    let ids: Vec<String> = client.steps("elsewhere").await?.iter().map(|step| step.id.to_string()).collect();
    assert_eq!(ids, ["ask", "word?", "answer"]);
    client.delete("elsewhere").await?;
    let gone = client.inspect("elsewhere").await.expect_err("it is deleted");
    assert!(matches!(gone.reason(), RunErrorReason::Unknown), "{gone}");
    Ok(())
}

#[tokio::test]
async fn a_run_is_cancelled_from_elsewhere() -> Verdict {
    let office = Office::open(options());
    let run = office.asking.start(approved, "cancelled".to_owned()).id("cancelled").await?;
    office.asking.cancel("cancelled", "nobody wants it").await?;
    let error = soon(run.result()).await.expect_err("it is cancelled");
    assert!(matches!(error.reason(), RunErrorReason::Cancelled(_)), "{error}");
    assert_eq!(run.status().await?, RunStatus::Cancelled);
    Ok(())
}

#[tokio::test]
async fn a_failed_run_goes_on_from_its_failed_step_and_a_fork_from_any() -> Verdict {
    let office = Office::open(options());
    let client = &office.asking;
    let run = client.start(approved, "retried".to_owned()).id("retried").await?;
    run.signal("word", "no").await?;
    let error = soon(run.result()).await.expect_err("it is declined");
    assert!(error.to_string().contains("declined"), "{error}");
    client.retry("retried").await?;
    assert_eq!(soon(run.result()).await?, "no, retried");
    assert_eq!(ledger::of("retried"), ["ask", "answer", "answer"], "what succeeded is not done again");
    let refused = client.retry("retried").await.expect_err("it has completed");
    assert!(refused.to_string().contains("fork it"), "{refused}");
    client.fork("retried", "ask", "forked").await?;
    let fork = client.handle(approved, "forked").await?;
    fork.signal("word", "yes").await?;
    assert_eq!(soon(fork.result()).await?, "yes, retried");
    assert_eq!(ledger::count("retried", "ask"), 1, "what the fork has taken is not done again");
    assert!(client.fork("retried", "nothing", "another").await.is_err());
    assert!(client.fork("retried", "ask", "forked").await.is_err(), "its ID is taken");
    Ok(())
}

#[tokio::test]
async fn runs_are_listed_by_each_filter_and_in_pages() -> Verdict {
    let office = Office::open(options());
    let client = &office.asking;
    let before = SystemTime::now();
    let runs = client.start_many(counted, (0..7).map(|n| (format!("count-{n}"), n))).await?;
    for (n, run) in runs.iter().enumerate() {
        assert_eq!(soon(run.result()).await? as usize, n);
    }
    let waiting = client.start(approved, "waiting".to_owned()).id("wait-1").await?;
    until(async || waiting.steps().await.is_ok_and(|steps| steps.len() == 1)).await;
    let listed = async |filter: RunFilter| -> BTreeSet<String> {
        let page = client.list(filter, None, 100).await.expect("it is listed");
        page.runs.iter().map(|run| run.id.to_string()).collect()
    };
    let counts: BTreeSet<String> = (0..7).map(|n| format!("count-{n}")).collect();
    let only_waiting = BTreeSet::from(["wait-1".to_owned()]);
    let all = RunFilter::default;
    assert_eq!(listed(all()).await.len(), 8);
    assert_eq!(listed(RunFilter { workflow: Some("counted".to_owned()), ..all() }).await, counts);
    assert_eq!(listed(RunFilter { statuses: vec![Status::Completed], ..all() }).await, counts);
    assert_eq!(listed(RunFilter { statuses: vec![Status::Running, Status::Suspended], ..all() }).await, only_waiting);
    assert_eq!(listed(RunFilter { id_prefix: Some("wait".to_owned()), ..all() }).await, only_waiting);
    assert_eq!(listed(RunFilter { created_from: Some(before), ..all() }).await.len(), 8);
    assert_eq!(listed(RunFilter { created_before: Some(before), ..all() }).await.len(), 0);
    let (mut after, mut paged) = (None, Vec::new());
    loop {
        let page = client.list(all(), after, 3).await?;
        assert!(page.runs.len() <= 3);
        paged.extend(page.runs.iter().map(|run| run.id.to_string()));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!((paged.len(), paged[0].as_str()), (8, "wait-1"), "each once, the youngest first");
    assert_eq!(paged.iter().collect::<BTreeSet<_>>().len(), 8);
    Ok(())
}

#[tokio::test]
async fn runs_that_are_over_are_kept_for_as_long_as_it_is_said() -> Verdict {
    let office = Office::open(options().keep_finished(Duration::from_millis(200)));
    let client = &office.asking;
    let run = client.start(counted, 1).id("short-lived").await?;
    let waiting = client.start(approved, "long-lived".to_owned()).id("long-lived").await?;
    assert_eq!(soon(run.result()).await?, 1);
    until(async || client.inspect("short-lived").await.is_err()).await;
    assert_eq!(waiting.status().await?, RunStatus::Running);
    Ok(())
}

#[tokio::test]
async fn what_only_a_durable_driver_can_do_says_so() {
    let client = WorkflowClient::new(InMemoryDriver::new());
    let refused = client.retry("order-42").await.expect_err("it keeps nothing");
    assert!(refused.to_string().contains("use a durable one, such as `SqliteDriver`"), "{refused}");
}
