//! The stores under test, and what the behaviours do to them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use owf_runtime::store::{
    Claim, ClaimedRun, Commit, Committed, Created, End, Faults, FaultyStore, Lease, Mail, MailContent, MailSince,
    MemoState, MemoryStore, NewMail, NewRun, NewWorker, Registered, SqliteStore, Store, StoreError, StoredMemo, Then,
    WorkerId,
};
use owf_runtime::{Json, RunId};

/// What a behaviour returns: an error fails its test.
pub(crate) type Verdict = Result<(), Box<dyn std::error::Error>>;

/// A store under test.
pub(crate) struct Subject {
    pub(crate) store: Arc<dyn Store>,
    /// Deleted after the store is closed.
    _directory: Option<Directory>,
}

pub(crate) fn memory() -> Subject {
    Subject { store: Arc::new(MemoryStore::new()), _directory: None }
}

pub(crate) fn sqlite() -> Subject {
    let directory = Directory::new();
    let store = SqliteStore::open(directory.file()).expect("a new file opens");
    Subject { store: Arc::new(store), _directory: Some(directory) }
}

pub(crate) fn faultless() -> Subject {
    let faults = Faults { seed: 1, before: 0.0, after: 0.0, delay_max: Duration::from_micros(50) };
    Subject { store: Arc::new(FaultyStore::new(MemoryStore::new(), faults)), _directory: None }
}

/// A directory that goes with its owner.
pub(crate) struct Directory(PathBuf);

impl Directory {
    pub(crate) fn new() -> Directory {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("owf-store-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("a directory for tests");
        Directory(path)
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.0.join("runs.db")
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A time, in seconds after an arbitrary one.
pub(crate) fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::new(1_700_000_000 + seconds, 123_456_789)
}

pub(crate) fn json(text: &str) -> Json {
    Json::parse(text.to_owned()).expect("valid JSON")
}

pub(crate) fn order(id: &str) -> NewRun {
    NewRun {
        id: RunId::new(id),
        workflow: "order".to_owned(),
        version: 0,
        input: json(r#"{"cents":5,"id":"a"}"#),
        created_at: at(0),
        due_at: at(0),
    }
}

pub(crate) fn memo(id: &str, state: MemoState) -> StoredMemo {
    StoredMemo {
        position: 0,
        id: id.into(),
        kind: "step".into(),
        state,
        attempts: 1,
        started_at: Some(at(1)),
        ended_at: Some(at(2)),
        location: Some("src/order.rs:12:5".into()),
        extra: None,
    }
}

pub(crate) fn value(id: &str, text: &str) -> StoredMemo {
    memo(id, MemoState::Value(json(text)))
}

pub(crate) fn signal(to: &str, name: &str, payload: &str) -> NewMail {
    let content = MailContent::Signal { name: name.to_owned(), payload: json(payload), sent_as: None };
    NewMail { to: to.into(), content, key: None }
}

/// The names of signals and the IDs of operations.
pub(crate) fn names(mail: &[Mail]) -> Vec<String> {
    mail.iter()
        .map(|mail| match &mail.content {
            MailContent::Signal { name, .. } => name.clone(),
            MailContent::Result { operation, result: Ok(value) } => format!("{operation}={value}"),
            MailContent::Result { operation, result: Err(error) } => format!("{operation}!{error}"),
            MailContent::Cancel { .. } => "cancel".to_owned(),
            _ => "unknown".to_owned(),
        })
        .collect()
}

pub(crate) fn ids(memos: &[StoredMemo]) -> Vec<&str> {
    memos.iter().map(|memo| memo.id.as_str()).collect()
}

pub(crate) fn commit(lease: &Lease) -> Commit {
    Commit::new(lease.clone(), at(10))
}

impl Subject {
    pub(crate) fn of(store: Arc<dyn Store>) -> Subject {
        Subject { store, _directory: None }
    }

    pub(crate) async fn worker(&self) -> Result<WorkerId, StoreError> {
        self.store.register(NewWorker { name: "tests".to_owned(), lease_until: at(1_000) }).await
    }

    pub(crate) async fn create(&self, id: &str) -> Result<Created, StoreError> {
        Ok(self.store.create(vec![order(id)], None).await?.remove(0))
    }

    pub(crate) async fn claim(&self, worker: WorkerId, now: SystemTime) -> Result<Vec<ClaimedRun>, StoreError> {
        let workflows = vec![Registered::any("order")];
        self.store.claim(Claim { worker, workflows, limit: 10, now }).await
    }

    /// The IDs of the runs that a worker gets.
    pub(crate) async fn claimed(&self, worker: WorkerId, now: SystemTime) -> Result<Vec<String>, StoreError> {
        Ok(self.claim(worker, now).await?.into_iter().map(|run| run.lease.run.to_string()).collect())
    }

    /// A run that is owned.
    pub(crate) async fn owned(&self, id: &str) -> Result<Lease, StoreError> {
        let worker = self.worker().await?;
        match self.store.create(vec![order(id)], Some(worker)).await?.remove(0) {
            Created::New(Some(lease)) => Ok(lease),
            other => panic!("the run is new: {other:?}"),
        }
    }

    pub(crate) async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        self.store.commit(vec![commit]).await.remove(0)
    }

    /// Takes the run that the lease is of, after somebody gave it up.
    pub(crate) async fn claim_again(&self, now: SystemTime) -> Result<ClaimedRun, StoreError> {
        let worker = self.worker().await?;
        Ok(self.claim(worker, now).await?.pop().expect("a run is due"))
    }

    pub(crate) async fn then(&self, lease: &Lease, then: Then) -> Result<Committed, StoreError> {
        self.commit(Commit { then, ..commit(lease) }).await
    }

    pub(crate) async fn finish(&self, lease: &Lease) -> Result<Committed, StoreError> {
        self.then(lease, Then::Finish(End::Completed(json("7")))).await
    }

    pub(crate) async fn sleep_until(&self, lease: &Lease, until: Option<SystemTime>) -> Result<Committed, StoreError> {
        self.then(lease, Then::Suspend { until, seen: 0 }).await
    }

    pub(crate) async fn mail(&self, lease: &Lease) -> Result<Vec<Mail>, StoreError> {
        Ok(self.store.mail(vec![MailSince { key: lease.key, seq: 0 }]).await?.remove(0))
    }
}
