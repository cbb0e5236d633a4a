//! `transaction!`: what it writes commits together with its result, or not at all.

mod bodies;
mod commits;
mod killed;
mod order;
mod refusals;
mod undo;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use owf_runtime::store::Synchronous;
use owf_runtime::store::rusqlite::{self, Connection};
use owf_runtime::{RunHandle, SqliteDriver, StepOutcome, StepRecord, Workflow, WorkflowClient};

/// What a test returns: an error fails it.
pub(crate) type Verdict = Result<(), Box<dyn std::error::Error>>;

/// A file with runs and accounts, in a directory that goes with it.
pub(crate) struct Bank(PathBuf);

impl Bank {
    pub(crate) fn new() -> Bank {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("owf-bank-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("a directory for tests");
        let bank = Bank(path);
        // The file is a store first, and then gets other tables; the other way round the driver would ask for a word.
        drop(bank.client());
        bank.connect()
            .and_then(|db| {
                db.execute_batch(
                    "CREATE TABLE accounts (id TEXT PRIMARY KEY, cents INTEGER NOT NULL CHECK (cents >= 0));
                     INSERT INTO accounts VALUES ('Ada', 1000), ('Bob', 0);
                     CREATE TABLE entries (run TEXT, entry TEXT);",
                )
            })
            .expect("the tables are made");
        bank
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.0.join("bank.db")
    }

    /// A client of the file; what a loss of power would do is not tested here.
    pub(crate) fn client(&self) -> WorkflowClient {
        let options = SqliteDriver::options().synchronous(Synchronous::Normal);
        WorkflowClient::new(options.open(self.file()).expect("the file opens"))
    }

    /// A connection of the user's own.
    pub(crate) fn connect(&self) -> rusqlite::Result<Connection> {
        Connection::open(self.file())
    }

    pub(crate) fn cents(&self, account: &str) -> i64 {
        let select = "SELECT cents FROM accounts WHERE id = ?1";
        let read = |db: Connection| db.query_row(select, [account], |row| row.get(0));
        self.connect().and_then(read).expect("the account is there")
    }

    /// The entries of a run, in the order of writing.
    pub(crate) fn entries(&self, run: &str) -> Vec<String> {
        let read = |db: Connection| {
            let mut select = db.prepare("SELECT entry FROM entries WHERE run = ?1 ORDER BY rowid")?;
            select.query_map([run], |row| row.get(0))?.collect()
        };
        self.connect().and_then(read).expect("the entries are there")
    }
}

impl Drop for Bank {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Waits for something that comes soon.
pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), what).await.expect("it takes no longer than a test may")
}

/// Each step of a run, with its attempt and whether it succeeded: `debit 1 ok`.
pub(crate) async fn told<W: Workflow>(run: &RunHandle<W>) -> Vec<String> {
    let steps = run.steps().await.expect("the run is known");
    let tell = |step: &StepRecord| {
        let outcome = match &step.outcome {
            StepOutcome::Succeeded { .. } => "ok",
            StepOutcome::Failed { .. } => "failed",
            StepOutcome::Retrying { .. } => "retrying",
        };
        format!("{} {} {outcome}", step.id, step.attempt)
    };
    steps.iter().map(tell).collect()
}
