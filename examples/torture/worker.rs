//! A process that executes runs until it is killed.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use owf_runtime::prelude::*;

use crate::ledger;
use crate::workflows::{small, tortured};

/// Tells a process that it is a worker, and where.
const DIRECTORY: &str = "OWF_TORTURE_DIRECTORY";
const LEASE_MS: &str = "OWF_TORTURE_LEASE_MS";

/// A wait that takes longer keeps nothing in memory.
const SUSPEND_AFTER: Duration = Duration::from_millis(50);

/// The files of a torture.
pub(crate) fn runs_file(directory: &Path) -> PathBuf {
    directory.join("runs.db")
}

pub(crate) fn ledger_file(directory: &Path) -> PathBuf {
    directory.join("effects.txt")
}

/// Runs the worker if this process is one; tells how it ended.
pub(crate) fn run_if_asked() -> Option<ExitCode> {
    let directory = PathBuf::from(std::env::var_os(DIRECTORY)?);
    let lease_ms = std::env::var(LEASE_MS).ok()?.parse().ok()?;
    Some(match run(&directory, Duration::from_millis(lease_ms)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("a worker failed: {error}");
            ExitCode::FAILURE
        }
    })
}

fn run(directory: &Path, lease: Duration) -> Result<(), Box<dyn std::error::Error>> {
    ledger::open(&ledger_file(directory))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build()?;
    runtime.block_on(async {
        // Whatever is killed here was innocent.
        let options = SqliteDriver::options().lease(lease).suspend_after(SUSPEND_AFTER).crashes_max(u32::MAX);
        let client = WorkflowClient::new(options.open(runs_file(directory))?);
        client.register(tortured)?;
        client.register(small)?;
        // It lives no longer than who has started it.
        let parent = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
        parent.await??;
        Ok(())
    })
}

/// A worker's process, which dies with this.
pub(crate) struct Worker(Child);

impl Worker {
    pub(crate) fn start(mut command: Command, directory: &Path, lease: Duration) -> Result<Worker, String> {
        command.env(DIRECTORY, directory).env(LEASE_MS, lease.as_millis().to_string()).stdin(Stdio::piped());
        // A test's harness says things of its own.
        command.stdout(Stdio::null());
        command.spawn().map(Worker).map_err(|error| format!("no worker could be started: {error}"))
    }

    /// `SIGKILL`: it can do nothing about it.
    pub(crate) fn kill(&mut self) -> Result<(), String> {
        if let Ok(Some(status)) = self.0.try_wait() {
            return Err(format!("a worker ended by itself: {status}"));
        }
        self.0.kill().and_then(|()| self.0.wait()).map(drop).map_err(|error| format!("a worker is not killed: {error}"))
    }

    /// `STOP` and `CONT`.
    pub(crate) fn signal(&self, name: &str) -> Result<(), String> {
        let command = format!("kill -{name} {}", self.0.id());
        let status = Command::new("sh").args(["-c", &command]).status();
        match status {
            Ok(status) if status.success() => Ok(()),
            other => Err(format!("`{command}` failed: {other:?}")),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
