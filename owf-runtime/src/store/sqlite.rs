//! One file as a store: no server, and readable with `sqlite3`.

mod commit;
mod convert;
mod errors;
mod log;
mod mail;
mod parents;
mod read;
mod reader;
mod runs;
mod schema;
mod transact;
mod triggers;
mod workers;
mod writer;

pub use self::transact::Transacted;
use std::fmt;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use rusqlite::{Connection, OpenFlags};
use tokio::sync::oneshot;

use self::commit::CommitJob;
use self::errors::{Failed, of_sql};
use self::reader::{Read, Readers};
use self::writer::{Db, Job, Seen, Work, Writer};
use super::notice::Bell;
use super::{
    Answer, Claim, ClaimedRun, Commit, Committed, Created, Deleted, Event, Expire, Fork, Forked, Mail, MailSince,
    NewMail, NewRun, NewWorker, Notices, Page, Registered, Renewed, Retried, Retry, RunFilter, RunRecord, Store,
    StoreError, StoredMemo, StoredTrigger, WorkerId,
};
use crate::host::BoxFuture;
use crate::kernel::RunId;

/// Statements that are kept prepared; more than there are.
const STATEMENTS_MAX: usize = 128;

/// Pages in the write-ahead log before they are copied into the file (16 MiB): a page that many commits change is copied once.
const CHECKPOINT_PAGES: i64 = 4096;

/// How long another's lock is waited for, unless the options say otherwise.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// When SQLite waits for the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Synchronous {
    /// At every commit: what is recorded survives a loss of power.
    #[default]
    Full,
    /// Now and then: nothing is lost if a process dies, but if power is lost, or the operating system fails, the last commits may
    /// be lost. Their steps run again.
    Normal,
}

/// How a file is opened.
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    synchronous: Synchronous,
    busy_timeout: Duration,
    beside_other_tables: bool,
}

impl SqliteOptions {
    /// What [`SqliteStore::open`] uses.
    #[must_use]
    pub fn new() -> SqliteOptions {
        SqliteOptions { synchronous: Synchronous::Full, busy_timeout: BUSY_TIMEOUT, beside_other_tables: false }
    }

    /// When SQLite waits for the disk.
    #[must_use]
    pub fn synchronous(mut self, synchronous: Synchronous) -> SqliteOptions {
        self.synchronous = synchronous;
        self
    }

    /// How long to wait while another process or connection holds the file's lock; five seconds by default.
    #[must_use]
    pub fn busy_timeout(mut self, busy_timeout: Duration) -> SqliteOptions {
        self.busy_timeout = busy_timeout;
        self
    }

    /// Whether the tables may be made in a file that has others already. The names of ours begin with `owf_`.
    ///
    /// A file that began as a store may get other tables at any time.
    #[must_use]
    pub fn beside_other_tables(mut self, allowed: bool) -> SqliteOptions {
        self.beside_other_tables = allowed;
        self
    }

    /// Opens the file, or makes it.
    ///
    /// # Errors
    ///
    /// When it cannot be opened, belongs to another program, or was written by a newer version of this library.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<SqliteStore, StoreError> {
        let path = path.as_ref();
        let mut connection = self.connect(path)?;
        schema::prepare(&mut connection, path, self.beside_other_tables)?;
        schema::enter_wal(&connection, path, Instant::now() + self.busy_timeout)?;
        let readers = Readers::start(|| self.connect(path))?;
        let in_body = transact::guard_commits(&mut connection).map_err(|error| of_sql(opening(path), &error))?;
        // The writer waits for locks in a way of its own.
        connection.busy_timeout(Duration::ZERO).map_err(|error| of_sql(opening(path), &error))?;
        let bell = Bell::new();
        let (sender, queue) = channel();
        let db = Db::new(connection, path.to_owned(), self.busy_timeout);
        let writer = Writer { db, queue, bell: bell.clone(), seen: Seen::default() };
        let thread = std::thread::Builder::new().name("owf-writer".to_owned()).spawn(move || writer.run());
        let thread = thread.map_err(|error| no_thread(path, &error))?;
        let inner = Inner { path: path.to_owned(), sender: Some(sender), readers, bell, thread: Some(thread), in_body };
        Ok(SqliteStore(Arc::new(inner)))
    }

    fn connect(&self, path: &Path) -> Result<Connection, StoreError> {
        let connect = || -> rusqlite::Result<Connection> {
            let flags =
                OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = Connection::open_with_flags(path, flags)?;
            connection.busy_timeout(self.busy_timeout)?;
            connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
            connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
            let synchronous = match self.synchronous {
                Synchronous::Full => "FULL",
                Synchronous::Normal => "NORMAL",
            };
            connection.pragma_update(None, "synchronous", synchronous)?;
            // Elsewhere it does nothing; on macOS a sync without it does not reach the disk.
            connection.pragma_update(None, "fullfsync", self.synchronous == Synchronous::Full)?;
            Ok(connection)
        };
        connect().map_err(|error| of_sql(opening(path), &error))
    }
}

impl Default for SqliteOptions {
    fn default() -> Self {
        SqliteOptions::new()
    }
}

fn opening(path: &Path) -> String {
    format!("open `{}`", path.display())
}

fn no_thread(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::new(opening(path), super::StoreErrorKind::Io, format!("no thread could be started: {error}"))
}

/// Runs in one SQLite file. Several stores, also of several processes, may have the same file open.
///
/// Cheap to clone. When the last clone is gone, what was asked for is written, and the file is closed.
#[derive(Clone)]
pub struct SqliteStore(Arc<Inner>);

struct Inner {
    path: PathBuf,
    /// `None` once the store is being closed.
    sender: Option<Sender<Box<dyn Job>>>,
    readers: Readers,
    bell: Bell,
    thread: Option<JoinHandle<()>>,
    in_body: transact::InBody,
}

impl SqliteStore {
    /// Opens a file with the default options, or makes it.
    ///
    /// # Errors
    ///
    /// When it cannot be opened, belongs to another program, or was written by a newer version of this library.
    pub fn open(path: impl AsRef<Path>) -> Result<SqliteStore, StoreError> {
        SqliteOptions::new().open(path)
    }

    fn send(&self, job: Box<dyn Job>) {
        // A job that cannot be sent is dropped, and its answer says that the store is closed.
        if let Some(sender) = &self.0.sender {
            let _ = sender.send(job);
        }
    }

    fn write<T: Send + 'static>(
        &self,
        attempted: &'static str,
        work: impl FnMut(&Db) -> Result<T, Failed> + Send + 'static,
    ) -> Answer<T> {
        let (answer, outcome) = oneshot::channel();
        let answer = move |result| drop(answer.send(result));
        self.send(Box::new(Work { attempted, work, done: None, answer }));
        Box::pin(async move { outcome.await.unwrap_or_else(|_| Err(StoreError::closed(attempted))) })
    }

    fn read<T: Send + 'static>(
        &self,
        attempted: &'static str,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Answer<T> {
        let (answer, outcome) = oneshot::channel();
        self.0.readers.send(Box::new(move |connection| {
            drop(answer.send(read(connection).map_err(|error| of_sql(attempted, &error))));
        }));
        Box::pin(async move { outcome.await.unwrap_or_else(|_| Err(StoreError::closed(attempted))) })
    }

    fn commit_one(&self, commit: Commit) -> oneshot::Receiver<Result<Committed, StoreError>> {
        let (answer, outcome) = oneshot::channel();
        let answer = move |result| drop(answer.send(result));
        self.send(Box::new(CommitJob { commit, done: Committed::default(), answer }));
        outcome
    }
}

impl Store for SqliteStore {
    fn create(&self, runs: Vec<NewRun>, worker: Option<WorkerId>) -> Answer<Vec<Created>> {
        self.write("create runs", move |db| runs::create_all(db, &runs, worker))
    }

    fn register(&self, worker: NewWorker) -> Answer<WorkerId> {
        self.write("register a worker", move |db| workers::register(db, &worker))
    }

    fn renew(&self, worker: WorkerId, lease_until: SystemTime) -> Answer<Renewed> {
        self.write("renew a worker's lease", move |db| workers::renew(db, worker, lease_until))
    }

    fn unregister(&self, worker: WorkerId, now: SystemTime) -> Answer<()> {
        self.write("unregister a worker", move |db| workers::unregister(db, worker, now))
    }

    fn claim(&self, claim: Claim) -> Answer<Vec<ClaimedRun>> {
        const ATTEMPTED: &str = "claim runs";
        let now = claim.now;
        let (answer, outcome) = oneshot::channel();
        // Not the store itself, whose last owner waits for these threads to end.
        let (readers, parker) = (self.0.readers.sender(), self.0.sender.clone());
        let claimed = move |claimed: Result<Vec<ClaimedRun>, StoreError>| match claimed {
            Ok(claimed) if !claimed.is_empty() => {
                let read = read_claimed(claimed, parker, now, move |runs| drop(answer.send(Ok(runs))));
                reader::send(readers.as_ref(), read);
            }
            claimed => drop(answer.send(claimed)),
        };
        let work = move |db: &Db| runs::claim(db, &claim);
        self.send(Box::new(Work { attempted: ATTEMPTED, work, done: None, answer: claimed }));
        Box::pin(async move { outcome.await.unwrap_or_else(|_| Err(StoreError::closed(ATTEMPTED))) })
    }

    fn commit(&self, commits: Vec<Commit>) -> BoxFuture<'static, Vec<Result<Committed, StoreError>>> {
        let sent: Vec<_> =
            commits.into_iter().map(|commit| (commit::attempted(&commit.lease), self.commit_one(commit))).collect();
        Box::pin(async move {
            let mut outcomes = Vec::with_capacity(sent.len());
            for (attempted, outcome) in sent {
                outcomes.push(outcome.await.unwrap_or_else(|_| Err(StoreError::closed(attempted))));
            }
            outcomes
        })
    }

    fn send(&self, mail: Vec<NewMail>, now: SystemTime) -> Answer<Vec<super::Delivery>> {
        self.write("deliver mail", move |db| {
            let deliveries = mail.iter().map(|mail| mail::deliver(db, mail, now));
            deliveries.collect::<Result<_, _>>().map_err(Failed::Sql)
        })
    }

    fn publish(&self, events: Vec<Event>, now: SystemTime) -> Answer<Vec<u64>> {
        self.write("publish events", move |db| {
            let trees = events.iter().map(|event| super::matching::tree(&event.payload));
            let trees = trees.collect::<Result<Vec<_>, _>>()?;
            let matched = events.iter().zip(&trees).map(|(event, tree)| mail::publish(db, event, tree, now));
            matched.collect::<Result<_, _>>().map_err(Failed::Sql)
        })
    }

    fn mail(&self, since: Vec<MailSince>) -> Answer<Vec<Vec<Mail>>> {
        self.read("read mail", move |connection| since.iter().map(|since| read::mail(connection, since)).collect())
    }

    fn run(&self, run: RunId) -> Answer<Option<RunRecord>> {
        self.read("read a run", move |connection| read::run(connection, &run))
    }

    fn list(&self, filter: RunFilter, after: Option<u64>, limit: usize) -> Answer<Page> {
        self.read("list runs", move |connection| read::list(connection, &filter, after, limit))
    }

    fn steps(&self, run: RunId) -> Answer<Option<Vec<StoredMemo>>> {
        self.read("read the steps of a run", move |connection| read::steps(connection, &run))
    }

    fn history(&self, run: RunId) -> Answer<Option<Vec<StoredMemo>>> {
        self.read("read the history of a run", move |connection| read::history(connection, &run))
    }

    fn retry(&self, retry: Retry) -> Answer<Retried> {
        self.write("retry a run", move |db| runs::retry(db, &retry))
    }

    fn fork(&self, fork: Fork) -> Answer<Forked> {
        self.write("fork a run", move |db| runs::fork(db, &fork))
    }

    fn delete(&self, runs: Vec<RunId>) -> Answer<Vec<Deleted>> {
        self.write("delete runs", move |db| {
            runs.iter().map(|run| runs::delete(db, run)).collect::<Result<_, _>>().map_err(Failed::Sql)
        })
    }

    fn expire(&self, expire: Expire) -> Answer<usize> {
        self.write("delete runs that ended long ago", move |db| runs::expire(db, &expire))
    }

    fn next_due(&self, workflows: Vec<Registered>, asking: Option<WorkerId>) -> Answer<Option<SystemTime>> {
        self.read("find the next run that is due", move |connection| read::next_due(connection, &workflows, asking))
    }

    fn wake_parents(&self, known: Vec<Registered>, now: SystemTime) -> Answer<usize> {
        const ATTEMPTED: &str = "wake the parents of runs that are not known";
        let (answer, outcome) = oneshot::channel();
        let answer = move |woken| drop(answer.send(woken));
        let writer = self.0.sender.clone();
        self.0.readers.send(Box::new(move |connection| {
            let parents = match parents::of_unknown_children(connection, &known, now) {
                Ok(parents) if parents.is_empty() => return answer(Ok(0)),
                Ok(parents) => parents,
                Err(error) => return answer(Err(of_sql(ATTEMPTED, &error))),
            };
            let work = move |db: &Db| parents::wake(db, &parents, now);
            if let Some(writer) = writer {
                let _ = writer.send(Box::new(Work { attempted: ATTEMPTED, work, done: None, answer }));
            }
        }));
        Box::pin(async move { outcome.await.unwrap_or_else(|_| Err(StoreError::closed(ATTEMPTED))) })
    }

    fn set_triggers(
        &self,
        workflow: String,
        version: u32,
        triggers: Vec<StoredTrigger>,
        now: SystemTime,
    ) -> Answer<()> {
        self.write("keep what starts runs", move |db| triggers::set(db, &workflow, version, &triggers, now))
    }

    fn triggered_by(&self, event: String) -> Answer<Vec<(String, u32)>> {
        self.read("find what an event starts", move |connection| triggers::of_event(connection, &event))
    }

    fn last_tick(&self, workflow: String, expression: String, timezone: Option<String>) -> Answer<Option<SystemTime>> {
        let cron = StoredTrigger::Cron { expression, timezone };
        self.read("read a last tick", move |connection| triggers::last_tick(connection, &workflow, &cron))
    }

    fn ticked(&self, workflow: String, expression: String, timezone: Option<String>, tick: SystemTime) -> Answer<()> {
        let cron = StoredTrigger::Cron { expression, timezone };
        self.write("keep a tick", move |db| triggers::ticked(db, &workflow, &cron, tick))
    }

    fn notices(&self) -> Notices {
        self.0.bell.listen()
    }
}

/// Reads what belongs to claimed runs. One that cannot be read now is due again soon; one that never can is set aside, so that it is
/// not claimed for ever.
fn read_claimed(
    claimed: Vec<ClaimedRun>,
    parker: Option<Sender<Box<dyn Job>>>,
    now: SystemTime,
    answer: impl FnOnce(Vec<ClaimedRun>) + Send + 'static,
) -> Read {
    Box::new(move |connection| {
        let mut readable = Vec::with_capacity(claimed.len());
        for mut run in claimed {
            match read::complete(connection, &mut run) {
                Ok(()) => readable.push(run),
                Err(error) => {
                    let attempted = "set aside a run that cannot be read";
                    let is_temporary = of_sql(attempted, &error).is_temporary();
                    let (lease, problem) = (run.lease, error.to_string());
                    let work = move |db: &Db| match is_temporary {
                        true => runs::unclaim(db, &lease, now),
                        false => runs::park_unreadable(db, &lease, &problem),
                    };
                    let job = Work { attempted, work, done: None, answer: drop };
                    if let Some(parker) = &parker {
                        let _ = parker.send(Box::new(job));
                    }
                }
            }
        }
        answer(readable);
    })
}

impl Drop for Inner {
    fn drop(&mut self) {
        // Without a sender the writer ends, once it has written what was asked for.
        self.sender = None;
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != std::thread::current().id()
        {
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.0.path).finish_non_exhaustive()
    }
}
