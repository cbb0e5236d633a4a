//! What the durable driver costs, through the public client, next to its floors: raw SQLite at the same settings, in the same run.
//!
//! `cargo bench --features sqlite --bench durable [-- DIRECTORY]` prints medians; the directory decides which disk is measured. What
//! depends on a fresh process is measured in processes of its own, which are this program again.

mod figures;

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use owf_runtime::prelude::*;
use owf_runtime::store::rusqlite::Connection;
use owf_runtime::store::{RunFilter, Status, Synchronous};

use crate::figures::{line, median, median_ratio, rate, ratio, say};

/// What every statement of the floors stores: the value of a small step.
const VALUE: &str = r#"{"n":12345}"#;

/// How often each figure is taken; the middle one is printed.
const ROUNDS: usize = 5;

/// Tells a process what it is to do, and with which file.
const ROLE: &str = "OWF_BENCH_ROLE";

#[workflow]
async fn steps(count: u32) -> WorkflowResult<u32> {
    let mut sum = 0;
    for n in 0..count {
        sum += step!("add", n).await? % 2;
    }
    Ok(sum)
}

/// When each step of the run that is measured began.
static BEGAN: Mutex<Vec<Instant>> = Mutex::new(Vec::new());

#[workflow]
async fn timed_steps(count: u32) -> WorkflowResult<()> {
    for _ in 0..count {
        step!("note", BEGAN.lock().unwrap_or_else(PoisonError::into_inner).push(Instant::now())).await?;
    }
    Ok(())
}

#[workflow]
async fn asleep() -> WorkflowResult<()> {
    sleep("night", Duration::from_secs(24 * 3600)).await?;
    Ok(())
}

/// How late it wakes, in microseconds.
#[workflow]
async fn wakes(nap_ms: u64) -> WorkflowResult<u64> {
    let began = now("began").await?;
    let due = began + Duration::from_millis(nap_ms);
    sleep("nap", Duration::from_millis(nap_ms)).await?;
    Ok(step!("woke", micros_since(due)).await?)
}

/// How long it took from a time to the first step, in microseconds.
#[workflow]
async fn picked_up(since: SystemTime) -> WorkflowResult<u64> {
    Ok(step!("begins", micros_since(since)).await?)
}

/// Its process dies in step 900, and in another it tells when it goes on.
#[workflow]
async fn dies(count: u32) -> WorkflowResult<()> {
    for n in 0..count {
        step!("step", {
            let is_first_life = role().is_some_and(|(role, _)| role == "dies");
            if n == count * 9 / 10 && is_first_life {
                std::process::abort();
            }
            if n == count * 9 / 10 {
                say("goes on");
            }
        })
        .await?;
    }
    Ok(())
}

fn micros_since(time: SystemTime) -> u64 {
    time.elapsed().map_or(0, |late| u64::try_from(late.as_micros()).unwrap_or(u64::MAX))
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime starts");
    if let Some((role, file)) = role() {
        return runtime.block_on(play(&role, &file));
    }
    let directory = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let directory =
        directory.map_or_else(std::env::temp_dir, PathBuf::from).join(format!("owf-bench-{}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("a directory to measure in");
    let mut bench = Bench { directory: &directory, files: 0 };
    runtime.block_on(bench.all());
    drop(runtime);
    let _ = std::fs::remove_dir_all(&directory);
}

struct Bench<'a> {
    directory: &'a Path,
    files: u32,
}

impl Bench<'_> {
    async fn all(&mut self) {
        // The floors and the driver by turns, as disks have moods: compared is what stands side by side.
        let (mut single, mut alone, mut grouped, mut many, mut started) = (vec![], vec![], vec![], vec![], vec![]);
        for _ in 0..ROUNDS {
            single.push(self.raw(1, 1_000));
            alone.push(self.one_run(1_000).await);
            grouped.push(self.raw(100, 10_000));
            many.push(self.many_runs(200, 10, 5).await);
            started.push(self.started_together(2_000, 200, 5).await);
        }
        let share =
            |of: &[Duration]| format!("{}, {:.0}% of the floor", rate(median(of)), 100.0 * median_ratio(&grouped, of));
        let times = format!("{:.2}x the floor", median_ratio(&alone, &single));
        line("floor: raw SQLite, one insert a commit", median(&single), "");
        line("one run of 1,000 steps, a step", median(&alone), &times);
        line("floor: raw SQLite, 100 inserts a commit", median(&grouped), &rate(median(&grouped)));
        line("2,000 runs of 5 steps, 200 at a time, a step", median(&many), &share(&many));
        line("the same, started together, a step", median(&started), &share(&started));
        let (first, last) = self.long_run(10_000).await;
        line("a run's first 1,000 steps at NORMAL, a step", first, "");
        line("its last 1,000 of 10,000, a step", last, &format!("{:.2}x the first", ratio(last, first)));
        self.ask("asleep");
        let mut recovered: Vec<Duration> = (0..ROUNDS).map(|_| self.recover()).collect();
        recovered.sort_unstable();
        let worst = format!("at worst {:.0?}", recovered[ROUNDS - 1]);
        line("a process starts and goes on with step 901", median(&recovered), &worst);
        self.pick_up().await;
    }

    fn file(&mut self) -> PathBuf {
        self.files += 1;
        self.directory.join(format!("{}.db", self.files))
    }

    fn client(&mut self) -> WorkflowClient {
        WorkflowClient::new(SqliteDriver::open(self.file()).expect("a new file opens"))
    }

    fn raw(&mut self, group: u32, rows: u32) -> Duration {
        let connection = Connection::open(self.file()).expect("a new file opens");
        let set = |name: &str, value: &str| connection.pragma_update(None, name, value).expect("a setting");
        set("journal_mode", "wal");
        set("synchronous", "FULL");
        connection.execute_batch("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)").expect("a table");
        let began = Instant::now();
        for _ in 0..rows / group {
            if group > 1 {
                connection.execute_batch("BEGIN IMMEDIATE").expect("begins");
            }
            for _ in 0..group {
                let mut insert = connection.prepare_cached("INSERT INTO t (v) VALUES (?1)").expect("prepares");
                insert.execute([VALUE]).expect("inserts");
            }
            if group > 1 {
                connection.execute_batch("COMMIT").expect("commits");
            }
        }
        began.elapsed() / rows
    }

    async fn one_run(&mut self, count: u32) -> Duration {
        let client = self.client();
        client.invoke(steps, 1).await.expect("warms up");
        let began = Instant::now();
        client.invoke(steps, count).await.expect("it runs");
        began.elapsed() / count
    }

    /// So many at a time, each started when the one before it has ended.
    async fn many_runs(&mut self, at_a_time: u32, each: u32, count: u32) -> Duration {
        let client = self.client();
        client.invoke(steps, 1).await.expect("warms up");
        let began = Instant::now();
        let lanes: Vec<_> = (0..at_a_time)
            .map(|_| {
                let client = client.clone();
                tokio::spawn(async move {
                    for _ in 0..each {
                        client.invoke(steps, count).await.expect("it runs");
                    }
                })
            })
            .collect();
        for lane in lanes {
            lane.await.expect("its runs ran");
        }
        began.elapsed() / (at_a_time * each * count)
    }

    /// All started at once, and executed so many at a time.
    async fn started_together(&mut self, runs: u32, at_a_time: usize, count: u32) -> Duration {
        let driver = SqliteDriver::options().concurrency(at_a_time).open(self.file()).expect("a new file opens");
        let client = WorkflowClient::new(driver);
        client.invoke(steps, 1).await.expect("warms up");
        let began = Instant::now();
        let ids = (0..runs).map(|n| (format!("run-{n}"), count));
        for run in client.start_many(steps, ids).await.expect("they start") {
            run.result().await.expect("it runs");
        }
        began.elapsed() / (runs * count)
    }

    /// The middle step of the first thousand, and of the last; without the disk, whose moods are larger than what is looked for.
    async fn long_run(&mut self, count: u32) -> (Duration, Duration) {
        let options = SqliteDriver::options().synchronous(Synchronous::Normal);
        let client = WorkflowClient::new(options.open(self.file()).expect("a new file opens"));
        client.invoke(timed_steps, count).await.expect("it runs");
        let began = BEGAN.lock().unwrap_or_else(PoisonError::into_inner);
        let took: Vec<Duration> = began.windows(2).map(|pair| pair[1] - pair[0]).collect();
        (median(&took[..1_000]), median(&took[took.len() - 1_000..]))
    }

    /// A process that prints its figures itself.
    fn ask(&mut self, role: &str) {
        let mut process = Process::start(role, &self.file());
        while let Some(said) = process.hear() {
            println!("{said}");
        }
    }

    /// From the start of a process to the first step that the one before it had not recorded.
    fn recover(&mut self) -> Duration {
        let file = self.file();
        while Process::start("dies", &file).hear().is_some() {}
        let began = Instant::now();
        let mut process = Process::start("recovers", &file);
        process.hear().expect("it goes on");
        began.elapsed()
    }

    async fn pick_up(&mut self) {
        let file = self.file();
        let mut worker = Process::start("works", &file);
        worker.hear().expect("it is ready");
        let options = SqliteDriver::options().without_worker();
        let client = WorkflowClient::new(options.open(&file).expect("the file opens"));
        let mut took = Vec::new();
        for _ in 0..50 {
            tokio::time::sleep(Duration::from_millis(30)).await;
            let began = SystemTime::now();
            let run = client.start(picked_up, began).await.expect("it starts");
            took.push(Duration::from_micros(run.result().await.expect("it runs")));
        }
        took.sort_unstable();
        let worst = format!("at worst {:.1?}", took[took.len() - 1]);
        line("a run that another process starts, to its first step", median(&took), &worst);
    }
}

/// What a process of a role does.
async fn play(role: &str, file: &Path) {
    let client = WorkflowClient::new(SqliteDriver::open(file).expect("the file opens"));
    match role {
        "asleep" => sleep_by_the_thousand(&client).await,
        "dies" => drop(client.start(dies, 1_000).id("dies").await.expect("it starts").result().await),
        "recovers" => {
            client.register(dies).expect("registers");
            client.handle(dies, "dies").await.expect("it is there").result().await.expect("it runs to its end");
        }
        "works" => {
            client.register(picked_up).expect("registers");
            client.invoke(picked_up, SystemTime::now()).await.expect("it runs");
            say("ready");
            let parent = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
            parent.await.expect("it reads").expect("it is told of the end");
        }
        other => panic!("`{other}` is no role"),
    }
}

async fn sleep_by_the_thousand(client: &WorkflowClient) {
    const RUNS: u32 = 100_000;
    let before = resident_mib();
    let began = Instant::now();
    for part in 0..RUNS / 1_000 {
        let runs = (0..1_000).map(|n| (format!("sleeper-{part}-{n}"), ()));
        client.start_many(asleep, runs).await.expect("they start");
    }
    let started = began.elapsed();
    line("100,000 runs are started, a run", started / RUNS, &rate(started / RUNS));
    let awake = RunFilter { statuses: vec![Status::Pending, Status::Running], ..RunFilter::default() };
    while !client.list(awake.clone(), None, 1).await.expect("it is listed").runs.is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let rested = began.elapsed();
    line("they are started, executed, and asleep, a run", rested / RUNS, &rate(rested / RUNS));
    say(&format!("  resident with 100,000 runs asleep: {:.0} MiB, {:.0} MiB before", resident_mib(), before));
    let mut late = Vec::new();
    for n in 0..10 {
        let run = client.start(wakes, 1_500 + 13 * n).await.expect("it starts");
        late.push(run);
    }
    let mut took = Vec::new();
    for run in late {
        took.push(Duration::from_micros(run.result().await.expect("it runs")));
    }
    took.sort_unstable();
    let worst = format!("at worst {:.1?}", took[took.len() - 1]);
    line("a timer among them fires late by", median(&took), &worst);
}

/// This program in a role.
struct Process {
    child: Child,
    _input: Option<ChildStdin>,
    output: BufReader<std::process::ChildStdout>,
}

impl Process {
    fn start(role: &str, file: &Path) -> Process {
        let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
        command.env(ROLE, format!("{role} {}", file.display())).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("a process starts");
        let output = BufReader::new(child.stdout.take().expect("it is piped"));
        Process { _input: child.stdin.take(), child, output }
    }

    /// What it says next; `None` when it has ended.
    fn hear(&mut self) -> Option<String> {
        let mut said = String::new();
        self.output.read_line(&mut said).expect("it says text");
        (!said.is_empty()).then(|| said.trim_end().to_owned())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn role() -> Option<(String, PathBuf)> {
    let text = std::env::var(ROLE).ok()?;
    let (role, file) = text.split_once(' ')?;
    Some((role.to_owned(), file.into()))
}

/// What of this process is in memory, as Linux tells it; zero elsewhere.
fn resident_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse().ok());
    kib.map_or(0.0, |kib: f64| kib / 1024.0)
}
