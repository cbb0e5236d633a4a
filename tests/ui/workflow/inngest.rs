//! What `inngest(..)` says wrong.

use owf_runtime::prelude::*;

#[workflow(inngest(concurency(limit = 2)))]
async fn unknown() {}

#[workflow(inngest(concurrency(limit = 0), throttle(limit = 10), rate_limit(limit = many, period = "1h")))]
async fn numbers() {}

#[workflow(inngest(debounce(period = "8d"), finish_timeout = "5 minutes", start_timeout = 5))]
async fn times() {}

#[workflow(inngest(batch(max_size = 1000, timeout = "2m")))]
async fn large() {}

#[workflow(inngest(batch(max_size = 10, timeout = "5s"), debounce(period = "5s"), priority = "1", cancel_on(event = "x")))]
async fn exclusive() {}

#[workflow(inngest(idempotency = "event.data.id", rate_limit(limit = 1, period = "1h")))]
async fn twice_limited() {}

#[workflow(inngest(concurrency(limit = 1), concurrency(limit = 2), concurrency(limit = 3), priority = "1", priority = "2"))]
async fn often() {}

#[workflow(inngest(singleton(mode = "replace"), concurrency(limit = 1, scope = "app"), throttle(limit = 1, period = "1m", bust = 2)))]
async fn choices() {}

#[workflow(inngest(when = "event.data.cents > 100"))]
async fn no_event() {}

#[workflow(inngest(priority, batch = 5, cancel_on(event)))]
async fn no_values() {}

#[workflow(inngest)]
async fn no_list() {}

#[workflow(inngest(5))]
async fn no_option() {}

fn main() {}
