//! The contract between a durable driver and the database that keeps its runs.
//!
//! A store keeps what it is given and decides nothing: when a run is retried, which step is forgotten, what a timer means is
//! decided by the one durable driver above, so that a second database is a second set of statements and not a second driver.
//!
//! A run is kept as a row of what it is now, a log of its memos, and its mail. The log is only appended to: of several memos
//! under one ID the latest counts, and its place in the log is its place in the order of recording.
//!
//! A run that is executed is *owned*: by a [worker](NewWorker), which has a lease on all its runs together, and through a [`Lease`]
//! of its own, whose token changes with every claim. What comes with an old token is refused, so that a process that was
//! stopped and continued changes nothing of what others have taken over.
//!
//! Time is an argument everywhere; a store reads no clock for what it keeps.

mod commit;
mod error;
#[cfg(feature = "testing")]
mod faulty;
mod lease;
mod mail;
mod matching;
#[cfg(feature = "testing")]
mod memory;
mod notice;
mod run;
mod sqlite;
mod trigger;

pub use commit::{Child, Commit, Committed, MemoState, StoredMemo, Then};
pub use error::{StoreError, StoreErrorKind};
#[cfg(feature = "testing")]
pub use faulty::{Faults, FaultyStore};
pub use lease::{Claim, ClaimedRun, Lease, NewWorker, Registered, Renewed, WorkerId};
pub use mail::{Delivery, Event, EventWait, FieldMatch, Mail, MailContent, MailSince, NewMail};
#[cfg(feature = "testing")]
pub use memory::MemoryStore;
pub use notice::{Notice, Notices};
pub use run::{
    Created, Deleted, End, Expire, Fork, Forked, NewRun, Page, Retried, Retry, RunFilter, RunRecord, RunSummary, Status,
};
/// What bodies of [`SqliteStore::transact`] use.
pub use rusqlite;
pub use sqlite::{SqliteOptions, SqliteStore, Synchronous, Transacted};
pub use trigger::StoredTrigger;

use std::sync::Arc;
use std::time::SystemTime;

use crate::host::BoxFuture;
use crate::kernel::RunId;

/// What a store answers, later.
pub type Answer<T> = BoxFuture<'static, Result<T, StoreError>>;

/// Keeps runs, so that they outlive the process.
///
/// # Behavior
///
/// - A call takes its place in the order when it is made, not when its answer is awaited; dropping the answer undoes nothing.
/// - What is answered with success is durable, as far as the store's settings promise, and seen by every later call of any process.
/// - What is answered with an error may have happened, if the error [says so](StoreError::may_have_happened); otherwise it has not.
/// - After an error the store goes on: a later call succeeds as soon as the cause is gone.
pub trait Store: Send + Sync + 'static {
    /// Creates runs; those of a `worker` are owned by it at once, as if claimed.
    ///
    /// # Behavior
    ///
    /// - A run whose ID is not known is created: [`Created::New`].
    /// - A run whose ID is known with the same workflow and the [same](crate::Json::is_same_value) input stays as it is: [`Created::Known`].
    /// - A run whose ID is known with another workflow or input stays as it is: [`Created::Other`].
    /// - Two runs of one ID in one call are judged one after the other.
    /// - With a worker, each new run comes with a lease, and counts as started when it was created. A worker that has lost its
    ///   lease creates nothing: [`StoreErrorKind::LeaseLost`].
    fn create(&self, runs: Vec<NewRun>, worker: Option<WorkerId>) -> Answer<Vec<Created>>;

    /// Makes a process known that is going to own runs.
    ///
    /// # Behavior
    ///
    /// - Every call makes a worker of its own, whatever its name.
    fn register(&self, worker: NewWorker) -> Answer<WorkerId>;

    /// Prolongs a worker's lease on all its runs.
    ///
    /// # Behavior
    ///
    /// - A worker that nobody has replaced keeps its runs, even if its lease was over: [`Renewed::Kept`].
    /// - A worker whose runs were taken over, or that was unregistered: [`Renewed::Lost`].
    fn renew(&self, worker: WorkerId, lease_until: SystemTime) -> Answer<Renewed>;

    /// Ends a worker, and hands back what it owns.
    ///
    /// # Behavior
    ///
    /// - Its runs are due at once, and their leases refused.
    /// - A worker that is not known is no error.
    fn unregister(&self, worker: WorkerId, now: SystemTime) -> Answer<()>;

    /// Takes runs that are due.
    ///
    /// # Behavior
    ///
    /// - First, every worker whose lease was over before `now`, or whose process is known to be dead, loses its runs: they are due.
    /// - Only runs of registered workflows are taken, those that have been due the longest first, `limit` at most.
    /// - Runs of a newer version than is registered are left alone: another process has their code.
    /// - A workflow that is registered twice counts with the newer of the two.
    /// - A claimed run is owned; nobody else gets it, and it is not due.
    /// - It comes with all of its record: its latest memo under each ID in the order of recording, its mail in the order of arrival,
    ///   and what it will get mail for.
    /// - `claims` counts how often it was claimed since it last committed anything; this claim included.
    /// - Only suspended, pending and lost runs are due: parked and finished ones are not.
    /// - A worker that has lost its lease gets nothing: [`StoreErrorKind::LeaseLost`].
    fn claim(&self, claim: Claim) -> Answer<Vec<ClaimedRun>>;

    /// Records what happened to owned runs.
    ///
    /// # Behavior
    ///
    /// - Each commit is made as a whole or not at all. The commits of one call are independent of each other, and made in order.
    /// - A commit whose lease is stale changes nothing: [`StoreErrorKind::LeaseLost`].
    /// - Memos are appended in the given order; one under a known ID replaces that, and stands at the end of the order.
    /// - Consumed mail is gone; mail that is gone already is no error.
    /// - Within one commit: memos, consumed mail, dropped waits, new waits, sends, events, children, and then what the run is now.
    /// - Mail of other runs is delivered as by [`send`](Store::send), events as by [`publish`](Store::publish).
    /// - An event with a key that the run has committed before is not published again, and matches nothing.
    /// - A child is created as by [`create`](Store::create), and its end comes as mail to its parent, under the operation's ID: at once if the
    ///   child is over already. A child that is known with another workflow or input is not waited for.
    /// - [`Then::Suspend`]: due at the given time; at once if mail has come after `seen` and was not consumed, or comes later.
    /// - [`Then::Finish`]: the run is over, its waits are forgotten, and whoever waits for its end gets mail.
    /// - [`Then::Park`]: neither due nor over until it is [retried](Store::retry).
    fn commit(&self, commits: Vec<Commit>) -> BoxFuture<'static, Vec<Result<Committed, StoreError>>>;

    /// Delivers mail to runs.
    ///
    /// # Behavior
    ///
    /// - Mail gets the next number of its run; one run's mail is numbered in the order of arrival, and numbers are not used again.
    /// - A suspended run that gets mail is due at once; an owned one stays owned, and its process is [told](Notice::Mail).
    /// - Mail with a key that the run has got before is not delivered again, even if that was consumed: [`Delivery::Delivered`].
    /// - [`Delivery::NoSuchRun`] and [`Delivery::RunIsOver`] deliver nothing.
    fn send(&self, mail: Vec<NewMail>, now: SystemTime) -> Answer<Vec<Delivery>>;

    /// Publishes events; tells for each how many waits it matched.
    ///
    /// # Behavior
    ///
    /// - A wait matches an event of its name if the event's payload has each of its values at the value's place.
    /// - Each matching wait gets the payload as mail, under its operation's ID, and is over.
    /// - An event that nobody waits for is not kept.
    fn publish(&self, events: Vec<Event>, now: SystemTime) -> Answer<Vec<u64>>;

    /// The mail of runs after a number, in the order of the questions.
    ///
    /// # Behavior
    ///
    /// - It is what was sent, with the type that a signal was sent as.
    /// - Mail that was consumed is not listed; a run that is not known has none.
    fn mail(&self, since: Vec<MailSince>) -> Answer<Vec<Vec<Mail>>>;

    /// What is known of a run.
    ///
    /// # Behavior
    ///
    /// - It has the store's name for the run, which its leases have, too.
    fn run(&self, run: RunId) -> Answer<Option<RunRecord>>;

    /// Lists runs, the youngest first.
    ///
    /// # Behavior
    ///
    /// - A page begins after the run at which the page before ended, whatever was created or deleted meanwhile.
    /// - `next` is `None` on the last page.
    fn list(&self, filter: RunFilter, after: Option<u64>, limit: usize) -> Answer<Page>;

    /// A run's latest memo under each ID, in the order of recording; `None` for a run that is not known.
    fn steps(&self, run: RunId) -> Answer<Option<Vec<StoredMemo>>>;

    /// All that was recorded of a run's operations, to show each attempt; `None` for a run that is not known.
    ///
    /// # Behavior
    ///
    /// - Every memo with a value, an error, or an attempt to be retried is there, in the order of recording: also those that later
    ///   ones replaced or a [`retry`](Store::retry) forgot. What only waited is not.
    /// - A fork begins with what it took.
    fn history(&self, run: RunId) -> Answer<Option<Vec<StoredMemo>>>;

    /// Lets a run that failed, was cancelled or is parked go on.
    ///
    /// # Behavior
    ///
    /// - The memos under the given IDs are forgotten, and so is the run's end; it is due at once, with the mail it has.
    /// - A run that was claimed since `token` was read, or is none of these, stays as it is: [`Retried::Changed`].
    fn retry(&self, retry: Retry) -> Answer<Retried>;

    /// Makes a new run with the memos that another had up to a place in its log.
    ///
    /// # Behavior
    ///
    /// - Workflow, version, input and the time of its start are those of the other.
    /// - Taken is what was the latest memo under each ID at that place, if it is finished.
    /// - It is due at once, and has no mail.
    /// - The other run stays as it is, whatever it is.
    fn fork(&self, fork: Fork) -> Answer<Forked>;

    /// Deletes runs, with all that belongs to them.
    ///
    /// # Behavior
    ///
    /// - A run that is owned ([`Deleted::Running`]) or whose end another run waits for ([`Deleted::Awaited`]) stays as it is.
    /// - The ID of a deleted run is free.
    fn delete(&self, runs: Vec<RunId>) -> Answer<Vec<Deleted>>;

    /// Deletes runs that ended before a time, the oldest first; tells how many.
    ///
    /// # Behavior
    ///
    /// - `limit` at most, so that others are not kept waiting: call it again while it deletes as many.
    fn expire(&self, expire: Expire) -> Answer<usize>;

    /// When [`claim`](Store::claim) will have something to take: the next time that a run is due, or that a worker's lease is over.
    ///
    /// # Behavior
    ///
    /// - The lease of the worker that asks does not count.
    fn next_due(&self, workflows: Vec<Registered>, asking: Option<WorkerId>) -> Answer<Option<SystemTime>>;

    /// Makes parents due that wait for children whose workflows nobody here knows: entered again, their code tells them. Tells how many.
    ///
    /// # Behavior
    ///
    /// - Due, now, are the suspended runs of known workflows that wait for the end of a run that is due and of none of these workflows.
    /// - A parent that is due, owned or over stays as it is, and so does one of a workflow or a version that is not known.
    /// - The children stay due, and the waits stay: whoever asks again wakes the same parents again.
    fn wake_parents(&self, known: Vec<Registered>, now: SystemTime) -> Answer<usize>;

    /// Keeps what starts runs of a workflow, for all processes.
    ///
    /// # Behavior
    ///
    /// - What was kept for the workflow is replaced, unless that was of a newer version, even if it was nothing.
    /// - A cron trigger that was kept before keeps its last tick; for a new one that is `now`, so that what was earlier is not made up for.
    fn set_triggers(&self, workflow: String, version: u32, triggers: Vec<StoredTrigger>, now: SystemTime)
    -> Answer<()>;

    /// The workflows that an event starts, by name, each with the version of which that was kept.
    fn triggered_by(&self, event: String) -> Answer<Vec<(String, u32)>>;

    /// The last tick of a cron trigger; `None` if no such trigger is kept.
    fn last_tick(&self, workflow: String, expression: String, timezone: Option<String>) -> Answer<Option<SystemTime>>;

    /// Keeps that a tick of a cron trigger was run.
    ///
    /// # Behavior
    ///
    /// - An earlier tick than the last is ignored, and so is that of a trigger that is not kept.
    fn ticked(&self, workflow: String, expression: String, timezone: Option<String>, tick: SystemTime) -> Answer<()>;

    /// Tells from now on what happens, so that nobody has to poll.
    ///
    /// # Behavior
    ///
    /// - Told after it is durable. Told at least once; what is told may be over when it is looked at.
    /// - What other processes did is told as [`Notice::Elsewhere`], within 50 ms.
    fn notices(&self) -> Notices;
}

/// A store that several share.
impl<S: Store + ?Sized> Store for Arc<S> {
    fn create(&self, runs: Vec<NewRun>, worker: Option<WorkerId>) -> Answer<Vec<Created>> {
        (**self).create(runs, worker)
    }

    fn register(&self, worker: NewWorker) -> Answer<WorkerId> {
        (**self).register(worker)
    }

    fn renew(&self, worker: WorkerId, lease_until: SystemTime) -> Answer<Renewed> {
        (**self).renew(worker, lease_until)
    }

    fn unregister(&self, worker: WorkerId, now: SystemTime) -> Answer<()> {
        (**self).unregister(worker, now)
    }

    fn claim(&self, claim: Claim) -> Answer<Vec<ClaimedRun>> {
        (**self).claim(claim)
    }

    fn commit(&self, commits: Vec<Commit>) -> BoxFuture<'static, Vec<Result<Committed, StoreError>>> {
        (**self).commit(commits)
    }

    fn send(&self, mail: Vec<NewMail>, now: SystemTime) -> Answer<Vec<Delivery>> {
        (**self).send(mail, now)
    }

    fn publish(&self, events: Vec<Event>, now: SystemTime) -> Answer<Vec<u64>> {
        (**self).publish(events, now)
    }

    fn mail(&self, since: Vec<MailSince>) -> Answer<Vec<Vec<Mail>>> {
        (**self).mail(since)
    }

    fn run(&self, run: RunId) -> Answer<Option<RunRecord>> {
        (**self).run(run)
    }

    fn list(&self, filter: RunFilter, after: Option<u64>, limit: usize) -> Answer<Page> {
        (**self).list(filter, after, limit)
    }

    fn steps(&self, run: RunId) -> Answer<Option<Vec<StoredMemo>>> {
        (**self).steps(run)
    }

    fn history(&self, run: RunId) -> Answer<Option<Vec<StoredMemo>>> {
        (**self).history(run)
    }

    fn retry(&self, retry: Retry) -> Answer<Retried> {
        (**self).retry(retry)
    }

    fn fork(&self, fork: Fork) -> Answer<Forked> {
        (**self).fork(fork)
    }

    fn delete(&self, runs: Vec<RunId>) -> Answer<Vec<Deleted>> {
        (**self).delete(runs)
    }

    fn expire(&self, expire: Expire) -> Answer<usize> {
        (**self).expire(expire)
    }

    fn next_due(&self, workflows: Vec<Registered>, asking: Option<WorkerId>) -> Answer<Option<SystemTime>> {
        (**self).next_due(workflows, asking)
    }

    fn wake_parents(&self, known: Vec<Registered>, now: SystemTime) -> Answer<usize> {
        (**self).wake_parents(known, now)
    }

    fn set_triggers(
        &self,
        workflow: String,
        version: u32,
        triggers: Vec<StoredTrigger>,
        now: SystemTime,
    ) -> Answer<()> {
        (**self).set_triggers(workflow, version, triggers, now)
    }

    fn triggered_by(&self, event: String) -> Answer<Vec<(String, u32)>> {
        (**self).triggered_by(event)
    }

    fn last_tick(&self, workflow: String, expression: String, timezone: Option<String>) -> Answer<Option<SystemTime>> {
        (**self).last_tick(workflow, expression, timezone)
    }

    fn ticked(&self, workflow: String, expression: String, timezone: Option<String>, tick: SystemTime) -> Answer<()> {
        (**self).ticked(workflow, expression, timezone, tick)
    }

    fn notices(&self) -> Notices {
        (**self).notices()
    }
}
