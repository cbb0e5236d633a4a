//! Durable drivers under test: on a file of their own, which goes with the subject.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use owf_runtime::store::Synchronous;
use owf_runtime::{Host, SqliteDriver};

/// Longer than any behaviour takes.
const FOR_EVER: Duration = Duration::from_secs(3600);

pub(crate) struct SqliteFile {
    directory: PathBuf,
    others: AtomicU64,
    pub(crate) driver: SqliteDriver,
    suspends: bool,
}

impl SqliteFile {
    /// A driver on a new file; one that `suspends` keeps no future in memory while it waits.
    pub(crate) fn new(host: Arc<dyn Host>, suspends: bool) -> SqliteFile {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("owf-conformance-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let directory = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&directory).expect("a directory for the test");
        let driver = open(&directory.join("runs.db"), host, suspends);
        crate::probe::waits_for_others();
        SqliteFile { directory, others: AtomicU64::new(0), driver, suspends }
    }

    /// Another such driver, on a new file beside this one.
    pub(crate) fn open_beside(&self, host: Arc<dyn Host>) -> SqliteDriver {
        let name = format!("driven-{}.db", self.others.fetch_add(1, Ordering::Relaxed));
        open(&self.directory.join(name), host, self.suspends)
    }
}

fn open(path: &std::path::Path, host: Arc<dyn Host>, suspends: bool) -> SqliteDriver {
    let suspend_after = if suspends { Duration::ZERO } else { FOR_EVER };
    // What a loss of power would do is not tested here.
    let options = SqliteDriver::options().synchronous(Synchronous::Normal).suspend_after(suspend_after);
    options.host(host).open(path).expect("the file opens")
}

impl Drop for SqliteFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}
