//! Compares the ledger of effects with what is recorded.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use owf_runtime::store::rusqlite::{Connection, OpenFlags};

use crate::ledger::{Line, Reader, What};
use crate::worker::{ledger_file, runs_file};

/// A run's step.
type Key = (String, String);

/// What is known of one step.
#[derive(Default)]
struct Step {
    begun: usize,
    recorded: usize,
    /// How many effects were not recorded when it was last looked at.
    lost: usize,
    /// Whether a result was recorded, and the ledger's length when that was seen.
    over: Option<u64>,
}

/// Looks at both files, again and again.
pub(crate) struct Audit {
    ledger: PathBuf,
    reader: Reader,
    connection: Connection,
    /// The last memo that was seen.
    position: i64,
    steps: HashMap<Key, Step>,
    pub(crate) effects: usize,
    pub(crate) recorded: usize,
}

impl Audit {
    pub(crate) fn new(directory: &Path) -> Result<Audit, String> {
        let connection = Connection::open_with_flags(runs_file(directory), OpenFlags::SQLITE_OPEN_READ_WRITE);
        let connection = connection.map_err(|error| format!("the runs cannot be read: {error}"))?;
        let (reader, steps) = (Reader::default(), HashMap::new());
        Ok(Audit { ledger: ledger_file(directory), reader, connection, position: 0, steps, effects: 0, recorded: 0 })
    }

    /// No step whose result is recorded has begun since that was seen.
    pub(crate) fn look(&mut self) -> Result<(), String> {
        // First what is recorded: what begins behind the ledger's present end began later than that.
        let over = self.read_memos().map_err(|error| format!("the runs cannot be read: {error}"))?;
        self.read_ledger()?;
        let length = std::fs::metadata(&self.ledger).map_or(0, |file| file.len());
        for key in over {
            self.steps.entry(key).or_default().over.get_or_insert(length);
        }
        Ok(())
    }

    /// As [`look`](Audit::look), when `crashes` more owners of the runs are dead and nobody is executing them: each step's effect happened
    /// once more than was recorded for each of them, at most.
    pub(crate) fn look_at_dead(&mut self, crashes: usize) -> Result<(), String> {
        self.look()?;
        for ((run, step), known) in &mut self.steps {
            let lost = known.begun.saturating_sub(known.recorded);
            // The loser of a race has an effect, and no record.
            if lost > known.lost + crashes && !step.starts_with("racer-") {
                return Err(format!(
                    "step `{step}` of run `{run}` has had {lost} effects that were not recorded, after {} before {crashes} crashes",
                    known.lost
                ));
            }
            known.lost = lost;
        }
        Ok(())
    }

    fn read_ledger(&mut self) -> Result<(), String> {
        let lines = self.reader.read(&self.ledger).map_err(|error| format!("the ledger cannot be read: {error}"))?;
        for Line { place, run, step, process, what } in lines {
            if what == What::End {
                continue;
            }
            self.effects += 1;
            let known = self.steps.entry((run.clone(), step.clone())).or_default();
            known.begun += 1;
            if known.over.is_some_and(|length| place >= length) {
                return Err(format!(
                    "step `{step}` of run `{run}` was recorded, and has begun again in process {process}"
                ));
            }
        }
        Ok(())
    }

    /// Takes in what was recorded since; tells which steps are over.
    fn read_memos(&mut self) -> Result<Vec<Key>, Box<dyn std::error::Error>> {
        let select = "SELECT position, run, step, state FROM owf_steps_readable
            WHERE position > ?1 AND kind = 'step' AND state IN ('value', 'error', 'retrying') ORDER BY position";
        let mut statement = self.connection.prepare_cached(select)?;
        let mut rows = statement.query([self.position])?;
        let mut over = Vec::new();
        while let Some(row) = rows.next()? {
            self.position = row.get(0)?;
            let key: Key = (row.get(1)?, row.get(2)?);
            self.recorded += 1;
            self.steps.entry(key.clone()).or_default().recorded += 1;
            if row.get_ref(3)?.as_str()? != "retrying" {
                over.push(key);
            }
        }
        Ok(over)
    }
}
