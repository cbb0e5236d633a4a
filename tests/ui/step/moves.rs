use owf_runtime::prelude::*;

fn consume(text: String) -> u32 {
    text.len() as u32
}

#[workflow]
async fn moves(text: String) -> WorkflowResult<u32> {
    Ok(step!("consume", consume(text)).await?)
}

fn main() {}
