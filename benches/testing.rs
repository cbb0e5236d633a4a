//! What virtual time and the crash explorer cost: each figure is one run of the whole.

use std::fmt;
use std::time::Duration;

use divan::Bencher;
use divan::counter::ItemsCount;
use owf_runtime::prelude::*;
use owf_runtime::testing::{TestKit, explore, run_test};
use serde::{Deserialize, Serialize};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn main() {
    divan::main();
}

#[workflow]
async fn days(count: u32) -> WorkflowResult<()> {
    for _ in 0..count {
        sleep("day", DAY).await?;
    }
    Ok(())
}

#[workflow]
async fn square(n: u64) -> WorkflowResult<u64> {
    Ok(step!("square", n * n).await?)
}

#[workflow]
async fn squares(count: u64) -> WorkflowResult<u64> {
    let mut sum = 0;
    for squared in join_all((0..count).map(|n| invoke(format!("child-{n}"), square, n))).await {
        sum += squared?;
    }
    Ok(sum)
}

/// The order of `examples/order`.
#[derive(Serialize, Deserialize)]
struct Order {
    id: String,
    cents: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Declined {
    limit: u64,
}

impl fmt::Display for Declined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "over the limit of {} cents", self.limit)
    }
}

#[workflow]
async fn order(order: Order) -> WorkflowResult<String> {
    let stock = step!("stock", retries = 3, backoff = Duration::from_millis(5), warehouse().await?).await?;
    let (mail, label) =
        join!(step!("mail", format!("mail for {}", order.id)), step!("label", format!("label for {}", order.id))).await;
    mail?;
    label?;
    let paid = match step!("charge", retries = 0, charge(order.cents).await?).await {
        Ok(receipt) => receipt,
        Err(error) => {
            let limit = error.downcast::<Declined>().map_or(0, |declined| declined.limit);
            step!("invoice", format!("invoice over {} cents", order.cents - limit)).await?
        }
    };
    Ok(format!("{stock} in stock, {paid}"))
}

async fn warehouse() -> Result<u32, std::io::Error> {
    Ok(3)
}

async fn charge(cents: u64) -> Result<String, Declined> {
    if cents > 5_000 { Err(Declined { limit: 5_000 }) } else { Ok("paid".to_owned()) }
}

mod explorer {
    use super::*;

    /// The throughput is that of schedules.
    #[divan::bench(sample_count = 5, sample_size = 1)]
    fn order_example(bencher: Bencher<'_, '_>) {
        let run = || explore(order, Order { id: "order-42".to_owned(), cents: 9_900 }).run();
        bencher.counter(ItemsCount::new(run().schedules())).bench_local(run);
    }
}

mod virtual_time {
    use super::*;

    fn kit(checkpoint: bool, kit: TestKit) -> TestKit {
        if checkpoint { kit.checkpoint() } else { kit }
    }

    #[divan::bench(args = [false, true], sample_count = 3, sample_size = 1)]
    fn ten_thousand_days(checkpoint: bool) {
        run_test(async |given: TestKit| kit(checkpoint, given).run(days, 10_000).await).expect("it ends");
    }

    #[divan::bench(args = [false, true], sample_count = 3, sample_size = 1)]
    fn ten_thousand_children(checkpoint: bool) {
        run_test(async |given: TestKit| kit(checkpoint, given).run(squares, 10_000).await).expect("it ends");
    }
}
