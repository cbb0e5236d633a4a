use owf_runtime::prelude::*;

const SECOND: std::time::Duration = std::time::Duration::from_secs(1);

#[workflow]
async fn no_id() -> WorkflowResult<usize> {
    Ok(transaction!(|db| db.execute("DELETE FROM a", [])).await?)
}

#[workflow]
async fn nothing() -> WorkflowResult<()> {
    transaction!().await?;
    Ok(())
}

#[workflow]
async fn empty_id() -> WorkflowResult<usize> {
    Ok(transaction!("", |db| db.execute("DELETE FROM a", [])).await?)
}

#[workflow]
async fn timeout() -> WorkflowResult<usize> {
    Ok(transaction!("write", timeout = SECOND, |db| db.execute("DELETE FROM a", [])).await?)
}

#[workflow]
async fn unknown() -> WorkflowResult<usize> {
    Ok(transaction!("write", retry = 3, |db| db.execute("DELETE FROM a", [])).await?)
}

#[workflow]
async fn undo() -> WorkflowResult<usize> {
    Ok(transaction!("write", |db| db.execute("DELETE FROM a", []), undo = |db, rows, more| rows).await?)
}

#[workflow]
async fn awaiting_undo() -> WorkflowResult<usize> {
    Ok(transaction!("write", |db| db.execute("DELETE FROM a", []), undo = |_db, rows| refund(rows).await).await?)
}

async fn refund(_rows: usize) {}

fn main() {}
