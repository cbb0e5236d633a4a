//! Mail, and the waits that events and the ends of runs turn into mail.

use std::time::SystemTime;

use rusqlite::params;
use serde_json::Value;

use super::convert::{mail_columns, nanos};
use super::writer::Db;
use crate::kernel::{RunId, StepId};
use crate::store::matching::Pattern;
use crate::store::{Child, Delivery, End, Event, EventWait, MailContent, NewMail, Notice, Status};
use crate::value::Json;

pub(super) fn deliver(db: &Db, mail: &NewMail, now: SystemTime) -> rusqlite::Result<Delivery> {
    let select = "SELECT key, status FROM owf_runs WHERE id = ?1";
    let found =
        db.first(select, [mail.to.as_str()], |row| Ok((row.get::<_, i64>(0)?, super::convert::status(row, 1)?)))?;
    let Some((run, status)) = found else { return Ok(Delivery::NoSuchRun) };
    if let Some(key) = &mail.key {
        let known = "SELECT 1 FROM owf_delivered WHERE run = ?1 AND key = ?2";
        if db.first(known, params![run, key], |_| Ok(()))?.is_some() {
            return Ok(Delivery::Delivered);
        }
    }
    if status.is_over() {
        return Ok(Delivery::RunIsOver);
    }
    if let Some(key) = &mail.key {
        db.execute("INSERT INTO owf_delivered VALUES (?1, ?2)", params![run, key])?;
    }
    deposit(db, run, &mail.content, now)?;
    Ok(Delivery::Delivered)
}

/// Whether a run has never been given this key before; it has from now on.
pub(super) fn is_first(db: &Db, run: i64, key: &str) -> rusqlite::Result<bool> {
    Ok(db.execute("INSERT INTO owf_delivered VALUES (?1, ?2) ON CONFLICT DO NOTHING", params![run, key])? > 0)
}

/// Puts mail into a run's box, and makes the run due if it waits for some.
fn deposit(db: &Db, run: i64, content: &MailContent, now: SystemTime) -> rusqlite::Result<()> {
    // A run that was never begun waits for its time, and only a cancellation changes that.
    let update = "UPDATE owf_runs SET mail_seq = mail_seq + 1,
            due_at = CASE WHEN status = 'suspended' OR (status = 'pending' AND ?3) THEN min(ifnull(due_at, ?2), ?2) ELSE due_at END
        WHERE key = ?1 RETURNING mail_seq, id, status";
    let cancels = matches!(content, MailContent::Cancel { .. });
    let read = |row: &rusqlite::Row<'_>| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, super::convert::status(row, 2)?))
    };
    let updated = {
        // The row comes before the statement is done: it has to be run to its end.
        let mut statement = db.connection.prepare_cached(update)?;
        let rows = statement.query_map(params![run, nanos(now), cancels], read)?;
        rows.collect::<rusqlite::Result<Vec<_>>>()?
    };
    for (seq, id, status) in updated {
        let (kind, name, payload, sent_as) = mail_columns(content);
        let insert = "INSERT INTO owf_mail (run, seq, arrived_at, kind, name, payload, sent_as)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        db.execute(insert, params![run, seq, nanos(now), kind, name, payload, sent_as])?;
        match status {
            Status::Running => db.notice(Notice::Mail(id.into())),
            Status::Pending | Status::Suspended => db.notice(Notice::Due),
            _ => {}
        }
    }
    Ok(())
}

pub(super) fn wait_for_event(db: &Db, run: i64, wait: &EventWait, pattern: &Pattern) -> rusqlite::Result<()> {
    drop_wait(db, run, &wait.operation)?;
    let insert = "INSERT INTO owf_waits (topic, name, pointers, expected, run, operation)
        VALUES ('event', ?1, ?2, ?3, ?4, ?5)";
    db.execute(insert, params![wait.name, pattern.pointers, pattern.expected, run, wait.operation.as_str()]).map(drop)
}

/// Makes the end of a run, which is there, mail of another: now, if it is over.
pub(super) fn wait_for_run(db: &Db, run: i64, child: &Child, now: SystemTime) -> rusqlite::Result<()> {
    let operation = &child.operation;
    if let Some(end) = end_of(db, &child.run.id)? {
        return deposit(db, run, &MailContent::Result { operation: operation.clone(), result: end.result() }, now);
    }
    drop_wait(db, run, operation)?;
    let insert =
        "INSERT INTO owf_waits (topic, name, pointers, expected, run, operation) VALUES ('run', ?1, '', '', ?2, ?3)";
    db.execute(insert, params![child.run.id.as_str(), run, operation.as_str()]).map(drop)
}

fn end_of(db: &Db, run: &RunId) -> rusqlite::Result<Option<End>> {
    let select = "SELECT status, result FROM owf_runs JOIN owf_payloads ON run = key WHERE id = ?1";
    let end = db.first(select, [run.as_str()], |row| super::read::end(row, super::convert::status(row, 0)?, 1))?;
    Ok(end.flatten())
}

pub(super) fn drop_wait(db: &Db, run: i64, operation: &StepId) -> rusqlite::Result<()> {
    db.execute("DELETE FROM owf_waits WHERE run = ?1 AND operation = ?2", params![run, operation.as_str()]).map(drop)
}

pub(super) fn drop_all_waits(db: &Db, run: i64) -> rusqlite::Result<()> {
    db.execute("DELETE FROM owf_waits WHERE run = ?1", [run]).map(drop)
}

pub(super) fn tell_of_end(db: &Db, run: &RunId, result: &Result<Json, Json>, now: SystemTime) -> rusqlite::Result<()> {
    answer(db, "run", run.as_str(), &Pattern { pointers: String::new(), expected: String::new() }, result, now)
        .map(drop)
}

/// Gives an event to every wait that it matches: for each set of places that waits of its name look at, one look into an index.
pub(super) fn publish(db: &Db, event: &Event, payload: &Value, now: SystemTime) -> rusqlite::Result<u64> {
    let next = "SELECT pointers FROM owf_waits WHERE topic = 'event' AND name = ?1 AND pointers > ?2
        ORDER BY pointers LIMIT 1";
    let result = Ok(event.payload.clone());
    let (mut matched, mut pointers) = (0, String::new());
    while let Some(found) = db.first(next, [&event.name, &pointers], |row| row.get(0))? {
        pointers = found;
        if let Some(expected) = Pattern::expected_of(&pointers, payload) {
            let pattern = Pattern { pointers, expected };
            matched += answer(db, "event", &event.name, &pattern, &result, now)?;
            pointers = pattern.pointers;
        }
    }
    Ok(matched)
}

/// Turns waits into mail; tells how many there were.
fn answer(
    db: &Db,
    topic: &str,
    name: &str,
    pattern: &Pattern,
    result: &Result<Json, Json>,
    now: SystemTime,
) -> rusqlite::Result<u64> {
    let waiting = "DELETE FROM owf_waits WHERE topic = ?1 AND name = ?2 AND pointers = ?3 AND expected = ?4
        RETURNING run, operation";
    let key = params![topic, name, pattern.pointers, pattern.expected];
    let mut waits = db.all(waiting, key, |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
    waits.sort_unstable();
    for (run, operation) in &waits {
        let content = MailContent::Result { operation: operation.as_str().into(), result: result.clone() };
        deposit(db, *run, &content, now)?;
    }
    Ok(waits.len() as u64)
}
