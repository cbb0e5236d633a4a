//! One commit of a run: a memo appended and the run's row updated, and, where there is more, what follows from it.

use rusqlite::params;

use super::convert::{integer, nanos};
use super::errors::Failed;
use super::writer::{Db, Job, Owned};
use super::{log, mail, runs};
use crate::store::matching::{Pattern, tree};
use crate::store::{Commit, Committed, Created, End, Lease, Notice, StoreError, Then};

/// A commit that waits for the writer.
pub(super) struct CommitJob<A> {
    pub(super) commit: Commit,
    pub(super) done: Committed,
    pub(super) answer: A,
}

impl<A: FnOnce(Result<Committed, StoreError>) + Send> Job for CommitJob<A> {
    fn attempt(&mut self, db: &Db) -> Result<(), Failed> {
        self.done = apply(db, &self.commit)?;
        Ok(())
    }

    fn answer(self: Box<Self>, outcome: Result<(), StoreError>) {
        let CommitJob { done, answer, .. } = *self;
        answer(outcome.map(|()| done));
    }

    fn attempted(&self) -> String {
        attempted(&self.commit.lease)
    }
}

pub(super) fn attempted(lease: &Lease) -> String {
    format!("record what happened to run `{}`", lease.run)
}

/// Makes the commit, or refuses it before anything is changed.
pub(super) fn apply(db: &Db, commit: &Commit) -> Result<Committed, Failed> {
    let last = check_lease(db, &commit.lease)?;
    let patterns = commit.waits.iter().map(|wait| Pattern::of_wait(&wait.matches)).collect::<Result<Vec<_>, _>>()?;
    let events = commit.events.iter().map(|event| tree(&event.payload)).collect::<Result<Vec<_>, _>>()?;

    let run = integer(commit.lease.key);
    let mut committed = Committed::default();
    let mut last = last;
    for memo in &commit.memos {
        let position = log::append(db, run, last, memo)?;
        committed.positions.push(position.unsigned_abs());
        last = Some(position);
    }
    db.remember(run, Owned { token: integer(commit.lease.token), last_memo: last });
    update_row(db, commit, last)?;
    for seq in &commit.consumed {
        db.execute("DELETE FROM owf_mail WHERE run = ?1 AND seq = ?2", [run, integer(*seq)])?;
    }
    for operation in &commit.dropped {
        mail::drop_wait(db, run, operation)?;
    }
    for (wait, pattern) in commit.waits.iter().zip(&patterns) {
        mail::wait_for_event(db, run, wait, pattern)?;
    }
    for send in &commit.sends {
        committed.deliveries.push(mail::deliver(db, send, commit.now)?);
    }
    for (event, tree) in commit.events.iter().zip(&events) {
        let is_first = match &event.key {
            Some(key) => mail::is_first(db, run, &format!("event {key}"))?,
            None => true,
        };
        committed.matched.push(if is_first { mail::publish(db, event, tree, commit.now)? } else { 0 });
    }
    for child in &commit.children {
        let created = runs::create(db, &child.run, None)?;
        if created != Created::Other {
            mail::wait_for_run(db, run, child, commit.now)?;
        }
        committed.children.push(created);
    }
    leave(db, commit)?;
    Ok(committed)
}

/// The end of the run's log, if the lease holds.
pub(super) fn check_lease(db: &Db, lease: &Lease) -> Result<Option<i64>, Failed> {
    let (run, token) = (integer(lease.key), integer(lease.token));
    if let Some(owned) = db.owned(run)
        && owned.token == token
    {
        return Ok(owned.last_memo);
    }
    let select = "SELECT last_memo FROM owf_runs WHERE key = ?1 AND token = ?2 AND worker IS NOT NULL";
    match db.first(select, [run, token], |row| row.get(0))? {
        Some(last_memo) => Ok(last_memo),
        None => Err(StoreError::lease_lost(attempted(lease)).into()),
    }
}

fn update_row(db: &Db, commit: &Commit, last: Option<i64>) -> rusqlite::Result<()> {
    let run = integer(commit.lease.key);
    db.execute("UPDATE owf_runs SET last_memo = ?2, claims = 0 WHERE key = ?1", params![run, last])?;
    if let Some(details) = &commit.details {
        db.execute("UPDATE owf_payloads SET details = ?2 WHERE run = ?1", params![run, details.as_str()])?;
    }
    if let Some(attempt) = commit.attempt {
        db.execute("UPDATE owf_runs SET attempt = ?2 WHERE key = ?1", params![run, attempt])?;
    }
    Ok(())
}

/// Gives the run up, where the commit says so: last, so that mail from the same commit is seen.
fn leave(db: &Db, commit: &Commit) -> rusqlite::Result<()> {
    let run = integer(commit.lease.key);
    let now = nanos(commit.now);
    if commit.then != Then::Keep {
        db.disown(run);
    }
    match &commit.then {
        Then::Keep => {}
        Then::Suspend { until, seen } => {
            let update = "UPDATE owf_runs SET status = 'suspended', worker = NULL,
                due_at = CASE WHEN EXISTS (SELECT 1 FROM owf_mail WHERE run = ?1 AND seq > ?2) THEN ?3 ELSE ?4 END
                WHERE key = ?1 RETURNING due_at IS NOT NULL";
            if db.all(update, params![run, integer(*seen), now, until.map(nanos)], |row| row.get(0))?.contains(&true) {
                db.notice(Notice::Due);
            }
        }
        Then::Park { reason } => {
            let update = "UPDATE owf_runs SET status = 'parked', worker = NULL, parked = ?2 WHERE key = ?1";
            db.execute(update, params![run, reason])?;
        }
        Then::Finish(end) => finish(db, commit, end)?,
    }
    Ok(())
}

fn finish(db: &Db, commit: &Commit, end: &End) -> rusqlite::Result<()> {
    let run = integer(commit.lease.key);
    let update = "UPDATE owf_runs SET status = ?2, worker = NULL, finished_at = ?3 WHERE key = ?1";
    db.execute(update, params![run, end.status().as_str(), nanos(commit.now)])?;
    let result = end.result();
    let (Ok(json) | Err(json)) = &result;
    db.execute("UPDATE owf_payloads SET result = ?2 WHERE run = ?1", params![run, json.as_str()])?;
    mail::drop_all_waits(db, run)?;
    mail::tell_of_end(db, &commit.lease.run, &result, commit.now)?;
    db.notice(Notice::Finished(commit.lease.run.clone()));
    Ok(())
}
