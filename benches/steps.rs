//! What a step costs: run continuously, replayed, and under the checkpoint driver.
//!
//! `cargo bench` prints times per run of the stated number of steps, and allocations beside them.

use std::hint::black_box;
use std::sync::Arc;

use divan::{AllocProfiler, Bencher};
use owf_runtime::kernel::{Memos, RunId, RunInfo, Session, SessionOptions};
use owf_runtime::prelude::*;
use owf_runtime::{Json, Memo, MemoResult, OperationKind, SystemHost};
use tokio::runtime::Runtime;

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

/// The steps of a run, where nothing else is said.
const STEPS: u32 = 1_000;

fn main() {
    divan::main();
}

/// The effect that all runs make.
async fn next(n: u32) -> Result<u32, std::io::Error> {
    Ok(black_box(n.wrapping_add(1)))
}

/// The baseline: the same code without a workflow.
async fn plain(steps: u32) -> Result<u32, std::io::Error> {
    let mut n = 0;
    for _ in 0..steps {
        n = next(n).await?;
    }
    Ok(n)
}

/// One literal ID, so that the kernel counts it up.
#[workflow]
async fn literal_ids(steps: u32) -> WorkflowResult<u32> {
    let mut n = 0;
    for _ in 0..steps {
        n = step!("next", next(n).await?).await?;
    }
    Ok(n)
}

/// An ID of its own for each step, made by the workflow.
#[workflow]
async fn computed_ids(steps: u32) -> WorkflowResult<u32> {
    let mut n = 0;
    for i in 0..steps {
        n = step!(format!("next-{i}"), next(n).await?).await?;
    }
    Ok(n)
}

/// Values of 1 KiB.
#[workflow]
async fn kib_values(steps: u32) -> WorkflowResult<usize> {
    let mut length = 0;
    for _ in 0..steps {
        length += step!("text", "x".repeat(1024)).await?.len();
    }
    Ok(length)
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime starts")
}

mod continuous {
    use super::*;

    #[divan::bench]
    fn plain_async_fn(bencher: Bencher<'_, '_>) {
        let runtime = runtime();
        bencher.counter(STEPS).bench_local(|| runtime.block_on(plain(black_box(STEPS))));
    }

    #[divan::bench]
    fn literal_id(bencher: Bencher<'_, '_>) {
        let (runtime, client) = (runtime(), WorkflowClient::new(InMemoryDriver::new()));
        bencher.counter(STEPS).bench_local(|| runtime.block_on(client.invoke(literal_ids, STEPS)));
    }

    #[divan::bench]
    fn computed_id(bencher: Bencher<'_, '_>) {
        let (runtime, client) = (runtime(), WorkflowClient::new(InMemoryDriver::new()));
        bencher.counter(STEPS).bench_local(|| runtime.block_on(client.invoke(computed_ids, STEPS)));
    }

    #[divan::bench]
    fn with_records(bencher: Bencher<'_, '_>) {
        let (runtime, client) = (runtime(), WorkflowClient::new(InMemoryDriver::new()));
        bencher
            .counter(STEPS)
            .bench_local(|| runtime.block_on(async { client.start(literal_ids, STEPS).await?.result().await }));
    }
}

/// A workflow that is complete but for its return: every step is replayed from its memo.
mod replay {
    use super::*;

    #[divan::bench]
    fn small_value(bencher: Bencher<'_, '_>) {
        replay(bencher, literal_ids, "next", &Json::encode(&7).expect("a number is JSON"));
    }

    #[divan::bench]
    fn kib_value(bencher: Bencher<'_, '_>) {
        replay(bencher, kib_values, "text", &Json::encode(&"x".repeat(1024)).expect("a string is JSON"));
    }

    /// What decoding alone costs, to be taken off the two above.
    #[divan::bench]
    fn decode_small_value(bencher: Bencher<'_, '_>) {
        let json = Json::encode(&7).expect("a number is JSON");
        bencher.counter(STEPS).bench_local(|| (0..STEPS).map(|_| black_box(&json).decode::<u32>()).collect::<Vec<_>>());
    }

    #[divan::bench]
    fn decode_kib_value(bencher: Bencher<'_, '_>) {
        let json = Json::encode(&"x".repeat(1024)).expect("a string is JSON");
        bencher.counter(STEPS).bench_local(|| {
            for _ in 0..STEPS {
                black_box(black_box(&json).decode::<String>().expect("a string"));
            }
        });
    }

    fn replay(bencher: Bencher<'_, '_>, workflow: impl owf_runtime::Workflow, name: &str, value: &Json) {
        let runtime = runtime();
        let memos: Memos = (0..STEPS)
            .map(|n| {
                let id = if n == 0 { name.to_owned() } else { format!("{name}:{n}") };
                let result = MemoResult::Value(value.clone());
                (id, Memo::Done { kind: OperationKind::Step, attempts: 1, result })
            })
            .collect();
        let input = Json::encode(&STEPS).expect("a number is JSON");
        bencher
            .counter(STEPS)
            .with_inputs(|| {
                let run = RunInfo::new(RunId::new("replay"), "replay", std::time::SystemTime::UNIX_EPOCH);
                let options = SessionOptions::new(Arc::new(SystemHost::new()));
                Session::new(workflow, run, input.clone(), memos.clone(), options).expect("the input decodes")
            })
            .bench_local_values(|mut session| {
                runtime.block_on(session.advance(None));
                session
            });
    }
}

mod checkpoint {
    use super::*;

    #[divan::bench(args = [1_000, 10_000], sample_count = 3, sample_size = 1)]
    fn run(bencher: Bencher<'_, '_>, steps: u32) {
        let (runtime, client) = (runtime(), WorkflowClient::new(CheckpointInMemoryDriver::new()));
        bencher.counter(steps).bench_local(|| runtime.block_on(client.invoke(literal_ids, steps)));
    }
}

/// Parallel steps of a fan-out.
mod fan_out {
    use super::*;

    #[workflow]
    async fn all_at_once(steps: u32) -> WorkflowResult<u32> {
        let mut sum = 0_u32;
        for value in join_all((0..steps).map(|n| step!(format!("next-{n}"), next(n).await?))).await {
            sum = sum.wrapping_add(value?);
        }
        Ok(sum)
    }

    #[divan::bench(args = [1_000, 10_000])]
    fn continuous(bencher: Bencher<'_, '_>, steps: u32) {
        let (runtime, client) = (runtime(), WorkflowClient::new(InMemoryDriver::new()));
        bencher.counter(steps).bench_local(|| runtime.block_on(client.invoke(all_at_once, steps)));
    }

    #[divan::bench(args = [1_000, 10_000])]
    fn checkpoint(bencher: Bencher<'_, '_>, steps: u32) {
        let (runtime, client) = (runtime(), WorkflowClient::new(CheckpointInMemoryDriver::new()));
        bencher.counter(steps).bench_local(|| runtime.block_on(client.invoke(all_at_once, steps)));
    }
}
