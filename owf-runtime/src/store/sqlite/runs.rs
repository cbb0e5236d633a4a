//! Runs as a whole: created, claimed, retried, forked, deleted.

use std::time::{Duration, SystemTime};

use rusqlite::params;

use super::convert::{integer, nanos, natural, time};
use super::errors::Failed;
use super::writer::Db;
use super::{log, mail, workers};
use crate::kernel::{RunId, time_after};
use crate::store::{
    Claim, ClaimedRun, Created, Deleted, Expire, Fork, Forked, Lease, NewRun, Notice, Registered, Retried, Retry,
    Status, StoreError, WorkerId,
};
use crate::value::Json;

pub(super) fn create_all(db: &Db, runs: &[NewRun], worker: Option<WorkerId>) -> Result<Vec<Created>, Failed> {
    if let Some(worker) = worker
        && !workers::is_registered(db, worker)?
    {
        return Err(StoreError::lease_lost("create runs for a worker").into());
    }
    let mut created = Vec::with_capacity(runs.len());
    for run in runs {
        created.push(create(db, run, worker)?);
    }
    Ok(created)
}

pub(super) fn create(db: &Db, run: &NewRun, worker: Option<WorkerId>) -> rusqlite::Result<Created> {
    let insert = "INSERT INTO owf_runs
            (id, workflow, version, status, token, claims, worker, due_at, created_at, started_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (id) DO NOTHING";
    let owned = worker.is_some();
    let created_at = nanos(run.created_at);
    let inserted = db.execute(
        insert,
        params![
            run.id.as_str(),
            run.workflow,
            run.version,
            if owned { "running" } else { "pending" },
            u32::from(owned),
            worker.map(|worker| integer(worker.0)),
            (!owned).then(|| nanos(run.due_at)),
            created_at,
            owned.then_some(created_at),
        ],
    )?;
    if inserted == 0 {
        return compare(db, run);
    }
    let key = db.connection.last_insert_rowid();
    db.execute("INSERT INTO owf_payloads (run, input) VALUES (?1, ?2)", params![key, run.input.as_str()])?;
    if !owned {
        db.notice(Notice::Due);
        return Ok(Created::New(None));
    }
    Ok(Created::New(Some(Lease { run: run.id.clone(), key: key.unsigned_abs(), token: 1 })))
}

fn compare(db: &Db, run: &NewRun) -> rusqlite::Result<Created> {
    let select = "SELECT workflow, input FROM owf_runs JOIN owf_payloads ON run = key WHERE id = ?1";
    let known =
        db.first(select, [run.id.as_str()], |row| Ok((row.get::<_, String>(0)?, super::convert::json(row, 1)?)))?;
    let same = known.is_some_and(|(workflow, input)| workflow == run.workflow && input.is_same_value(&run.input));
    Ok(if same { Created::Known } else { Created::Other })
}

/// Takes runs that are due; what of them is wide or long is not read yet.
pub(super) fn claim(db: &Db, claim: &Claim) -> Result<Vec<ClaimedRun>, Failed> {
    workers::replace_lost(db, claim.now)?;
    if !workers::is_registered(db, claim.worker)? {
        return Err(StoreError::lease_lost("claim runs for a worker").into());
    }
    let mut due = Vec::new();
    for registered in &claim.workflows {
        due.extend(due_of(db, registered, claim)?);
    }
    due.sort_unstable();
    due.dedup();
    due.truncate(claim.limit);
    let mut claimed = Vec::with_capacity(due.len());
    for (_, key) in due {
        claimed.extend(own(db, key, claim)?);
    }
    Ok(claimed)
}

/// When these runs became due, and their keys.
fn due_of(db: &Db, registered: &Registered, claim: &Claim) -> rusqlite::Result<Vec<(i64, i64)>> {
    let limit = i64::try_from(claim.limit).unwrap_or(i64::MAX);
    let select = "SELECT due_at, key FROM owf_runs WHERE workflow = ?1 AND due_at <= ?2 AND version <= ?3
        ORDER BY due_at LIMIT ?4";
    let asked = params![registered.workflow, nanos(claim.now), registered.newest, limit];
    db.all(select, asked, |row| Ok((row.get(0)?, row.get(1)?)))
}

fn own(db: &Db, key: i64, claim: &Claim) -> rusqlite::Result<Vec<ClaimedRun>> {
    db.disown(key);
    let update = "UPDATE owf_runs SET status = 'running', worker = ?2, token = token + 1, claims = claims + 1,
            due_at = NULL, started_at = ifnull(started_at, ?3)
        WHERE key = ?1 RETURNING id, token, workflow, version, started_at, attempt, claims";
    db.all(update, params![key, integer(claim.worker.0), nanos(claim.now)], |row| {
        Ok(ClaimedRun {
            lease: Lease { run: row.get::<_, String>(0)?.into(), key: key.unsigned_abs(), token: natural(row, 1)? },
            workflow: row.get(2)?,
            version: row.get(3)?,
            input: Json::null(),
            started_at: time(row.get(4)?),
            attempt: row.get(5)?,
            claims: row.get(6)?,
            details: None,
            memos: Vec::new(),
            mail: Vec::new(),
            awaiting: Vec::new(),
        })
    })
}

/// How long a run rests that could not be read.
const UNREAD_REST: Duration = Duration::from_millis(200);

/// Makes a claimed run due again a little later, as if it had not been claimed.
pub(super) fn unclaim(db: &Db, lease: &Lease, now: SystemTime) -> Result<(), Failed> {
    db.disown(integer(lease.key));
    let update = "UPDATE owf_runs SET status = 'suspended', worker = NULL, due_at = ?3, claims = claims - 1
        WHERE key = ?1 AND token = ?2 AND worker IS NOT NULL";
    let due_at = nanos(time_after(now, UNREAD_REST));
    db.execute(update, params![integer(lease.key), integer(lease.token), due_at])?;
    db.notice(Notice::Due);
    Ok(())
}

/// Sets a claimed run aside, because its record cannot be read.
pub(super) fn park_unreadable(db: &Db, lease: &Lease, problem: &str) -> Result<(), Failed> {
    db.disown(integer(lease.key));
    let update = "UPDATE owf_runs SET status = 'parked', worker = NULL, parked = ?3 WHERE key = ?1 AND token = ?2";
    let reason = format!("its record cannot be read: {problem}");
    db.execute(update, params![integer(lease.key), integer(lease.token), reason])?;
    Ok(())
}

pub(super) fn retry(db: &Db, retry: &Retry) -> Result<Retried, Failed> {
    let select = "SELECT key, token, status, last_memo FROM owf_runs WHERE id = ?1";
    let found = db.first(select, [retry.run.as_str()], |row| {
        Ok((row.get::<_, i64>(0)?, natural(row, 1)?, super::convert::status(row, 2)?, row.get::<_, Option<i64>>(3)?))
    })?;
    let Some((run, token, status, mut last)) = found else { return Ok(Retried::NoSuchRun) };
    if token != retry.token || !matches!(status, Status::Failed | Status::Cancelled | Status::Parked) {
        return Ok(Retried::Changed);
    }
    db.disown(run);
    for id in &retry.forget {
        last = Some(log::forget(db, run, last, id)?);
    }
    let update = "UPDATE owf_runs SET status = 'suspended', due_at = ?2, last_memo = ?3, finished_at = NULL,
        parked = NULL, claims = 0 WHERE key = ?1";
    db.execute(update, params![run, nanos(retry.now), last])?;
    db.execute("UPDATE owf_payloads SET result = NULL WHERE run = ?1", [run])?;
    db.notice(Notice::Due);
    Ok(Retried::Due)
}

pub(super) fn fork(db: &Db, fork: &Fork) -> Result<Forked, Failed> {
    let Some(from) = key_of(db, &fork.from)? else { return Ok(Forked::NoSuchRun) };
    let insert = "INSERT INTO owf_runs (id, workflow, version, status, due_at, created_at, started_at)
        SELECT ?2, workflow, version, 'suspended', ?3, ?3, started_at FROM owf_runs WHERE key = ?1
        ON CONFLICT (id) DO NOTHING";
    if db.execute(insert, params![from, fork.to.as_str(), nanos(fork.now)])? == 0 {
        return Ok(Forked::Taken);
    }
    let to = db.connection.last_insert_rowid();
    let input = "INSERT INTO owf_payloads (run, input) SELECT ?2, input FROM owf_payloads WHERE run = ?1";
    db.execute(input, [from, to])?;
    let mut last = None;
    for memo in log::latest(&db.connection, from, Some(fork.until))? {
        if memo.state.is_over() {
            last = Some(log::append(db, to, last, &memo)?);
        }
    }
    db.execute("UPDATE owf_runs SET last_memo = ?2 WHERE key = ?1", params![to, last])?;
    db.notice(Notice::Due);
    Ok(Forked::New)
}

pub(super) fn delete(db: &Db, run: &RunId) -> rusqlite::Result<Deleted> {
    let select = "SELECT key, worker IS NOT NULL FROM owf_runs WHERE id = ?1";
    let found = db.first(select, [run.as_str()], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, bool>(1)?)))?;
    let Some((key, owned)) = found else { return Ok(Deleted::NoSuchRun) };
    if owned {
        return Ok(Deleted::Running);
    }
    let awaited = "SELECT 1 FROM owf_waits WHERE topic = 'run' AND name = ?1 LIMIT 1";
    if db.first(awaited, [run.as_str()], |_| Ok(()))?.is_some() {
        return Ok(Deleted::Awaited);
    }
    erase(db, key)?;
    Ok(Deleted::Gone)
}

pub(super) fn expire(db: &Db, expire: &Expire) -> Result<usize, Failed> {
    let select = "SELECT key FROM owf_runs WHERE finished_at < ?1 ORDER BY finished_at LIMIT ?2";
    let limit = i64::try_from(expire.limit).unwrap_or(i64::MAX);
    let keys = db.all(select, [nanos(expire.finished_before), limit], |row| row.get::<_, i64>(0))?;
    for key in &keys {
        erase(db, *key)?;
    }
    Ok(keys.len())
}

fn erase(db: &Db, run: i64) -> rusqlite::Result<()> {
    db.disown(run);
    log::delete(db, run)?;
    mail::drop_all_waits(db, run)?;
    db.execute("DELETE FROM owf_mail WHERE run = ?1", [run])?;
    db.execute("DELETE FROM owf_delivered WHERE run = ?1", [run])?;
    db.execute("DELETE FROM owf_payloads WHERE run = ?1", [run])?;
    db.execute("DELETE FROM owf_runs WHERE key = ?1", [run]).map(drop)
}

fn key_of(db: &Db, run: &RunId) -> rusqlite::Result<Option<i64>> {
    db.first("SELECT key FROM owf_runs WHERE id = ?1", [run.as_str()], |row| row.get(0))
}
