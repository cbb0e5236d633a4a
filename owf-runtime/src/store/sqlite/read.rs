//! What is read without writing, on connections of its own.

use std::time::SystemTime;

use rusqlite::{Connection, OptionalExtension, Row, ToSql, params, params_from_iter};

use super::convert::{integer, json, mail_content, nanos, natural, optional_json, optional_time, status, time};
use super::log;
use crate::kernel::RunId;
use crate::store::{
    ClaimedRun, End, Mail, MailSince, Page, Registered, RunFilter, RunRecord, RunSummary, Status, StoredMemo, WorkerId,
};

/// The columns that [`summary`] reads.
const SUMMARY: &str = "id, workflow, version, status, attempt, created_at, started_at, finished_at, due_at, key";

/// Adds to a claimed run what the claim did not read: nobody but its owner changes that.
pub(super) fn complete(connection: &Connection, run: &mut ClaimedRun) -> rusqlite::Result<()> {
    let key = integer(run.lease.key);
    let mut payloads = connection.prepare_cached("SELECT input, details FROM owf_payloads WHERE run = ?1")?;
    (run.input, run.details) = payloads.query_row([key], |row| Ok((json(row, 0)?, optional_json(row, 1)?)))?;
    run.memos = log::latest(connection, key, None)?;
    run.mail = mail(connection, &MailSince { key: run.lease.key, seq: 0 })?;
    let mut waits = connection.prepare_cached("SELECT operation FROM owf_waits WHERE run = ?1 ORDER BY operation")?;
    let operations = waits.query_map([key], |row| Ok(row.get_ref(0)?.as_str()?.into()))?;
    run.awaiting = operations.collect::<rusqlite::Result<_>>()?;
    Ok(())
}

pub(super) fn mail(connection: &Connection, since: &MailSince) -> rusqlite::Result<Vec<Mail>> {
    let select =
        "SELECT seq, arrived_at, kind, name, payload, sent_as FROM owf_mail WHERE run = ?1 AND seq > ?2 ORDER BY seq";
    let mut statement = connection.prepare_cached(select)?;
    let rows = statement.query_map([integer(since.key), integer(since.seq)], |row| {
        Ok(Mail { seq: natural(row, 0)?, arrived_at: time(row.get(1)?), content: mail_content(row, 2)? })
    })?;
    rows.collect()
}

pub(super) fn run(connection: &Connection, id: &RunId) -> rusqlite::Result<Option<RunRecord>> {
    let select = format!(
        "SELECT {SUMMARY}, input, details, result, parked, token
        FROM owf_runs JOIN owf_payloads ON run = key WHERE id = ?1"
    );
    let mut statement = connection.prepare_cached(&select)?;
    let record = |row: &Row<'_>| {
        let summary = summary(row)?;
        Ok(RunRecord {
            end: end(row, summary.status, 12)?,
            summary,
            key: natural(row, 9)?,
            input: json(row, 10)?,
            details: optional_json(row, 11)?,
            parked: row.get(13)?,
            token: natural(row, 14)?,
        })
    };
    statement.query_row([id.as_str()], record).optional()
}

/// How a run of this status ended, from the column of its result.
pub(super) fn end(row: &Row<'_>, status: Status, column: usize) -> rusqlite::Result<Option<End>> {
    Ok(match status {
        Status::Completed => Some(End::Completed(json(row, column)?)),
        Status::Failed => Some(End::Failed(json(row, column)?)),
        Status::Cancelled => Some(End::Cancelled(json(row, column)?)),
        _ => None,
    })
}

fn summary(row: &Row<'_>) -> rusqlite::Result<RunSummary> {
    Ok(RunSummary {
        id: row.get_ref(0)?.as_str()?.into(),
        workflow: row.get(1)?,
        version: row.get(2)?,
        status: status(row, 3)?,
        attempt: row.get(4)?,
        created_at: time(row.get(5)?),
        started_at: optional_time(row, 6)?,
        finished_at: optional_time(row, 7)?,
        due_at: optional_time(row, 8)?,
    })
}

pub(super) fn list(
    connection: &Connection,
    filter: &RunFilter,
    after: Option<u64>,
    limit: usize,
) -> rusqlite::Result<Page> {
    let mut conditions = vec!["1".to_owned()];
    let mut values: Vec<Box<dyn ToSql>> = Vec::new();
    let mut require = |condition: &str, value: Box<dyn ToSql>| {
        values.push(value);
        conditions.push(condition.replace('?', &format!("?{}", values.len())));
    };
    if let Some(key) = after {
        require("key < ?", Box::new(integer(key)));
    }
    if let Some(workflow) = &filter.workflow {
        require("workflow = ?", Box::new(workflow.clone()));
    }
    if !filter.statuses.is_empty() {
        let statuses: Vec<&str> = filter.statuses.iter().map(|status| status.as_str()).collect();
        require("status IN (SELECT value FROM json_each(?))", Box::new(serde_json::Value::from(statuses).to_string()));
    }
    if let Some(from) = filter.created_from {
        require("created_at >= ?", Box::new(nanos(from)));
    }
    if let Some(before) = filter.created_before {
        require("created_at < ?", Box::new(nanos(before)));
    }
    if let Some(prefix) = &filter.id_prefix {
        // The first condition is what the index of IDs can find.
        require("id >= ?", Box::new(prefix.clone()));
        require("substr(id, 1, length(?)) = ?", Box::new(prefix.clone()));
    }
    // One more than was asked for tells whether there is another page.
    let wanted = i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1;
    let conditions = conditions.join(" AND ");
    let select = format!("SELECT {SUMMARY} FROM owf_runs WHERE {conditions} ORDER BY key DESC LIMIT {wanted}");
    let mut statement = connection.prepare_cached(&select)?;
    let rows = statement.query_map(params_from_iter(&values), |row| Ok((summary(row)?, natural(row, 9)?)))?;
    let mut runs: Vec<(RunSummary, u64)> = rows.collect::<rusqlite::Result<_>>()?;
    let more = runs.len() > limit;
    runs.truncate(limit);
    let next = runs.last().filter(|_| more).map(|(_, key)| *key);
    Ok(Page { runs: runs.into_iter().map(|(run, _)| run).collect(), next })
}

pub(super) fn steps(connection: &Connection, run: &RunId) -> rusqlite::Result<Option<Vec<StoredMemo>>> {
    key_of(connection, run)?.map(|key| log::latest(connection, key, None)).transpose()
}

pub(super) fn history(connection: &Connection, run: &RunId) -> rusqlite::Result<Option<Vec<StoredMemo>>> {
    key_of(connection, run)?.map(|key| log::attempts(connection, key)).transpose()
}

fn key_of(connection: &Connection, run: &RunId) -> rusqlite::Result<Option<i64>> {
    let mut select = connection.prepare_cached("SELECT key FROM owf_runs WHERE id = ?1")?;
    select.query_row([run.as_str()], |row| row.get(0)).optional()
}

pub(super) fn next_due(
    connection: &Connection,
    workflows: &[Registered],
    asking: Option<WorkerId>,
) -> rusqlite::Result<Option<SystemTime>> {
    let lease_over = "SELECT min(lease_until) FROM owf_workers
        WHERE id IS NOT ?1 AND EXISTS (SELECT 1 FROM owf_runs WHERE worker = owf_workers.id)";
    let mut earliest: Option<i64> =
        connection.prepare_cached(lease_over)?.query_row([asking.map(|worker| integer(worker.0))], |row| row.get(0))?;
    let due = "SELECT due_at FROM owf_runs WHERE workflow = ?1 AND due_at IS NOT NULL AND version <= ?2
        ORDER BY due_at LIMIT 1";
    let mut statement = connection.prepare_cached(due)?;
    for registered in workflows {
        let asked = params![registered.workflow, registered.newest];
        let due: Option<i64> = statement.query_row(asked, |row| row.get(0)).optional()?;
        earliest = [earliest, due].into_iter().flatten().min();
    }
    Ok(earliest.map(time))
}
