//! Functions of the standard library under names that no file tells: a macro under another name declares where they are.
use std::time::Duration;

use owf_runtime::prelude::*;

macro_rules! declare {
    ($name:ident) => {
        #[allow(dead_code, reason = "the names are shared with the other test")]
        #[path = "names/mod.rs"]
        mod $name;
    };
}

use declare as made;

made!(names);

use self::names::{Wall, nap, variable};

type Here = Wall;

#[workflow]
async fn called(n: u64) -> WorkflowResult<u64> {
    nap(Duration::from_secs(n));
    let home = variable("HOME").map_or(0, |home| home.len() as u64);
    let now = Wall::now().duration_since(Wall::UNIX_EPOCH).map_or(0, |age| age.as_secs());
    let again = <Here>::now();
    drop(again);
    Ok(home + now + u64::from(self::names::process()))
}

#[workflow]
async fn values(at: Option<u64>) -> WorkflowResult<u64> {
    let wait = self::names::nap;
    wait(Duration::ZERO);
    self::names::fetched(1).await;
    let at = at.map_or_else(Wall::now, |_| Wall::UNIX_EPOCH);
    Ok(at.duration_since(Wall::UNIX_EPOCH).map_or(0, |age| age.as_secs()))
}

fn main() {}
