//! One call that replays 1,000 recorded steps and runs one more: in this driver's handler, and in that of the official TypeScript SDK, each
//! in its own process on the same machine, one after the other.
//!
//! `cargo bench --features inngest --bench inngest`; for the other SDK run `npm ci` in `tests/inngest/side_by_side` first.

use std::fmt::Write as _;
use std::process::Command;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use owf_runtime::inngest::InngestDriver;
use owf_runtime::prelude::*;
use serde_json::{Map, Value, json};
use sha1::Digest as _;

const STEPS: u32 = 1000;
const ROUNDS: usize = 200;
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/inngest/side_by_side");

#[workflow]
async fn long(_: Value) -> WorkflowResult<u32> {
    let mut sum = 0;
    for i in 0..=STEPS {
        sum += step!("add", i).await?;
    }
    Ok(sum)
}

fn main() {
    let body = body().to_string();
    let ours = ours(&body);
    println!("this driver: median {:.0} us of {ROUNDS} calls", ours.as_secs_f64() * 1e6);
    match theirs(&body) {
        Some(theirs) => {
            println!("inngest (npm): median {:.0} us", theirs.as_secs_f64() * 1e6);
            println!("ratio: {:.1}", theirs.as_secs_f64() / ours.as_secs_f64());
        }
        None => println!("inngest (npm): not measured, for there is no Node with the package: `npm ci` in {FOLDER}"),
    }
}

fn ours(body: &str) -> Duration {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let driver = InngestDriver::new("app").dev(true).function(long);
    let body = Bytes::from(body.to_owned());
    let round = || {
        let request = Request::post("http://app.test/api/inngest?fnId=app-long&stepId=step").body(body.clone());
        let request = request.expect("a request");
        let began = Instant::now();
        let answer = runtime.block_on(driver.handle(request));
        let took = began.elapsed();
        assert_eq!(answer.status(), 206);
        took
    };
    (0..20).for_each(|_| drop(round()));
    median((0..ROUNDS).map(|_| round()).collect())
}

fn theirs(body: &str) -> Option<Duration> {
    let file = std::env::temp_dir().join(format!("owf-inngest-{}.json", std::process::id()));
    std::fs::write(&file, body).ok()?;
    let ran = Command::new("node").arg("bench.mjs").arg(&file).args(["20", "100"]).current_dir(FOLDER).output();
    let _ = std::fs::remove_file(&file);
    let ran = ran.ok().filter(|ran| ran.status.success())?;
    let micros =
        String::from_utf8_lossy(&ran.stdout).lines().filter_map(|line| line.parse::<f64>().ok()).collect::<Vec<_>>();
    Some(median(micros.into_iter().map(|micros| Duration::from_secs_f64(micros / 1e6)).collect()))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn body() -> Value {
    let ids: Vec<String> =
        (0..STEPS).map(|i| hash(&if i == 0 { "add".to_owned() } else { format!("add:{i}") })).collect();
    let steps: Map<String, Value> = ids.iter().enumerate().map(|(i, id)| (id.clone(), json!({ "data": i }))).collect();
    json!({
        "event": { "name": "app/long", "data": {}, "ts": 1, "id": "e" },
        "events": [{ "name": "app/long", "data": {} }],
        "steps": steps,
        "ctx": {
            "run_id": "01M814WRNQT7SPHQVJVNMKC84V",
            "attempt": 0,
            "max_attempts": 4,
            "disable_immediate_execution": false,
            "use_api": false,
            "stack": { "stack": ids, "current": STEPS },
        },
        "version": 2,
    })
}

fn hash(id: &str) -> String {
    sha1::Sha1::digest(id.as_bytes()).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
