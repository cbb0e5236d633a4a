//! Events, children, and those who wait for them.

use owf_runtime::store::{Child, Commit, Created, End, Event, EventWait, FieldMatch, Lease, NewRun, Then};

use crate::subjects::{Subject, Verdict, at, commit, json, names, order};

fn wait(operation: &str, name: &str, matches: &[(&str, &str)]) -> EventWait {
    let field = |(pointer, value): &(&str, &str)| FieldMatch { pointer: (*pointer).to_owned(), value: json(value) };
    EventWait { operation: operation.into(), name: name.to_owned(), matches: matches.iter().map(field).collect() }
}

fn event(name: &str, payload: &str) -> Event {
    Event { name: name.to_owned(), payload: json(payload), key: None }
}

/// An owned run that waits for these events.
async fn waiting(subject: &Subject, id: &str, waits: Vec<EventWait>) -> Result<Lease, Box<dyn std::error::Error>> {
    let lease = subject.owned(id).await?;
    subject.commit(Commit { waits, ..commit(&lease) }).await?;
    Ok(lease)
}

pub(crate) async fn an_event_becomes_mail_of_every_wait_that_matches(subject: &Subject) -> Verdict {
    let a = waiting(subject, "a", vec![wait("all", "paid", &[]), wait("other", "shipped", &[])]).await?;
    let seven = [("/order/id", "7"), ("/by", r#"{"x":1,"y":2}"#)];
    let b = waiting(subject, "b", vec![wait("seven", "paid", &seven), wait("eight", "paid", &[("/order/id", "8")])])
        .await?;
    subject.sleep_until(&b, None).await?;
    let payload = r#"{"order":{"id":7},"by":{"y":2,"x":1}}"#;
    let events = vec![event("paid", payload), event("refused", "1")];
    assert_eq!(subject.store.publish(events, at(20)).await?, [2, 0]);
    assert_eq!(names(&subject.mail(&a).await?), [format!("all={payload}")]);
    assert_eq!(names(&subject.claim_again(at(20)).await?.mail), [format!("seven={payload}")]);
    Ok(())
}

pub(crate) async fn an_event_that_lacks_a_field_does_not_match(subject: &Subject) -> Verdict {
    waiting(subject, "a", vec![wait("w", "paid", &[("/id", "null")])]).await?;
    let publish = |payload: &str| subject.store.publish(vec![event("paid", payload)], at(20));
    assert_eq!(publish("{}").await?, [0]);
    assert_eq!(publish("7").await?, [0]);
    assert_eq!(publish(r#"{"id":"null"}"#).await?, [0]);
    assert_eq!(publish(r#"{"id":null}"#).await?, [1]);
    Ok(())
}

pub(crate) async fn a_wait_is_over_after_one_event(subject: &Subject) -> Verdict {
    let lease = waiting(subject, "a", vec![wait("w", "paid", &[])]).await?;
    assert_eq!(subject.store.publish(vec![event("paid", "1"), event("paid", "2")], at(20)).await?, [1, 0]);
    assert_eq!(names(&subject.mail(&lease).await?), ["w=1"]);
    Ok(())
}

pub(crate) async fn an_event_is_published_once_under_its_key(subject: &Subject) -> Verdict {
    let sender = subject.owned("sender").await?;
    let once =
        || Commit { events: vec![Event { key: Some("tell".to_owned()), ..event("paid", "1") }], ..commit(&sender) };
    let lease = waiting(subject, "a", vec![wait("w", "paid", &[])]).await?;
    assert_eq!(subject.commit(once()).await?.matched, [1]);
    subject.commit(Commit { waits: vec![wait("v", "paid", &[])], ..commit(&lease) }).await?;
    assert_eq!(subject.commit(once()).await?.matched, [0], "a wait that came later gets the next one");
    Ok(())
}

pub(crate) async fn a_dropped_wait_gets_nothing(subject: &Subject) -> Verdict {
    let lease = waiting(subject, "a", vec![wait("w", "paid", &[]), wait("v", "paid", &[])]).await?;
    let children = vec![Child { operation: "c".into(), run: order("child") }];
    subject.commit(Commit { children, ..commit(&lease) }).await?;
    let dropped = vec!["w".into(), "c".into()];
    subject.commit(Commit { dropped, ..commit(&lease) }).await?;
    assert_eq!(subject.store.publish(vec![event("paid", "1")], at(20)).await?, [1]);
    let child = subject.claim_again(at(20)).await?.lease;
    subject.finish(&child).await?;
    assert_eq!(names(&subject.mail(&lease).await?), ["v=1"]);
    Ok(())
}

pub(crate) async fn a_new_wait_of_an_operation_replaces_the_old_one(subject: &Subject) -> Verdict {
    let lease = waiting(subject, "a", vec![wait("w", "paid", &[("/id", "1")])]).await?;
    subject.commit(Commit { waits: vec![wait("w", "paid", &[("/id", "2")])], ..commit(&lease) }).await?;
    let events = vec![event("paid", r#"{"id":1}"#), event("paid", r#"{"id":2}"#)];
    assert_eq!(subject.store.publish(events, at(20)).await?, [0, 1]);
    Ok(())
}

pub(crate) async fn a_run_publishes_in_its_commit(subject: &Subject) -> Verdict {
    let lease = waiting(subject, "a", vec![wait("w", "paid", &[])]).await?;
    let publisher = subject.owned("b").await?;
    let committed = subject.commit(Commit { events: vec![event("paid", "1")], ..commit(&publisher) }).await?;
    assert_eq!(committed.matched, [1]);
    assert_eq!(names(&subject.mail(&lease).await?), ["w=1"]);
    Ok(())
}

pub(crate) async fn a_childs_end_is_mail_of_its_parent(subject: &Subject) -> Verdict {
    let parent = subject.owned("parent").await?;
    let child = |id: &str| Child { operation: id.into(), run: order(id) };
    let then = Then::Suspend { until: None, seen: 0 };
    let begun = Commit { children: vec![child("good"), child("bad")], then, ..commit(&parent) };
    assert_eq!(subject.commit(begun).await?.children, [Created::New(None), Created::New(None)]);
    let worker = subject.worker().await?;
    let children = subject.claim(worker, at(20)).await?;
    assert_eq!(children.len(), 2, "the parent is not due");
    for run in children {
        let failed = run.lease.run == "bad";
        let end = if failed { End::Failed(json(r#""no""#)) } else { End::Completed(json("7")) };
        subject.then(&run.lease, Then::Finish(end)).await?;
    }
    let again = subject.claim_again(at(20)).await?;
    assert_eq!(
        (again.lease.run.as_str(), names(&again.mail)),
        ("parent", vec!["good=7".to_owned(), r#"bad!"no""#.to_owned()])
    );
    Ok(())
}

pub(crate) async fn a_child_that_is_over_already_answers_at_once(subject: &Subject) -> Verdict {
    let child = subject.owned("child").await?;
    subject.finish(&child).await?;
    let parent = subject.owned("parent").await?;
    let children = vec![Child { operation: "c".into(), run: order("child") }];
    let then = Then::Suspend { until: None, seen: 0 };
    let committed = subject.commit(Commit { children, then, ..commit(&parent) }).await?;
    assert_eq!(committed.children, [Created::Known]);
    assert_eq!(names(&subject.claim_again(at(20)).await?.mail), ["c=7"]);
    Ok(())
}

pub(crate) async fn a_child_that_is_another_run_is_not_awaited(subject: &Subject) -> Verdict {
    let other = subject.owned("child").await?;
    let parent = subject.owned("parent").await?;
    let run = NewRun { input: json("1"), ..order("child") };
    let children = vec![Child { operation: "c".into(), run }];
    assert_eq!(subject.commit(Commit { children, ..commit(&parent) }).await?.children, [Created::Other]);
    subject.finish(&other).await?;
    assert!(subject.mail(&parent).await?.is_empty());
    Ok(())
}

pub(crate) async fn a_finished_run_waits_no_longer(subject: &Subject) -> Verdict {
    let lease = waiting(subject, "a", vec![wait("w", "paid", &[])]).await?;
    subject.finish(&lease).await?;
    assert_eq!(subject.store.publish(vec![event("paid", "1")], at(20)).await?, [0]);
    Ok(())
}
