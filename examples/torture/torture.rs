//! The process that starts workers, kills them, and sees to it that the runs have something to wait for.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use owf_runtime::prelude::*;
use owf_runtime::{RunErrorReason, RunHandle};

use crate::audit::Audit;
use crate::plan::{Dice, Plan, plans};
use crate::worker::{Worker, runs_file};
use crate::workflows::tortured;

/// How much torture.
pub(crate) struct Settings {
    pub(crate) kills: usize,
    pub(crate) stops: usize,
    /// How many runs at a time.
    pub(crate) runs: usize,
    pub(crate) seed: u64,
    /// When to give up.
    pub(crate) limit: Duration,
}

/// What it came to.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    pub(crate) runs: usize,
    pub(crate) steps: usize,
    pub(crate) effects: usize,
    pub(crate) kills: usize,
    pub(crate) stops: usize,
    pub(crate) took: Duration,
}

/// So long that nobody waits for it.
const LONG_LEASE: Duration = Duration::from_secs(3600);
/// So short that a worker that is stopped for longer than this loses it.
const SHORT_LEASE: Duration = Duration::from_millis(300);

/// How each run ended, by its ID: with what it has told, or with what it failed.
type Ends = BTreeMap<String, Result<Vec<String>, String>>;

/// How a worker is started.
pub(crate) type WorkerCommand<'a> = &'a dyn Fn() -> Result<Command, String>;

/// Tortures; tells what went wrong, with the seed.
pub(crate) fn run(settings: &Settings, command: WorkerCommand<'_>) -> Result<Summary, String> {
    let seed = settings.seed;
    println!("seed {seed}");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build();
    let runtime = runtime.map_err(|error| format!("no runtime: {error}"))?;
    let outcome = runtime.block_on(async {
        let torture = Torture { settings, command, directory: Directory::new()?, began: Instant::now() };
        torture.run().await
    });
    outcome.map_err(|problem| format!("{problem}\nagain: --seed {seed}"))
}

struct Torture<'a> {
    settings: &'a Settings,
    command: WorkerCommand<'a>,
    directory: Directory,
    began: Instant,
}

impl Torture<'_> {
    async fn run(&self) -> Result<Summary, String> {
        let mut summary = Summary::default();
        let options = SqliteDriver::options().without_worker();
        let driver = options.open(runs_file(&self.directory.0)).map_err(|error| error.to_string())?;
        let client = WorkflowClient::new(driver);
        let mut audit = Audit::new(&self.directory.0)?;
        let mut dice = Dice::new(self.settings.seed);
        let mut round = 0;
        while summary.kills < self.settings.kills {
            self.round(&client, round, &mut summary, async |ends| {
                self.kill(&mut audit, &mut dice, ends).await.map(|kills| (kills, 0))
            })
            .await?;
            round += 1;
        }
        while summary.stops < self.settings.stops {
            self.round(&client, round, &mut summary, async |ends| self.stop(&mut audit, &mut dice, ends).await).await?;
            round += 1;
        }
        let losses = summary.kills + summary.stops;
        audit.look_at_dead(losses)?;
        (summary.steps, summary.effects, summary.took) = (audit.recorded, audit.effects, self.began.elapsed());
        Ok(summary)
    }

    /// Starts runs, tortures their workers until all have ended, and compares how they did with how they do in peace.
    async fn round(
        &self,
        client: &WorkflowClient,
        round: u64,
        summary: &mut Summary,
        torture: impl AsyncFnOnce(&dyn Fn() -> bool) -> Result<(usize, usize), String>,
    ) -> Result<(), String> {
        let plans = plans(&format!("run-{round}"), self.settings.runs, self.settings.seed.wrapping_add(round));
        let peaceful = WorkflowClient::new(InMemoryDriver::new());
        let expected = drive(&peaceful, &plans).await?;
        let driven = tokio::spawn({
            let (client, plans) = (client.clone(), plans.clone());
            async move { drive(&client, &plans).await }
        });
        let (kills, stops) = torture(&|| driven.is_finished()).await?;
        let ends = driven.await.map_err(|error| error.to_string())??;
        for (id, expected) in &expected {
            let end = &ends[id];
            if end != expected {
                return Err(format!("run `{id}` ended with {end:?}, and in peace with {expected:?}"));
            }
        }
        summary.runs += plans.len();
        summary.kills += kills;
        summary.stops += stops;
        Ok(())
    }

    /// One worker after the other, each killed at a random moment, until the runs have ended.
    async fn kill(&self, audit: &mut Audit, dice: &mut Dice, have_ended: &dyn Fn() -> bool) -> Result<usize, String> {
        let mut kills = 0;
        while !have_ended() {
            self.check_time()?;
            let mut worker = Worker::start((self.command)()?, &self.directory.0, LONG_LEASE)?;
            tokio::time::sleep(Duration::from_millis(10 + dice.below(150))).await;
            worker.kill()?;
            kills += 1;
            audit.look_at_dead(1)?;
        }
        Ok(kills)
    }

    /// Two workers, one of which is stopped for longer than its lease, and sometimes killed after that.
    async fn stop(
        &self,
        audit: &mut Audit,
        dice: &mut Dice,
        have_ended: &dyn Fn() -> bool,
    ) -> Result<(usize, usize), String> {
        let start = || Worker::start((self.command)()?, &self.directory.0, SHORT_LEASE);
        let mut workers = [start()?, start()?];
        let (mut kills, mut stops) = (0, 0);
        while !have_ended() {
            self.check_time()?;
            let worker = &mut workers[dice.roll(2)];
            tokio::time::sleep(Duration::from_millis(20 + dice.below(150))).await;
            worker.signal("STOP")?;
            stops += 1;
            tokio::time::sleep(SHORT_LEASE + Duration::from_millis(50 + dice.below(400))).await;
            audit.look()?;
            worker.signal("CONT")?;
            tokio::time::sleep(Duration::from_millis(dice.below(100))).await;
            if dice.roll(3) == 0 {
                worker.kill()?;
                *worker = start()?;
                kills += 1;
            }
            audit.look()?;
        }
        Ok((kills, stops))
    }

    fn check_time(&self) -> Result<(), String> {
        if self.began.elapsed() > self.settings.limit {
            return Err(format!("the runs have not ended in {:?}", self.settings.limit));
        }
        Ok(())
    }
}

/// Starts the runs, and sends them what they wait for, until all have ended.
async fn drive(client: &WorkflowClient, plans: &[Plan]) -> Result<Ends, String> {
    let mut runs = Vec::new();
    // The last ones first, so that there is whom the others send to.
    for plan in plans.iter().rev() {
        let run = client.start(tortured, plan.clone()).id(plan.id.as_str()).await;
        runs.push((plan.receives(), run.map_err(|error| error.to_string())?));
    }
    let sending = tokio::spawn(send(client.clone(), runs.clone()));
    let mut ends = Ends::new();
    for (_, run) in &runs {
        let end = match run.result().await {
            Ok(told) => Ok(told),
            Err(error) => match error.reason() {
                RunErrorReason::Failed(error) => Err(error.message().to_owned()),
                _ => return Err(error.to_string()),
            },
        };
        ends.insert(run.id().to_string(), end);
    }
    sending.abort();
    match sending.await {
        Ok(Err(problem)) => Err(problem),
        _ => Ok(ends),
    }
}

/// Sends each run its signals, one by one and each once, and ticks to whoever waits for one.
async fn send(client: WorkflowClient, mut runs: Vec<(u32, RunHandle<tortured>)>) -> Result<(), String> {
    let mut sent = 0_u32;
    loop {
        for (signals, run) in &mut runs {
            if *signals > sent {
                run.signal("outside", &sent).await.map_err(|error| format!("a signal was not sent: {error}"))?;
            }
        }
        sent += 1;
        client.send_event("tick", &sent).await.map_err(|error| format!("a tick was not sent: {error}"))?;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Where the files are; deleted at the end.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Result<Directory, String> {
        let path = std::env::temp_dir().join(format!("owf-torture-{}", std::process::id()));
        std::fs::create_dir_all(&path).map_err(|error| format!("`{}`: {error}", path.display()))?;
        Ok(Directory(path))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
