use owf_runtime::prelude::*;

macro_rules! twice {
    ($e:expr) => {
        $e + $e
    };
}

macro_rules! info {
    ($($t:tt)*) => {};
}

#[workflow]
async fn hidden(n: u32) -> WorkflowResult<u32> {
    let sum = twice!(step!("a", n).await?);
    let fut = async { 1 };
    let other = twice!(fut.await);
    tokio::select! {
        value = step!("a", n) => { let _ = value; }
    }
    info!("{}", step!("b", n).await?);
    debug_assert!(step!("c", true).await?);
    macro_rules! local {
        () => {
            step!("d", n)
        };
    }
    Ok(sum + other)
}

fn main() {
    let _ = hidden;
}
