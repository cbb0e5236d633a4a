use owf_runtime::prelude::*;

#[workflow]
async fn debit(cents: i64) -> WorkflowResult<usize> {
    let rows = transaction!("debit", |db| {
        db.execute("UPDATE accounts SET cents = cents - ?1", [cents])
    })
    .await?;
    let later = transaction!("later", |db| db.execute("DELETE FROM accounts", []), undo = |db, rows| db.insert(rows));
    Ok(rows + later.await?)
}

fn main() {}
