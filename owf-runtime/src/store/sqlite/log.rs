//! The log of memos: one table for all runs, each memo knowing the one before it of its run.

use std::collections::HashSet;

use rusqlite::{Connection, params};

use super::convert::{integer, memo, memo_columns, nanos};
use super::writer::Db;
use crate::kernel::StepId;
use crate::store::StoredMemo;

/// A run's memos from the latest to the first.
const BACKWARDS: &str = "
    WITH RECURSIVE log (place) AS (
        SELECT last_memo FROM owf_runs WHERE key = ?1
        UNION ALL
        SELECT previous FROM log JOIN owf_memos ON position = place WHERE previous IS NOT NULL
    )
    SELECT position, id, kind, state, attempts, result, until, started_at, ended_at, location, extra
    FROM log JOIN owf_memos ON position = place";

const APPEND: &str = "
    INSERT INTO owf_memos
        (run, previous, id, kind, state, attempts, result, until, started_at, ended_at, location, extra)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";

const FORGET: &str = "
    INSERT INTO owf_memos (run, previous, id, kind, state, attempts) VALUES (?1, ?2, ?3, '', 'forgotten', 0)";

const DELETE: &str = "
    WITH RECURSIVE log (place) AS (
        SELECT last_memo FROM owf_runs WHERE key = ?1
        UNION ALL
        SELECT previous FROM log JOIN owf_memos ON position = place WHERE previous IS NOT NULL
    )
    DELETE FROM owf_memos WHERE position IN (SELECT place FROM log)";

/// Appends a memo behind the run's `last`; tells its position.
pub(super) fn append(db: &Db, run: i64, last: Option<i64>, memo: &StoredMemo) -> rusqlite::Result<i64> {
    let (state, result, until) = memo_columns(&memo.state);
    db.execute(
        APPEND,
        params![
            run,
            last,
            memo.id.as_str(),
            memo.kind,
            state,
            memo.attempts,
            result,
            until,
            memo.started_at.map(nanos),
            memo.ended_at.map(nanos),
            memo.location,
            memo.extra.as_ref().map(|extra| extra.as_str()),
        ],
    )?;
    Ok(db.connection.last_insert_rowid())
}

/// Forgets the memo under an ID; tells the log's new end.
pub(super) fn forget(db: &Db, run: i64, last: Option<i64>, id: &StepId) -> rusqlite::Result<i64> {
    db.execute(FORGET, params![run, last, id.as_str()])?;
    Ok(db.connection.last_insert_rowid())
}

/// The latest memo under each ID among those up to a position, in the order of recording.
pub(super) fn latest(connection: &Connection, run: i64, until: Option<u64>) -> rusqlite::Result<Vec<StoredMemo>> {
    let mut statement = connection.prepare_cached(BACKWARDS)?;
    let mut rows = statement.query([run])?;
    let (mut memos, mut met) = (Vec::new(), HashSet::new());
    let until = until.map_or(i64::MAX, integer);
    while let Some(row) = rows.next()? {
        if row.get::<_, i64>(0)? > until {
            continue;
        }
        let id = StepId::new(row.get_ref(1)?.as_str()?);
        if met.insert(id)
            && let Some(memo) = memo(row)?
        {
            memos.push(memo);
        }
    }
    memos.reverse();
    Ok(memos)
}

/// All memos of what was attempted, in the order of recording.
pub(super) fn attempts(connection: &Connection, run: i64) -> rusqlite::Result<Vec<StoredMemo>> {
    let mut statement = connection.prepare_cached(BACKWARDS)?;
    let mut rows = statement.query([run])?;
    let mut memos = Vec::new();
    while let Some(row) = rows.next()? {
        memos.extend(memo(row)?.filter(|memo| memo.state.is_attempt()));
    }
    memos.reverse();
    Ok(memos)
}

pub(super) fn delete(db: &Db, run: i64) -> rusqlite::Result<()> {
    db.execute(DELETE, [run]).map(drop)
}
