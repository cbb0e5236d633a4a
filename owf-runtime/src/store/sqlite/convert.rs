//! Between the contract's types and SQLite's columns.

use std::time::{Duration, SystemTime};

use rusqlite::types::Type;
use rusqlite::{Error, Row};

use crate::store::{MailContent, MemoState, Status, StoredMemo};
use crate::value::Json;

/// Whole nanoseconds since 1970; times that have no such number (before 1678, after 2262) are cut to the nearest that has.
pub(super) fn nanos(time: SystemTime) -> i64 {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_nanos()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |nanos| -nanos),
    }
}

pub(super) fn time(nanos: i64) -> SystemTime {
    let distance = Duration::from_nanos(nanos.unsigned_abs());
    if nanos < 0 { SystemTime::UNIX_EPOCH - distance } else { SystemTime::UNIX_EPOCH + distance }
}

/// SQLite's integers have a sign; the numbers kept in them never get that high.
pub(super) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn natural(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|error| unreadable(column, Type::Integer, error))
}

pub(super) fn optional_time(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<SystemTime>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(time))
}

pub(super) fn json(row: &Row<'_>, column: usize) -> rusqlite::Result<Json> {
    Json::parse(row.get(column)?).map_err(|error| unreadable(column, Type::Text, error))
}

pub(super) fn optional_json(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Json>> {
    let text: Option<String> = row.get(column)?;
    text.map(Json::parse).transpose().map_err(|error| unreadable(column, Type::Text, error))
}

pub(super) fn status(row: &Row<'_>, column: usize) -> rusqlite::Result<Status> {
    let text: String = row.get(column)?;
    let known = Status::ALL.into_iter().find(|status| status.as_str() == text);
    known.ok_or_else(|| unreadable(column, Type::Text, format!("`{text}` is no status")))
}

/// A memo's state as its columns: state, result, until.
pub(super) fn memo_columns(state: &MemoState) -> (&'static str, Option<&str>, Option<i64>) {
    match state {
        MemoState::Value(value) => ("value", Some(value.as_str()), None),
        MemoState::Error(error) => ("error", Some(error.as_str()), None),
        MemoState::Retrying { error, not_before } => ("retrying", Some(error.as_str()), Some(nanos(*not_before))),
        MemoState::Waiting { until } => ("waiting", None, until.map(nanos)),
    }
}

/// Reads `position, id, kind, state, attempts, result, until, started_at, ended_at, location, extra`; `None` for a memo that was forgotten.
pub(super) fn memo(row: &Row<'_>) -> rusqlite::Result<Option<StoredMemo>> {
    let state: String = row.get(3)?;
    let state = match state.as_str() {
        "value" => MemoState::Value(json(row, 5)?),
        "error" => MemoState::Error(json(row, 5)?),
        "retrying" => MemoState::Retrying { error: json(row, 5)?, not_before: time(row.get(6)?) },
        "waiting" => MemoState::Waiting { until: optional_time(row, 6)? },
        "forgotten" => return Ok(None),
        _ => return Err(unreadable(3, Type::Text, format!("`{state}` is no state of a memo"))),
    };
    Ok(Some(StoredMemo {
        position: natural(row, 0)?,
        id: row.get_ref(1)?.as_str()?.into(),
        kind: row.get::<_, String>(2)?.into(),
        state,
        attempts: row.get(4)?,
        started_at: optional_time(row, 7)?,
        ended_at: optional_time(row, 8)?,
        location: row.get::<_, Option<String>>(9)?.map(Into::into),
        extra: optional_json(row, 10)?,
    }))
}

/// Mail as its columns: kind, name, payload, sent_as.
pub(super) fn mail_columns(content: &MailContent) -> (&'static str, &str, &str, Option<&str>) {
    match content {
        MailContent::Signal { name, payload, sent_as } => ("signal", name, payload.as_str(), sent_as.as_deref()),
        MailContent::Result { operation, result: Ok(value) } => ("value", operation.as_str(), value.as_str(), None),
        MailContent::Result { operation, result: Err(error) } => ("error", operation.as_str(), error.as_str(), None),
        MailContent::Cancel { reason } => ("cancel", "", reason.as_str(), None),
    }
}

/// Reads `kind, name, payload, sent_as` from this column on.
pub(super) fn mail_content(row: &Row<'_>, from: usize) -> rusqlite::Result<MailContent> {
    let (kind, name): (String, String) = (row.get(from)?, row.get(from + 1)?);
    let payload = json(row, from + 2)?;
    match kind.as_str() {
        "signal" => Ok(MailContent::Signal { name, payload, sent_as: row.get(from + 3)? }),
        "value" => Ok(MailContent::Result { operation: name.into(), result: Ok(payload) }),
        "error" => Ok(MailContent::Result { operation: name.into(), result: Err(payload) }),
        "cancel" => Ok(MailContent::Cancel { reason: payload }),
        _ => Err(unreadable(from, Type::Text, format!("`{kind}` is no kind of mail"))),
    }
}

fn unreadable(column: usize, found: Type, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::FromSqlConversionFailure(column, found, error.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_come_back_as_they_went_in() {
        let late = SystemTime::UNIX_EPOCH + Duration::new(1_790_000_000, 123_456_789);
        let early = SystemTime::UNIX_EPOCH - Duration::new(1, 5);
        assert_eq!([time(nanos(late)), time(nanos(early))], [late, early]);
    }

    #[test]
    fn a_time_that_is_too_late_is_the_latest() {
        assert_eq!(nanos(SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 40)), i64::MAX);
    }
}
