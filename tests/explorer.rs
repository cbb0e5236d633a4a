//! The crash explorer: what it finds, and what it says of it.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use owf_runtime::Failure;
use owf_runtime::prelude::*;
use owf_runtime::testing::{Crash, CrashMoment, EndingKind, MissingUndo, explore};

const DAY: Duration = Duration::from_secs(24 * 3600);

#[workflow]
async fn two_steps(n: u32) -> WorkflowResult<u32> {
    let a = step!("a", n + 1).await?;
    Ok(step!("b", a * 2).await?)
}

#[test]
fn an_effect_is_repeated_by_a_crash_before_its_record_and_by_no_other() {
    let report = explore(two_steps, 1).run();
    let repeated = report.repeated("a").expect("a crash repeats it");
    let [(crashes, _)] = &repeated.under[..] else { panic!("{report}") };
    assert_eq!((crashes.len(), crashes[0].moment), (1, CrashMoment::BeforeRecord), "{report}");
    assert_eq!(crashes[0].operations, ["a"]);
    assert_eq!(report.endings.len(), 1, "{report}");
    assert_eq!((report.endings[0].kind, report.endings[0].text.as_str()), (EndingKind::Returned, "4"));
    report.assert_sound();
}

#[test]
fn all_schedules_of_a_small_workflow_are_run() {
    let report = explore(two_steps, 1).run();
    // Before each step, twice around its record, and before the end; or no crash.
    let one = 2 + 2 * 2 + 1 + 1;
    // After the first crash, those that can come still: all of the places from there on.
    assert_eq!(report.coverage.all_with_crashes, Some(2), "{report}");
    assert!(report.coverage.listed > one, "{report}");
    assert_eq!(report.coverage.sampled, 0);
}

#[test]
fn what_is_to_run_once_and_does_not_is_a_problem() {
    let report = explore(two_steps, 1).exactly_once("b").run();
    assert!(!report.is_sound());
    let text = report.to_string();
    assert!(text.contains("problem: `b` is to run exactly once, and ran up to 3 times"), "{text}");
    assert!(text.contains("a crash between `b` and its record (schedule 2:"), "{text}");
}

#[test]
fn a_schedule_can_be_run_again_by_its_name() {
    let report = explore(two_steps, 1).run();
    let (crashes, schedule) = report.repeated("b").expect("a crash repeats it").under[0].clone();
    let again = explore(two_steps, 1).only(&schedule.to_string()).run();
    assert_eq!(again.schedules(), 1);
    let repeated = again.repeated("b").expect("the same crash");
    assert_eq!(repeated.under, [(crashes, schedule)], "{again}");
}

#[test]
fn parallel_steps_are_run_in_every_order() {
    #[workflow]
    async fn first_of_three() -> WorkflowResult<String> {
        let named = |name: &str| name.to_owned();
        Ok(race!(step!("x", named("x")), step!("y", named("y")), step!("z", named("z"))).await?)
    }
    let report = explore(first_of_three, ()).one_result().run();
    let mut results: Vec<&str> = report.endings.iter().map(|ending| ending.text.as_str()).collect();
    results.sort_unstable();
    assert_eq!(results, [r#""x""#, r#""y""#, r#""z""#], "{report}");
    assert!(report.problems.iter().any(|problem| problem.contains("same end, and there are 3")), "{report}");
}

#[test]
fn steps_side_by_side_lose_their_effects_together() {
    #[workflow]
    async fn both() -> WorkflowResult<()> {
        let (a, b) = join!(step!("a", ()), step!("b", ())).await;
        a?;
        Ok(b?)
    }
    let report = explore(both, ()).run();
    let under = &report.repeated("b").expect("a crash repeats it").under;
    // Its sibling was being recorded, and its own effect was there already.
    assert!(under.iter().any(|(crashes, _)| crashes[0].operations == ["a"]), "{report}");
}

async fn release(_: u32) -> Result<(), Failure> {
    Ok(())
}

#[workflow]
async fn reserve_and_wait() -> WorkflowResult<u32> {
    let seat = step!("reserve", 7).undo(release).await?;
    wait_for_signal::<()>("paid?", "paid").timeout(DAY).await?.ok_or("not paid")?;
    Ok(seat)
}

#[test]
fn an_effect_whose_record_is_lost_to_a_cancelled_run_is_never_undone() {
    let report = explore(reserve_and_wait, ()).cancel_anywhere().run();
    let [missing] = &report.missing_undos[..] else { panic!("{report}") };
    assert_eq!((missing.step.as_str(), missing.was_cancelled), ("reserve", true));
    assert_eq!(missing.crashes.len(), 1, "{report}");
    assert!(!report.is_sound());
    let text = report.to_string();
    let line = "`reserve` in ";
    assert!(text.contains(line) && text.contains("its record and a cancellation (schedule "), "{text}");
}

#[test]
fn a_run_that_fails_undoes_its_effects_under_every_crash() {
    let report = explore(reserve_and_wait, ()).run();
    assert!(report.missing_undos.is_empty(), "{report}");
    assert!(report.endings.iter().all(|ending| ending.text == "not paid"), "{report}");
    report.assert_sound();
}

#[test]
fn cleanups_that_run_under_every_crash_are_no_problem() {
    #[workflow]
    async fn rents(cars: u32) -> WorkflowResult<()> {
        for car in 0..cars {
            step!("rent", car).await?;
            cleanup(async move {
                step!("release", car).await?;
                Ok(step!("tell", ()).await?)
            });
        }
        wait_for_signal::<()>("paid?", "paid").timeout(DAY).await?.ok_or("not paid")?;
        Ok(())
    }
    let report = explore(rents, 2).cancel_anywhere().run();
    assert!(report.unfinished_cleanups.is_empty(), "{report}");
    report.assert_sound();
    explore(rents, 1).signal_at(DAY / 2, "paid", &()).run().assert_sound();
}

#[test]
fn a_cleanup_that_fails_is_told_with_its_place() {
    #[workflow]
    async fn untidy(fails: bool) -> WorkflowResult<()> {
        for car in 0..2 {
            cleanup(async move {
                step!("release", retries = 0, (!fails || car == 0).then_some(()).ok_or("locked")?).await?;
                Ok(())
            });
        }
        Err(step!("pay", "no money".to_owned()).await?.into())
    }
    explore(untidy, false).run().assert_sound();
    let report = explore(untidy, true).run();
    let [unfinished] = &report.unfinished_cleanups[..] else { panic!("{report}") };
    assert!(unfinished.at.starts_with("tests/explorer.rs:") && unfinished.at.ends_with(" (number 2)"), "{report}");
    assert_eq!((unfinished.schedules, unfinished.was_cancelled), (report.schedules(), false), "{report}");
    assert!(!report.is_sound());
    let text = report.to_string();
    let problem = format!("problem: the cleanup at {} did not run to its end", unfinished.at);
    assert!(text.contains(&problem) && text.contains(&format!("  the one at {} in ", unfinished.at)), "{text}");
}

#[test]
fn a_cleanup_that_a_replay_does_not_register_is_told() {
    static IS_FRESH: AtomicBool = AtomicBool::new(true);
    #[workflow(allow(shared_state, reason = "the mistake that is looked for"))]
    async fn forgetful() -> WorkflowResult<()> {
        step!("rent", ()).await?;
        if IS_FRESH.swap(false, Ordering::Relaxed) {
            cleanup(async {
                step!("release", ()).await?;
                Ok(())
            });
        }
        wait_for_signal::<()>("paid?", "paid").timeout(DAY).await?.ok_or("not paid")?;
        Ok(())
    }
    let explorer = || explore(forgetful, ()).before_each(|| IS_FRESH.store(true, Ordering::Relaxed));
    let report = explorer().run();
    let [unfinished] = &report.unfinished_cleanups[..] else { panic!("{report}") };
    assert!(unfinished.crashes.is_empty(), "the wait is enough to lose it: {report}");
    let again = explorer().only(&unfinished.example.to_string()).run();
    assert_eq!(again.unfinished_cleanups.len(), 1, "{again}");
}

#[test]
fn an_unfinished_cleanup_of_a_child_is_told_with_the_child() {
    #[workflow]
    async fn untidy() -> WorkflowResult<()> {
        cleanup(async { Err(WorkflowError::fatal("locked")) });
        Err(step!("pay", "no money".to_owned()).await?.into())
    }
    #[workflow]
    async fn parent() -> WorkflowResult<()> {
        invoke("child", untidy, ()).await.expect_err("it fails");
        Ok(())
    }
    let report = explore(parent, ()).run();
    assert!(report.unfinished_cleanups[0].at.ends_with(" in child run `explored/child`"), "{report}");
}

#[test]
fn signals_events_and_cancellations_come_on_time_in_every_schedule() {
    let paid = explore(reserve_and_wait, ()).signal_at(DAY / 2, "paid", &()).one_result().run();
    assert_eq!(paid.endings[0].text, "7", "{paid}");
    paid.assert_sound();

    #[workflow]
    async fn hears() -> WorkflowResult<u32> {
        let a = step!("a", 1).await?;
        Ok(a + wait_for_event::<u32>("news?", "news").await?)
    }
    let heard = explore(hears, ()).event_at(DAY, "news", &41).one_result().run();
    assert_eq!(heard.endings[0].text, "42", "{heard}");
    heard.assert_sound();
    let cancelled = explore(hears, ()).cancel_at(DAY, "enough").run();
    assert_eq!(cancelled.endings.len(), 1, "{cancelled}");
    assert_eq!((cancelled.endings[0].kind, cancelled.endings[0].text.as_str()), (EndingKind::Cancelled, "enough"));
}

#[test]
fn a_run_that_takes_too_long_undoes_its_effects_under_every_crash() {
    #[workflow(timeout = DAY)]
    async fn slow() -> WorkflowResult<()> {
        step!("reserve", 7, undo = |seat| release(seat).await?).await?;
        Ok(sleep("two days", 2 * DAY).await?)
    }
    let report = explore(slow, ()).run();
    assert_eq!(report.endings.len(), 1, "{report}");
    assert_eq!(report.endings[0].kind, EndingKind::Cancelled);
    assert_eq!(report.repeated("reserve:undo").map(|undo| undo.times), Some(3), "{report}");
    report.assert_sound();
}

#[test]
fn a_run_without_end_is_told_with_what_it_waits_for() {
    #[workflow]
    async fn forgotten() -> WorkflowResult<()> {
        Ok(wait_for_signal("approval", "approved").await?)
    }
    let report = explore(forgotten, ()).run();
    assert_eq!(report.endings[0].kind, EndingKind::Endless);
    assert_eq!(report.endings[0].text, "it stands for ever at `approval` (wait for a signal)", "{report}");
    assert!(!report.is_sound());
}

#[test]
fn a_run_that_goes_on_for_ever_is_stopped() {
    #[workflow]
    async fn daily(n: u32) -> WorkflowResult<u32> {
        let mut day = n;
        while day < u32::MAX {
            sleep("a day", DAY).await?;
            day = day.saturating_sub(1);
        }
        Ok(day)
    }
    let report = explore(daily, 0).only("0:").run();
    assert_eq!(report.endings[0].text, "it took more than 2000 operations", "{report}");
}

#[workflow]
async fn ship(parcel: u32) -> WorkflowResult<u32> {
    let packed = step!("pack", parcel * 10).await?;
    Ok(step!("send", packed + 1).await?)
}

#[workflow]
async fn ship_all(parcels: Vec<u32>) -> WorkflowResult<u32> {
    let start = step!("start", 0).await?;
    let mut sum = start;
    for sent in join_all(parcels.iter().map(|parcel| invoke(format!("ship-{parcel}"), ship, *parcel))).await {
        sum += sent?;
    }
    step!("done", ()).await?;
    Ok(sum)
}

#[test]
fn crashes_of_a_parent_and_of_its_children_are_explored() {
    let report = explore(ship_all, vec![1, 2]).one_result().run();
    assert_eq!(report.endings.len(), 1, "{report}");
    assert_eq!(report.endings[0].text, "32");
    let repeated = report.repeated("explored/ship-1/pack").expect("a child's effect is repeated, too");
    assert!(repeated.under.iter().all(|(crashes, _)| crashes.len() == 1), "{report}");
    let crash = &repeated.under[0].0[0];
    assert_eq!(crash.child.as_ref().map(|child| child.as_str()), Some("explored/ship-1"), "{report}");
    report.assert_sound();
}

#[test]
fn a_child_is_cancelled_with_its_parent_under_every_crash() {
    static SENT: AtomicU32 = AtomicU32::new(0);
    #[workflow]
    async fn slow() -> WorkflowResult<()> {
        sleep("slow", DAY).await?;
        step!("send", SENT.fetch_add(1, Ordering::Relaxed)).await?;
        Ok(())
    }
    #[workflow]
    async fn waits() -> WorkflowResult<()> {
        Ok(invoke("slow", slow, ()).await?)
    }
    let report = explore(waits, ()).cancel_at(DAY / 2, "not wanted").run();
    assert_eq!(report.endings.len(), 1, "{report}");
    assert_eq!(report.endings[0].kind, EndingKind::Cancelled, "{report}");
    assert_eq!(SENT.load(Ordering::Relaxed), 0, "no child goes on without its parent");
}

#[test]
fn a_run_that_is_cancelled_when_all_but_its_last_result_is_there_is_no_divergence() {
    #[workflow]
    async fn tells() -> WorkflowResult<()> {
        step!("reserve", 7, undo = |seat| release(seat).await?).await?;
        // What becomes of it arrives, and the cancellation is recorded before that.
        let heard = invoke("child", two_steps, 1).await?;
        Ok(send_event("tell", "told", &heard).await?)
    }
    let report = explore(tells, ()).cancel_anywhere().run();
    assert!(report.endings.iter().all(|ending| ending.kind != EndingKind::Broken), "{report}");
}

#[test]
fn a_child_that_its_parent_gave_up_is_seen_to_its_end() {
    #[workflow]
    async fn slow(fails: bool) -> WorkflowResult<()> {
        step!("book", 7).undo(if fails { refuse as fn(u32) -> Undone } else { quietly_release }).await?;
        Ok(sleep("slow", DAY).await?)
    }
    #[workflow]
    async fn impatient(fails: bool) -> WorkflowResult<()> {
        race! {
            booked = invoke("slow", slow, fails) => booked?,
            _ = sleep("patience", DAY / 2) => (),
        };
        Ok(())
    }
    explore(impatient, false).run().assert_sound();
    let report = explore(impatient, true).run();
    assert_eq!(report.missing_undos[0].step, "explored/slow/book", "{report}");
    assert_eq!(report.missing_undos[0].schedules, report.schedules(), "its undo fails each time");
}

type Undone = std::future::Ready<Result<(), Failure>>;

fn quietly_release(_: u32) -> Undone {
    std::future::ready(Ok(()))
}

fn refuse(_: u32) -> Undone {
    std::future::ready(Err(Failure::from(StepError::fatal("no refund"))))
}

/// Ships in the end, or fails, for parcel 3; cleans up after itself in that case.
#[workflow]
async fn deliver(parcel: u32) -> WorkflowResult<u32> {
    cleanup(async move {
        step!("tidy up", parcel).await?;
        Ok(())
    });
    let loaded = step!("load", parcel).undo(release).await?;
    sleep("drive", DAY).await?;
    if parcel == 3 { Err("no such house".into()) } else { Ok(loaded) }
}

/// Children with a limit, a race of all that can be waited for, a message to itself, and an end that undoes it all.
#[workflow(retries = 1, backoff = DAY)]
async fn everything(parcels: u32) -> WorkflowResult<()> {
    let stock = step!("stock", parcels).undo(release).await?;
    cleanup(async move {
        let (tell, archive) = join!(step!("tell", stock), async {
            sleep("a day", DAY).await?;
            step!("archive", stock).await
        })
        .await;
        tell?;
        archive?;
        invoke("bring back", deliver, 9).await?;
        Ok(())
    });
    let mut sum = 0;
    let all = join_all((1..=parcels).map(|parcel| invoke(format!("parcel-{parcel}"), deliver, parcel)));
    for delivered in all.concurrency(2).await {
        sum += delivered?;
    }
    sum += race! {
        signal = wait_for_signal::<u32>("signal", "go") => signal?,
        child = invoke("slow", deliver, 50) => child?,
        work = async {
            let first = step!("first", sum).undo(release).await?;
            sleep("rest", DAY / 2).await?;
            step!("second", first).undo(release).await
        } => work?,
    };
    send_signal("remember", run_id(), "sum", &sum).await?;
    wait_for_signal::<u32>("recall", "sum").await?;
    invoke("nobody", deliver, 3).detached().await.expect_err("there is no such house");
    Err(WorkflowError::fatal("returned to sender"))
}

#[test]
fn operations_of_all_kinds_come_to_an_end_under_every_crash_and_cancellation() {
    for explorer in [explore(everything, 1), explore(everything, 2).signal_at(DAY + DAY / 4, "go", &7).seed(7)] {
        let report = explorer.cancel_anywhere().schedules(400).run();
        let is_clean = |kind| matches!(kind, EndingKind::Failed | EndingKind::Cancelled);
        assert!(report.endings.iter().all(|ending| is_clean(ending.kind)), "{report}");
        assert!(report.unfinished_cleanups.is_empty(), "{report}");
        // An effect is lost by a crash before its record, and by nothing else.
        let lost = |missing: &MissingUndo| {
            let of_it = |crash: &&Crash| crash.operations.iter().any(|step| missing.step.ends_with(step.as_str()));
            missing.crashes.iter().filter(of_it).any(|crash| crash.moment == CrashMoment::BeforeRecord)
        };
        assert!(report.missing_undos.iter().all(lost), "{report}");
    }
}

#[test]
fn what_is_random_is_drawn_again_as_it_was() {
    #[workflow]
    async fn keyed() -> WorkflowResult<String> {
        let key = uuid("key").await?;
        let other = uuid("other").await?;
        Ok(step!("charge", format!("{key} {other}")).await?)
    }
    explore(keyed, ()).one_result().run().assert_sound();
}

#[test]
fn effects_are_mocked_and_put_back_before_each_schedule() {
    static BALANCE: AtomicU32 = AtomicU32::new(0);
    #[workflow]
    async fn deposit() -> WorkflowResult<u32> {
        step!("look up", unreachable_effect()?).await?;
        Ok(step!("deposit", BALANCE.fetch_add(100, Ordering::Relaxed) + 100).await?)
    }
    let report = explore(deposit, ())
        .mock("look up", |mock| mock.with(()))
        .before_each(|| BALANCE.store(0, Ordering::Relaxed))
        .run();
    let mut results: Vec<&str> = report.endings.iter().map(|ending| ending.text.as_str()).collect();
    results.sort_unstable();
    assert_eq!(results, ["100", "200", "300"], "the deposit is not idempotent: {report}");
}

fn unreachable_effect() -> Result<(), std::io::Error> {
    unreachable!("it is mocked")
}

#[test]
fn what_is_too_much_is_sampled_by_a_seed() {
    #[workflow]
    async fn many() -> WorkflowResult<u32> {
        let steps = join_all((0..6).map(|n| step!(format!("s{n}"), n))).await;
        Ok(steps.into_iter().flatten().sum())
    }
    let run = |seed| explore(many, ()).schedules(300).seed(seed).run();
    let report = run(7);
    assert_eq!((report.coverage.listed, report.coverage.sampled), (200, 100), "{report}");
    assert!(report.to_string().contains("and 100 more that were drawn at random (seed 7)"), "{report}");
    assert_eq!(run(7), report, "a seed gives the same schedules");
    assert_eq!(report.endings.len(), 1, "{report}");
}

#[tokio::test]
async fn it_may_be_called_within_an_async_test() {
    explore(two_steps, 1).run().assert_sound();
}

#[test]
fn a_failing_attempt_is_no_repetition() {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    #[workflow]
    async fn flaky() -> WorkflowResult<u32> {
        Ok(step!("flaky", retries = 5, (CALLS.fetch_add(1, Ordering::Relaxed) > 1).then_some(1).ok_or("down")?).await?)
    }
    let report = explore(flaky, ()).before_each(|| CALLS.store(0, Ordering::Relaxed)).only("0:").run();
    assert!(report.repeated.is_empty(), "{report}");
}
