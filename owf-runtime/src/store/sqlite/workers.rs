//! Workers: their leases, and the locks that tell that their process is dead.
//!
//! Each worker holds the lock of a small file beside the database. The operating system frees it when the process ends, however it
//! ends, so that others need not wait for the lease. Where locks do not work, the lease decides alone.

use std::fs::{File, TryLockError};
use std::path::PathBuf;
use std::time::{Instant, SystemTime};

use rusqlite::params;

use super::convert::{integer, nanos};
use super::errors::Failed;
use super::writer::{Db, TRY_LOCKS_EVERY};
use crate::store::{NewWorker, Notice, Renewed, WorkerId};

/// The lease of a worker whose process is dead: over at any time.
const OVER: i64 = -1;

pub(super) fn register(db: &Db, worker: &NewWorker) -> Result<WorkerId, Failed> {
    db.execute(
        "INSERT INTO owf_workers (name, lease_until) VALUES (?1, ?2)",
        params![worker.name, nanos(worker.lease_until)],
    )?;
    let id = WorkerId(db.connection.last_insert_rowid().unsigned_abs());
    // Held before the worker can be seen, so that nobody takes it for dead.
    if let Ok(file) = File::create(lock_path(db, id))
        && file.try_lock().is_ok()
    {
        db.locks.borrow_mut().insert(id, file);
    }
    Ok(id)
}

pub(super) fn renew(db: &Db, worker: WorkerId, lease_until: SystemTime) -> Result<Renewed, Failed> {
    let update = "UPDATE owf_workers SET lease_until = ?2 WHERE id = ?1";
    let changed = db.execute(update, params![integer(worker.0), nanos(lease_until)])?;
    Ok(if changed > 0 { Renewed::Kept } else { Renewed::Lost })
}

pub(super) fn unregister(db: &Db, worker: WorkerId, now: SystemTime) -> Result<(), Failed> {
    hand_back(db, integer(worker.0), now)?;
    Ok(())
}

pub(super) fn is_registered(db: &Db, worker: WorkerId) -> Result<bool, Failed> {
    Ok(db.first("SELECT 1 FROM owf_workers WHERE id = ?1", [integer(worker.0)], |_| Ok(()))?.is_some())
}

/// Takes the runs of those whose lease is over.
pub(super) fn replace_lost(db: &Db, now: SystemTime) -> Result<(), Failed> {
    any_dead(db);
    let over = "SELECT id FROM owf_workers WHERE lease_until < ?1";
    for worker in db.all(over, [nanos(now)], |row| row.get::<_, i64>(0))? {
        hand_back(db, worker, now)?;
    }
    Ok(())
}

fn hand_back(db: &Db, worker: i64, now: SystemTime) -> Result<(), Failed> {
    db.disown_all();
    let update = "UPDATE owf_runs SET status = 'suspended', worker = NULL, due_at = ?2 WHERE worker = ?1";
    if db.execute(update, params![worker, nanos(now)])? > 0 {
        db.notice(Notice::Due);
    }
    db.execute("DELETE FROM owf_workers WHERE id = ?1", [worker])?;
    let id = WorkerId(worker.unsigned_abs());
    db.locks.borrow_mut().remove(&id);
    // A file that stays behind is in nobody's way.
    let _ = std::fs::remove_file(lock_path(db, id));
    Ok(())
}

/// Ends the leases of workers whose process is dead; tells whether there were any. Looks seldom enough to be called at any time.
pub(super) fn any_dead(db: &Db) -> bool {
    let mut tried = db.locks_tried.borrow_mut();
    if tried.is_some_and(|tried| tried.elapsed() < TRY_LOCKS_EVERY) {
        return false;
    }
    *tried = Some(Instant::now());
    let others = "SELECT id FROM owf_workers WHERE lease_until <> ?1";
    let Ok(workers) = db.all(others, [OVER], |row| row.get::<_, i64>(0)) else { return false };
    let mut any = false;
    for worker in workers {
        let id = WorkerId(worker.unsigned_abs());
        if !db.locks.borrow().contains_key(&id) && is_dead(db, id) {
            any |= db.execute("UPDATE owf_workers SET lease_until = ?2 WHERE id = ?1", [worker, OVER]).is_ok();
        }
    }
    any
}

/// Whether the worker's lock is free. Without its file nobody knows, and the lease decides.
fn is_dead(db: &Db, worker: WorkerId) -> bool {
    let Ok(file) = File::open(lock_path(db, worker)) else { return false };
    match file.try_lock() {
        Ok(()) => true,
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => false,
    }
}

fn lock_path(db: &Db, worker: WorkerId) -> PathBuf {
    let mut path = db.path.clone().into_os_string();
    path.push(format!("-worker-{}", worker.0));
    path.into()
}
