//! What a body may be, and what it may use.

use owf_runtime::prelude::*;
use owf_runtime::store::rusqlite::{self, Connection};

use crate::{Bank, Verdict, soon};

/// A helper of the user's own, which knows nothing of workflows.
fn note(db: &Connection, run: &str, entry: &str) -> rusqlite::Result<usize> {
    db.execute("INSERT INTO entries VALUES (?1, ?2)", [run, entry])
}

struct Order {
    id: String,
    items: Vec<String>,
}

#[durable]
async fn note_all(run: &str, order: &[String]) -> Result<(), StepError> {
    let count = order.len();
    // References lend what is cloned: the body sees the types that are around it.
    transaction!("all", |db| {
        for item in order {
            note(db, run, item)?;
        }
        note(db, run, &format!("{count} in all"))
    })
    .await?;
    Ok(())
}

#[workflow]
async fn bodies(run: String) -> WorkflowResult<usize> {
    let order = Order { id: run, items: vec!["hat".to_owned(), "cane".to_owned()] };
    let id = &order.id;
    note_all(id, &order.items).await?;

    let items = ["a", "b"].map(str::to_owned);
    let noted = join_all(items.iter().map(|item| transaction!(format!("note-{item}"), |db| note(db, id, item)))).await;
    let mut count = 0;
    for noted in noted {
        count += noted?;
    }
    // A closure that says its type may be left as any closure may.
    let typed = transaction!("typed", |db: &Connection| -> rusqlite::Result<usize> {
        if count == 0 {
            return Ok(0);
        }
        let rows = note(db, id, "typed")?;
        Ok(rows)
    });
    count += typed.await?;
    transaction!("unit", |db| {
        note(db, id, "unit")?;
    })
    .await?;
    Ok(count)
}

#[tokio::test]
async fn a_body_uses_clones_of_what_is_around_it() -> Verdict {
    let bank = Bank::new();
    let client = bank.client();
    let run = client.start(bodies, "bodies".to_owned()).id("bodies").await?;
    assert_eq!(soon(run.result()).await?, 3);
    assert_eq!(bank.entries("bodies"), ["hat", "cane", "2 in all", "a", "b", "typed", "unit"]);
    Ok(())
}
