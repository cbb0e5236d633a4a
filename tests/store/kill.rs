//! A process that is killed has lost nothing that it was told is durable.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use owf_runtime::store::{Commit, Created, NewWorker, SqliteStore, Store};

use crate::subjects::{Directory, Verdict, at, commit, order, value};

/// Tells the test below that it is the child, and which file to write.
const FILE: &str = "OWF_TEST_KILLED_FILE";

/// How many runs the child has.
const RUNS: usize = 8;

#[test]
fn every_acknowledged_commit_survives_a_kill() -> Verdict {
    let directory = Directory::new();
    for round in 0..3 {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["--exact", "kill::the_process_that_is_killed", "--nocapture"])
            .env(FILE, directory.file())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().expect("it is piped");
        let mut acknowledged = Vec::new();
        for line in BufReader::new(output).lines() {
            let line = line?;
            if let Some(step) = line.strip_prefix("durable ") {
                acknowledged.push(step.to_owned());
            }
            if acknowledged.len() == 150 * (round + 1) {
                child.kill()?;
            }
        }
        child.wait()?;
        assert!(acknowledged.len() >= 150, "the child wrote nothing");
        check(&directory, &acknowledged)?;
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn check(directory: &Directory, acknowledged: &[String]) -> Verdict {
    let store = SqliteStore::open(directory.file())?;
    for step in acknowledged {
        let (run, id) = step.split_once(' ').expect("run and step");
        let steps = store.steps(run.into()).await?.expect("the run is there");
        assert!(steps.iter().any(|memo| memo.id == id), "step {id} of run {run} was acknowledged, and is lost");
        let positions: Vec<u64> = steps.iter().map(|memo| memo.position).collect();
        assert!(positions.is_sorted());
    }
    Ok(())
}

/// Not a test of its own: without the variable it does nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_process_that_is_killed() -> Verdict {
    let Ok(file) = std::env::var(FILE) else { return Ok(()) };
    let store = SqliteStore::open(file)?;
    let worker = store.register(NewWorker { name: "killed".to_owned(), lease_until: at(1_000) }).await?;
    let names: Vec<String> = (0..RUNS).map(|n| format!("{}-{n}", std::process::id())).collect();
    let created = store.create(names.iter().map(|name| order(name)).collect(), Some(worker)).await?;
    let mut runs = Vec::new();
    for created in created {
        let Created::New(Some(lease)) = created else { panic!("the run is new: {created:?}") };
        let store = store.clone();
        runs.push(tokio::spawn(async move {
            for n in 0.. {
                let memos = vec![value(&n.to_string(), "1")];
                store.commit(vec![Commit { memos, ..commit(&lease) }]).await.remove(0).expect("commits");
                // The lock keeps lines whole.
                let mut output = std::io::stdout().lock();
                writeln!(output, "durable {} {n}", lease.run).expect("the parent reads");
            }
        }));
    }
    for run in runs {
        run.await?;
    }
    Ok(())
}
