use owf_runtime::prelude::*;

async fn fetch(n: u32) -> Result<u32, std::io::Error> {
    Ok(n)
}

async fn count(n: u32) -> u32 {
    n
}

#[workflow]
async fn fetches(n: u32) -> WorkflowResult<u32> {
    let one = step!("one", fetch(n)).await?;
    let two = step!("two", retries = 2, {
        println!("counting");
        count(n)
    })
    .await?;
    Ok(one + two)
}

fn main() {}
