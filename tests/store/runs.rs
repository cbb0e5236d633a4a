//! Runs are created, retried, forked and deleted.

use owf_runtime::store::{
    Commit, Created, Deleted, End, Expire, Fork, Forked, MemoState, NewRun, Retried, Retry, Status, Then,
};
use owf_runtime::{RunId, store::Child};

use crate::subjects::{Subject, Verdict, at, commit, ids, json, memo, order, signal, value};

pub(crate) async fn a_new_run_is_created_and_a_known_one_is_left(subject: &Subject) -> Verdict {
    assert_eq!(subject.create("a").await?, Created::New(None));
    let same = NewRun { input: json(r#"{ "id": "a", "cents": 5 }"#), created_at: at(9), ..order("a") };
    assert_eq!(subject.store.create(vec![same], None).await?, [Created::Known]);
    let run = subject.store.run("a".into()).await?.expect("it is known");
    assert_eq!((run.summary.created_at, run.summary.status), (at(0), Status::Pending));
    Ok(())
}

pub(crate) async fn a_run_of_another_workflow_or_input_is_refused(subject: &Subject) -> Verdict {
    subject.create("a").await?;
    let other_input = NewRun { input: json("1"), ..order("a") };
    let other_workflow = NewRun { workflow: "refund".to_owned(), ..order("a") };
    let created = subject.store.create(vec![other_input, other_workflow], None).await?;
    assert_eq!(created, [Created::Other, Created::Other]);
    Ok(())
}

pub(crate) async fn runs_of_one_call_are_judged_one_after_the_other(subject: &Subject) -> Verdict {
    let created = subject.store.create(vec![order("a"), order("b"), order("a")], None).await?;
    assert_eq!(created, [Created::New(None), Created::New(None), Created::Known]);
    Ok(())
}

pub(crate) async fn a_run_may_be_created_for_a_worker(subject: &Subject) -> Verdict {
    let lease = subject.owned("a").await?;
    let run = subject.store.run("a".into()).await?.expect("it is known");
    assert_eq!((run.summary.status, run.summary.started_at, run.token), (Status::Running, Some(at(0)), lease.token));
    let other = subject.worker().await?;
    assert!(subject.claimed(other, at(5)).await?.is_empty());
    subject.commit(Commit { memos: vec![value("s", "1")], ..commit(&lease) }).await?;
    Ok(())
}

pub(crate) async fn what_a_run_was_created_with_comes_back(subject: &Subject) -> Verdict {
    let new = NewRun { version: 2, ..order("a") };
    subject.store.create(vec![new.clone()], None).await?;
    let worker = subject.worker().await?;
    let run = subject.claim(worker, at(3)).await?.remove(0);
    assert_eq!((&run.workflow, run.version, &run.input), (&new.workflow, new.version, &new.input));
    assert_eq!((run.started_at, run.attempt, run.claims), (at(3), 1, 1));
    assert!(run.memos.is_empty() && run.mail.is_empty() && run.details.is_none());
    Ok(())
}

/// A run that failed after a good step and a bad one.
async fn failed(subject: &Subject) -> Result<u64, Box<dyn std::error::Error>> {
    let lease = subject.owned("a").await?;
    let memos = vec![value("good", "1"), memo("bad", MemoState::Error(json(r#""no""#)))];
    let then = Then::Finish(End::Failed(json(r#""no""#)));
    subject.commit(Commit { memos, then, ..commit(&lease) }).await?;
    Ok(subject.store.run("a".into()).await?.expect("it is known").token)
}

pub(crate) async fn a_failed_run_can_be_retried(subject: &Subject) -> Verdict {
    let token = failed(subject).await?;
    let retry = Retry { run: "a".into(), token, forget: vec!["bad".into()], now: at(20) };
    assert_eq!(subject.store.retry(retry.clone()).await?, Retried::Due);
    let run = subject.store.run("a".into()).await?.expect("it is known");
    assert_eq!((run.summary.status, run.summary.finished_at, run.end), (Status::Suspended, None, None));
    let again = subject.claim_again(at(20)).await?;
    assert_eq!(ids(&again.memos), ["good"]);
    subject.commit(Commit { memos: vec![value("bad", "2")], ..commit(&again.lease) }).await?;
    let steps = subject.store.steps("a".into()).await?.expect("it is known");
    assert_eq!(ids(&steps), ["good", "bad"]);
    assert_eq!(subject.store.retry(retry).await?, Retried::Changed, "it was claimed since");
    Ok(())
}

pub(crate) async fn a_run_that_goes_on_cannot_be_retried(subject: &Subject) -> Verdict {
    let lease = subject.owned("a").await?;
    let retry = Retry { run: "a".into(), token: lease.token, forget: vec![], now: at(20) };
    assert_eq!(subject.store.retry(retry.clone()).await?, Retried::Changed);
    subject.finish(&lease).await?;
    assert_eq!(subject.store.retry(retry.clone()).await?, Retried::Changed, "it has completed");
    assert_eq!(subject.store.retry(Retry { run: "b".into(), ..retry }).await?, Retried::NoSuchRun);
    Ok(())
}

pub(crate) async fn a_parked_run_is_not_due_until_it_is_retried(subject: &Subject) -> Verdict {
    let lease = subject.owned("a").await?;
    subject.then(&lease, Then::Park { reason: "it crashed five times".to_owned() }).await?;
    subject.store.send(vec![signal("a", "hello", "1")], at(11)).await?;
    let worker = subject.worker().await?;
    assert!(subject.claimed(worker, at(900)).await?.is_empty());
    let run = subject.store.run("a".into()).await?.expect("it is known");
    assert_eq!((run.summary.status, run.parked.as_deref()), (Status::Parked, Some("it crashed five times")));
    let retry = Retry { run: "a".into(), token: run.token, forget: vec![], now: at(20) };
    assert_eq!(subject.store.retry(retry).await?, Retried::Due);
    assert_eq!(subject.claim_again(at(20)).await?.mail.len(), 1);
    Ok(())
}

pub(crate) async fn a_fork_has_the_finished_memos_up_to_a_place(subject: &Subject) -> Verdict {
    let lease = subject.owned("a").await?;
    let waiting = memo("nap", MemoState::Waiting { until: Some(at(99)) });
    let memos = vec![value("one", "1"), waiting, value("two", "2"), value("three", "3")];
    let positions = subject.commit(Commit { memos, ..commit(&lease) }).await?.positions;
    let fork = Fork { from: "a".into(), to: "b".into(), until: positions[2], now: at(30) };
    assert_eq!(subject.store.fork(fork).await?, Forked::New);
    let run = subject.claim_again(at(30)).await?;
    assert_eq!((run.lease.run.as_str(), ids(&run.memos)), ("b", vec!["one", "two"]));
    assert_eq!((run.started_at, run.input), (at(0), order("a").input));
    let untouched = subject.store.steps("a".into()).await?.expect("it is known");
    assert_eq!(ids(&untouched), ["one", "nap", "two", "three"]);
    Ok(())
}

pub(crate) async fn a_fork_has_what_was_latest_at_its_place(subject: &Subject) -> Verdict {
    let lease = subject.owned("a").await?;
    let retrying = MemoState::Retrying { error: json(r#""no""#), not_before: at(9) };
    let memos = vec![memo("two", retrying), value("one", "1"), value("two", "2"), value("one", "3")];
    let positions = subject.commit(Commit { memos, ..commit(&lease) }).await?.positions;
    let fork = Fork { from: "a".into(), to: "b".into(), until: positions[2], now: at(30) };
    assert_eq!(subject.store.fork(fork).await?, Forked::New);
    let steps = subject.store.steps("b".into()).await?.expect("it is known");
    assert_eq!((ids(&steps), &steps[0].state), (vec!["one", "two"], &MemoState::Value(json("1"))));
    assert_eq!(subject.store.history("b".into()).await?, Some(steps), "the attempts stay with the other");
    Ok(())
}

pub(crate) async fn a_fork_needs_a_run_and_a_free_id(subject: &Subject) -> Verdict {
    subject.store.create(vec![order("a"), order("b")], None).await?;
    let fork = |from: &str, to: &str| Fork { from: from.into(), to: to.into(), until: 0, now: at(1) };
    assert_eq!(subject.store.fork(fork("a", "b")).await?, Forked::Taken);
    assert_eq!(subject.store.fork(fork("x", "y")).await?, Forked::NoSuchRun);
    Ok(())
}

pub(crate) async fn a_deleted_run_leaves_nothing(subject: &Subject) -> Verdict {
    let lease = subject.owned("a").await?;
    subject.commit(Commit { memos: vec![value("s", "1")], ..commit(&lease) }).await?;
    subject.finish(&lease).await?;
    let gone = subject.store.delete(vec!["a".into(), "x".into()]).await?;
    assert_eq!(gone, [Deleted::Gone, Deleted::NoSuchRun]);
    assert_eq!(subject.store.run("a".into()).await?, None);
    assert_eq!(subject.store.steps("a".into()).await?, None);
    assert_eq!(subject.create("a").await?, Created::New(None));
    let worker = subject.worker().await?;
    assert!(subject.claim(worker, at(40)).await?.remove(0).memos.is_empty());
    Ok(())
}

pub(crate) async fn a_run_that_is_owned_or_awaited_is_not_deleted(subject: &Subject) -> Verdict {
    let parent = subject.owned("parent").await?;
    let children = vec![Child { operation: "child".into(), run: order("child") }];
    subject.commit(Commit { children, ..commit(&parent) }).await?;
    let deleted = subject.store.delete(vec!["parent".into(), "child".into()]).await?;
    assert_eq!(deleted, [Deleted::Running, Deleted::Awaited]);
    Ok(())
}

pub(crate) async fn runs_expire_the_oldest_first(subject: &Subject) -> Verdict {
    for (id, seconds) in [("old", 1), ("older", 0), ("young", 9), ("running", 0)] {
        let lease = subject.owned(id).await?;
        if id != "running" {
            let then = Then::Finish(End::Completed(json("1")));
            subject.commit(Commit { then, now: at(seconds), ..commit(&lease) }).await?;
        }
    }
    let expire = |limit| subject.store.expire(Expire { finished_before: at(5), limit });
    assert_eq!(expire(1).await?, 1);
    assert_eq!(subject.store.run(RunId::new("older")).await?, None);
    assert_eq!(expire(10).await?, 1);
    let left = subject.store.list(Default::default(), None, 10).await?.runs;
    assert_eq!(left.iter().map(|run| run.id.as_str()).collect::<Vec<_>>(), ["running", "young"]);
    Ok(())
}
