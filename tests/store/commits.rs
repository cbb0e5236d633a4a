//! What a run's owner records.

use owf_runtime::store::{Commit, End, MemoState, Registered, Retry, Status, StoreErrorKind, StoredMemo, Then};

use crate::subjects::{Subject, Verdict, at, commit, ids, json, memo, value};

pub(crate) async fn memos_come_back_as_they_went_in_and_in_order(subject: &Subject) -> Verdict {
    let lease = subject.owned("a").await?;
    let retrying = MemoState::Retrying { error: json(r#"{"message":"no"}"#), not_before: at(77) };
    let plain = StoredMemo { started_at: None, ended_at: None, location: None, ..value("plain", "1") };
    let mut memos = vec![
        value("text", r#"{"b": "ä\u0000",  "a":[1.5,null]}"#),
        StoredMemo { extra: Some(json(r#"{"mail":3}"#)), attempts: 3, ..memo("error", MemoState::Error(json("{}"))) },
        memo("retrying", retrying),
        StoredMemo { kind: "sleep".into(), ..memo("nap", MemoState::Waiting { until: Some(at(88)) }) },
        memo("signal", MemoState::Waiting { until: None }),
        plain,
    ];
    let mut positions = subject.commit(Commit { memos: memos[..4].to_vec(), ..commit(&lease) }).await?.positions;
    positions.extend(subject.commit(Commit { memos: memos[4..].to_vec(), ..commit(&lease) }).await?.positions);
    assert!(positions.is_sorted_by(|a, b| a < b), "{positions:?}");
    for (memo, position) in memos.iter_mut().zip(&positions) {
        memo.position = *position;
    }
    assert_eq!(subject.store.steps("a".into()).await?, Some(memos.clone()));
    subject.sleep_until(&lease, Some(at(10))).await?;
    assert_eq!(subject.claim_again(at(10)).await?.memos, memos);
    Ok(())
}

pub(crate) async fn a_later_memo_replaces_the_one_under_its_id(subject: &Subject) -> Verdict {
    let lease = subject.owned("a").await?;
    let first = vec![memo("nap", MemoState::Waiting { until: Some(at(5)) }), value("a", "1"), value("b", "2")];
    subject.commit(Commit { memos: first, ..commit(&lease) }).await?;
    subject.commit(Commit { memos: vec![value("nap", "null"), value("a", "1")], ..commit(&lease) }).await?;
    let steps = subject.store.steps("a".into()).await?.expect("it is known");
    assert_eq!(ids(&steps), ["b", "nap", "a"]);
    assert_eq!(steps[1].state, MemoState::Value(json("null")));
    Ok(())
}

pub(crate) async fn the_history_has_each_attempt(subject: &Subject) -> Verdict {
    let lease = subject.owned("a").await?;
    let retrying = || MemoState::Retrying { error: json(r#""no""#), not_before: at(77) };
    let failed = |attempts| StoredMemo { attempts, ..memo("charge", retrying()) };
    let first = vec![value("one", "1"), memo("nap", MemoState::Waiting { until: Some(at(5)) }), failed(1)];
    subject.commit(Commit { memos: first, ..commit(&lease) }).await?;
    let error = StoredMemo { attempts: 3, ..memo("charge", MemoState::Error(json(r#""no""#))) };
    let memos = vec![failed(2), value("nap", "null"), error];
    let then = Then::Finish(End::Failed(json(r#""no""#)));
    subject.commit(Commit { memos, then, ..commit(&lease) }).await?;
    let token = subject.store.run("a".into()).await?.expect("it is known").token;
    subject.store.retry(Retry { run: "a".into(), token, forget: vec!["charge".into()], now: at(20) }).await?;
    let again = subject.claim_again(at(20)).await?.lease;
    subject.commit(Commit { memos: vec![value("charge", "7")], ..commit(&again) }).await?;

    let history = subject.store.history("a".into()).await?.expect("it is known");
    assert_eq!(ids(&history), ["one", "charge", "charge", "nap", "charge", "charge"]);
    assert_eq!(history.iter().map(|memo| memo.attempts).collect::<Vec<_>>(), [1, 1, 2, 1, 3, 1]);
    assert_eq!((&history[1].state, &history[5].state), (&retrying(), &MemoState::Value(json("7"))));
    assert!(history.is_sorted_by(|a, b| a.position < b.position));
    assert_eq!(ids(&subject.store.steps("a".into()).await?.expect("known")), ["one", "nap", "charge"]);
    Ok(())
}

pub(crate) async fn commits_of_one_call_are_independent(subject: &Subject) -> Verdict {
    let (a, b) = (subject.owned("a").await?, subject.owned("b").await?);
    let one = |lease, id| Commit { memos: vec![value(id, "1")], ..commit(lease) };
    let outcomes = subject.store.commit(vec![one(&a, "1"), one(&b, "1"), one(&a, "2")]).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(ids(&subject.store.steps("a".into()).await?.expect("known")), ["1", "2"]);
    assert_eq!(ids(&subject.store.steps("b".into()).await?.expect("known")), ["1"]);
    Ok(())
}

pub(crate) async fn a_refused_commit_leaves_its_neighbours_alone(subject: &Subject) -> Verdict {
    let (a, b, c) = (subject.owned("a").await?, subject.owned("b").await?, subject.owned("c").await?);
    subject.finish(&b).await?;
    let one = |lease| Commit { memos: vec![value("s", "1")], ..commit(lease) };
    let outcomes = subject.store.commit(vec![one(&a), one(&b), one(&c)]).await;
    assert!(outcomes[0].is_ok() && outcomes[2].is_ok(), "{outcomes:?}");
    let refused = outcomes[1].as_ref().expect_err("the run is over");
    assert_eq!(refused.kind(), StoreErrorKind::LeaseLost);
    for (id, memos) in [("a", 1), ("b", 0), ("c", 1)] {
        assert_eq!(subject.store.steps(id.into()).await?.expect("known").len(), memos, "{id}");
    }
    Ok(())
}

pub(crate) async fn details_and_attempts_are_kept(subject: &Subject) -> Verdict {
    let lease = subject.owned("a").await?;
    let details = Some(json(r#"{"done":3}"#));
    subject.commit(Commit { details: details.clone(), attempt: Some(2), ..commit(&lease) }).await?;
    subject.commit(Commit { memos: vec![value("s", "1")], ..commit(&lease) }).await?;
    let run = subject.store.run("a".into()).await?.expect("it is known");
    assert_eq!((&run.details, run.summary.attempt), (&details, 2));
    subject.sleep_until(&lease, Some(at(10))).await?;
    let again = subject.claim_again(at(10)).await?;
    assert_eq!((again.details, again.attempt, again.started_at), (details, 2, at(0)));
    Ok(())
}

pub(crate) async fn a_suspended_run_is_due_at_its_time(subject: &Subject) -> Verdict {
    let lease = subject.owned("a").await?;
    subject.sleep_until(&lease, Some(at(70))).await?;
    let run = subject.store.run("a".into()).await?.expect("it is known");
    assert_eq!((run.summary.status, run.summary.due_at), (Status::Suspended, Some(at(70))));
    assert_eq!(subject.store.next_due(vec![Registered::any("order")], None).await?, Some(at(70)));
    let worker = subject.worker().await?;
    assert!(subject.claimed(worker, at(69)).await?.is_empty());
    assert_eq!(subject.claimed(worker, at(70)).await?, ["a"]);
    Ok(())
}

pub(crate) async fn a_finished_run_has_its_end(subject: &Subject) -> Verdict {
    let ends = [
        End::Completed(json("[1]")),
        End::Failed(json(r#"{"message":"no"}"#)),
        End::Cancelled(json(r#"{"message":"enough"}"#)),
    ];
    for (id, end) in ["a", "b", "c"].into_iter().zip(ends) {
        let lease = subject.owned(id).await?;
        subject.then(&lease, Then::Finish(end.clone())).await?;
        let run = subject.store.run(id.into()).await?.expect("it is known");
        assert_eq!((run.summary.status, run.summary.finished_at), (end.status(), Some(at(10))));
        assert_eq!(run.end, Some(end));
        let late = subject.commit(commit(&lease)).await.expect_err("it is over");
        assert_eq!(late.kind(), StoreErrorKind::LeaseLost);
    }
    assert_eq!(subject.store.next_due(vec![Registered::any("order")], None).await?, None);
    Ok(())
}

pub(crate) async fn ten_thousand_memos_come_back_in_order(subject: &Subject) -> Verdict {
    let (lease, other) = (subject.owned("a").await?, subject.owned("b").await?);
    for part in 0..100 {
        let memos = (0..100).map(|n| value(&format!("step:{}", part * 100 + n), "1")).collect();
        let between = Commit { memos: vec![value(&format!("{part}"), "1")], ..commit(&other) };
        subject.store.commit(vec![Commit { memos, ..commit(&lease) }, between]).await;
    }
    subject.sleep_until(&lease, Some(at(10))).await?;
    let memos = subject.claim_again(at(10)).await?.memos;
    assert_eq!(memos.len(), 10_000);
    assert!(memos.iter().enumerate().all(|(n, memo)| memo.id == format!("step:{n}").as_str()));
    Ok(())
}
