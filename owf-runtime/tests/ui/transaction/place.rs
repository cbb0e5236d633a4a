use owf_runtime::prelude::*;

async fn plain() -> Result<usize, StepError> {
    transaction!("write", |db| db.execute("DELETE FROM a", [])).await
}

#[workflow]
async fn nested() -> WorkflowResult<u32> {
    step!("outer", {
        transaction!("inner", |db| db.execute("DELETE FROM a", [])).await?;
    })
    .await?;
    Ok(transaction!("outer-2", |db| {
        let n = step!("inner-2", 1_u32).await?;
        db.execute("DELETE FROM a WHERE n = ?1", [n])?;
        n
    })
    .await?)
}

#[workflow]
async fn unawaited() -> WorkflowResult<()> {
    transaction!("write", |db| db.execute("DELETE FROM a", []));
    Ok(())
}

#[workflow]
async fn duplicate() -> WorkflowResult<()> {
    transaction!("write", |db| db.execute("DELETE FROM a", [])).await?;
    step!("write", println!("written")).await?;
    Ok(())
}

#[workflow]
async fn hidden() -> WorkflowResult<()> {
    fn helper() {
        let _ = transaction!("write", |db| db.execute("DELETE FROM a", []));
    }
    helper();
    Ok(())
}

fn main() {}
