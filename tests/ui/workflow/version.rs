use owf_runtime::prelude::*;

#[workflow(version = 0)]
async fn zero() {}

#[workflow(version = -1)]
async fn negative() {}

#[workflow(version = "3")]
async fn text() {}

#[workflow(version = 1.2)]
async fn fraction() {}

#[workflow(version = 4294967296)]
async fn too_large() {}

#[workflow(version)]
async fn nothing() {}

fn main() {}
