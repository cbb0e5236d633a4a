//! Versions are literals or constants.
#![deny(warnings)]

use owf_runtime::prelude::*;
use owf_runtime::{AnyWorkflow, Workflow as _};

const NEWEST: u32 = 7;

#[workflow]
async fn unversioned() {}

#[workflow(version = 3)]
async fn literal() {}

#[workflow(version = NEWEST + 1)]
async fn calculated() {}

#[workflow(version = 1)]
#[deprecated]
async fn old() {}

#[workflow(version = MISSING)]
#[cfg(any())]
async fn left_out() {}

#[workflow(name = "literal", version = 2)]
async fn literal_before() {}

fn main() {
    assert_eq!((unversioned::VERSION, literal::VERSION, calculated::VERSION), (0, 3, 8));
    let (now, before) = (AnyWorkflow::new(literal), AnyWorkflow::new(literal_before));
    assert_eq!((now.version(), before.version()), (3, 2));
    assert_eq!(now, before);
}
