//! Methods that code calls without their names: what is found.

use std::io::Write as _;
use std::time::SystemTime;
use std::{fmt, io, ops, str};

use owf_runtime::prelude::*;

struct Age(u64);

impl ops::Add<u64> for Age {
    type Output = u64;

    fn add(self, more: u64) -> u64 {
        self.0 + more + SystemTime::now().elapsed().map_or(0, |age| age.as_secs())
    }
}

impl ops::AddAssign<u64> for Age {
    fn add_assign(&mut self, more: u64) {
        self.0 = Age(more) + self.0;
    }
}

#[derive(Default)]
struct Report {
    header: Header,
}

struct Header {
    region: String,
}

impl Default for Header {
    fn default() -> Self {
        Header { region: std::env::var("REGION").unwrap_or_default() }
    }
}

impl fmt::Display for Header {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{} {:?}", self.region, SystemTime::now())
    }
}

impl str::FromStr for Header {
    type Err = std::io::Error;

    fn from_str(path: &str) -> Result<Self, Self::Err> {
        Ok(Header { region: std::fs::read_to_string(path)? })
    }
}

struct Ages(u64);

impl Iterator for Ages {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        SystemTime::now().elapsed().ok().map(|age| age.as_secs())
    }
}

struct Lock;

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = std::fs::remove_file("lock");
    }
}

#[derive(Clone)]
struct Token {
    id: Id,
}

struct Id(u64);

impl Clone for Id {
    fn clone(&self) -> Self {
        Id(rand::random())
    }
}

struct Audit;

impl io::Write for Audit {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        std::fs::write("audit.log", bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[derive(PartialEq, Eq, PartialOrd)]
struct Job(u64);

impl Ord for Job {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        if std::env::var("REVERSE").is_ok() { other.0.cmp(&self.0) } else { self.0.cmp(&other.0) }
    }
}

#[workflow]
async fn queue(count: u64) -> WorkflowResult<u64> {
    let token = Token { id: Id(count) }.clone();
    writeln!(Audit, "{count}")?;
    let mut jobs = vec![Job(count), Job(2)];
    jobs.sort();
    let last = std::mem::take(&mut Header { region: String::new() });
    Ok(token.id.0 + jobs.len() as u64 + last.region.len() as u64)
}

#[workflow]
async fn report(path: String) -> WorkflowResult<u64> {
    let _lock = Lock;
    let total = Age(3) + 4;
    let mut age = Age(total);
    age += 2;
    let report = Report::default();
    let header: Header = path.parse()?;
    let text = format!("{header}");
    let other = report.header.to_string();
    let mut sum = text.len() as u64 + other.len() as u64;
    for age in Ages(2) {
        sum += age;
    }
    Ok(sum + Ages(3).take(2).sum::<u64>())
}

fn main() {}
