//! Durable runs in one SQLite file.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::client::Backend;
use crate::client::sealed::{Connect, Connected};
use crate::host::{Host, SystemHost};
use crate::store::{SqliteOptions, SqliteStore, Store, StoreError, Synchronous};
use crate::stored::{Options, StoredClient};

/// How many runs are executed at a time, unless the options say otherwise.
const CONCURRENCY: usize = 512;

/// How long a process may be silent before others take its runs over, unless the options say otherwise. One that is dead is noticed at
/// once; the lease is for those that hang.
const LEASE: Duration = Duration::from_secs(15);

/// How long a wait may take that keeps a workflow's future in memory, unless the options say otherwise.
const SUSPEND_AFTER: Duration = Duration::from_secs(1);

/// How many times in a row a run may take its process down, unless the options say otherwise.
const CRASHES_MAX: u32 = 10;

/// Keeps runs in one SQLite file, and executes them in this process: what is recorded survives a crash, a deploy, and a loss of power.
///
/// ```
/// use owf_runtime::prelude::*;
///
/// #[workflow]
/// async fn greet(name: String) -> WorkflowResult<String> {
///     let upper = step!("uppercase", name.to_uppercase()).await?;
///     Ok(step!("create-greeting", format!("Hello, {upper}!")).await?)
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let directory = std::env::temp_dir().join(format!("owf-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&directory)?;
/// # let path = directory.join("runs.db");
/// let client = WorkflowClient::new(SqliteDriver::open(&path)?);
/// let run = client.start(greet, "Alice".to_owned()).id("greet-alice").await?;
/// assert_eq!(run.result().await?, "Hello, ALICE!");
/// # drop((client, run)); std::fs::remove_dir_all(&directory)?;
/// # Ok(())
/// # }
/// ```
///
/// - A workflow's runs are executed in every process that has [registered](crate::WorkflowClient::register) it or started one of its runs.
///   Several processes may have the file open; each run is executed by one of them. Register all workflows when the process starts, those
///   that are only invoked by others, too, so that runs of a process before are taken up.
/// - Each step is recorded, in one commit with all that follows from it, before the next begins. The commits of runs that are executed at
///   the same time share a sync of the disk.
/// - A wait that takes longer than a second keeps nothing in memory ([`SqliteDriver::options`] says how long). When its time or its signal
///   has come, the workflow's code is entered again.
/// - A process that dies loses at most the effects of the steps that were running: they are begun again.
///
/// Clones are the same driver.
#[derive(Clone)]
pub struct SqliteDriver {
    client: StoredClient,
    store: SqliteStore,
}

impl SqliteDriver {
    /// Opens a file, or makes it, with the default options.
    ///
    /// # Errors
    ///
    /// When it cannot be opened, belongs to another program, or was written by a newer version of this library.
    pub fn open(path: impl AsRef<Path>) -> Result<SqliteDriver, StoreError> {
        SqliteDriver::options().open(path)
    }

    /// Options, to [open](SqliteDriverOptions::open) a file with.
    pub fn options() -> SqliteDriverOptions {
        SqliteDriverOptions {
            file: SqliteOptions::new(),
            execution: Options {
                concurrency: CONCURRENCY,
                lease: LEASE,
                suspend_after: SUSPEND_AFTER,
                crashes_max: CRASHES_MAX,
                keep_finished: None,
            },
            host: None,
        }
    }

    /// The store, to look at what is recorded.
    #[must_use]
    pub fn store(&self) -> &SqliteStore {
        &self.store
    }
}

impl crate::client::ClientDriver for SqliteDriver {}

impl Connect for SqliteDriver {
    fn connect(self) -> Connected {
        Connected(Backend::Stored(self.client))
    }
}

impl fmt::Debug for SqliteDriver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SqliteDriver").field(&self.store).finish()
    }
}

/// How a file is opened, and how its runs are executed.
#[derive(Clone)]
#[must_use = "nothing is opened until `open` is called"]
pub struct SqliteDriverOptions {
    file: SqliteOptions,
    execution: Options,
    host: Option<Arc<dyn Host>>,
}

impl SqliteDriverOptions {
    /// When SQLite waits for the disk; [`Synchronous::Full`] unless said otherwise.
    pub fn synchronous(mut self, synchronous: Synchronous) -> SqliteDriverOptions {
        self.file = self.file.synchronous(synchronous);
        self
    }

    /// Whether the file may have tables of others already.
    pub fn beside_other_tables(mut self, allowed: bool) -> SqliteDriverOptions {
        self.file = self.file.beside_other_tables(allowed);
        self
    }

    /// How many runs are executed at a time in this process; 512 unless said otherwise. What waits for long does not count.
    pub fn concurrency(mut self, runs: usize) -> SqliteDriverOptions {
        self.execution.concurrency = runs.max(1);
        self
    }

    /// Executes no runs in this process: its client starts, signals, lists and waits for runs that others execute.
    pub fn without_worker(mut self) -> SqliteDriverOptions {
        self.execution.concurrency = 0;
        self
    }

    /// How long this process may be silent before others take its runs over; 15 seconds unless said otherwise, and at least 100 ms.
    ///
    /// A process that is dead is noticed at once, and none has to wait for its lease.
    pub fn lease(mut self, lease: Duration) -> SqliteDriverOptions {
        self.execution.lease = lease.max(Duration::from_millis(100));
        self
    }

    /// How long a run may wait with its workflow's future kept in memory; a second unless said otherwise. Zero drops it at every wait.
    pub fn suspend_after(mut self, wait: Duration) -> SqliteDriverOptions {
        self.execution.suspend_after = wait;
        self
    }

    /// How many times in a row the process may die while a run is executed and records nothing; then the run is set aside, until it is
    /// [retried](crate::WorkflowClient::retry). 10 unless said otherwise.
    pub fn crashes_max(mut self, crashes: u32) -> SqliteDriverOptions {
        self.execution.crashes_max = crashes;
        self
    }

    /// Deletes runs that have been over for this long; they are kept unless it is said.
    pub fn keep_finished(mut self, time: Duration) -> SqliteDriverOptions {
        self.execution.keep_finished = Some(time);
        self
    }

    /// Takes time and randomness from this host; the machine's unless said otherwise.
    pub fn host(mut self, host: Arc<dyn Host>) -> SqliteDriverOptions {
        self.host = Some(host);
        self
    }

    /// Opens the file, or makes it.
    ///
    /// # Errors
    ///
    /// When it cannot be opened, belongs to another program, or was written by a newer version of this library.
    pub fn open(self, path: impl AsRef<Path>) -> Result<SqliteDriver, StoreError> {
        let SqliteDriverOptions { file, execution, host } = self;
        let store = file.open(path)?;
        let host = host.unwrap_or_else(|| Arc::new(SystemHost::new()));
        let shared: Arc<dyn Store> = Arc::new(store.clone());
        Ok(SqliteDriver { client: StoredClient::new(shared, Some(store.clone()), host, execution), store })
    }

    /// Executes runs as these options say, and keeps them in a store of a test's own.
    #[cfg(feature = "testing")]
    pub fn over(self, store: impl Store) -> crate::testing::StoreDriver {
        let host = self.host.unwrap_or_else(|| Arc::new(SystemHost::new()));
        crate::testing::StoreDriver(StoredClient::new(Arc::new(store), None, host, self.execution))
    }
}

impl fmt::Debug for SqliteDriverOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteDriverOptions")
            .field("file", &self.file)
            .field("execution", &self.execution)
            .finish_non_exhaustive()
    }
}
