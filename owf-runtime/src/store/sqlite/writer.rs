//! The one thread that writes: whatever is waiting for it becomes one transaction, so that one sync of the disk serves all.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fs::File;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, Params, Row};

use super::errors::{Failed, busy_text, of_sql};
use super::workers;
use crate::store::notice::Bell;
use crate::store::{Notice, StoreError, WorkerId};

/// How often an idle writer looks at what other processes did; a run that became due there is taken within 50 ms.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How often the locks of other workers are tried.
pub(super) const TRY_LOCKS_EVERY: Duration = Duration::from_millis(500);

/// How often a lock that another holds is tried: often at first, then so seldom that it costs nothing.
const BUSY_POLL_MIN: Duration = Duration::from_micros(100);
const BUSY_POLL_MAX: Duration = Duration::from_millis(5);
const BUSY_SHORTLY: Duration = Duration::from_millis(500);

/// Pieces of work in one transaction: more would make the first of them wait for longer than the sync takes.
const GROUP_MAX: usize = 1024;

/// Something to be written.
pub(super) trait Job: Send {
    /// Does the work in the open transaction. Called again if the transaction was rolled back through no fault of this job.
    fn attempt(&mut self, db: &Db) -> Result<(), Failed>;

    /// What the work did is durable, or, with an error, has not happened.
    fn answer(self: Box<Self>, outcome: Result<(), StoreError>);

    /// What is attempted, for errors.
    fn attempted(&self) -> String;
}

/// A job made of closures.
pub(super) struct Work<T, F, A> {
    pub(super) attempted: &'static str,
    pub(super) work: F,
    pub(super) done: Option<T>,
    pub(super) answer: A,
}

impl<T, F, A> Job for Work<T, F, A>
where
    T: Send,
    F: FnMut(&Db) -> Result<T, Failed> + Send,
    A: FnOnce(Result<T, StoreError>) + Send,
{
    fn attempt(&mut self, db: &Db) -> Result<(), Failed> {
        self.done = Some((self.work)(db)?);
        Ok(())
    }

    fn answer(self: Box<Self>, outcome: Result<(), StoreError>) {
        let Work { attempted, done, answer, .. } = *self;
        answer(outcome.and_then(|()| done.ok_or_else(|| StoreError::closed(attempted))));
    }

    fn attempted(&self) -> String {
        self.attempted.to_owned()
    }
}

/// An owned run, as this writer left it.
#[derive(Clone, Copy)]
pub(super) struct Owned {
    pub(super) token: i64,
    pub(super) last_memo: Option<i64>,
}

/// The writer's connection, and what its jobs leave behind besides rows.
pub(super) struct Db {
    pub(super) connection: Connection,
    /// The path of the file, to which the names of the workers' lock files are added.
    pub(super) path: std::path::PathBuf,
    /// The locks of this process's workers: when it dies, others can take them.
    pub(super) locks: RefCell<HashMap<WorkerId, File>>,
    /// When the locks of others were last tried.
    pub(super) locks_tried: RefCell<Option<Instant>>,
    /// Runs whose leases were checked, so that a step need not read its run's row again.
    owned: RefCell<HashMap<i64, Owned>>,
    /// The number of the last transaction of another connection that `owned` knows of.
    version: Cell<i64>,
    busy_timeout: Duration,
    notices: RefCell<Vec<Notice>>,
}

impl Db {
    pub(super) fn new(connection: Connection, path: std::path::PathBuf, busy_timeout: Duration) -> Db {
        let (locks, locks_tried, owned, version, notices) = Default::default();
        Db { connection, path, locks, locks_tried, owned, version, busy_timeout, notices }
    }

    /// Runs a statement; tells how many rows it changed.
    pub(super) fn execute(&self, sql: &str, params: impl Params) -> rusqlite::Result<usize> {
        self.connection.prepare_cached(sql)?.execute(params)
    }

    /// The first row, if there is one.
    pub(super) fn first<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Option<T>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        rows.next()?.map(read).transpose()
    }

    /// All rows.
    pub(super) fn all<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Vec<T>> {
        self.connection.prepare_cached(sql)?.query_map(params, read)?.collect()
    }

    /// What is known of a run's owner.
    pub(super) fn owned(&self, run: i64) -> Option<Owned> {
        self.owned.borrow().get(&run).copied()
    }

    /// Remembers a run's owner, until [`disown`](Db::disown), a rollback, or a transaction of another connection.
    pub(super) fn remember(&self, run: i64, owned: Owned) {
        self.owned.borrow_mut().insert(run, owned);
    }

    /// Forgets a run's owner: whoever changes owner, token or log of a run calls this.
    pub(super) fn disown(&self, run: i64) {
        self.owned.borrow_mut().remove(&run);
    }

    pub(super) fn disown_all(&self) {
        self.owned.borrow_mut().clear();
    }

    /// A number that changes with each transaction of another connection.
    fn read_version(&self) -> rusqlite::Result<i64> {
        Ok(self.first("PRAGMA data_version", [], |row| row.get(0))?.unwrap_or_default())
    }

    /// Tells of something once it is durable.
    pub(super) fn notice(&self, notice: Notice) {
        self.notices.borrow_mut().push(notice);
    }

    /// Begins, once no other process writes. SQLite's own wait sleeps for up to 100 ms, and would seldom meet the
    /// moments in which a busy neighbour has no lock.
    fn begin(&self) -> rusqlite::Result<()> {
        let began = Instant::now();
        loop {
            match self.execute("BEGIN IMMEDIATE", []) {
                Ok(_) => break,
                Err(error) if busy_text(&error).is_some() && began.elapsed() < self.busy_timeout => {
                    let wait = if began.elapsed() < BUSY_SHORTLY { BUSY_POLL_MIN } else { BUSY_POLL_MAX };
                    std::thread::sleep(wait);
                }
                Err(error) => return Err(error),
            }
        }
        let version = self.read_version()?;
        if self.version.replace(version) != version {
            self.disown_all();
        }
        Ok(())
    }

    fn commit(&self) -> rusqlite::Result<()> {
        self.execute("COMMIT", []).map(drop)
    }

    fn roll_back(&self) {
        self.notices.borrow_mut().clear();
        self.disown_all();
        // SQLite has rolled back by itself after some errors, and then there is nothing left to roll back.
        if !self.connection.is_autocommit() {
            let _ = self.execute("ROLLBACK", []);
        }
    }
}

pub(super) struct Writer {
    pub(super) db: Db,
    pub(super) queue: Receiver<Box<dyn Job>>,
    pub(super) bell: Bell,
    pub(super) seen: Seen,
}

/// What the writer last saw of other processes.
#[derive(Default)]
pub(super) struct Seen {
    version: i64,
    looked_at: Option<Instant>,
}

impl Writer {
    /// Works until nobody can send any more.
    pub(super) fn run(mut self) {
        let mut group = Vec::new();
        loop {
            match self.queue.recv_timeout(LOOK_EVERY) {
                Ok(job) => {
                    group.push(job);
                    group.extend(self.queue.try_iter().take(GROUP_MAX - 1));
                    self.write(&mut group);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            self.look_elsewhere();
        }
    }

    /// Writes a group in one transaction. If that fails, each of its jobs gets one of its own, so that only the one at fault fails.
    fn write(&self, group: &mut Vec<Box<dyn Job>>) {
        match self.try_together(group) {
            Ok(outcomes) => {
                self.bell.ring(&mut self.db.notices.borrow_mut());
                for (job, outcome) in group.drain(..).zip(outcomes) {
                    job.answer(outcome);
                }
            }
            Err(error) if group.len() == 1 => {
                for job in group.drain(..) {
                    let error = of_sql(job.attempted(), &error);
                    job.answer(Err(error));
                }
            }
            // Nobody would get a lock that the group has waited for in vain.
            Err(error) if busy_text(&error).is_some() => {
                for job in group.drain(..) {
                    let error = of_sql(job.attempted(), &error);
                    job.answer(Err(error));
                }
            }
            Err(_) => {
                for job in group.drain(..) {
                    self.write(&mut vec![job]);
                }
            }
        }
    }

    fn try_together(&self, group: &mut [Box<dyn Job>]) -> rusqlite::Result<Vec<Result<(), StoreError>>> {
        let attempt = |group: &mut [Box<dyn Job>]| {
            self.db.begin()?;
            let mut outcomes = Vec::with_capacity(group.len());
            for job in group {
                outcomes.push(match job.attempt(&self.db) {
                    Ok(()) => Ok(()),
                    Err(Failed::Refused(error)) => Err(error),
                    Err(Failed::Sql(error)) => return Err(error),
                });
            }
            self.db.commit()?;
            Ok(outcomes)
        };
        attempt(group).inspect_err(|_| self.db.roll_back())
    }

    /// Tells that other processes wrote, or died.
    fn look_elsewhere(&mut self) {
        if self.seen.looked_at.is_some_and(|looked_at| looked_at.elapsed() < LOOK_EVERY) {
            return;
        }
        self.seen.looked_at = Some(Instant::now());
        // A failure here is met again by whoever writes next.
        let version = self.db.read_version().unwrap_or_default();
        let others_wrote = std::mem::replace(&mut self.seen.version, version) != version;
        if others_wrote {
            self.bell.ring(&mut vec![Notice::Elsewhere]);
        }
        if workers::any_dead(&self.db) {
            self.bell.ring(&mut vec![Notice::Due]);
        }
    }
}
