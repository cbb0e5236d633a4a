use owf_runtime::prelude::*;

async fn refund(_: u32) -> Result<(), std::io::Error> {
    Ok(())
}

struct Socket;

impl Socket {
    fn close(&self) {}
}

#[workflow]
async fn named() -> WorkflowResult<()> {
    step!("charge", 1u32, undo = refund).await?;
    Ok(())
}

#[workflow]
async fn two() -> WorkflowResult<()> {
    step!("charge", 1u32, undo = |receipt, reason| refund(receipt).await?).await?;
    Ok(())
}

#[workflow]
async fn nested() -> WorkflowResult<()> {
    step!("charge", 1u32, undo = |receipt| step!("refund", refund(receipt).await?).await?).await?;
    Ok(())
}

#[workflow]
async fn twice() -> WorkflowResult<()> {
    step!("charge", undo = |_| (), 1u32, undo = |_| ()).await?;
    Ok(())
}

#[workflow]
async fn late_option() -> WorkflowResult<()> {
    step!("charge", 1u32, retries = 3).await?;
    Ok(())
}

#[workflow]
async fn not_clone() -> WorkflowResult<()> {
    let socket = Socket;
    step!("open", 1u32, undo = |_| socket.close()).await?;
    Ok(())
}

#[workflow]
async fn not_clone_behind_a_reference() -> WorkflowResult<()> {
    let socket = &Socket;
    step!("open", 1u32, undo = |_| socket.close()).await?;
    Ok(())
}

impl Socket {
    #[durable]
    async fn of_self(&self) -> Result<u32, StepError> {
        step!("open", 1u32, undo = |number| println!("{number} {:?}", self.close())).await
    }
}

fn main() {}
