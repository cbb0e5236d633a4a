//! What is particular to files: opened again, shared, foreign, damaged, locked, full.

use std::time::{Duration, Instant};

use owf_runtime::store::rusqlite::Connection;
use owf_runtime::store::{
    Claim, Commit, Created, Lease, NewWorker, Notice, Registered, SqliteOptions, SqliteStore, Status, Store,
    StoreErrorKind, Synchronous, WorkerId,
};

use crate::subjects::{Directory, Verdict, at, commit, ids, order, signal, value};

async fn worker(store: &SqliteStore) -> WorkerId {
    store.register(NewWorker { name: "tests".to_owned(), lease_until: at(1_000) }).await.expect("registers")
}

async fn owned(store: &SqliteStore, id: &str) -> Lease {
    let worker = worker(store).await;
    match store.create(vec![order(id)], Some(worker)).await.expect("creates").remove(0) {
        Created::New(Some(lease)) => lease,
        other => panic!("the run is new: {other:?}"),
    }
}

fn step(lease: &Lease, id: &str) -> Commit {
    Commit { memos: vec![value(id, "1")], ..commit(lease) }
}

fn claim(worker: WorkerId) -> Claim {
    Claim { worker, workflows: vec![Registered::any("order")], limit: 10, now: at(20) }
}

#[tokio::test]
async fn everything_is_there_when_a_file_is_opened_again() -> Verdict {
    let directory = Directory::new();
    let store = SqliteOptions::new().synchronous(Synchronous::Normal).open(directory.file())?;
    let lease = owned(&store, "a").await;
    store.commit(vec![step(&lease, "one")]).await.remove(0)?;
    store.send(vec![signal("a", "hello", "1")], at(3)).await?;
    // What was asked for is written, even if nobody waits for the answer.
    drop(store.commit(vec![step(&lease, "two")]));
    drop(store);
    let store = SqliteStore::open(directory.file())?;
    let worker = worker(&store).await;
    let run = store.claim(claim(worker)).await?.remove(0);
    assert_eq!((ids(&run.memos), run.mail.len()), (vec!["one", "two"], 1));
    Ok(())
}

#[tokio::test]
async fn the_runs_of_a_dead_worker_are_due_at_once() -> Verdict {
    let directory = Directory::new();
    let (one, other) = (SqliteStore::open(directory.file())?, SqliteStore::open(directory.file())?);
    owned(&one, "a").await;
    let heir = worker(&other).await;
    assert!(other.claim(claim(heir)).await?.is_empty(), "its process lives, and its lease is not over");
    let mut notices = other.notices();
    drop(one);
    let due = async { while notices.next().await != Some(Notice::Due) {} };
    tokio::time::timeout(Duration::from_secs(10), due).await?;
    assert_eq!(other.claim(claim(heir)).await?.len(), 1);
    other.unregister(heir, at(20)).await?;
    drop(other);
    let files: Vec<_> = std::fs::read_dir(directory.path())?.flatten().map(|file| file.file_name()).collect();
    assert_eq!(files, ["runs.db"], "no lock and no log is left behind");
    Ok(())
}

#[tokio::test]
async fn what_another_store_did_is_told() -> Verdict {
    let directory = Directory::new();
    let (one, other) = (SqliteStore::open(directory.file())?, SqliteStore::open(directory.file())?);
    let worker = worker(&other).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let mut notices = other.notices();
    one.create(vec![order("a")], None).await?;
    let told = async { while notices.next().await != Some(Notice::Elsewhere) {} };
    tokio::time::timeout(Duration::from_secs(10), told).await?;
    assert_eq!(other.claim(claim(worker)).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_run_that_another_store_took_over_is_refused() -> Verdict {
    let directory = Directory::new();
    let (one, other) = (SqliteStore::open(directory.file())?, SqliteStore::open(directory.file())?);
    let lease = owned(&one, "a").await;
    one.commit(vec![step(&lease, "one")]).await.remove(0)?;
    let heir = other.register(NewWorker { name: "heir".to_owned(), lease_until: at(9_000) }).await?;
    let taken = other.claim(Claim { now: at(1_001), ..claim(heir) }).await?.remove(0).lease;
    let late = one.commit(vec![step(&lease, "late")]).await.remove(0).expect_err("it was taken over");
    assert_eq!(late.kind(), StoreErrorKind::LeaseLost);
    other.commit(vec![step(&taken, "two")]).await.remove(0)?;
    assert_eq!(ids(&one.steps("a".into()).await?.expect("known")), ["one", "two"]);
    Ok(())
}

#[tokio::test]
async fn stores_of_one_file_write_side_by_side() -> Verdict {
    let directory = Directory::new();
    let mut tasks = Vec::new();
    for id in ["a", "b", "c"] {
        let store = SqliteStore::open(directory.file())?;
        tasks.push(tokio::spawn(async move {
            let lease = owned(&store, id).await;
            for n in 0..50 {
                store.commit(vec![step(&lease, &n.to_string())]).await.remove(0).expect("commits");
            }
            store.steps(id.into()).await.expect("reads").expect("it is known").len()
        }));
    }
    for task in tasks {
        assert_eq!(task.await?, 50);
    }
    Ok(())
}

#[test]
fn a_file_that_is_no_database_is_left_alone() -> Verdict {
    let directory = Directory::new();
    let text = "dear diary, ".repeat(1_000);
    std::fs::write(directory.file(), &text)?;
    let error = SqliteStore::open(directory.file()).expect_err("it is a diary");
    assert_eq!(error.kind(), StoreErrorKind::Foreign);
    assert!(error.to_string().contains("not an SQLite file"), "{error}");
    assert_eq!(std::fs::read_to_string(directory.file())?, text);
    Ok(())
}

#[test]
fn the_database_of_another_program_is_left_alone() -> Verdict {
    for other in ["CREATE TABLE customers (name TEXT)", "PRAGMA application_id = 77; CREATE TABLE t (x)"] {
        let directory = Directory::new();
        Connection::open(directory.file())?.execute_batch(other)?;
        let before = std::fs::read(directory.file())?;
        let error = SqliteStore::open(directory.file()).expect_err("it is another's");
        assert_eq!(error.kind(), StoreErrorKind::Foreign);
        assert!(error.to_string().contains("beside_other_tables"), "{error}");
        assert_eq!(std::fs::read(directory.file())?, before);
        SqliteOptions::new().beside_other_tables(true).open(directory.file())?;
        SqliteStore::open(directory.file())?;
    }
    Ok(())
}

#[test]
fn a_file_of_a_newer_version_is_left_alone() -> Verdict {
    let directory = Directory::new();
    SqliteStore::open(directory.file())?;
    Connection::open(directory.file())?.execute_batch("UPDATE owf_schema SET version = 99")?;
    let error = SqliteStore::open(directory.file()).expect_err("it is newer");
    assert_eq!(error.kind(), StoreErrorKind::Newer);
    assert!(error.to_string().contains("version 99"), "{error}");
    Ok(())
}

#[test]
fn a_directory_that_is_not_there_is_told() {
    let error = SqliteStore::open("/nowhere/at/all/runs.db").expect_err("there is no such directory");
    assert_eq!(error.kind(), StoreErrorKind::Io);
    assert!(error.to_string().contains("directory must exist"), "{error}");
}

#[tokio::test]
async fn tables_of_the_users_own_may_be_added() -> Verdict {
    let directory = Directory::new();
    SqliteStore::open(directory.file())?;
    Connection::open(directory.file())?.execute_batch("CREATE TABLE mine (x); PRAGMA user_version = 12")?;
    let store = SqliteStore::open(directory.file())?;
    assert_eq!(store.create(vec![order("a")], None).await?, [Created::New(None)]);
    Ok(())
}

#[tokio::test]
async fn a_lock_that_another_holds_is_waited_for_and_then_told() -> Verdict {
    let directory = Directory::new();
    let store = SqliteOptions::new().busy_timeout(Duration::from_millis(50)).open(directory.file())?;
    let lease = owned(&store, "a").await;
    let other = Connection::open(directory.file())?;
    other.execute_batch("BEGIN IMMEDIATE")?;
    let began = Instant::now();
    let error = store.commit(vec![step(&lease, "one")]).await.remove(0).expect_err("it is locked");
    assert_eq!((error.kind(), error.is_temporary(), error.may_have_happened()), (StoreErrorKind::Busy, true, false));
    assert!(began.elapsed() >= Duration::from_millis(50));
    let waiting = store.commit(vec![step(&lease, "two")]);
    other.execute_batch("ROLLBACK")?;
    waiting.await.remove(0)?;
    assert_eq!(ids(&store.steps("a".into()).await?.expect("known")), ["two"]);
    Ok(())
}

/// Sets what only the writer's own connection can be told.
async fn tell_writer(store: &SqliteStore, lease: &Lease, pragma: &'static str) {
    let commit = commit(lease);
    let body = move |connection: &Connection| Ok((connection.query_row(pragma, [], |_| Ok(())).ok(), commit));
    let _ = store.transact(lease.clone(), body).await;
}

#[tokio::test]
async fn a_full_disk_loses_nothing_and_ends() -> Verdict {
    let directory = Directory::new();
    let store = SqliteStore::open(directory.file())?;
    let (lease, other) = (owned(&store, "a").await, owned(&store, "b").await);
    store.commit(vec![step(&lease, "one")]).await.remove(0)?;
    tell_writer(&store, &lease, "PRAGMA max_page_count = 1").await;
    let large = Commit { memos: vec![value("large", &format!("\"{}\"", "x".repeat(50_000)))], ..commit(&lease) };
    let outcomes = store.commit(vec![large.clone(), step(&other, "small")]).await;
    let error = outcomes[0].as_ref().expect_err("no room");
    assert_eq!((error.kind(), error.is_temporary()), (StoreErrorKind::Full, true));
    assert!(error.to_string().contains("make room"), "{error}");
    assert!(outcomes[1].is_ok(), "what has room is not kept waiting: {outcomes:?}");
    assert_eq!(ids(&store.steps("a".into()).await?.expect("known")), ["one"]);
    tell_writer(&store, &lease, "PRAGMA max_page_count = 100000").await;
    store.commit(vec![large]).await.remove(0)?;
    assert_eq!(ids(&store.steps("a".into()).await?.expect("known")), ["one", "large"]);
    Ok(())
}

#[tokio::test]
async fn a_file_that_cannot_be_written_to_loses_nothing() -> Verdict {
    let directory = Directory::new();
    let store = SqliteStore::open(directory.file())?;
    let lease = owned(&store, "a").await;
    tell_writer(&store, &lease, "PRAGMA query_only = 1").await;
    let error = store.commit(vec![step(&lease, "one")]).await.remove(0).expect_err("it is read-only");
    assert_eq!(error.kind(), StoreErrorKind::ReadOnly);
    assert!(error.to_string().contains("must be allowed to write"), "{error}");
    assert_eq!(store.steps("a".into()).await?, Some(vec![]), "it can be read");
    drop(store);
    let store = SqliteStore::open(directory.file())?;
    store.commit(vec![step(&lease, "one")]).await.remove(0)?;
    assert_eq!(ids(&store.steps("a".into()).await?.expect("known")), ["one"]);
    Ok(())
}

#[tokio::test]
async fn a_run_that_cannot_be_read_is_set_aside() -> Verdict {
    let directory = Directory::new();
    let store = SqliteStore::open(directory.file())?;
    store.create(vec![order("bad"), order("good")], None).await?;
    let damage = "UPDATE owf_payloads SET input = '{' WHERE run = (SELECT key FROM owf_runs WHERE id = 'bad')";
    Connection::open(directory.file())?.execute_batch(damage)?;
    let worker = worker(&store).await;
    let claimed = store.claim(claim(worker)).await?;
    assert_eq!(claimed.iter().map(|run| run.lease.run.as_str()).collect::<Vec<_>>(), ["good"]);
    // The answer to a write comes after all writes before it.
    store.renew(worker, at(2_000)).await?;
    let parked = store.list(Default::default(), None, 10).await?.runs.remove(1);
    assert_eq!((parked.id.as_str(), parked.status), ("bad", Status::Parked));
    Ok(())
}

#[tokio::test]
async fn a_colleague_can_read_the_file() -> Verdict {
    let directory = Directory::new();
    let store = SqliteStore::open(directory.file())?;
    let lease = owned(&store, "order-42").await;
    store.commit(vec![step(&lease, "charge")]).await.remove(0)?;
    let connection = Connection::open(directory.file())?;
    let select =
        "SELECT run || ' ' || step || ' ' || result || ' ' || started || ' ' || took_ms FROM owf_steps_readable";
    let text: String = connection.query_row(select, [], |row| row.get(0))?;
    assert_eq!(text, "order-42 charge 1 2023-11-14 22:13:21 1000");
    let select = "SELECT id || ' ' || status || ' ' || input || ' ' || created FROM owf_runs_readable";
    let text: String = connection.query_row(select, [], |row| row.get(0))?;
    assert_eq!(text, r#"order-42 running {"cents":5,"id":"a"} 2023-11-14 22:13:20"#);
    Ok(())
}
