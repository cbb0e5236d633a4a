//! The durable driver when something goes wrong: its store, its process, another process, the user's code.

mod commits;
mod example;
mod faults;
mod handover;
mod ledger;
mod operators;
mod panics;
mod versions;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use owf_runtime::{SqliteDriver, SqliteDriverOptions, WorkflowClient};

/// What a test returns: an error fails it.
pub(crate) type Verdict = Result<(), Box<dyn std::error::Error>>;

/// Longer than anything takes that is waited for.
pub(crate) const LONG: Duration = Duration::from_secs(30);

/// A directory that goes with its owner.
pub(crate) struct Directory(PathBuf);

impl Directory {
    pub(crate) fn new() -> Directory {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("owf-durable-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("a directory for tests");
        Directory(path)
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.0.join("runs.db")
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A driver on a file; what a loss of power would do is not tested here.
pub(crate) fn options() -> SqliteDriverOptions {
    SqliteDriver::options().synchronous(owf_runtime::store::Synchronous::Normal)
}

pub(crate) fn client(directory: &Directory, options: SqliteDriverOptions) -> WorkflowClient {
    WorkflowClient::new(options.open(directory.file()).expect("the file opens"))
}

/// Waits for something that comes soon.
pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(LONG, what).await.expect("it takes no longer than a test may")
}

/// Waits until something holds.
pub(crate) async fn until(holds: impl AsyncFn() -> bool) {
    soon(async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
}
