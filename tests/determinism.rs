//! `check_determinism` finds at run time what no compiler sees.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use owf_runtime::prelude::*;
use owf_runtime::testing::check_determinism;

/// Stands for a crate whose inside the macro cannot see.
mod elsewhere {
    use super::{AtomicU32, Ordering};

    static CALLS: AtomicU32 = AtomicU32::new(0);

    pub(crate) fn counter() -> u32 {
        CALLS.fetch_add(1, Ordering::Relaxed)
    }
}

#[workflow(allow(duplicate_id, reason = "the test is about IDs that are met again"))]
async fn sound(n: u32) -> WorkflowResult<u32> {
    let a = step!("a", n + 1).await?;
    sleep("nap", Duration::from_secs(3600)).await?;
    let (b, c) = join!(
        async {
            let first = step!("b", a + 1).await?;
            step!("last", first * 10).await
        },
        async {
            let first = step!("c", a + 2).await?;
            step!("last", first * 100).await
        },
    )
    .await;
    let quick = race!(step!("left", 1), step!("right", 2)).await?;
    Ok(b? + c? + quick)
}

#[tokio::test]
async fn a_deterministic_workflow_passes_in_every_order_of_completion() {
    check_determinism(sound, 1).await.expect("it is deterministic");
}

#[workflow(allow(unstable_id, reason = "the test is about what no lint sees"))]
async fn counted_id(_n: u32) -> WorkflowResult<u32> {
    let a = step!("before", 1).await?;
    Ok(a + step!(format!("counted-{}", elsewhere::counter()), 2).await?)
}

#[tokio::test]
async fn an_id_that_differs_on_every_pass_is_shown_beside_the_first() {
    let found = check_determinism(counted_id, 0).await.expect_err("its second ID is counted up");
    let text = found.to_string();
    let line = |part: &str| text.lines().find(|line| line.contains(part)).unwrap_or_else(|| panic!("{part} in {text}"));
    assert!(text.starts_with("`counted_id` did otherwise when it was entered again after step `before`"), "{text}");
    let differing = line("≠");
    assert!(differing.contains("step `counted-") && differing.contains("tests/determinism.rs:"), "{text}");
    assert!(!line("step `before`").contains('≠'), "{text}");
}

#[workflow(allow(shared_state, reason = "the test is about what no lint sees"))]
async fn counted_result(_n: u32) -> WorkflowResult<u32> {
    let a = step!("a", 1).await?;
    Ok(a + elsewhere::counter())
}

#[tokio::test]
async fn a_result_that_differs_on_every_pass_is_found() {
    let found = check_determinism(counted_result, 0).await.expect_err("its result is counted up");
    assert!(found.to_string().contains("returned "), "{found}");
}

#[derive(serde::Serialize)]
struct Report {
    map: std::collections::HashMap<u32, u32>,
}

#[workflow]
async fn hash_order(_n: u32) -> WorkflowResult<String> {
    step!("a", 1).await?;
    let report = Report { map: (0..64).map(|n| (n, n)).collect() };
    // No lint would see it if the type stood in another file.
    #[owf::allow(hash_iteration, reason = "the test is about what shows at run time")]
    let text = serde_json::to_string(&report)?;
    Ok(text)
}

#[tokio::test]
async fn an_order_of_hashing_that_shows_through_serde_is_found() {
    check_determinism(hash_order, 0).await.expect_err("each map has an order of its own");
}

#[workflow]
async fn input_order(names: std::collections::HashMap<String, u32>) -> WorkflowResult<u32> {
    let mut sum = 0;
    #[owf::allow(hash_iteration, reason = "what this test is about")]
    for name in names.keys().cloned().collect::<Vec<_>>() {
        sum += step!("charge", input = &name, name.len() as u32).await?;
    }
    Ok(sum)
}

#[tokio::test]
async fn a_step_that_is_met_with_another_input_is_found() {
    let names = (0..32).map(|n| (format!("user-{n}"), n)).collect();
    let found = check_determinism(input_order, names).await.expect_err("the map is decoded anew on each pass");
    assert!(found.to_string().contains("step `charge` of \"user-"), "{found}");
}

#[workflow]
async fn tells(name: String) -> WorkflowResult<usize> {
    send_event("tell", "told", &name).await?;
    Ok(step!("length", name.len()).await?)
}

async fn release(_: u32) -> Result<(), owf_runtime::Failure> {
    Ok(())
}

#[workflow]
async fn all_operations(n: u32) -> WorkflowResult<usize> {
    let hour = Duration::from_secs(3600);
    let started = now("started").await?;
    let seat = step!("seat", n + 7).undo(release).await?;
    sleep_until("a while", started + hour).await?;
    let (approved, news) = join!(
        wait_for_signal::<String>("approval", "approved").timeout(hour),
        wait_for_event::<String>("news?", "news").matching("", &n).timeout(hour),
    )
    .await;
    let by = approved?.unwrap_or_else(|| "nobody".to_owned());
    send_signal("thank", "another", "thanks", &by).await?;
    let children = join_all((0..2).map(|child| invoke(format!("tell-{child}"), tells, format!("{by}-{child}")))).await;
    let lengths: usize = children.into_iter().flatten().sum();
    let rest = wait_for_signal::<usize>("rest", "rest").await?;
    Ok(lengths + rest + seat as usize + usize::from(news?.is_some()))
}

#[tokio::test]
async fn all_operations_are_checked_with_what_they_wait_for() {
    let given = || check_determinism(all_operations, 1).signal("approved", "Ada").signal("rest", &7_usize);
    given().await.expect("it is deterministic");
    given().event("news", "rain").cancelled().await.expect("its undo is deterministic, too");
}

#[tokio::test]
async fn a_wait_for_what_is_not_given_is_told() {
    let found = check_determinism(all_operations, 1).await.expect_err("nobody sends `rest`");
    let text = found.to_string();
    assert!(text.contains("cannot be checked further than where it waits for signal `rest` in `rest`"), "{text}");
    assert!(text.contains(".signal(\"name\", &value)"), "{text}");
}

#[workflow(allow(shared_state, reason = "the test is about what no lint sees"))]
async fn counting_child() -> WorkflowResult<u32> {
    let a = step!("a", 1).await?;
    Ok(a + elsewhere::counter())
}

#[workflow]
async fn parent_of_counting() -> WorkflowResult<u32> {
    Ok(invoke("child", counting_child, ()).await?)
}

#[tokio::test]
async fn a_child_that_differs_is_found() {
    let found = check_determinism(parent_of_counting, ()).await.expect_err("the child counts");
    assert!(found.to_string().starts_with("`counting_child` did otherwise"), "{found}");
}

#[workflow(allow(unstable_id, reason = "the test is about what no lint sees"))]
async fn counting_cleanup(_n: u32) -> WorkflowResult<()> {
    cleanup(async {
        step!(format!("clean-{}", elsewhere::counter()), ()).await?;
        Ok(())
    });
    Ok(step!("a", ()).await?)
}

#[tokio::test]
async fn a_cleanup_that_differs_is_found_when_the_run_is_cancelled() {
    check_determinism(counting_cleanup, 1).await.expect("it completes");
    let found = check_determinism(counting_cleanup, 1).cancelled().await.expect_err("its cleanup counts");
    assert!(found.to_string().contains("step `clean-"), "{found}");
}

#[workflow]
async fn endless(n: u32) -> WorkflowResult<u32> {
    let mut sum = n;
    loop {
        sum = sum.wrapping_add(step!("again", 1).await?);
        if sum == n {
            return Ok(sum);
        }
    }
}

#[tokio::test]
async fn a_workflow_without_end_is_told_of() {
    // Each step is followed by a pass through all steps before it, so this is the quickest endless one.
    let found = check_determinism(endless, 0).await.expect_err("it has no end");
    assert!(found.to_string().contains("came to no end"), "{found}");
}
