//! Statements of the user's own that commit together with a memo.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::SqliteStore;
use super::commit::{apply, attempted, check_lease};
use super::errors::Failed;
use super::writer::{Db, Job};
use crate::failure::Failure;
use crate::store::{Answer, Commit, Committed, Lease, StoreError, StoreErrorKind};

/// Whether a user's body is using the writer's connection, and whether it has tried to commit.
#[derive(Clone, Default)]
pub(super) struct InBody(Arc<Flags>);

#[derive(Default)]
struct Flags {
    is_running: AtomicBool,
    has_tried_to_commit: AtomicBool,
}

/// What became of a body's transaction.
#[derive(Debug)]
pub enum Transacted<T> {
    /// What it wrote is committed, and so is what it said to record.
    Done(T, Committed),
    /// It failed, and nothing is left of what it wrote.
    Failed(Failure),
}

/// Keeps a body from committing what is not its own: its neighbours' work is in the same transaction.
pub(super) fn guard_commits(connection: &mut Connection) -> rusqlite::Result<InBody> {
    let in_body = InBody::default();
    let guard = in_body.clone();
    connection.commit_hook(Some(move || {
        let is_refused = guard.0.is_running.load(Ordering::Relaxed);
        guard.0.has_tried_to_commit.fetch_or(is_refused, Ordering::Relaxed);
        is_refused
    }))?;
    Ok(in_body)
}

impl SqliteStore {
    /// Runs `body` with a connection to the file, inside the transaction that records what it returns.
    ///
    /// # Behavior
    ///
    /// - What the body writes and the commit it returns are one change: both are there, or neither.
    /// - If the lease is stale, the body does not run: [`StoreErrorKind::LeaseLost`].
    /// - A body that returns an error or panics leaves nothing: [`Transacted::Failed`], with nothing recorded.
    /// - A body that ends the transaction (`COMMIT`, `ROLLBACK`) has failed; its neighbours in the group have not.
    /// - The body runs once or not at all. An error that [is temporary](StoreError::is_temporary) left nothing of it behind.
    /// - It runs on the thread that writes for all: no network, no waiting, no long computing in it.
    pub fn transact<T, F>(&self, lease: Lease, body: F) -> Answer<Transacted<T>>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<(T, Commit), Failure> + Send + 'static,
    {
        let (answer, outcome) = oneshot::channel();
        let (text, in_body) = (attempted(&lease), self.0.in_body.clone());
        self.send(Box::new(TransactJob { lease, body: Some(body), in_body, done: None, answer }));
        Box::pin(async move { outcome.await.unwrap_or_else(|_| Err(StoreError::closed(text))) })
    }
}

struct TransactJob<T, F> {
    lease: Lease,
    /// `None` once it has run.
    body: Option<F>,
    in_body: InBody,
    done: Option<Transacted<T>>,
    answer: oneshot::Sender<Result<Transacted<T>, StoreError>>,
}

impl<T, F> Job for TransactJob<T, F>
where
    T: Send,
    F: FnOnce(&Connection) -> Result<(T, Commit), Failure> + Send,
{
    fn attempt(&mut self, db: &Db) -> Result<(), Failed> {
        let Some(body) = self.body.take() else {
            // The transaction that it ran in is gone. If it had failed, that is its answer nevertheless.
            let failed = matches!(self.done, Some(Transacted::Failed(_)));
            return if failed { Ok(()) } else { Err(self.rolled_back().into()) };
        };
        check_lease(db, &self.lease)?;
        db.execute("SAVEPOINT owf_body", [])?;
        let result = self.run(body, &db.connection);
        if db.connection.is_autocommit() {
            // What SQLite says of a commit that was refused would tell nobody why.
            let has_tried = self.in_body.0.has_tried_to_commit.load(Ordering::Relaxed);
            self.done = Some(Transacted::Failed(result.err().filter(|_| !has_tried).unwrap_or_else(ended)));
            return Err(Failed::Sql(aborted()));
        }
        let (value, commit) = match result {
            Ok(done) => done,
            Err(failure) => {
                self.done = Some(Transacted::Failed(failure));
                return Ok(undo(db)?);
            }
        };
        if commit.lease != self.lease {
            undo(db)?;
            return Err(StoreError::invalid(self.attempted(), "the body returned a commit of another run").into());
        }
        let committed = match apply(db, &commit) {
            Err(Failed::Refused(error)) => {
                undo(db)?;
                return Err(error.into());
            }
            applied => applied?,
        };
        if db.execute("RELEASE owf_body", []).is_err() {
            self.done = Some(Transacted::Failed(ended()));
            return Err(Failed::Sql(aborted()));
        }
        self.done = Some(Transacted::Done(value, committed));
        Ok(())
    }

    fn answer(self: Box<Self>, outcome: Result<(), StoreError>) {
        let rolled_back = self.rolled_back();
        drop(self.answer.send(match (outcome, self.done) {
            (Ok(()), Some(done)) => Ok(done),
            // A body that failed has left nothing, whatever became of the transaction.
            (Err(_), Some(Transacted::Failed(failure))) => Ok(Transacted::Failed(failure)),
            (Err(error), _) => Err(error),
            (Ok(()), None) => Err(rolled_back),
        }));
    }

    fn attempted(&self) -> String {
        attempted(&self.lease)
    }
}

impl<T, F> TransactJob<T, F> {
    /// Runs the body; a panic is its error.
    fn run(&self, body: F, connection: &Connection) -> Result<(T, Commit), Failure>
    where
        F: FnOnce(&Connection) -> Result<(T, Commit), Failure>,
    {
        let Flags { is_running, has_tried_to_commit } = &*self.in_body.0;
        has_tried_to_commit.store(false, Ordering::Relaxed);
        is_running.store(true, Ordering::Relaxed);
        let result = catch_unwind(AssertUnwindSafe(|| body(connection)));
        is_running.store(false, Ordering::Relaxed);
        result.unwrap_or_else(|panic| Err(Failure::panic(&*panic)))
    }

    fn rolled_back(&self) -> StoreError {
        let problem = "its transaction was rolled back, as the file could not be written; nothing of it is left: attempt it again";
        StoreError::new(attempted(&self.lease), StoreErrorKind::Io, problem)
    }
}

fn ended() -> Failure {
    Failure::msg("its statements ended the transaction: leave out BEGIN, COMMIT and ROLLBACK, the step has one already")
}

/// What makes the writer begin anew with the others of the group.
fn aborted() -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_ABORT), None)
}

fn undo(db: &Db) -> rusqlite::Result<()> {
    db.execute("ROLLBACK TO owf_body", [])?;
    db.execute("RELEASE owf_body", []).map(drop)
}
