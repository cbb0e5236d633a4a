//! What starts runs of workflows: one table for all processes.

use std::time::SystemTime;

use rusqlite::{Connection, OptionalExtension, params};

use super::convert::{nanos, time};
use super::errors::Failed;
use super::writer::Db;
use crate::store::StoredTrigger;

/// One trigger of a workflow, in any statement.
const THIS_ONE: &str = "workflow = ?1 AND kind = ?2 AND name = ?3 AND timezone = ?4";

pub(super) fn set(
    db: &Db,
    workflow: &str,
    version: u32,
    triggers: &[StoredTrigger],
    now: SystemTime,
) -> Result<(), Failed> {
    let update = "INSERT INTO owf_workflows (name, version) VALUES (?1, ?2)
        ON CONFLICT (name) DO UPDATE SET version = ?2 WHERE version <= ?2";
    if db.execute(update, params![workflow, version])? == 0 {
        return Ok(());
    }
    let wanted: Vec<_> = triggers.iter().map(columns).collect();
    let select = "SELECT kind, name, timezone FROM owf_triggers WHERE workflow = ?1";
    let kept: Vec<(String, String, String)> =
        db.all(select, [workflow], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    for (kind, name, timezone) in &kept {
        if !wanted.contains(&(kind, name, timezone)) {
            let delete = format!("DELETE FROM owf_triggers WHERE {THIS_ONE}");
            db.execute(&delete, params![workflow, kind, name, timezone])?;
        }
    }
    let insert = "INSERT INTO owf_triggers (workflow, kind, name, timezone, last_tick) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT DO NOTHING";
    for (kind, name, timezone) in wanted {
        let last_tick = (kind == "cron").then(|| nanos(now));
        db.execute(insert, params![workflow, kind, name, timezone, last_tick])?;
    }
    Ok(())
}

pub(super) fn of_event(connection: &Connection, event: &str) -> rusqlite::Result<Vec<(String, u32)>> {
    let select = "SELECT workflow, version FROM owf_triggers JOIN owf_workflows ON owf_workflows.name = workflow
        WHERE kind = 'event' AND owf_triggers.name = ?1 ORDER BY workflow";
    connection.prepare_cached(select)?.query_map([event], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

pub(super) fn last_tick(
    connection: &Connection,
    workflow: &str,
    cron: &StoredTrigger,
) -> rusqlite::Result<Option<SystemTime>> {
    let (kind, name, timezone) = columns(cron);
    let select = format!("SELECT last_tick FROM owf_triggers WHERE {THIS_ONE}");
    let mut statement = connection.prepare_cached(&select)?;
    statement.query_row(params![workflow, kind, name, timezone], |row| Ok(time(row.get(0)?))).optional()
}

pub(super) fn ticked(db: &Db, workflow: &str, cron: &StoredTrigger, tick: SystemTime) -> Result<(), Failed> {
    let (kind, name, timezone) = columns(cron);
    let update = format!("UPDATE owf_triggers SET last_tick = ?5 WHERE {THIS_ONE} AND last_tick < ?5");
    db.execute(&update, params![workflow, kind, name, timezone, nanos(tick)])?;
    Ok(())
}

/// A trigger as its columns: kind, name, timezone.
fn columns(trigger: &StoredTrigger) -> (&str, &str, &str) {
    match trigger {
        StoredTrigger::Event { name } => ("event", name, ""),
        StoredTrigger::Cron { expression, timezone } => ("cron", expression, timezone.as_deref().unwrap_or_default()),
    }
}
