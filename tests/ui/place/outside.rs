use owf_runtime::prelude::*;

async fn plain(n: u32) -> Result<u32, StepError> {
    step!("a", n).await
}

fn main() {
    let _ = plain(1);
    let _ = race! { a = 1 => a };
    let _ = join!();
}
