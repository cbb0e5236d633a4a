use owf_runtime::prelude::*;

async fn charge(cents: u64) -> Result<u64, std::io::Error> {
    Ok(cents)
}

fn refund(cents: u64) -> std::pin::Pin<Box<dyn Future<Output = Result<(), std::io::Error>> + Send>> {
    Box::pin(async move { charge(cents).await.map(drop) })
}

#[workflow]
async fn forgotten(cents: u64) -> WorkflowResult<u64> {
    let paid = step!("charge", charge(cents)).await?;
    step!("ship", paid + 1, undo = |_| refund(paid)).await?;
    step!("tell", paid + 2, undo = |told| {
        println!("{told} cents back");
        charge(told)
    })
    .await?;
    Ok(paid)
}

fn main() {}
