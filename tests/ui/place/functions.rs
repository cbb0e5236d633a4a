use owf_runtime::prelude::*;

#[workflow]
async fn nested_functions(n: u32) -> WorkflowResult<u32> {
    async fn helper(n: u32) -> Result<u32, StepError> {
        step!("a", n + 1).await
    }
    fn sync_helper(n: u32) {
        let _ = step!("b", n + 1);
    }
    #[durable]
    async fn fine(n: u32) -> Result<u32, StepError> {
        step!("c", n + 1).await
    }
    sync_helper(n);
    Ok(helper(n).await? + fine(n).await?)
}

fn main() {
    let _ = nested_functions;
}
