//! Signals: sent to one run, kept until it reads them, each read once.

use std::time::Duration;

use owf_runtime::prelude::*;
use owf_runtime::{RunErrorReason, RunStatus};

use crate::probe::{Probe, let_others_go_on};
use crate::subjects::{Subject, Verdict};

const DAY: Duration = Duration::from_secs(24 * 3600);

#[workflow]
async fn one_signal() -> WorkflowResult<u32> {
    Ok(wait_for_signal::<u32>("wait", "go").await?)
}

/// Reads signals until none comes within a day.
#[workflow]
async fn all_signals(probe: Probe) -> WorkflowResult<Vec<u32>> {
    let mut read = Vec::new();
    step!("begin", probe.meet("gate", 2).await).await?;
    while let Some(signal) = wait_for_signal::<u32>("wait", "go").timeout(DAY).await? {
        read.push(signal);
        step!("handle", ()).await?;
    }
    Ok(read)
}

pub(crate) async fn a_signal_wakes_the_run_that_waits_for_it(subject: Subject) -> Verdict {
    let client = subject.client();
    let (run, other) = (client.start(one_signal, ()).id("a").await?, client.start(one_signal, ()).id("b").await?);
    let_others_go_on().await;
    run.signal("go", &7).await?;
    assert_eq!(run.result().await?, 7);
    let_others_go_on().await;
    assert_eq!(other.status().await?, RunStatus::Running);
    client.signal("b", "go", &8).await?;
    assert_eq!(other.result().await?, 8);
    Ok(())
}

pub(crate) async fn signals_before_the_wait_are_kept_in_order(subject: Subject) -> Verdict {
    let probe = Probe::new();
    let run = subject.client().start(all_signals, probe).await?;
    for signal in 0..5 {
        run.signal("go", &signal).await?;
        run.signal("other", &"nobody waits for it").await?;
    }
    probe.meet("gate", 2).await;
    assert_eq!(run.result().await?, [0, 1, 2, 3, 4]);
    assert_eq!(subject.host.elapsed(), DAY, "the last wait timed out");
    Ok(())
}

pub(crate) async fn two_waits_of_one_name_get_a_signal_each(subject: Subject) -> Verdict {
    #[workflow]
    async fn two() -> WorkflowResult<(u32, u32)> {
        let (first, second) =
            join!(wait_for_signal::<u32>("first", "go"), wait_for_signal::<u32>("second", "go")).await;
        Ok((first?, second?))
    }
    let run = subject.client().start(two, ()).await?;
    let_others_go_on().await;
    run.signal("go", &1).await?;
    let_others_go_on().await;
    assert_eq!(run.status().await?, RunStatus::Running, "one signal serves one wait");
    run.signal("go", &2).await?;
    assert_eq!(run.result().await?, (1, 2));
    Ok(())
}

pub(crate) async fn a_signal_of_another_type_fails_the_wait_and_is_kept(subject: Subject) -> Verdict {
    #[workflow]
    async fn picky() -> WorkflowResult<(String, String)> {
        let error = wait_for_signal::<u32>("number", "approved").await.expect_err("a text is no number");
        let text = wait_for_signal::<String>("text", "approved").await?;
        Ok((error.to_string(), text))
    }
    let run = subject.client().start(picky, ()).await?;
    run.signal("approved", "by Ada").await?;
    let (error, text) = run.result().await?;
    assert_eq!(
        error,
        "step `number` failed: signal `approved` was sent as `str`, and this wait expects `u32`: the shape differs at \
         column 8"
    );
    assert_eq!(text, "by Ada");
    Ok(())
}

pub(crate) async fn a_wait_times_out_when_no_signal_comes(subject: Subject) -> Verdict {
    #[workflow]
    async fn patient() -> WorkflowResult<(Option<u32>, Option<u32>)> {
        let none = wait_for_signal::<u32>("wait", "go").timeout(DAY).await?;
        let at_once = wait_for_signal::<u32>("glance", "go").timeout(Duration::ZERO).await?;
        step!("after", ()).await?;
        Ok((none, at_once))
    }
    assert_eq!(subject.invoke(patient, ()).await?, (None, None));
    assert_eq!(subject.host.elapsed(), DAY);
    Ok(())
}

pub(crate) async fn a_signal_that_is_there_beats_a_timeout_of_no_time(subject: Subject) -> Verdict {
    #[workflow]
    async fn glance(probe: Probe) -> WorkflowResult<Option<u32>> {
        step!("begin", probe.meet("gate", 2).await).await?;
        Ok(wait_for_signal::<u32>("glance", "go").timeout(Duration::ZERO).await?)
    }
    let probe = Probe::new();
    let run = subject.client().start(glance, probe).await?;
    run.signal("go", &7).await?;
    probe.meet("gate", 2).await;
    assert_eq!(run.result().await?, Some(7));
    Ok(())
}

pub(crate) async fn a_timeout_counts_from_the_first_await(subject: Subject) -> Verdict {
    #[workflow]
    async fn beside_steps() -> WorkflowResult<Option<u32>> {
        let (signal, nap) = join!(wait_for_signal::<u32>("wait", "go").timeout(3 * DAY), async {
            sleep("first", DAY).await?;
            step!("between", ()).await?;
            sleep("second", DAY).await
        })
        .await;
        nap?;
        Ok(signal?)
    }
    assert_eq!(subject.invoke(beside_steps, ()).await?, None);
    assert_eq!(subject.host.elapsed(), 3 * DAY, "a re-entry does not begin the wait anew");
    Ok(())
}

pub(crate) async fn the_loser_of_a_race_gives_its_signal_back(subject: Subject) -> Verdict {
    #[workflow]
    async fn wait_second(probe: Probe) -> WorkflowResult<(u32, Vec<u32>)> {
        let won = race! {
            won = step!("work", { probe.note("working"); probe.meet("gate", 2).await; 1 }) => won?,
            signal = wait_for_signal::<u32>("wait", "go") => signal?,
        };
        let mut later = Vec::new();
        while let Some(signal) = wait_for_signal::<u32>("later", "go").timeout(DAY).await? {
            later.push(signal);
        }
        Ok((won, later))
    }
    #[workflow(allow(duplicate_id, reason = "they are told apart by their order"))]
    async fn waits_first(probe: Probe) -> WorkflowResult<(u32, Vec<u32>)> {
        let won = race! {
            a = wait_for_signal::<u32>("wait", "go") => a?,
            b = wait_for_signal::<u32>("wait", "go") => b?,
            won = step!("work", { probe.note("working"); probe.meet("gate", 2).await; 1 }) => won?,
        };
        let mut later = Vec::new();
        while let Some(signal) = wait_for_signal::<u32>("later", "go").timeout(DAY).await? {
            later.push(signal);
        }
        Ok((won, later))
    }
    // The signals and the step's end come to the run at the same time.
    let probe = Probe::new();
    let run = subject.client().start(wait_second, probe).await?;
    probe.noted("working").await;
    run.signal("go", &7).await?;
    run.signal("go", &8).await?;
    probe.meet("gate", 2).await;
    let (won, later) = run.result().await?;
    assert!((won, later.as_slice()) == (1, &[7, 8]) || (won, later.as_slice()) == (7, &[8]), "{won} {later:?}");

    let probe = Probe::new();
    let run = subject.client().start(waits_first, probe).await?;
    probe.noted("working").await;
    run.signal("go", &7).await?;
    run.signal("go", &8).await?;
    probe.meet("gate", 2).await;
    let (won, later) = run.result().await?;
    assert!((won, later.as_slice()) == (1, &[7, 8]) || (won, later.as_slice()) == (7, &[8]), "{won} {later:?}");
    Ok(())
}

pub(crate) async fn a_signal_in_time_wins_a_race_against_a_timer(subject: Subject) -> Verdict {
    #[workflow]
    async fn approval(probe: Probe) -> WorkflowResult<String> {
        step!("ask", probe.meet("gate", 2).await).await?;
        let by = race! {
            by = wait_for_signal::<String>("approved?", "approved") => by?,
            _ = sleep("expire", DAY) => "nobody".to_owned(),
        };
        Ok(step!("tell", by.clone()).await?)
    }
    let probe = Probe::new();
    let run = subject.client().start(approval, probe).await?;
    run.signal("approved", "Ada").await?;
    probe.meet("gate", 2).await;
    assert_eq!(run.result().await?, "Ada");
    assert_eq!(subject.host.elapsed(), Duration::ZERO);

    let probe = Probe::new();
    let run = subject.client().start(approval, probe).await?;
    probe.meet("gate", 2).await;
    assert_eq!(run.result().await?, "nobody");
    assert_eq!(subject.host.elapsed(), DAY);
    Ok(())
}

pub(crate) async fn a_run_sends_signals_once(subject: Subject) -> Verdict {
    #[workflow]
    async fn sender(to: String) -> WorkflowResult<()> {
        send_signal("first", to.as_str(), "go", &1).await?;
        step!("between", ()).await?;
        let (second, nap, third) =
            join!(send_signal("second", to.as_str(), "go", &2), sleep("nap", DAY), step!("beside", ())).await;
        second?;
        nap?;
        third?;
        Ok(step!("after", ()).await?)
    }
    let (client, probe) = (subject.client(), Probe::new());
    #[workflow]
    async fn reader(probe: Probe) -> WorkflowResult<Vec<u32>> {
        let mut read = Vec::new();
        step!("begin", probe.meet("gate", 2).await).await?;
        while let Some(signal) = wait_for_signal::<u32>("wait", "go").timeout(DAY).await? {
            read.push(signal);
        }
        Ok(read)
    }
    let run = client.start(reader, probe).id("reader").await?;
    client.invoke(sender, "reader".to_owned()).await?;
    probe.meet("gate", 2).await;
    assert_eq!(run.result().await?, [1, 2]);
    Ok(())
}

pub(crate) async fn a_run_may_signal_itself(subject: Subject) -> Verdict {
    #[workflow]
    async fn alone() -> WorkflowResult<(u32, String)> {
        send_signal("remember", run_id(), "note", &7).await?;
        step!("between", ()).await?;
        let (told, noted) =
            join!(send_signal("tell", run_id(), "text", "hello"), wait_for_signal::<String>("hear", "text")).await;
        told?;
        Ok((wait_for_signal::<u32>("recall", "note").await?, noted?))
    }
    assert_eq!(subject.invoke(alone, ()).await?, (7, "hello".to_owned()));
    Ok(())
}

pub(crate) async fn signals_that_reach_nobody_fail(subject: Subject) -> Verdict {
    #[workflow(allow(duplicate_id, reason = "they are told apart by their order"))]
    async fn sender() -> WorkflowResult<Vec<String>> {
        let mut errors = Vec::new();
        for run in ["no-such-run", "over"] {
            errors.push(send_signal("tell", run, "go", &1).await.expect_err("nobody reads it").to_string());
        }
        let pairs = std::collections::BTreeMap::from([((1, 2), 3)]);
        errors.push(send_signal("tell", run_id(), "go", &pairs).await.expect_err("it is no JSON").to_string());
        Ok(errors)
    }
    let client = subject.client();
    let over = client.start(one_signal, ()).id("over").await?;
    over.signal("go", &1).await?;
    over.result().await?;

    let unknown = client.signal("no-such-run", "go", &1).await.expect_err("there is no such run");
    assert!(matches!(unknown.reason(), RunErrorReason::Unknown), "{unknown:?}");
    let told_late = over.signal("go", &2).await.expect_err("the run is over");
    assert!(matches!(told_late.reason(), RunErrorReason::Over), "{told_late:?}");
    assert_eq!(told_late.to_string(), "run `over` is over: nothing can be sent to it any more");
    let pairs = std::collections::BTreeMap::from([((1, 2), 3)]);
    let unstorable = client.signal("over", "go", &pairs).await.expect_err("a key is no text");
    assert!(unstorable.to_string().starts_with("run `over`: signal `go` cannot be sent: "), "{unstorable}");

    let errors = client.invoke(sender, ()).await?;
    assert_eq!(errors[0], format!("step `tell` failed: {unknown}"));
    assert_eq!(errors[1], format!("step `tell:1` failed: {told_late}"));
    assert!(errors[2].starts_with("step `tell:2` failed: signal `go` cannot be sent: "), "{}", errors[2]);
    assert!(errors[2].ends_with("key must be a string"), "{}", errors[2]);
    Ok(())
}

pub(crate) async fn many_signals_reach_a_run_on_many_threads(subject: Subject) -> Verdict {
    #[workflow]
    async fn count(signals: u32) -> WorkflowResult<u32> {
        let mut sum = 0;
        for _ in 0..signals {
            sum += wait_for_signal::<u32>("wait", "go").await?;
        }
        Ok(sum)
    }
    const SIGNALS: u32 = 200;
    let client = subject.client();
    // A runtime of its own, whose threads send while the run goes on.
    let counted = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build()?;
        runtime.block_on(async {
            for round in 0..10 {
                let run = client.start(count, SIGNALS).id(format!("count-{round}")).await?;
                for _ in 0..4 {
                    let run = run.clone();
                    tokio::spawn(async move {
                        for _ in 0..SIGNALS / 4 {
                            run.signal("go", &1).await.expect("the run is not over");
                            tokio::task::yield_now().await;
                        }
                    });
                }
                assert_eq!(run.result().await?, SIGNALS);
            }
            Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
        })
    });
    while !counted.is_finished() {
        tokio::task::yield_now().await;
    }
    counted.join().expect("no panic").map_err(|error| error.to_string())?;
    Ok(())
}

pub(crate) async fn signals_before_three_waits_come_to_them_in_order(subject: Subject) -> Verdict {
    #[workflow(allow(duplicate_id, reason = "they are told apart by their order"))]
    async fn three(probe: Probe) -> WorkflowResult<Vec<u32>> {
        step!("begin", probe.meet("gate", 2).await).await?;
        let (a, b, c) = join!(
            wait_for_signal::<u32>("w", "go"),
            wait_for_signal::<u32>("w", "go").timeout(DAY),
            wait_for_signal::<u32>("w", "go")
        )
        .await;
        Ok(vec![a?, b?.unwrap_or(99), c?])
    }
    let probe = Probe::new();
    let run = subject.client().start(three, probe).await?;
    for n in 1..=3 {
        run.signal("go", &n).await?;
    }
    probe.meet("gate", 2).await;
    assert_eq!(run.result().await?, [1, 2, 3]);
    Ok(())
}

pub(crate) async fn a_thousand_waits_get_a_thousand_signals_in_order(subject: Subject) -> Verdict {
    #[workflow]
    async fn many(probe: Probe) -> WorkflowResult<Vec<u32>> {
        step!("begin", probe.meet("gate", 2).await).await?;
        let all = join_all((0..1000).map(|_| wait_for_signal::<u32>("w", "go"))).await;
        Ok(all.into_iter().collect::<Result<Vec<_>, _>>()?)
    }
    let probe = Probe::new();
    let run = subject.client().start(many, probe).await?;
    for n in 0..1000 {
        run.signal("go", &n).await?;
    }
    probe.meet("gate", 2).await;
    assert_eq!(run.result().await?, (0..1000).collect::<Vec<u32>>());
    Ok(())
}

pub(crate) async fn waits_of_one_name_race_for_one_signal(subject: Subject) -> Verdict {
    #[workflow(allow(duplicate_id, reason = "they are told apart by their order"))]
    async fn racing(probe: Probe) -> WorkflowResult<Vec<u32>> {
        step!("begin", probe.meet("gate", 2).await).await?;
        let first = race! {
            a = wait_for_signal::<u32>("a", "go") => a?,
            b = wait_for_signal::<u32>("b", "go") => b? + 100,
            c = wait_for_signal::<String>("c", "go") => c?.len() as u32 + 1000,
        };
        let second = wait_for_signal::<u32>("a", "go").await?;
        let third = wait_for_signal::<String>("c", "go").await?;
        Ok(vec![first, second, third.len() as u32])
    }
    let probe = Probe::new();
    let run = subject.client().start(racing, probe).await?;
    run.signal("go", &1).await?;
    run.signal("go", &2).await?;
    run.signal("go", "three").await?;
    probe.meet("gate", 2).await;
    assert_eq!(run.result().await?, [1, 2, 5]);
    Ok(())
}
