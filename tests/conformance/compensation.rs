//! Undos: what a run did is taken back when it does not complete.

use std::time::Duration;

use owf_runtime::prelude::*;
use owf_runtime::{RunErrorReason, RunStatus};

use crate::probe::Probe;
use crate::subjects::{Subject, Verdict};

const MINUTE: Duration = Duration::from_secs(60);

/// Books something: notes it, and returns what was booked.
fn book(probe: Probe, what: &str) -> String {
    probe.note(format!("book {what}"));
    what.to_owned()
}

pub(crate) async fn a_failed_run_undoes_its_steps_last_first(subject: Subject) -> Verdict {
    #[workflow]
    async fn trip(probe: Probe) -> WorkflowResult<()> {
        step!("hotel", book(probe, "hotel"), undo = |what| probe.note(format!("cancel {what}"))).await?;
        step!("flight", book(probe, "flight"), undo = |what| probe.note(format!("cancel {what}"))).await?;
        step!("pay", retries = 0, Err::<(), _>(StepError::msg("declined"))?).await?;
        Ok(())
    }
    let probe = Probe::new();
    let run = subject.client().start(trip, probe).await?;
    let error = run.result().await.expect_err("the card is declined");
    assert_eq!(error.workflow_error().map(|error| error.message()), Some("declined"));
    assert_eq!(probe.notes(), ["book hotel", "book flight", "cancel flight", "cancel hotel"]);
    let ids: Vec<String> = run.steps().await?.iter().map(|step| step.id.to_string()).collect();
    assert_eq!(ids, ["hotel", "flight", "pay", "flight:undo", "hotel:undo"]);
    assert_eq!(run.status().await?, RunStatus::Failed);
    Ok(())
}

pub(crate) async fn a_completed_run_undoes_nothing(subject: Subject) -> Verdict {
    #[workflow]
    async fn trip(probe: Probe) -> WorkflowResult<String> {
        Ok(step!("hotel", book(probe, "hotel"), undo = |_| probe.note("undo")).await?)
    }
    let probe = Probe::new();
    assert_eq!(subject.invoke(trip, probe).await?, "hotel");
    assert_eq!(probe.notes(), ["book hotel"]);
    Ok(())
}

pub(crate) async fn an_undo_is_given_what_its_step_returned(subject: Subject) -> Verdict {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Booking {
        number: u32,
    }
    async fn cancel(probe: Probe, booking: Booking) -> Result<(), std::io::Error> {
        probe.note(format!("cancel {}", booking.number));
        Ok(())
    }
    #[workflow]
    async fn trip(probe: Probe) -> WorkflowResult<()> {
        step!("hotel", Booking { number: 7 }, undo = |booking| cancel(probe, booking).await?).await?;
        step!(
            "flight",
            { Booking { number: 8 } },
            undo = |Booking { number }| {
                tokio::task::yield_now().await;
                probe.note(format!("cancel {number}"))
            }
        )
        .await?;
        Err(WorkflowError::fatal("no"))
    }
    let probe = Probe::new();
    subject.invoke(trip, probe).await.expect_err("it fails");
    assert_eq!(probe.notes(), ["cancel 8", "cancel 7"]);
    Ok(())
}

pub(crate) async fn an_undo_uses_what_is_behind_references(subject: Subject) -> Verdict {
    #[derive(Clone)]
    struct Desk {
        name: String,
        probe: Probe,
    }
    impl Desk {
        async fn cancel(&self, night: &str) -> Result<(), std::io::Error> {
            self.probe.note(format!("{} cancels {night}", self.name));
            Ok(())
        }
    }
    #[durable]
    async fn stay(desk: &Desk, nights: &[String]) -> Result<(), StepError> {
        for (at, night) in nights.iter().enumerate() {
            let rest = &nights[at + 1..];
            let undo_of = &*format!("{night} before {}", rest.len());
            step!(format!("night-{at}"), 1, undo = |_| desk.cancel(undo_of).await?).await?;
        }
        let all = nights.iter().map(|night| step!(format!("pay-{night}"), 1, undo = |_| desk.cancel(night).await?));
        for paid in join_all(all).await {
            paid?;
        }
        Ok(())
    }
    #[workflow]
    async fn trip(probe: Probe) -> WorkflowResult<()> {
        let desk = Desk { name: "the desk".to_owned(), probe };
        stay(&desk, &["monday".to_owned(), "tuesday".to_owned()]).await?;
        drop(desk);
        Err(WorkflowError::fatal("no"))
    }
    let probe = Probe::new();
    subject.invoke(trip, probe).await.expect_err("it fails");
    let mut notes = probe.notes();
    notes[..2].sort();
    let expected = ["monday", "tuesday", "tuesday before 0", "monday before 1"];
    assert_eq!(notes, expected.map(|night| format!("the desk cancels {night}")));
    Ok(())
}

pub(crate) async fn an_undo_owns_clones_of_what_it_uses(subject: Subject) -> Verdict {
    #[workflow]
    async fn trip(probe: Probe) -> WorkflowResult<String> {
        let (name, city) = ("Ada".to_owned(), "Rome".to_owned());
        let hotel = step!(
            "hotel",
            book(probe, &city),
            undo = |what| {
                probe.note(format!("cancel {what} of {name}"));
                drop(name);
            }
        )
        .await?;
        let text = format!("{name} in {hotel}");
        drop((name, city));
        Err(WorkflowError::fatal(text))
    }
    let probe = Probe::new();
    subject.invoke(trip, probe).await.expect_err("it fails");
    assert_eq!(probe.notes(), ["book Rome", "cancel Rome of Ada"]);
    Ok(())
}

pub(crate) async fn an_undo_is_retried_as_its_step_is(subject: Subject) -> Verdict {
    #[workflow]
    async fn trip(probe: Probe) -> WorkflowResult<()> {
        step!(
            "hotel",
            retries = 2,
            backoff = MINUTE,
            book(probe, "hotel"),
            undo = |_| if probe.note("cancel") < 3 {
                Err(StepError::msg("busy"))?
            }
        )
        .await?;
        Err(WorkflowError::fatal("no"))
    }
    let probe = Probe::new();
    let error = subject.invoke(trip, probe).await.expect_err("it fails");
    assert_eq!(probe.notes(), ["book hotel", "cancel", "cancel", "cancel"]);
    assert_eq!(subject.host.elapsed(), 2 * MINUTE);
    assert!(error.workflow_error().is_some_and(|error| error.failed_undos().is_empty()));
    Ok(())
}

pub(crate) async fn an_undo_that_fails_is_told_and_stops_no_other(subject: Subject) -> Verdict {
    #[workflow]
    async fn trip(probe: Probe) -> WorkflowResult<()> {
        step!("hotel", book(probe, "hotel"), undo = |_| probe.note("cancel hotel")).await?;
        step!("flight", retries = 0, book(probe, "flight"), undo = |_| Err::<(), _>(StepError::msg("too late"))?)
            .await?;
        Err(WorkflowError::fatal("no visa"))
    }
    let probe = Probe::new();
    let error = subject.invoke(trip, probe).await.expect_err("it fails");
    assert_eq!(probe.notes(), ["book hotel", "book flight", "cancel hotel"]);
    let failed = error.workflow_error().ok_or("the workflow failed")?.failed_undos();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].step().map(|step| step.as_str()), Some("flight:undo"));
    assert!(error.to_string().contains("no visa (and an undo failed: step `flight:undo` failed: too late)"), "{error}");
    Ok(())
}

pub(crate) async fn a_step_that_failed_is_not_undone(subject: Subject) -> Verdict {
    #[workflow]
    async fn trip(probe: Probe) -> WorkflowResult<()> {
        let full =
            step!("hotel", retries = 0, Err::<(), _>(StepError::msg("full"))?, undo = |_| probe.note("undo")).await;
        full?;
        Ok(())
    }
    let probe = Probe::new();
    subject.invoke(trip, probe).await.expect_err("it fails");
    assert_eq!(probe.notes(), [""; 0]);
    Ok(())
}

pub(crate) async fn parallel_steps_are_undone_in_the_order_of_recording(subject: Subject) -> Verdict {
    #[workflow]
    async fn trip(probe: Probe) -> WorkflowResult<()> {
        let (a, b) = join!(
            step!("a", probe.in_turn("end", 1).await, undo = |()| probe.note("undo a")),
            step!("b", probe.in_turn("end", 0).await, undo = |()| probe.note("undo b")),
        )
        .await;
        a?;
        b?;
        Err(WorkflowError::fatal("no"))
    }
    let probe = Probe::new();
    subject.invoke(trip, probe).await.expect_err("it fails");
    assert_eq!(probe.notes(), ["undo a", "undo b"], "b was recorded first");
    Ok(())
}

pub(crate) async fn a_repeated_step_is_undone_under_its_own_id(subject: Subject) -> Verdict {
    #[workflow]
    async fn trip(probe: Probe) -> WorkflowResult<()> {
        for night in 0..2u32 {
            step!("night", night, undo = |night| probe.note(format!("cancel {night}"))).await?;
        }
        Err(WorkflowError::fatal("no"))
    }
    let probe = Probe::new();
    let run = subject.client().start(trip, probe).await?;
    run.result().await.expect_err("it fails");
    let ids: Vec<String> = run.steps().await?.iter().map(|step| step.id.to_string()).collect();
    assert_eq!(ids, ["night", "night:1", "night:1:undo", "night:undo"]);
    assert_eq!(probe.notes(), ["cancel 1", "cancel 0"]);
    Ok(())
}

pub(crate) async fn a_recorded_loser_of_a_race_is_undone(subject: Subject) -> Verdict {
    #[workflow]
    async fn trip(probe: Probe) -> WorkflowResult<()> {
        // Both end in one poll: both are recorded, and the first wins.
        race! {
            _ = step!("a", book(probe, "a"), undo = |_| probe.note("cancel a")) => (),
            _ = step!("b", book(probe, "b"), undo = |_| probe.note("cancel b")) => (),
        };
        Err(WorkflowError::fatal("no"))
    }
    let probe = Probe::new();
    subject.invoke(trip, probe).await.expect_err("it fails");
    assert_eq!(probe.notes(), ["book a", "book b", "cancel b", "cancel a"]);
    Ok(())
}

pub(crate) async fn a_cancelled_run_undoes_its_steps(subject: Subject) -> Verdict {
    #[workflow]
    async fn trip(probe: Probe) -> WorkflowResult<()> {
        step!("hotel", book(probe, "hotel"), undo = |what| probe.note(format!("cancel {what}"))).await?;
        wait_for_signal::<()>("paid?", "paid").await?;
        Ok(())
    }
    let probe = Probe::new();
    let run = subject.client().start(trip, probe).await?;
    while probe.count("book hotel") == 0 {
        tokio::task::yield_now().await;
    }
    run.cancel("the customer changed her mind").await?;
    let error = run.result().await.expect_err("it is cancelled");
    assert!(matches!(error.reason(), RunErrorReason::Cancelled(_)), "{error:?}");
    assert!(error.to_string().ends_with("was cancelled: the customer changed her mind"), "{error}");
    assert_eq!(probe.notes(), ["book hotel", "cancel hotel"]);
    assert_eq!(run.status().await?, RunStatus::Cancelled);
    Ok(())
}

pub(crate) async fn a_run_that_takes_too_long_undoes_its_steps(subject: Subject) -> Verdict {
    #[workflow(timeout = Duration::from_secs(3600))]
    async fn trip(probe: Probe) -> WorkflowResult<()> {
        step!("hotel", book(probe, "hotel"), undo = |what| probe.note(format!("cancel {what}"))).await?;
        sleep("a day", Duration::from_secs(24 * 3600)).await?;
        probe.note("too late");
        Ok(())
    }
    let probe = Probe::new();
    let error = subject.invoke(trip, probe).await.expect_err("it takes too long");
    assert!(matches!(error.reason(), RunErrorReason::Cancelled(_)), "{error:?}");
    assert!(error.to_string().contains("it timed out after 3600s"), "{error}");
    assert_eq!(probe.notes(), ["book hotel", "cancel hotel"]);
    assert_eq!(subject.host.elapsed(), Duration::from_secs(3600));
    Ok(())
}

pub(crate) async fn a_retried_run_undoes_nothing_before_its_last_attempt(subject: Subject) -> Verdict {
    #[workflow(retries = 1, backoff = MINUTE)]
    async fn trip(probe: Probe) -> WorkflowResult<()> {
        step!("hotel", book(probe, "hotel"), undo = |_| probe.note("cancel")).await?;
        probe.note("fails");
        Err(WorkflowError::msg("no"))
    }
    let probe = Probe::new();
    subject.invoke(trip, probe).await.expect_err("it fails");
    let notes = probe.notes();
    assert_eq!(probe.count("book hotel"), 1);
    assert_eq!(probe.count("cancel"), 1);
    let before_undo = notes.iter().take_while(|note| *note != "cancel").filter(|note| *note == "fails").count();
    assert!(before_undo >= 2, "it failed twice before anything was undone: {notes:?}");
    Ok(())
}

pub(crate) async fn a_typed_value_reaches_an_undo_in_a_closure(subject: Subject) -> Verdict {
    #[workflow]
    async fn trip(probe: Probe) -> WorkflowResult<()> {
        let cities = ["Rome".to_owned(), "Oslo".to_owned()];
        let by = "train".to_owned();
        let bookings = cities.into_iter().map(|city| {
            step!(
                format!("book-{city}"),
                book(probe, &city).len(),
                undo = |length| probe.note(format!("cancel {city} ({length}) by {by}"))
            )
        });
        for booking in join_all(bookings).await {
            booking?;
        }
        Err(WorkflowError::fatal("no"))
    }
    let probe = Probe::new();
    subject.invoke(trip, probe).await.expect_err("it fails");
    assert_eq!(probe.notes(), ["book Rome", "book Oslo", "cancel Oslo (4) by train", "cancel Rome (4) by train"]);
    Ok(())
}

pub(crate) async fn undos_and_cleanups_share_one_order(subject: Subject) -> Verdict {
    #[workflow]
    async fn trip(probe: Probe) -> WorkflowResult<()> {
        step!("hotel", book(probe, "hotel"), undo = |_| probe.note("cancel hotel")).await?;
        cleanup(async move {
            step!("tell", probe.note("tell")).await?;
            Ok(())
        });
        step!("flight", book(probe, "flight"), undo = |_| probe.note("cancel flight")).await?;
        Err(WorkflowError::fatal("no"))
    }
    let probe = Probe::new();
    subject.invoke(trip, probe).await.expect_err("it fails");
    assert_eq!(probe.notes(), ["book hotel", "book flight", "cancel flight", "tell", "cancel hotel"]);
    Ok(())
}

pub(crate) async fn a_panic_of_the_workflow_undoes_its_steps(subject: Subject) -> Verdict {
    #[workflow]
    async fn trip(probe: Probe) -> WorkflowResult<()> {
        let hotel = step!("hotel", book(probe, "hotel"), undo = |_| probe.note("cancel hotel")).await?;
        assert_ne!(hotel, "hotel", "a bug");
        Ok(())
    }
    let probe = Probe::new();
    subject.invoke(trip, probe).await.expect_err("it panics");
    assert_eq!(probe.notes(), ["book hotel", "cancel hotel"]);
    Ok(())
}

pub(crate) async fn an_undo_that_panics_is_retried_told_and_stops_no_other(subject: Subject) -> Verdict {
    #[workflow]
    async fn trip(probe: Probe) -> WorkflowResult<()> {
        step!("a", probe.mark("a"), undo = |()| probe.mark("undo a")).await?;
        step!(
            "b",
            retries = 1,
            probe.mark("b"),
            undo = |()| {
                probe.mark("undo b");
                panic!("broken")
            }
        )
        .await?;
        Err(WorkflowError::fatal("no"))
    }
    let probe = Probe::new();
    let error = subject.invoke(trip, probe).await.expect_err("fails");
    assert_eq!(probe.notes(), ["a", "b", "undo b", "undo b", "undo a"]);
    let text = error.to_string();
    assert!(text.ends_with("no (and an undo failed: step `b:undo` failed: panicked: broken)"), "{text}");
    Ok(())
}

pub(crate) async fn a_panic_beside_a_running_step_drops_it_and_undoes_the_others(subject: Subject) -> Verdict {
    #[workflow]
    async fn buggy(probe: Probe) -> WorkflowResult<()> {
        let (stuck, done) = join!(
            step!("stuck", {
                let _dropped = probe.drop_guard("dropped");
                probe.note("stuck");
                std::future::pending::<()>().await
            }),
            async {
                let done = step!("done", probe.noted("stuck").await, undo = |()| probe.mark("undo")).await;
                assert!(done.is_err(), "a bug");
                done
            }
        )
        .await;
        stuck?;
        Ok(done?)
    }
    let probe = Probe::new();
    let error = subject.invoke(buggy, probe).await.expect_err("it panics").to_string();
    assert!(error.contains("panicked: a bug"), "{error}");
    assert_eq!(probe.notes(), ["stuck", "dropped", "undo"]);
    Ok(())
}

pub(crate) async fn a_loser_of_a_race_is_undone_as_far_as_it_came(subject: Subject) -> Verdict {
    #[workflow]
    async fn raced(probe: Probe) -> WorkflowResult<()> {
        race! {
            _ = async {
                step!("first", probe.mark("first"), undo = |()| probe.mark("undo first")).await?;
                step!("second", { probe.mark("second"); std::future::pending::<()>().await }, undo = |()| probe.mark("undo second")).await
            } => (),
            _ = sleep("patience", MINUTE) => (),
        };
        Err(WorkflowError::fatal("no"))
    }
    let probe = Probe::new();
    subject.invoke(raced, probe).await.expect_err("fails");
    assert_eq!(probe.notes(), ["first", "second", "undo first"]);
    Ok(())
}
