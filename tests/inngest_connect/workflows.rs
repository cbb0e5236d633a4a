//! The app's functions.

use std::time::Duration;

use owf_runtime::prelude::*;

use crate::probe::Probe;
use crate::server::in_time;

#[workflow(event = "user.joined", retries = 2)]
pub(crate) async fn greet(name: String) -> WorkflowResult<String> {
    let upper = step!("uppercase", name.to_uppercase()).await?;
    Ok(step!("create-greeting", format!("Hello, {upper}!")).await?)
}

/// One after the other, beside each other, a wait, and a step that fails at first.
#[workflow]
pub(crate) async fn many(probe: Probe) -> WorkflowResult<Vec<u32>> {
    let one = step!("one", 1).await?;
    let (two, three) = join!(step!("two", 2), step!("three", 3)).await;
    sleep("nap", Duration::from_secs(60)).await?;
    let four = step!("four", if probe.note("four") < 2 { Err(StepError::msg("not yet"))? } else { 4 }).await?;
    Ok(vec![one, two?, three?, four])
}

/// A step that waits until the test lets it go on.
#[workflow]
pub(crate) async fn patient(probe: Probe) -> WorkflowResult<String> {
    step!("wait", {
        probe.mark("begun");
        let _noted = probe.drop_guard("over");
        probe.meet("gate", 2).await;
        probe.mark("done");
    })
    .await?;
    Ok("waited".to_owned())
}

/// Lets a step that waits go on, once it waits.
pub(crate) async fn let_go(probe: Probe) {
    in_time(probe.meet("gate", 2)).await;
}

#[workflow]
pub(crate) async fn spoiled(how: String) -> WorkflowResult<u32> {
    match how.as_str() {
        "fatal" => Err(WorkflowError::fatal("for good")),
        "later" => Err(WorkflowError::msg("for now").retry_after(Duration::from_secs(90))),
        "panic" => panic!("out of the blue"),
        _ => Err(WorkflowError::msg("for now")),
    }
}
