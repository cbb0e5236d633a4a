use owf_runtime::prelude::*;
use owf_runtime::store::rusqlite::Connection;

struct Account {
    cents: i64,
}

#[workflow]
async fn not_stored() -> WorkflowResult<i64> {
    let account = transaction!("read", |db| Account { cents: cents(db) }).await?;
    Ok(account.cents)
}

#[workflow]
async fn no_error() -> WorkflowResult<i64> {
    Ok(transaction!("read", |db| {
        let cents: i64 = first(db)?;
        cents
    })
    .await?)
}

fn cents(_db: &Connection) -> i64 {
    1
}

fn first(_db: &Connection) -> Option<i64> {
    None
}

fn main() {}
