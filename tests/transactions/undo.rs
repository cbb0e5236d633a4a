//! What undoes a transaction when its run does not complete.

use owf_runtime::prelude::*;

use crate::{Bank, Verdict, soon, told};

#[workflow]
async fn pay(cents: i64) -> WorkflowResult<()> {
    transaction!(
        "debit",
        |db| {
            db.execute("UPDATE accounts SET cents = cents - ?1 WHERE id = 'Ada'", [cents])?;
            db.query_row("SELECT cents FROM accounts WHERE id = 'Ada'", [], |row| row.get::<_, i64>(0))
        },
        undo = |db, left| {
            db.execute("INSERT INTO entries VALUES ('pay', ?1)", [format!("{cents} back to {left}")])?;
            db.execute("UPDATE accounts SET cents = cents + ?1 WHERE id = 'Ada'", [cents])
        }
    )
    .await?;
    transaction!(
        "note",
        |db| db.execute("INSERT INTO entries VALUES ('pay', 'paid')", []),
        undo = |rows| println!("{rows} rows stay")
    )
    .await?;
    Err(WorkflowError::fatal("the shop is closed"))
}

#[tokio::test]
async fn a_transaction_undoes_a_transaction() -> Verdict {
    let bank = Bank::new();
    let client = bank.client();
    let run = client.start(pay, 400).id("pay").await?;
    assert!(soon(run.result()).await.is_err());
    assert_eq!(bank.cents("Ada"), 1_000);
    assert_eq!(bank.entries("pay"), ["paid", "400 back to 600"]);
    assert_eq!(told(&run).await, ["debit 1 ok", "note 1 ok", "note:undo 1 ok", "debit:undo 1 ok"]);
    assert!(run.steps().await?.iter().all(|step| step.is_undo == step.id.as_str().ends_with(":undo")));
    Ok(())
}
