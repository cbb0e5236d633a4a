//! The effects of steps, as the world outside has them: lines of a file that are only appended to, whoever dies meanwhile.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

static LEDGER: OnceLock<Ledger> = OnceLock::new();

/// Where this process notes effects.
struct Ledger {
    /// `None` where nobody asks.
    file: Option<File>,
    begun: Mutex<HashMap<(String, String), usize>>,
}

/// From now on, effects of this process are noted in this file.
pub(crate) fn open(path: &Path) -> std::io::Result<()> {
    let mut begun = HashMap::new();
    for Line { run, step, what, .. } in Reader::default().read(path)? {
        if what == What::Begin {
            *begun.entry((run, step)).or_default() += 1;
        }
    }
    let file = OpenOptions::new().append(true).create(true).open(path)?;
    let _ = LEDGER.set(Ledger { file: Some(file), begun: Mutex::new(begun) });
    Ok(())
}

/// A step's effect begins; tells how often it has begun, as far as this process knows.
pub(crate) fn begin(run: &str, step: &str) -> usize {
    let ledger = ledger();
    ledger.note(run, step, "begin");
    let mut begun = ledger.begun.lock().unwrap_or_else(PoisonError::into_inner);
    let times = begun.entry((run.to_owned(), step.to_owned())).or_default();
    *times += 1;
    *times
}

/// A step's effect has ended.
pub(crate) fn end(run: &str, step: &str) {
    ledger().note(run, step, "end");
}

fn ledger() -> &'static Ledger {
    LEDGER.get_or_init(|| Ledger { file: None, begun: Mutex::default() })
}

impl Ledger {
    fn note(&self, run: &str, step: &str, what: &str) {
        if let Some(mut file) = self.file.as_ref() {
            // One write, which nobody's comes in between; a line that was cut off has no end, and spoils no other.
            let line = format!("\n{run} {step} {} {what};", std::process::id());
            file.write_all(line.as_bytes()).expect("the ledger can be written to");
        }
    }
}

/// What a line tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Begin,
    End,
}

/// A line of the ledger.
#[derive(Debug)]
pub(crate) struct Line {
    /// Where it stands in the file.
    pub(crate) place: u64,
    pub(crate) run: String,
    pub(crate) step: String,
    /// The process.
    pub(crate) process: String,
    pub(crate) what: What,
}

/// Reads what was appended since it last read.
#[derive(Default)]
pub(crate) struct Reader {
    place: u64,
}

impl Reader {
    /// The lines that came since, without one that is not whole.
    pub(crate) fn read(&mut self, path: &Path) -> std::io::Result<Vec<Line>> {
        let mut text = String::new();
        if let Ok(mut file) = File::open(path) {
            file.seek(SeekFrom::Start(self.place))?;
            file.read_to_string(&mut text)?;
        }
        let mut lines = Vec::new();
        let mut place = self.place;
        for line in text.split_inclusive(';') {
            if line.ends_with(';') {
                lines.extend(parse(place, line));
                self.place = place + line.len() as u64;
            }
            place += line.len() as u64;
        }
        Ok(lines)
    }
}

fn parse(place: u64, text: &str) -> Option<Line> {
    // What stands before the last line break was cut off.
    let text = text.rsplit('\n').next()?.strip_suffix(';')?;
    let mut words = text.split(' ').map(str::to_owned);
    let (run, step, process) = (words.next()?, words.next()?, words.next()?);
    let what = match words.next()?.as_str() {
        "begin" => What::Begin,
        "end" => What::End,
        _ => return None,
    };
    Some(Line { place, run, step, process, what })
}
