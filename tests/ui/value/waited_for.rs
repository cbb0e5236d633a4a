use owf_runtime::prelude::*;

struct Approval(String);

#[workflow]
async fn says_nothing() -> WorkflowResult<()> {
    wait_for_signal("ok", "approved").await?;
    Ok(())
}

#[workflow]
async fn not_stored() -> WorkflowResult<String> {
    let approval: Approval = wait_for_event("ok", "approved").await?;
    Ok(approval.0)
}

fn main() {}
