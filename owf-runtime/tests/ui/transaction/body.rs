use owf_runtime::prelude::*;

async fn rate() -> f64 {
    1.0
}

fn write() -> u32 {
    1
}

#[workflow]
async fn not_a_closure() -> WorkflowResult<u32> {
    Ok(transaction!("write", write()).await?)
}

#[workflow]
async fn owning() -> WorkflowResult<u32> {
    Ok(transaction!("write", async move { write() }).await?)
}

#[workflow]
async fn no_connection() -> WorkflowResult<u32> {
    Ok(transaction!("write", || write()).await?)
}

#[workflow]
async fn two_connections() -> WorkflowResult<usize> {
    Ok(transaction!("write", |db, _other| db.execute("DELETE FROM a", [])).await?)
}

#[workflow]
async fn awaiting() -> WorkflowResult<usize> {
    let rows = transaction!("write", |db| {
        let rate = rate().await;
        db.execute("UPDATE a SET rate = ?1", [rate])
    });
    Ok(rows.await?)
}

#[workflow]
async fn async_closure() -> WorkflowResult<usize> {
    Ok(transaction!("write", async |db| db.execute("DELETE FROM a", [])).await?)
}

fn main() {}
