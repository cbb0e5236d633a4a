//! Mail from outside and between runs.

use std::time::Duration;

use owf_runtime::store::{Commit, Delivery, MailContent, MailSince, NewMail, NewRun, Notice, Then};

use crate::subjects::{Subject, Verdict, at, commit, json, names, order, signal, value};

pub(crate) async fn mail_comes_back_as_it_was_sent(subject: &Subject) -> Verdict {
    let lease = subject.owned("a").await?;
    let approved = |sent_as| MailContent::Signal { name: "approved".to_owned(), payload: json(r#"{"by":1}"#), sent_as };
    let contents = vec![
        approved(Some("shop::Approval".to_owned())),
        approved(None),
        MailContent::Result { operation: "child".into(), result: Ok(json("7")) },
        MailContent::Result { operation: "child".into(), result: Err(json(r#""no""#)) },
        MailContent::Cancel { reason: json(r#""enough""#) },
    ];
    let sent = contents.iter().map(|content| NewMail { to: "a".into(), content: content.clone(), key: None });
    subject.store.send(sent.collect(), at(9)).await?;
    let mail = subject.mail(&lease).await?;
    assert_eq!(mail.iter().map(|mail| mail.content.clone()).collect::<Vec<_>>(), contents);
    subject.sleep_until(&lease, None).await?;
    assert_eq!(subject.claim_again(at(20)).await?.mail, mail);
    Ok(())
}

pub(crate) async fn mail_is_numbered_in_the_order_of_arrival(subject: &Subject) -> Verdict {
    let (a, b) = (subject.owned("a").await?, subject.owned("b").await?);
    subject.store.send(vec![signal("a", "1", "1"), signal("b", "x", "1"), signal("a", "2", "1")], at(11)).await?;
    subject.store.send(vec![signal("a", "3", "1")], at(12)).await?;
    let mail = subject.mail(&a).await?;
    assert_eq!(names(&mail), ["1", "2", "3"]);
    assert_eq!(mail.iter().map(|mail| mail.arrived_at).collect::<Vec<_>>(), [at(11), at(11), at(12)]);
    assert!(mail.is_sorted_by_key(|mail| mail.seq));
    let since = [(a.key, mail[1].seq), (b.key, 0), (999, 0)].map(|(key, seq)| MailSince { key, seq });
    let since: Vec<_> = subject.store.mail(since.into()).await?.iter().map(|mail| names(mail)).collect();
    assert_eq!(since, [vec!["3".to_owned()], vec!["x".to_owned()], vec![]]);
    Ok(())
}

pub(crate) async fn mail_makes_a_suspended_run_due(subject: &Subject) -> Verdict {
    let lease = subject.owned("a").await?;
    subject.sleep_until(&lease, None).await?;
    let worker = subject.worker().await?;
    assert!(subject.claimed(worker, at(900)).await?.is_empty());
    subject.store.send(vec![signal("a", "go", "1")], at(20)).await?;
    let claimed = subject.claim(worker, at(20)).await?.remove(0);
    assert_eq!(names(&claimed.mail), ["go"]);
    Ok(())
}

pub(crate) async fn mail_that_its_owner_has_not_seen_makes_a_run_due(subject: &Subject) -> Verdict {
    let lease = subject.owned("a").await?;
    subject.store.send(vec![signal("a", "one", "1")], at(9)).await?;
    let seen = subject.mail(&lease).await?[0].seq;
    subject.then(&lease, Then::Suspend { until: Some(at(500)), seen }).await?;
    let worker = subject.worker().await?;
    assert!(subject.claimed(worker, at(20)).await?.is_empty(), "all was seen");
    let lease = subject.claim_again(at(500)).await?.lease;
    subject.store.send(vec![signal("a", "two", "1")], at(501)).await?;
    subject.then(&lease, Then::Suspend { until: None, seen }).await?;
    assert_eq!(subject.claimed(worker, at(510)).await?, ["a"]);
    Ok(())
}

pub(crate) async fn mail_that_was_consumed_makes_no_run_due(subject: &Subject) -> Verdict {
    let lease = subject.owned("a").await?;
    subject.store.send(vec![signal("a", "one", "1")], at(9)).await?;
    let seen = subject.mail(&lease).await?[0].seq;
    let consumed = Commit { consumed: vec![seen], then: Then::Suspend { until: None, seen }, ..commit(&lease) };
    subject.store.commit(vec![consumed]).await.remove(0)?;
    subject.store.send(vec![signal("a", "two", "1")], at(10)).await?;
    let lease = subject.claim_again(at(20)).await?.lease;
    let seen = subject.mail(&lease).await?[0].seq;
    let consumed = Commit { consumed: vec![seen], ..commit(&lease) };
    subject.store.commit(vec![consumed]).await.remove(0)?;
    // Its owner has never heard of what was consumed before it was claimed.
    subject.then(&lease, Then::Suspend { until: Some(at(500)), seen: 0 }).await?;
    let worker = subject.worker().await?;
    assert!(subject.claimed(worker, at(30)).await?.is_empty(), "there is nothing new");
    Ok(())
}

pub(crate) async fn mail_for_an_owned_run_is_told(subject: &Subject) -> Verdict {
    subject.owned("a").await?;
    let mut notices = subject.store.notices();
    subject.store.send(vec![signal("a", "go", "1")], at(9)).await?;
    let told = async {
        while let Some(notice) = notices.next().await {
            if notice == Notice::Mail("a".into()) {
                return true;
            }
        }
        false
    };
    assert!(tokio::time::timeout(Duration::from_secs(5), told).await?);
    Ok(())
}

pub(crate) async fn a_signal_does_not_begin_a_run_before_its_time_and_a_cancellation_does(
    subject: &Subject,
) -> Verdict {
    subject.store.create(vec![NewRun { due_at: at(600), ..order("a") }], None).await?;
    let worker = subject.worker().await?;
    subject.store.send(vec![signal("a", "early", "1")], at(5)).await?;
    assert!(subject.claimed(worker, at(5)).await?.is_empty());
    let content = MailContent::Cancel { reason: json(r#""enough""#) };
    subject.store.send(vec![NewMail { to: "a".into(), content, key: None }], at(6)).await?;
    assert_eq!(names(&subject.claim(worker, at(6)).await?.remove(0).mail), ["early", "cancel"]);
    Ok(())
}

pub(crate) async fn mail_of_one_key_is_delivered_once(subject: &Subject) -> Verdict {
    let lease = subject.owned("a").await?;
    let keyed = |key: &str| NewMail { key: Some(key.to_owned()), ..signal("a", key, "1") };
    let delivered = subject.store.send(vec![keyed("x/1"), keyed("x/1"), keyed("x/2")], at(9)).await?;
    assert_eq!(delivered, [Delivery::Delivered; 3]);
    let mail = subject.mail(&lease).await?;
    assert_eq!(names(&mail), ["x/1", "x/2"]);
    subject.commit(Commit { consumed: vec![mail[0].seq], ..commit(&lease) }).await?;
    subject.store.send(vec![keyed("x/1")], at(12)).await?;
    assert_eq!(names(&subject.mail(&lease).await?), ["x/2"]);
    subject.finish(&lease).await?;
    let late = subject.store.send(vec![keyed("x/1"), keyed("x/3")], at(12)).await?;
    assert_eq!(late, [Delivery::Delivered, Delivery::RunIsOver]);
    Ok(())
}

pub(crate) async fn mail_for_nobody_is_told_so(subject: &Subject) -> Verdict {
    let lease = subject.owned("over").await?;
    subject.finish(&lease).await?;
    subject.create("here").await?;
    let sends = vec![signal("over", "x", "1"), signal("nowhere", "x", "1"), signal("here", "x", "1")];
    let delivered = subject.store.send(sends, at(20)).await?;
    assert_eq!(delivered, [Delivery::RunIsOver, Delivery::NoSuchRun, Delivery::Delivered]);
    Ok(())
}

pub(crate) async fn consumed_mail_is_gone_with_its_commit(subject: &Subject) -> Verdict {
    let lease = subject.owned("a").await?;
    subject.store.send(vec![signal("a", "one", "1"), signal("a", "two", "2")], at(9)).await?;
    let first = subject.mail(&lease).await?[0].seq;
    let consumed = vec![first, 777];
    subject.commit(Commit { memos: vec![value("wait", "1")], consumed, ..commit(&lease) }).await?;
    assert_eq!(names(&subject.mail(&lease).await?), ["two"]);
    Ok(())
}

pub(crate) async fn numbers_of_mail_are_not_used_again(subject: &Subject) -> Verdict {
    let lease = subject.owned("a").await?;
    subject.store.send(vec![signal("a", "one", "1")], at(9)).await?;
    let first = subject.mail(&lease).await?[0].seq;
    subject.commit(Commit { consumed: vec![first], ..commit(&lease) }).await?;
    subject.store.send(vec![signal("a", "two", "1")], at(9)).await?;
    assert!(subject.mail(&lease).await?[0].seq > first);
    Ok(())
}

pub(crate) async fn a_run_sends_to_others_in_its_commit(subject: &Subject) -> Verdict {
    let (a, b) = (subject.owned("a").await?, subject.owned("b").await?);
    let sends = vec![signal("b", "hello", "1"), signal("nowhere", "hello", "1"), signal("a", "self", "1")];
    let committed = subject.commit(Commit { sends, ..commit(&a) }).await?;
    assert_eq!(committed.deliveries, [Delivery::Delivered, Delivery::NoSuchRun, Delivery::Delivered]);
    assert_eq!(names(&subject.mail(&b).await?), ["hello"]);
    assert_eq!(names(&subject.mail(&a).await?), ["self"]);
    Ok(())
}
