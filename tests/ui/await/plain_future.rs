use std::future::{IntoFuture, Ready, ready};

use owf_runtime::prelude::*;

struct Request(u32);

impl IntoFuture for Request {
    type Output = u32;
    type IntoFuture = Ready<u32>;

    fn into_future(self) -> Ready<u32> {
        ready(self.0)
    }
}

async fn fetch(n: u32) -> u32 {
    n
}

async fn try_fetch(n: u32) -> Result<u32, std::io::Error> {
    Ok(n)
}

#[workflow]
async fn awaits(n: u32) -> WorkflowResult<u32> {
    let one = fetch(n).await;
    let two = try_fetch(n).await?;
    let three = Request(n).await;
    let four = vec![fetch(n).await];
    let five = async { fetch(n).await }.await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    Ok(one + two + three + four[0] + five)
}

fn main() {}
