//! What the SQLite store costs, next to its floors: raw SQLite at the same settings, in the same run.
//!
//! `cargo bench --features sqlite --bench store [-- DIRECTORY]` prints medians; the directory decides which disk is measured.

mod figures;

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant, SystemTime};

use owf_runtime::store::rusqlite::Connection;
use owf_runtime::store::{
    Claim, Commit, Created, Lease, MemoState, NewRun, NewWorker, Registered, SqliteOptions, SqliteStore, Store,
    StoredMemo, Synchronous, Then, WorkerId,
};
use owf_runtime::{Json, RunId};

use crate::figures::{line, median, median_ratio, rate, ratio};

/// What every statement stores: the value of a small step.
const VALUE: &str = r#"{"n":12345}"#;

/// How often each figure is taken; the middle one is printed.
const ROUNDS: usize = 11;

fn main() {
    let directory = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let directory =
        directory.map_or_else(std::env::temp_dir, PathBuf::from).join(format!("owf-bench-{}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("a directory to measure in");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    for synchronous in [Synchronous::Full, Synchronous::Normal] {
        figures::say(&format!("synchronous = {synchronous:?}"));
        let mut bench = Bench { directory: &directory, synchronous, files: 0 };
        runtime.block_on(bench.all());
    }
    let _ = std::fs::remove_dir_all(&directory);
}

struct Bench<'a> {
    directory: &'a Path,
    synchronous: Synchronous,
    files: u32,
}

impl Bench<'_> {
    async fn all(&mut self) {
        // The floors and the store by turns and in small portions, as disks have moods: compared is what stands side by side.
        let (mut single, mut alone) = (vec![], vec![]);
        let (mut grouped, mut many, mut long) = (vec![], vec![], vec![]);
        for _ in 0..ROUNDS {
            single.push(self.raw(1, 250));
            alone.push(self.one_run(250).await);
            grouped.push(self.raw(100, 20_000));
            many.push(self.many_runs(200, 5, 20).await);
            long.push(self.many_runs(200, 100, 1).await);
        }
        let times = |of: &[Duration], floor: &[Duration]| format!("{:.2}x the floor", median_ratio(of, floor));
        let share = |of: &[Duration], floor: &[Duration]| {
            format!("{}, {:.0}% of the floor", rate(median(of)), 100.0 * median_ratio(floor, of))
        };
        line("floor: raw SQLite, one insert a commit", median(&single), "");
        line("one run, one step after the other", median(&alone), &times(&alone, &single));
        line("floor: raw SQLite, 100 inserts a commit", median(&grouped), &rate(median(&grouped)));
        line("200 runs at a time, 5 steps each", median(&many), &share(&many, &grouped));
        line("200 runs at a time, 100 steps each", median(&long), &share(&long, &grouped));
        let (first, last) = self.late_steps().await;
        line("a run's first 300 steps", first, "");
        line("a run's steps after 10,000", last, &format!("{:.2}x its first", ratio(last, first)));
        let created = self.create(100_000).await;
        line("100,000 runs created asleep", created, &rate(created));
        line("claim a run with 1,000 memos, reopening the file", self.reopen(1_000).await, "");
        let (few, many) = (self.read_steps(1_000).await, self.read_steps(10_000).await);
        line("read a run's 1,000 memos", few, "");
        line("read a run's 10,000 memos", many, &format!("{:.1}x as long", ratio(many, few)));
        line("processor time of an idle store", self.idle().await, "a second");
    }

    fn file(&mut self) -> PathBuf {
        self.files += 1;
        self.directory.join(format!("{:?}-{}.db", self.synchronous, self.files))
    }

    fn open(&mut self) -> Arc<SqliteStore> {
        let options = SqliteOptions::new().synchronous(self.synchronous);
        Arc::new(options.open(self.file()).expect("a new file opens"))
    }

    fn raw(&mut self, group: u32, rows: u32) -> Duration {
        let connection = Connection::open(self.file()).expect("a new file opens");
        let set = |name: &str, value: &str| connection.pragma_update(None, name, value).expect("a setting");
        set("journal_mode", "wal");
        set("synchronous", if self.synchronous == Synchronous::Full { "FULL" } else { "NORMAL" });
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

    async fn one_run(&mut self, steps: u32) -> Duration {
        let store = self.open();
        let lease = owned(&store, 1).await.remove(0);
        let began = Instant::now();
        record(store, lease, 0..steps).await;
        began.elapsed() / steps
    }

    /// Waves of runs at a time: what is measured is commits, each of one step.
    async fn many_runs(&mut self, runs: u32, steps: u32, waves: u32) -> Duration {
        let store = self.open();
        let mut leases = owned(&store, runs * waves).await;
        let began = Instant::now();
        for _ in 0..waves {
            let wave: Vec<_> = leases
                .drain(..runs as usize)
                .map(|lease| tokio::spawn(record(store.clone(), lease, 0..steps)))
                .collect();
            for run in wave {
                run.await.expect("a run records");
            }
        }
        began.elapsed() / (runs * steps * waves)
    }

    /// A run's first steps, and another's that has 10,000 already: by turns, as disks have moods.
    async fn late_steps(&mut self) -> (Duration, Duration) {
        let store = self.open();
        let mut leases = owned(&store, 1 + ROUNDS as u32).await;
        let long = leases.remove(0);
        let between = (0..10_000).map(memo).collect();
        commit(&store, Commit { memos: between, ..Commit::new(long.clone(), now()) }).await;
        let (mut early, mut late) = (vec![], vec![]);
        for short in leases {
            for (lease, times) in [(short, &mut early), (long.clone(), &mut late)] {
                let began = Instant::now();
                record(store.clone(), lease, 0..300).await;
                times.push(began.elapsed() / 300);
            }
        }
        (median(&early), median(&late))
    }

    async fn create(&mut self, runs: u32) -> Duration {
        let store = self.open();
        let began = Instant::now();
        for part in 0..runs / 1_000 {
            let runs = (0..1_000).map(|n| run(part * 1_000 + n, now() + Duration::from_secs(86_400))).collect();
            store.create(runs, None).await.expect("creates");
        }
        began.elapsed() / runs
    }

    /// From opening the file of a process that died to having its run.
    async fn reopen(&mut self, memos: u32) -> Duration {
        let path = self.file();
        let options = SqliteOptions::new().synchronous(self.synchronous);
        let store = options.open(&path).expect("a new file opens");
        let lease = owned(&store, 1).await.remove(0);
        let memos = (0..memos).map(memo).collect();
        commit(&store, Commit { memos, ..Commit::new(lease, now()) }).await;
        drop(store);
        let began = Instant::now();
        let store = options.open(&path).expect("the file opens again");
        let worker = worker(&store).await;
        let workflows = vec![Registered::any("order")];
        let claimed = store.claim(Claim { worker, workflows, limit: 1, now: now() }).await.expect("claims");
        assert_eq!(claimed.len(), 1, "the dead worker's run is due at once");
        began.elapsed()
    }

    /// The steps of a run, among the memos of others as they are in a busy file.
    async fn read_steps(&mut self, memos: u32) -> Duration {
        let store = self.open();
        let leases = owned(&store, 10).await;
        for part in 0..memos / 100 {
            for lease in &leases {
                let memos = (part * 100..(part + 1) * 100).map(memo).collect();
                commit(&store, Commit { memos, ..Commit::new(lease.clone(), now()) }).await;
            }
        }
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            let began = Instant::now();
            let steps = store.steps(leases[0].run.clone()).await.expect("reads").expect("it is known");
            times.push(began.elapsed());
            assert_eq!(steps.len(), memos as usize);
        }
        median(&times)
    }

    async fn idle(&mut self) -> Duration {
        let store = self.open();
        let _worker = worker(&store).await;
        let before = processor_time();
        tokio::time::sleep(Duration::from_secs(3)).await;
        (processor_time() - before) / 3
    }
}

/// Commits a step, and the next when it is durable.
async fn record(store: Arc<SqliteStore>, lease: Lease, steps: std::ops::Range<u32>) {
    for n in steps {
        commit(&store, Commit { memos: vec![memo(n)], then: Then::Keep, ..Commit::new(lease.clone(), now()) }).await;
    }
}

async fn commit(store: &SqliteStore, commit: Commit) {
    store.commit(vec![commit]).await.remove(0).expect("commits");
}

async fn worker(store: &SqliteStore) -> WorkerId {
    let lease_until = now() + Duration::from_secs(30);
    store.register(NewWorker { name: "bench".to_owned(), lease_until }).await.expect("registers")
}

async fn owned(store: &SqliteStore, runs: u32) -> Vec<Lease> {
    let worker = worker(store).await;
    let created = store.create((0..runs).map(|n| run(n, now())).collect(), Some(worker)).await.expect("creates");
    let lease = |created| match created {
        Created::New(Some(lease)) => lease,
        other => panic!("the run is new: {other:?}"),
    };
    created.into_iter().map(lease).collect()
}

fn run(n: u32, due_at: SystemTime) -> NewRun {
    NewRun {
        id: RunId::from(format!("order-{:08x}", n.wrapping_mul(2_654_435_761))),
        workflow: "order".to_owned(),
        version: 0,
        input: json(),
        created_at: now(),
        due_at,
    }
}

fn memo(n: u32) -> StoredMemo {
    StoredMemo {
        position: 0,
        id: format!("charge:{n}").into(),
        kind: "step".into(),
        state: MemoState::Value(json()),
        attempts: 1,
        started_at: Some(now()),
        ended_at: Some(now()),
        location: Some("src/order.rs:12:5".into()),
        extra: None,
    }
}

/// Made once: how a value becomes JSON is not what is measured.
fn json() -> Json {
    static JSON: LazyLock<Json> = LazyLock::new(|| Json::parse(VALUE.to_owned()).expect("valid JSON"));
    JSON.clone()
}

fn now() -> SystemTime {
    SystemTime::now()
}

/// The time that this process has used, as Linux tells it; zero elsewhere.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let main: u64 = stat.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0);
    let tasks = std::fs::read_dir("/proc/self/task").map(|tasks| {
        let nanos = |task: std::io::Result<std::fs::DirEntry>| {
            let stat = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
            stat.split(' ').next()?.parse::<u64>().ok()
        };
        tasks.filter_map(nanos).sum()
    });
    Duration::from_nanos(tasks.unwrap_or(main))
}
