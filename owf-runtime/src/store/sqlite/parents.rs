//! Parents that wait for children whose workflows are not known: searched for by a reader, as there seldom are any.

use std::time::SystemTime;

use rusqlite::{Connection, OptionalExtension, params};

use super::convert::nanos;
use super::errors::Failed;
use super::writer::Db;
use crate::store::{Notice, Registered};

/// The next workflow, by name, of which a run has a time: one look into the index of what is due, however many runs there are.
const NEXT_WORKFLOW: &str =
    "SELECT workflow FROM owf_runs WHERE workflow > ?1 AND due_at IS NOT NULL ORDER BY workflow LIMIT 1";

/// The suspended parents of a workflow's runs that are due.
const PARENTS: &str = "
    SELECT parent.key, parent.workflow, parent.version
    FROM owf_runs AS child
    CROSS JOIN owf_waits ON topic = 'run' AND name = child.id
    CROSS JOIN owf_runs AS parent ON parent.key = owf_waits.run
    WHERE child.workflow = ?1 AND child.due_at <= ?2
        AND parent.status = 'suspended' AND (parent.due_at IS NULL OR parent.due_at > ?2)";

const WAKE: &str = "
    UPDATE owf_runs SET due_at = ?2 WHERE key = ?1 AND status = 'suspended' AND (due_at IS NULL OR due_at > ?2)";

/// The keys of the parents that are to be woken.
pub(super) fn of_unknown_children(
    connection: &Connection,
    known: &[Registered],
    now: SystemTime,
) -> rusqlite::Result<Vec<i64>> {
    let mut next = connection.prepare_cached(NEXT_WORKFLOW)?;
    let mut parents = connection.prepare_cached(PARENTS)?;
    let (mut workflow, mut found) = (String::new(), Vec::new());
    while let Some(another) = next.query_row([&workflow], |row| row.get(0)).optional()? {
        workflow = another;
        if known.iter().any(|registered| registered.workflow == workflow) {
            continue;
        }
        let mut rows = parents.query(params![workflow, nanos(now)])?;
        while let Some(row) = rows.next()? {
            let (of, version) = (row.get_ref(1)?.as_str()?, row.get(2)?);
            if known.iter().any(|registered| registered.takes(of, version)) {
                found.push(row.get(0)?);
            }
        }
    }
    Ok(found)
}

/// Makes them due, those that still sleep.
pub(super) fn wake(db: &Db, parents: &[i64], now: SystemTime) -> Result<usize, Failed> {
    let mut woken = 0;
    for key in parents {
        woken += db.execute(WAKE, params![key, nanos(now)])?;
    }
    if woken > 0 {
        db.notice(Notice::Due);
    }
    Ok(woken)
}
