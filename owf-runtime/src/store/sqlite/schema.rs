//! The tables in the file, and whether they are ours.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::errors::{busy_text, of_sql};
use crate::store::{StoreError, StoreErrorKind};

/// "owfr" as a number, where `file` and others look for a program's name.
const APPLICATION_ID: i32 = 0x6f77_6672;

/// One entry for each version of the schema: what makes it of the one before. Never changed, only added to.
const MIGRATIONS: [&str; 1] = [include_str!("schema.sql")];

/// Today's version of the schema.
const NEWEST: u32 = MIGRATIONS.len() as u32;

/// What a file holds.
enum Found {
    Nothing,
    /// Our tables, in this version.
    Ours(u32),
    /// Tables, and none of ours.
    Others,
}

/// Brings the file to today's schema, or says why it is not touched.
pub(super) fn prepare(connection: &mut Connection, path: &Path, beside_others: bool) -> Result<(), StoreError> {
    let attempted = || format!("open `{}`", path.display());
    let refused = |kind, problem: String| Err(StoreError::new(attempted(), kind, problem));
    let sql = |error| of_sql(attempted(), &error);
    // The usual case needs no lock, which a busy neighbour might hold.
    if matches!(find(connection).map_err(sql)?, Found::Ours(NEWEST)) {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sql)?;
    let application: i32 = transaction.query_row("PRAGMA application_id", [], |row| row.get(0)).map_err(sql)?;
    if application != 0 && application != APPLICATION_ID && !beside_others {
        return refused(StoreErrorKind::Foreign, other_program(&format!("its application ID is {application:#x}")));
    }
    let version = match find(&transaction).map_err(sql)? {
        Found::Ours(version) => version,
        Found::Others if !beside_others => {
            return refused(StoreErrorKind::Foreign, other_program("it has tables, and none of them is ours"));
        }
        Found::Nothing | Found::Others => 0,
    };
    if version > NEWEST {
        let problem = format!(
            "the file has version {version} of the schema, and this program knows up to {NEWEST}; nothing was changed: \
             run a program with a newer owf-runtime, or use another file"
        );
        return refused(StoreErrorKind::Newer, problem);
    }
    if version == NEWEST {
        return Ok(());
    }
    for migration in &MIGRATIONS[version as usize..] {
        transaction.execute_batch(migration).map_err(sql)?;
    }
    transaction.execute("DELETE FROM owf_schema", []).map_err(sql)?;
    transaction.execute("INSERT INTO owf_schema VALUES (?1)", [NEWEST]).map_err(sql)?;
    if application == 0 {
        transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(sql)?;
    }
    transaction.commit().map_err(sql)
}

fn other_program(sign: &str) -> String {
    format!(
        "it is the database of another program ({sign}), and nothing was changed: choose another path, or set \
         `SqliteOptions::beside_other_tables` to keep runs in the same file as your own tables"
    )
}

fn find(connection: &Connection) -> rusqlite::Result<Found> {
    let count = |condition: &str| -> rusqlite::Result<i64> {
        connection.query_row(&format!("SELECT count(*) FROM sqlite_schema WHERE {condition}"), [], |row| row.get(0))
    };
    if count("name = 'owf_schema'")? > 0 {
        return Ok(Found::Ours(connection.query_row("SELECT max(version) FROM owf_schema", [], |row| row.get(0))?));
    }
    Ok(if count("type = 'table'")? == 0 { Found::Nothing } else { Found::Others })
}

/// Turns on the write-ahead log; others that open the file at the same moment are waited for.
pub(super) fn enter_wal(connection: &Connection, path: &Path, deadline: std::time::Instant) -> Result<(), StoreError> {
    let attempted = || format!("open `{}`", path.display());
    loop {
        let mode = connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get::<_, String>(0));
        match mode {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(mode) => {
                let problem = format!(
                    "it cannot have a write-ahead log (its journal is `{mode}`): keep it in a file on a local disk"
                );
                return Err(StoreError::new(attempted(), StoreErrorKind::Io, problem));
            }
            // SQLite does not wait here by itself, as two that wait for each other would never end.
            Err(error) if busy_text(&error).is_some() && std::time::Instant::now() < deadline => {
                std::thread::sleep(std::time::Duration::from_millis(2));
            }
            Err(error) => return Err(of_sql(attempted(), &error)),
        }
    }
}
