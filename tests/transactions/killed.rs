//! Processes that are killed at any moment: what was committed is not repeated.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use owf_runtime::prelude::*;

use crate::{Bank, Verdict, soon, told};

/// Tells the test below that it is the child, and which file to write.
const FILE: &str = "OWF_TEST_TRANSACTIONS_FILE";

const RUNS: usize = 8;
const STEPS: usize = 40;

#[workflow]
async fn ledger(run: String) -> WorkflowResult<usize> {
    let mut rows = 0;
    for n in 0..STEPS {
        let entry = n.to_string();
        rows += transaction!(format!("write-{n}"), |db| {
            db.execute("INSERT INTO entries VALUES (?1, ?2)", [&run, &entry])
        })
        .await?;
        if n % 4 == 0 {
            // The parent kills by what it reads here.
            step!(format!("tell-{n}"), println!("\nreached {n}")).await?;
        }
    }
    Ok(rows)
}

async fn start(client: &WorkflowClient) -> Result<Vec<owf_runtime::RunHandle<ledger>>, RunError> {
    let mut runs = Vec::new();
    for n in 0..RUNS {
        runs.push(client.start(ledger, format!("ledger-{n}")).id(format!("ledger-{n}")).await?);
    }
    Ok(runs)
}

#[test]
fn a_committed_transaction_is_never_repeated() -> Verdict {
    let bank = Bank::new();
    for round in 0..5 {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["--exact", "killed::the_process_that_is_killed", "--nocapture"])
            .env(FILE, bank.file())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().expect("it is piped");
        let reached = BufReader::new(output).lines().map_while(Result::ok).filter(|line| line.starts_with("reached"));
        let count = reached.take(5 + 3 * round).count();
        child.kill()?;
        child.wait()?;
        assert_eq!(count, 5 + 3 * round, "the child got nowhere in round {round}");
    }
    check(&bank)
}

#[tokio::main(flavor = "current_thread")]
async fn check(bank: &Bank) -> Verdict {
    let client = bank.client();
    for run in start(&client).await? {
        assert_eq!(soon(run.result()).await?, STEPS);
        let expected: Vec<String> = (0..STEPS).map(|n| n.to_string()).collect();
        assert_eq!(bank.entries(run.id().as_str()), expected);
        let told = told(&run).await;
        assert_eq!(told.iter().filter(|step| step.starts_with("write-")).count(), STEPS);
    }
    Ok(())
}

/// Not a test of its own: without the variable it does nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_process_that_is_killed() -> Verdict {
    let Ok(file) = std::env::var(FILE) else { return Ok(()) };
    let client = WorkflowClient::new(SqliteDriver::open(file)?);
    for run in start(&client).await? {
        run.result().await?;
    }
    Ok(())
}
