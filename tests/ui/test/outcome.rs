//! A test returns nothing or a `Result`.

use owf_runtime::testing::{TestKit, run_test};

async fn a_number(_: TestKit) -> u32 {
    7
}

fn main() {
    run_test(a_number);
}
