use std::rc::Rc;

use owf_runtime::prelude::*;

struct Point {
    x: u32,
}

#[derive(serde::Serialize)]
struct Half {
    x: u32,
}

fn find(x: u32) -> Result<Point, std::io::Error> {
    Ok(Point { x })
}

#[workflow]
async fn values(x: u32) -> WorkflowResult<u32> {
    let neither = step!("neither", Point { x }).await?;
    let half = step!("half", {
        let y = x + 1;
        Half { x: y }
    })
    .await?;
    let shared = step!("shared", Rc::new(x)).await?;
    let tried = step!("tried", find(x)?).await?;
    let owned = step!("owned", async move { Point { x } }).await?;
    Ok(neither.x + half.x + *shared + tried.x + owned.x)
}

fn main() {}
