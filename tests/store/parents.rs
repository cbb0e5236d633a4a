//! Parents of children whose workflows are not known here.

use owf_runtime::store::{Child, Claim, Commit, NewRun, Registered, StoreError, Then};

use crate::subjects::{Subject, Verdict, at, commit, names, order};

fn child(id: &str, workflow: &str) -> Child {
    Child { operation: id.into(), run: NewRun { workflow: workflow.to_owned(), ..order(id) } }
}

impl Subject {
    /// An order that sleeps until its children are over.
    async fn parent_of(&self, id: &str, children: Vec<Child>) -> Result<(), StoreError> {
        let lease = self.owned(id).await?;
        let then = Then::Suspend { until: None, seen: 0 };
        self.commit(Commit { children, then, ..commit(&lease) }).await.map(drop)
    }

    async fn wake(&self, known: &[&str]) -> Result<usize, StoreError> {
        let known = known.iter().map(|workflow| Registered::any(*workflow)).collect();
        self.store.wake_parents(known, at(20)).await
    }
}

pub(crate) async fn parents_of_due_runs_that_are_not_known_are_woken(subject: &Subject) -> Verdict {
    subject.parent_of("a", vec![child("a1", "pack"), child("a2", "pack")]).await?;
    subject.parent_of("b", vec![child("b1", "ship")]).await?;
    let worker = subject.worker().await?;
    assert!(subject.claimed(worker, at(20)).await?.is_empty());
    assert_eq!(subject.wake(&["order", "ship"]).await?, 1);
    assert_eq!(subject.claimed(worker, at(20)).await?, ["a"]);
    assert_eq!(subject.wake(&["order"]).await?, 1, "the one is owned by now");
    let woken = subject.claim(worker, at(20)).await?.remove(0);
    assert_eq!((woken.lease.run.as_str(), woken.mail.len()), ("b", 0));
    Ok(())
}

pub(crate) async fn a_woken_parent_still_waits_for_its_child(subject: &Subject) -> Verdict {
    subject.parent_of("a", vec![child("a1", "pack")]).await?;
    for _ in 0..2 {
        assert_eq!(subject.wake(&["order"]).await?, 1);
        let lease = subject.claim_again(at(20)).await?.lease;
        subject.sleep_until(&lease, Some(at(500))).await?;
    }
    let (worker, workflows) = (subject.worker().await?, vec![Registered::any("pack")]);
    let packed = subject.store.claim(Claim { worker, workflows, limit: 1, now: at(20) }).await?.remove(0);
    subject.finish(&packed.lease).await?;
    assert_eq!(names(&subject.claim_again(at(20)).await?.mail), ["a1=7"]);
    Ok(())
}

pub(crate) async fn a_parent_of_a_child_that_is_not_due_sleeps_on(subject: &Subject) -> Verdict {
    let late = |id: &str| NewRun { due_at: at(60), ..child(id, "pack").run };
    subject.parent_of("a", vec![Child { operation: "c".into(), run: late("late") }]).await?;
    subject.parent_of("b", vec![child("running", "pack")]).await?;
    let (worker, workflows) = (subject.worker().await?, vec![Registered::any("pack")]);
    subject.store.claim(Claim { worker, workflows, limit: 1, now: at(20) }).await?;
    assert_eq!(subject.wake(&["order"]).await?, 0);
    Ok(())
}

pub(crate) async fn a_parent_that_does_not_sleep_stays_as_it_is(subject: &Subject) -> Verdict {
    for (id, then) in [("owned", None), ("due", Some(at(15))), ("sleeps", Some(at(500)))] {
        let lease = subject.owned(id).await?;
        let then = then.map_or(Then::Keep, |until| Then::Suspend { until: Some(until), seen: 0 });
        subject.commit(Commit { children: vec![child(&format!("of-{id}"), "pack")], then, ..commit(&lease) }).await?;
    }
    assert_eq!(subject.wake(&["order"]).await?, 1);
    let runs = subject.store.list(Default::default(), None, 10).await?.runs;
    let due = |id: &str| runs.iter().find(|run| run.id == id).and_then(|run| run.due_at);
    assert_eq!([due("owned"), due("due"), due("sleeps")], [None, Some(at(15)), Some(at(20))]);
    Ok(())
}

pub(crate) async fn a_parent_whose_code_is_elsewhere_sleeps_on(subject: &Subject) -> Verdict {
    let worker = subject.worker().await?;
    subject.store.create(vec![NewRun { version: 2, ..order("a") }], None).await?;
    let lease = subject.claim(worker, at(5)).await?.remove(0).lease;
    let then = Then::Suspend { until: None, seen: 0 };
    subject.commit(Commit { children: vec![child("c", "pack")], then, ..commit(&lease) }).await?;
    let upto = |newest| vec![Registered { workflow: "order".to_owned(), newest }];
    assert_eq!(subject.wake(&["other"]).await?, 0);
    assert_eq!(subject.store.wake_parents(upto(1), at(20)).await?, 0);
    assert_eq!(subject.store.wake_parents(upto(2), at(20)).await?, 1);
    Ok(())
}
