//! Statements of the user's own commit together with a memo.

use std::sync::Arc;

use owf_runtime::store::rusqlite::Connection;
use owf_runtime::store::{Commit, SqliteStore, Store, StoreErrorKind, Transacted};
use owf_runtime::{Failure, store::Lease};

use crate::subjects::{Directory, Subject, Verdict, commit, ids, value};

/// A store with a table of the user's own.
fn stores(directory: &Directory) -> (SqliteStore, Subject) {
    let store = SqliteStore::open(directory.file()).expect("a new file opens");
    let connection = Connection::open(directory.file()).expect("the file opens");
    connection.execute_batch("CREATE TABLE accounts (cents INTEGER CHECK (cents < 100))").expect("a table");
    (store.clone(), Subject::of(Arc::new(store)))
}

fn accounts(directory: &Directory) -> i64 {
    let connection = Connection::open(directory.file()).expect("the file opens");
    connection.query_row("SELECT count(*) FROM accounts", [], |row| row.get(0)).expect("a count")
}

fn pay(connection: &Connection, cents: i64, lease: &Lease) -> Result<(i64, Commit), Failure> {
    connection.execute("INSERT INTO accounts VALUES (?1)", [cents])?;
    Ok((cents, Commit { memos: vec![value("pay", "1")], ..commit(lease) }))
}

#[tokio::test]
async fn what_a_body_writes_commits_with_its_memo() -> Verdict {
    let directory = Directory::new();
    let (store, subject) = stores(&directory);
    let lease = subject.owned("a").await?;
    let own = lease.clone();
    let done = store.transact(lease.clone(), move |connection| pay(connection, 7, &own)).await?;
    assert!(matches!(&done, Transacted::Done(7, committed) if committed.positions.len() == 1), "{done:?}");
    assert_eq!(accounts(&directory), 1);
    assert_eq!(ids(&store.steps("a".into()).await?.expect("known")), ["pay"]);
    Ok(())
}

#[tokio::test]
async fn a_body_that_fails_or_panics_leaves_nothing() -> Verdict {
    let directory = Directory::new();
    let (store, subject) = stores(&directory);
    let lease = subject.owned("a").await?;
    let own = lease.clone();
    let failed = store.transact(lease.clone(), move |connection| {
        pay(connection, 7, &own)?;
        pay(connection, 700, &own)
    });
    let own = lease.clone();
    let panicked = store.transact::<i64, _>(lease.clone(), move |connection| {
        pay(connection, 7, &own)?;
        panic!("no commit")
    });
    let step = store.commit(vec![Commit { memos: vec![value("other", "1")], ..commit(&lease) }]);
    let Transacted::Failed(failure) = failed.await? else { panic!("the check fails") };
    assert!(failure.message().contains("CHECK"), "{failure}");
    let Transacted::Failed(failure) = panicked.await? else { panic!("it panics") };
    assert_eq!(failure.message(), "panicked: no commit");
    step.await.remove(0)?;
    assert_eq!(accounts(&directory), 0);
    assert_eq!(ids(&store.steps("a".into()).await?.expect("known")), ["other"]);
    Ok(())
}

#[tokio::test]
async fn a_body_of_a_stale_lease_does_not_run() -> Verdict {
    let directory = Directory::new();
    let (store, subject) = stores(&directory);
    let lease = subject.owned("a").await?;
    subject.finish(&lease).await?;
    let own = lease.clone();
    let error = store.transact(lease, move |connection| pay(connection, 7, &own)).await.expect_err("it is over");
    assert_eq!(error.kind(), StoreErrorKind::LeaseLost);
    assert_eq!(accounts(&directory), 0);
    Ok(())
}

#[tokio::test]
async fn a_body_that_ends_the_transaction_harms_only_itself() -> Verdict {
    for end in ["COMMIT", "ROLLBACK", "ROLLBACK; BEGIN", "RELEASE owf_body"] {
        let directory = Directory::new();
        let (store, subject) = stores(&directory);
        let (lease, other) = (subject.owned("a").await?, subject.owned("b").await?);
        let step = |id: &str| store.commit(vec![Commit { memos: vec![value(id, "1")], ..commit(&other) }]);
        let before = step("before");
        let own = lease.clone();
        let body = store.transact(lease.clone(), move |connection| {
            let paid = pay(connection, 7, &own)?;
            let _ = connection.execute_batch(end);
            Ok(paid)
        });
        let after = step("after");
        let Transacted::Failed(failure) = body.await? else { panic!("{end} is refused") };
        assert!(failure.message().contains("ended the transaction"), "{failure}");
        before.await.remove(0)?;
        after.await.remove(0)?;
        assert_eq!(ids(&store.steps("b".into()).await?.expect("known")), ["before", "after"], "{end}");
        assert_eq!(accounts(&directory), 0, "{end}");
    }
    Ok(())
}

#[tokio::test]
async fn bodies_of_many_runs_share_commits_and_do_not_mix() -> Verdict {
    let directory = Directory::new();
    let (store, subject) = stores(&directory);
    let mut paying = Vec::new();
    for n in 0..40 {
        let lease = subject.owned(&n.to_string()).await?;
        let own = lease.clone();
        // Every other one fails at its check.
        let cents = if n % 2 == 0 { n } else { 100 + n };
        paying.push(store.transact(lease, move |connection| pay(connection, cents, &own)));
    }
    let mut done = 0;
    for paying in paying {
        done += i64::from(matches!(paying.await?, Transacted::Done(..)));
    }
    assert_eq!((done, accounts(&directory)), (20, 20));
    Ok(())
}
