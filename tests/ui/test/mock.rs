//! A mock that does nothing is no mock.
#![deny(unused_must_use)]

use owf_runtime::testing::{TestKit, run_test};

async fn says_nothing(kit: TestKit) {
    kit.mock("charge");
    kit.mock("charge").with(1).attempt(2);
    kit.at(std::time::Duration::ZERO);
}

fn main() {
    run_test(says_nothing);
}
