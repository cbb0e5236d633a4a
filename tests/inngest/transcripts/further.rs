//! The functions of `further/functions.mjs`, in its order.

mod configured;
mod errors;
mod parallel;
mod sequences;
mod waits;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use owf_runtime::inngest::InngestDriver;
use owf_runtime::prelude::*;

pub(super) fn all(driver: InngestDriver) -> InngestDriver {
    let driver = sequences::add(parallel::add(driver));
    configured::add(waits::add(errors::add(driver)))
}

static COUNTS: Mutex<BTreeMap<&str, u32>> = Mutex::new(BTreeMap::new());

/// How often something was done, this time included: what fails at first fails by it.
fn count(name: &'static str) -> u32 {
    let mut counts = COUNTS.lock().unwrap_or_else(PoisonError::into_inner);
    let count = counts.entry(name).or_default();
    *count += 1;
    *count
}

pub(super) fn forget_counts() {
    COUNTS.lock().unwrap_or_else(PoisonError::into_inner).clear();
}

/// What became of a step, where its failure is no reason to stop.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Caught<T> {
    Ok(T),
    Error(String),
}

fn caught<T>(result: Result<T, StepError>) -> Caught<T> {
    match result {
        Ok(value) => Caught::Ok(value),
        Err(error) => Caught::Error(error.message().to_owned()),
    }
}
