//! Who executes what: claims, leases and their end.

use owf_runtime::store::{Claim, Commit, NewRun, NewWorker, Registered, Renewed, StoreErrorKind};

use crate::subjects::{Subject, Verdict, at, commit, order, value};

pub(crate) async fn runs_are_claimed_the_longest_due_first(subject: &Subject) -> Verdict {
    let due = |id: &str, seconds| NewRun { due_at: at(seconds), ..order(id) };
    subject.store.create(vec![due("c", 3), due("a", 1), due("d", 4), due("b", 2)], None).await?;
    let worker = subject.worker().await?;
    let workflows = vec![Registered::any("order"), Registered::any("other")];
    let claimed = subject.store.claim(Claim { worker, workflows, limit: 3, now: at(5) }).await?;
    assert_eq!(claimed.iter().map(|run| run.lease.run.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    Ok(())
}

pub(crate) async fn a_claimed_run_is_nobody_elses(subject: &Subject) -> Verdict {
    subject.create("a").await?;
    let (one, other) = (subject.worker().await?, subject.worker().await?);
    assert_eq!(subject.claimed(one, at(5)).await?, ["a"]);
    assert!(subject.claimed(other, at(5)).await?.is_empty());
    assert!(subject.claimed(one, at(5)).await?.is_empty());
    Ok(())
}

pub(crate) async fn only_runs_of_registered_workflows_are_claimed(subject: &Subject) -> Verdict {
    let of = |id: &str, workflow: &str| NewRun { workflow: workflow.to_owned(), ..order(id) };
    subject.store.create(vec![of("a", "order"), of("b", "x"), of("c", "order")], None).await?;
    let worker = subject.worker().await?;
    assert_eq!(subject.claimed(worker, at(5)).await?, ["a", "c"]);
    assert_eq!(subject.store.next_due(vec![Registered::any("order")], None).await?, Some(at(1_000)), "the lease");
    Ok(())
}

pub(crate) async fn runs_of_a_newer_version_are_left_alone(subject: &Subject) -> Verdict {
    let of = |id: &str, version| NewRun { version, due_at: at(4 - u64::from(version)), ..order(id) };
    subject.store.create(vec![of("none", 0), of("two", 2), of("three", 3)], None).await?;
    let worker = subject.worker().await?;
    let upto = |newest| vec![Registered { workflow: "order".to_owned(), newest }];
    let due = [2, 3, 1].map(|newest| subject.store.next_due(upto(newest), None));
    for (due, expected) in due.into_iter().zip([2, 1, 4]) {
        assert_eq!(due.await?, Some(at(expected)));
    }
    let workflows = [upto(1), upto(2)].concat();
    let claimed = subject.store.claim(Claim { worker, workflows, limit: 9, now: at(5) }).await?;
    let versions: Vec<_> = claimed.iter().map(|run| (run.lease.run.as_str(), run.version)).collect();
    assert_eq!(versions, [("two", 2), ("none", 0)]);
    assert_eq!(subject.claimed(worker, at(5)).await?, ["three"]);
    let listed = subject.store.list(Default::default(), None, 10).await?.runs;
    assert_eq!(listed.iter().map(|run| run.version).collect::<Vec<_>>(), [3, 2, 0]);
    Ok(())
}

pub(crate) async fn a_run_is_not_claimed_before_its_time(subject: &Subject) -> Verdict {
    subject.store.create(vec![NewRun { due_at: at(60), ..order("a") }], None).await?;
    let worker = subject.worker().await?;
    assert!(subject.claimed(worker, at(59)).await?.is_empty());
    assert_eq!(subject.claimed(worker, at(60)).await?, ["a"]);
    Ok(())
}

pub(crate) async fn the_runs_of_a_worker_whose_lease_is_over_are_due(subject: &Subject) -> Verdict {
    let lease = subject.owned("a").await?;
    let worker = subject.store.register(NewWorker { name: "heir".to_owned(), lease_until: at(9_000) }).await?;
    assert!(subject.claimed(worker, at(1_000)).await?.is_empty(), "the lease is not over yet");
    let claimed = subject.claim(worker, at(1_001)).await?.remove(0);
    assert_eq!(claimed.lease.key, lease.key);
    assert!(claimed.lease.token > lease.token);
    Ok(())
}

pub(crate) async fn a_renewed_lease_keeps_its_runs(subject: &Subject) -> Verdict {
    subject.create("a").await?;
    let worker = subject.worker().await?;
    subject.claimed(worker, at(5)).await?;
    assert_eq!(subject.store.renew(worker, at(5_000)).await?, Renewed::Kept);
    let other = subject.store.register(NewWorker { name: "other".to_owned(), lease_until: at(9_000) }).await?;
    assert!(subject.claimed(other, at(1_001)).await?.is_empty());
    Ok(())
}

pub(crate) async fn a_replaced_worker_is_told_so(subject: &Subject) -> Verdict {
    subject.create("a").await?;
    let worker = subject.worker().await?;
    subject.claimed(worker, at(5)).await?;
    let heir = subject.store.register(NewWorker { name: "heir".to_owned(), lease_until: at(9_000) }).await?;
    assert_eq!(subject.claimed(heir, at(1_001)).await?, ["a"]);
    assert_eq!(subject.store.renew(worker, at(5_000)).await?, Renewed::Lost);
    let claimed = subject.claim(worker, at(1_002)).await;
    assert_eq!(claimed.expect_err("it is replaced").kind(), StoreErrorKind::LeaseLost);
    let created = subject.store.create(vec![order("b")], Some(worker)).await;
    assert_eq!(created.expect_err("it is replaced").kind(), StoreErrorKind::LeaseLost);
    assert_eq!(subject.store.run("b".into()).await?, None);
    Ok(())
}

pub(crate) async fn an_unregistered_worker_hands_back_its_runs(subject: &Subject) -> Verdict {
    subject.create("a").await?;
    let worker = subject.worker().await?;
    let lease = subject.claim(worker, at(5)).await?.remove(0).lease;
    subject.store.unregister(worker, at(6)).await?;
    subject.store.unregister(worker, at(6)).await?;
    let late = subject.commit(Commit { memos: vec![value("s", "1")], ..commit(&lease) }).await;
    assert_eq!(late.expect_err("it was handed back").kind(), StoreErrorKind::LeaseLost);
    assert_eq!(subject.claim_again(at(6)).await?.lease.run, lease.run);
    Ok(())
}

pub(crate) async fn a_stale_lease_changes_nothing(subject: &Subject) -> Verdict {
    let stale = subject.owned("a").await?;
    subject.sleep_until(&stale, Some(at(10))).await?;
    let now = subject.claim_again(at(10)).await?;
    let memos = vec![value("zombie", "1")];
    let sends = vec![crate::subjects::signal("a", "zombie", "1")];
    let error = subject.commit(Commit { memos, sends, ..commit(&stale) }).await.expect_err("the token is old");
    assert_eq!((error.kind(), error.may_have_happened()), (StoreErrorKind::LeaseLost, false));
    assert!(error.to_string().contains("run `a`"), "{error}");
    assert!(subject.store.steps("a".into()).await?.expect("it is known").is_empty());
    assert!(subject.mail(&now.lease).await?.is_empty());
    Ok(())
}

pub(crate) async fn claims_without_a_commit_are_counted(subject: &Subject) -> Verdict {
    subject.create("a").await?;
    for claims in 1..=3 {
        let worker = subject.worker().await?;
        assert_eq!(subject.claim(worker, at(5)).await?.remove(0).claims, claims);
        subject.store.unregister(worker, at(5)).await?;
    }
    let worker = subject.worker().await?;
    let lease = subject.claim(worker, at(5)).await?.remove(0).lease;
    subject.commit(Commit { memos: vec![value("s", "1")], ..commit(&lease) }).await?;
    subject.store.unregister(worker, at(5)).await?;
    assert_eq!(subject.claim_again(at(5)).await?.claims, 1, "it got on");
    Ok(())
}

pub(crate) async fn the_next_due_time_is_known(subject: &Subject) -> Verdict {
    let next = || subject.store.next_due(vec![Registered::any("order")], None);
    assert_eq!(next().await?, None);
    let worker = subject.worker().await?;
    assert_eq!(next().await?, None, "a worker without runs is nobody's concern");
    subject.store.create(vec![NewRun { due_at: at(60), ..order("a") }], None).await?;
    subject.store.create(vec![NewRun { due_at: at(50), workflow: "x".to_owned(), ..order("b") }], None).await?;
    assert_eq!(next().await?, Some(at(60)));
    subject.claimed(worker, at(60)).await?;
    assert_eq!(next().await?, Some(at(1_000)), "when the worker's lease is over");
    let own = subject.store.next_due(vec![Registered::any("order")], Some(worker)).await?;
    assert_eq!(own, None, "its own lease is not what it waits for");
    Ok(())
}
