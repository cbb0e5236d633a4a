//! Locks that hold no state of the workflow's, and methods of the same names.
#![deny(warnings)]
use std::sync::{Arc, Mutex};

use owf_runtime::prelude::*;

#[derive(Clone)]
struct Pool(Arc<Mutex<Vec<u32>>>);

fn pool() -> Pool {
    Pool(Arc::default())
}

fn counter() -> Arc<Mutex<u32>> {
    Arc::default()
}

struct Door(u32);

impl Door {
    fn lock(&self) -> u32 {
        self.0
    }

    fn take(&self) -> u32 {
        self.0
    }
}

#[workflow]
async fn resources(n: u32) -> WorkflowResult<u32> {
    let pool = pool();
    step!("insert", pool.0.lock().unwrap().push(n)).await?;
    let count = step!("count", pool.0.lock().unwrap().len() as u32).await?;
    drop(pool.clone());
    let counter = counter();
    step!("add", async move { *counter.lock().unwrap() += 1 }).await?;
    Ok(count)
}

#[workflow]
async fn within(n: u32) -> WorkflowResult<u32> {
    let door = Door(n);
    let locked = step!("lock", door.lock() + door.take()).await? + door.lock();
    let scratch = Mutex::new(0);
    *scratch.lock().unwrap() += n;
    let sum = *scratch.lock().unwrap();
    let own = step!("own", {
        let scratch = Mutex::new(sum);
        *scratch.lock().unwrap() += 1;
        scratch.into_inner().unwrap()
    })
    .await?;
    #[owf::allow(lost_mutation, reason = "the step reads only")]
    let read = step!("read", *scratch.lock().unwrap()).await?;
    Ok(locked + own + read)
}

fn main() {}
