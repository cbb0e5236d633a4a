//! SQLite's errors in our words: the one place that knows both.

use rusqlite::{Error, ErrorCode};

use crate::store::{StoreError, StoreErrorKind};

/// Why a piece of work ended without its effect.
pub(super) enum Failed {
    /// It was refused before it changed anything: its neighbours in the group are not touched.
    Refused(StoreError),
    /// SQLite failed, and may have thrown away the whole group.
    Sql(Error),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Failed::Sql(error)
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Failed::Refused(error)
    }
}

/// What another's lock is told as; `None` for other errors.
pub(super) fn busy_text(error: &Error) -> Option<&'static str> {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed)).then_some(
        "another process or connection has held the file's lock for too long; nothing was changed: end its transaction, or \
         set a longer `SqliteOptions::busy_timeout`",
    )
}

pub(super) fn of_sql(attempted: impl Into<String>, error: &Error) -> StoreError {
    use StoreErrorKind as Kind;
    if let Some(text) = busy_text(error) {
        return StoreError::new(attempted, Kind::Busy, text);
    }
    let (kind, advice) = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => (Kind::Full, "the disk is full; nothing was changed: make room, and it goes on"),
        Some(ErrorCode::ReadOnly) => (
            Kind::ReadOnly,
            "the file cannot be written to; nothing was changed: this process must be allowed to write the file and its directory",
        ),
        Some(ErrorCode::CannotOpen) => (
            Kind::Io,
            "the file cannot be opened: its directory must exist, and this process must be allowed to write there",
        ),
        Some(ErrorCode::NotADatabase) => {
            (Kind::Foreign, "it is not an SQLite file, and nothing was changed: choose another path")
        }
        Some(ErrorCode::DatabaseCorrupt) => (
            Kind::Corrupt,
            "the file is damaged: keep a copy of it with its `-wal`, and restore a backup, or try `sqlite3 FILE .recover`",
        ),
        Some(ErrorCode::SystemIoFailure) => (Kind::Io, "the operating system failed to read or write the file"),
        Some(ErrorCode::OutOfMemory) => (Kind::Io, "no memory is left; nothing was changed"),
        Some(ErrorCode::TooBig) => (Kind::Invalid, "a value is larger than SQLite can hold"),
        _ => (Kind::Corrupt, "the file does not hold what it should"),
    };
    let told = StoreError::new(attempted, kind, format!("{advice} (SQLite: {error})"));
    // Of a sync that failed nobody knows what has reached the disk.
    if error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure) { told.with_unknown_effect() } else { told }
}
