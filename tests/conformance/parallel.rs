//! Several operations at once: `join!`, `join_all` and `race!`.

use std::time::Duration;

use owf_runtime::prelude::*;

use crate::probe::{Probe, let_others_go_on};
use crate::subjects::{Model, Subject, Verdict};

const MINUTE: Duration = Duration::from_secs(60);

/// Lets other bodies go first, this many times.
async fn yield_times(times: usize) {
    for _ in 0..times {
        tokio::task::yield_now().await;
    }
}

pub(crate) async fn joined_steps_run_concurrently(subject: Subject) -> Verdict {
    #[workflow]
    async fn meeting(probe: Probe) -> WorkflowResult<u32> {
        // Each body waits for the two others: one after the other, none would ever end.
        let (a, b, c) = join!(
            step!("a", {
                probe.meet("join", 3).await;
                1
            }),
            step!("b", {
                probe.meet("join", 3).await;
                2
            }),
            step!("c", {
                probe.meet("join", 3).await;
                3
            }),
        )
        .await;
        let all = (0..50).map(|n| {
            step!(format!("all-{n}"), async move {
                probe.meet("join-all", 50).await;
                n
            })
        });
        let mut sum = a? + b? + c?;
        for n in join_all(all).await {
            sum += n?;
        }
        Ok(sum)
    }
    assert_eq!(subject.invoke(meeting, Probe::new()).await?, 6 + 1225);
    assert_eq!(subject.start(meeting, Probe::new()).await?.0, 6 + 1225);
    Ok(())
}

pub(crate) async fn steps_that_a_loop_collects_own_what_ends_with_its_turn(subject: Subject) -> Verdict {
    #[workflow]
    async fn labels(orders: Vec<Vec<String>>) -> WorkflowResult<Vec<String>> {
        let separator = String::from(", ");
        let mut all = Vec::new();
        for (at, order) in orders.iter().enumerate() {
            let heading = format!("order {at}: ");
            all.push(step!(format!("order-{at}"), {
                yield_times(3 - at).await;
                format!("{heading}{}", order.join(&separator))
            }));
        }
        let texts = join_all(all).await.into_iter().collect::<Result<Vec<_>, _>>()?;
        let mut lengths = Vec::new();
        for order in &orders {
            let mut of_order = Vec::new();
            let most = order.len();
            for item in order {
                of_order.push(step!(format!("item-{item}"), format!("{item} of {most}{separator}")));
            }
            lengths.extend(join_all(of_order).await);
        }
        Ok(texts.into_iter().chain(lengths.into_iter().collect::<Result<Vec<_>, _>>()?).collect())
    }
    let orders = [vec!["a".to_owned(), "b".to_owned()], vec!["c".to_owned()]].to_vec();
    let made = subject.invoke(labels, orders).await?;
    assert_eq!(made, ["order 0: a, b", "order 1: c", "a of 2, ", "b of 2, ", "c of 1, "]);
    Ok(())
}

pub(crate) async fn join_yields_values_in_the_written_order(subject: Subject) -> Verdict {
    #[workflow]
    async fn ordered(probe: Probe) -> WorkflowResult<(u32, String, ())> {
        let (first, second, third) = join!(
            step!("first", {
                probe.in_turn("end", 2).await;
                1
            }),
            step!("second", {
                probe.in_turn("end", 1).await;
                "two".to_owned()
            }),
            step!("third", probe.in_turn("end", 0).await),
        )
        .await;
        Ok((first?, second?, third?))
    }
    let (values, steps) = subject.start(ordered, Probe::new()).await?;
    assert_eq!(values, (1, "two".to_owned(), ()));
    let ids: Vec<&str> = steps.iter().map(|step| step.id.as_str()).collect();
    assert_eq!(ids, ["third", "second", "first"], "recorded as they ended");
    Ok(())
}

pub(crate) async fn a_joined_step_that_fails_leaves_the_others_alone(subject: Subject) -> Verdict {
    #[workflow]
    async fn half(probe: Probe) -> WorkflowResult<(String, u32)> {
        let (bad, good) = join!(
            step!("bad", retries = 1, {
                probe.note("bad");
                Err::<u32, _>("no")?
            }),
            step!("good", {
                yield_times(3).await;
                probe.note("good");
                7
            }),
        )
        .await;
        Ok((bad.expect_err("it fails").message().to_owned(), good?))
    }
    let probe = Probe::new();
    assert_eq!(subject.invoke(half, probe).await?, ("no".to_owned(), 7));
    assert_eq!((probe.count("bad"), probe.count("good")), (2, 1));
    Ok(())
}

pub(crate) async fn join_all_of_a_thousand_yields_values_in_order(subject: Subject) -> Verdict {
    #[workflow]
    async fn fan_out(probe: Probe) -> WorkflowResult<Vec<usize>> {
        let steps = (0..1_000).map(|n: usize| {
            step!(format!("n-{n}"), async move {
                yield_times(n % 7).await;
                probe.note("effect");
                n * 2
            })
        });
        let mut values = Vec::new();
        for value in join_all(steps).await {
            values.push(value?);
        }
        Ok(values)
    }
    let probe = Probe::new();
    let expected: Vec<usize> = (0..1_000).map(|n| n * 2).collect();
    assert_eq!(subject.invoke(fan_out, probe).await?, expected);
    assert_eq!(probe.count("effect"), 1_000);
    Ok(())
}

pub(crate) async fn join_all_of_nothing_is_empty(subject: Subject) -> Verdict {
    #[workflow]
    async fn empty(n: u32) -> WorkflowResult<usize> {
        let none = join_all((0..n).map(|i| step!("never", i))).await;
        let after = step!("after", 1).await?;
        Ok(none.len() + after)
    }
    assert_eq!(subject.invoke(empty, 0).await?, 1);
    Ok(())
}

pub(crate) async fn parallel_steps_of_one_id_get_suffixes_in_program_order(subject: Subject) -> Verdict {
    #[workflow]
    async fn same(probe: Probe) -> WorkflowResult<Vec<usize>> {
        let steps = (0..4).map(|n| {
            step!("same", async move {
                probe.in_turn("end", 3 - n).await;
                n
            })
        });
        let mut values = Vec::new();
        for value in join_all(steps).await {
            values.push(value?);
        }
        Ok(values)
    }
    let (values, steps) = subject.start(same, Probe::new()).await?;
    assert_eq!(values, [0, 1, 2, 3]);
    let ids: Vec<&str> = steps.iter().map(|step| step.id.as_str()).collect();
    assert_eq!(ids, ["same:3", "same:2", "same:1", "same"]);
    Ok(())
}

/// Three steps one after the other, whose values depend on each other; `delays` says how late each one ends.
#[durable]
async fn chain(branch: u32, delays: [usize; 3]) -> Result<Vec<u32>, StepError> {
    let mut values = vec![];
    for (round, delay) in delays.into_iter().enumerate() {
        let value = step!("same", {
            yield_times(delay).await;
            branch * 100
                + u32::try_from(round).unwrap_or_default()
                + u32::try_from(values.len()).unwrap_or_default() * 10
        });
        values.push(value.await?);
    }
    Ok(values)
}

pub(crate) async fn branches_of_one_id_get_their_own_values_however_their_bodies_end(subject: Subject) -> Verdict {
    type Delays = ([usize; 3], [usize; 3]);
    #[workflow]
    async fn branches((left, right): Delays) -> WorkflowResult<Vec<Vec<u32>>> {
        let (a, b) = join!(async { chain(1, left).await }, chain(2, right)).await;
        let after = step!("same", 9).await?;
        Ok(vec![a?, b?, vec![after]])
    }
    let expected = vec![vec![100, 111, 122], vec![200, 211, 222], vec![9]];
    for pattern in 0..64_usize {
        let delay = |bit: usize| if pattern & (1 << bit) == 0 { 0 } else { 5 };
        let delays = ([delay(0), delay(1), delay(2)], [delay(3), delay(4), delay(5)]);
        assert_eq!(subject.invoke(branches, delays).await?, expected, "{delays:?}");
        let (values, steps) = subject.start(branches, delays).await?;
        assert_eq!(values, expected, "{delays:?}");
        let mut ids: Vec<&str> = steps.iter().map(|step| step.id.as_str()).collect();
        ids.sort_unstable();
        assert_eq!(ids, ["same", "same:1", "same:2", "same:3", "same:4", "same:5", "same:6"]);
    }
    Ok(())
}

pub(crate) async fn branches_of_steps_sleeps_and_retries_keep_to_themselves(subject: Subject) -> Verdict {
    #[workflow(allow(duplicate_id, reason = "the test is about IDs that are met again"))]
    async fn mixed(probe: Probe) -> WorkflowResult<(u32, usize, u32)> {
        let (slept, retried, joined) = join!(
            async {
                sleep("nap", MINUTE).await?;
                step!("work", 1).await
            },
            async {
                let attempts = step!("work", retries = 5, {
                    match probe.note("retried") {
                        3 => 3,
                        _ => Err("not yet")?,
                    }
                });
                attempts.await
            },
            async {
                let (a, b) = join!(step!("work", 10), step!("work", 20)).await;
                sleep("nap", 2 * MINUTE).await?;
                Ok::<_, StepError>(a? + b?)
            },
        )
        .await;
        Ok((slept?, retried?, joined?))
    }
    assert_eq!(subject.invoke(mixed, Probe::new()).await?, (1, 3, 30));
    assert_eq!(subject.host.elapsed(), 2 * MINUTE, "the waits overlap");
    Ok(())
}

pub(crate) async fn the_first_to_be_recorded_wins_a_race(subject: Subject) -> Verdict {
    #[workflow]
    async fn raced((probe, first): (Probe, usize)) -> WorkflowResult<String> {
        let turn = |place: usize| (place + 3 - first) % 3;
        let winner = race! {
            a = step!("a", { probe.in_turn("end", turn(0)).await; 1 }) => format!("a{}", a?),
            b = step!("b", { probe.in_turn("end", turn(1)).await; 2 }) => {
                let more = step!("more", 3).await?;
                format!("b{}{more}", b?)
            }
            c = step!("c", { probe.in_turn("end", turn(2)).await; 3 }) => format!("c{}", c?),
        };
        // A replay has to find the same winner.
        Ok(step!("after", winner.clone()).await?)
    }
    for (first, expected) in ["a1", "b23", "c3"].into_iter().enumerate() {
        assert_eq!(subject.invoke(raced, (Probe::new(), first)).await?, expected);
        assert_eq!(subject.start(raced, (Probe::new(), first)).await?.0, expected);
    }
    Ok(())
}

pub(crate) async fn operations_of_one_type_race_for_the_value_of_the_first(subject: Subject) -> Verdict {
    #[workflow]
    async fn quickest(probe: Probe) -> WorkflowResult<u32> {
        let value = race!(
            step!("slow", {
                probe.in_turn("end", 1).await;
                1
            }),
            step!("quick", {
                probe.in_turn("end", 0).await;
                2
            }),
        )
        .await?;
        step!("after", ()).await?;
        Ok(value)
    }
    assert_eq!(subject.invoke(quickest, Probe::new()).await?, 2);
    Ok(())
}

pub(crate) async fn the_losers_body_is_dropped_before_the_winner_is_handled(subject: Subject) -> Verdict {
    #[workflow]
    async fn raced(probe: Probe) -> WorkflowResult<u32> {
        let value = race! {
            value = step!("wins", {
                yield_times(2).await;
                probe.note("won");
                7
            }) => {
                step!("handle", probe.note("handled")).await?;
                value?
            }
            _ = step!("loses", {
                let _guard = probe.drop_guard("dropped");
                probe.note("lost");
                std::future::pending::<()>().await;
            }) => 0,
        };
        Ok(value)
    }
    let probe = Probe::new();
    assert_eq!(subject.invoke(raced, probe).await?, 7);
    assert_eq!(probe.notes(), ["lost", "won", "dropped", "handled"]);
    Ok(())
}

pub(crate) async fn a_race_against_a_sleep_is_a_timeout(subject: Subject) -> Verdict {
    #[workflow]
    async fn impatient(probe: Probe) -> WorkflowResult<String> {
        let answer = race! {
            answer = step!("ask", {
                let _guard = probe.drop_guard("dropped");
                std::future::pending::<()>().await;
                "answered".to_owned()
            }) => answer?,
            _ = sleep("patience", MINUTE) => "gave up".to_owned(),
        };
        step!("after", probe.note("after")).await?;
        Ok(answer)
    }
    let probe = Probe::new();
    assert_eq!(subject.invoke(impatient, probe).await?, "gave up");
    assert_eq!(probe.notes(), ["dropped", "after"]);
    assert_eq!(subject.host.elapsed(), MINUTE);
    Ok(())
}

pub(crate) async fn a_step_that_ends_in_time_wins_against_a_sleep(subject: Subject) -> Verdict {
    #[workflow]
    async fn patient(word: String) -> WorkflowResult<String> {
        let answer = race! {
            answer = step!("ask", word.clone()) => answer?,
            _ = sleep("patience", MINUTE) => "gave up".to_owned(),
        };
        step!("after", ()).await?;
        Ok(answer)
    }
    assert_eq!(subject.invoke(patient, "answered".to_owned()).await?, "answered");
    assert_eq!(subject.host.elapsed(), Duration::ZERO, "nobody waits for a timer that lost");
    Ok(())
}

pub(crate) async fn a_losers_recorded_result_is_no_divergence(subject: Subject) -> Verdict {
    #[workflow]
    async fn raced(probe: Probe) -> WorkflowResult<u32> {
        let value = race! {
            a = step!("a", {
                probe.in_turn("end", 0).await;
                1
            }) => a?,
            b = step!("b", {
                probe.in_turn("end", 1).await;
                2
            }) => b?,
        };
        Ok(value + step!("after", 10).await?)
    }
    let client = subject.client().on_divergence(owf_runtime::OnDivergence::Fail);
    assert_eq!(client.invoke(raced, Probe::new()).await?, 11);
    let run = client.start(raced, Probe::new()).await?;
    assert_eq!(run.result().await?, 11);
    // Under checkpoint both bodies end before the re-entry, and both results are in the record.
    let recorded = run.steps().await?.iter().any(|step| step.id == "b");
    assert!(recorded || subject.model != Model::Checkpoint);
    Ok(())
}

pub(crate) async fn the_losing_branch_of_a_race_stops_where_it_is(subject: Subject) -> Verdict {
    #[workflow]
    async fn raced(probe: Probe) -> WorkflowResult<u32> {
        let value = race! {
            _ = async {
                step!("one", probe.note("one")).await?;
                sleep("nap", MINUTE).await?;
                step!("two", probe.note("two")).await
            } => 1,
            _ = async {
                sleep("short-nap", MINUTE / 2).await?;
                step!("three", probe.note("three")).await
            } => 2,
        };
        sleep("long-nap", 10 * MINUTE).await?;
        Ok(value)
    }
    let probe = Probe::new();
    assert_eq!(subject.invoke(raced, probe).await?, 2);
    assert_eq!(probe.notes(), ["one", "three"]);
    assert_eq!(subject.host.elapsed(), 10 * MINUTE + MINUTE / 2);
    Ok(())
}

pub(crate) async fn races_and_joins_nest(subject: Subject) -> Verdict {
    #[workflow(allow(duplicate_id, reason = "the test is about IDs that are met again"))]
    async fn nested(probe: Probe) -> WorkflowResult<Vec<u32>> {
        let (raced, joined) = join!(
            async {
                let value = race! {
                    value = step!("work", { probe.in_turn("race", 0).await; 1 }) => value?,
                    value = step!("work", { probe.in_turn("race", 1).await; 2 }) => value?,
                };
                Ok::<_, StepError>(value + step!("work", 10).await?)
            },
            async {
                let (a, b) = join!(step!("work", 3), async { step!("work", 4).await }).await;
                Ok::<_, StepError>(a? * b?)
            },
        )
        .await;
        let after = step!("work", 5).await?;
        Ok(vec![raced?, joined?, after])
    }
    assert_eq!(subject.invoke(nested, Probe::new()).await?, [11, 12, 5]);
    Ok(())
}

pub(crate) async fn an_operation_that_is_awaited_by_reference_goes_on_later(subject: Subject) -> Verdict {
    #[workflow]
    async fn by_reference(probe: Probe) -> WorkflowResult<(u32, u32)> {
        let mut slow = Box::pin(step!("slow", {
            probe.in_turn("end", 1).await;
            1
        }));
        let quick = race! {
            value = &mut slow => value?,
            value = step!("quick", { probe.in_turn("end", 0).await; 2 }) => value?,
        };
        // The loser was only borrowed by the race, so it is still running.
        Ok((quick, slow.await?))
    }
    assert_eq!(subject.invoke(by_reference, Probe::new()).await?, (2, 1));
    Ok(())
}

/// Panics when it is dropped.
struct Fragile;

impl Drop for Fragile {
    fn drop(&mut self) {
        panic!("broken on the way out");
    }
}

pub(crate) async fn a_losers_destructor_that_panics_changes_nothing(subject: Subject) -> Verdict {
    #[workflow]
    async fn raced(probe: Probe) -> WorkflowResult<u32> {
        let value = race! {
            value = step!("wins", 1) => value?,
            value = step!("loses", {
                let _fragile = Fragile;
                probe.note("running");
                std::future::pending::<()>().await;
                2
            }) => value?,
        };
        step!("after", ()).await?;
        Ok(value)
    }
    let probe = Probe::new();
    // On a replay the loser's body does not run, so the run must not depend on what its end does.
    assert_eq!(subject.invoke(raced, probe).await?, 1);
    assert_eq!(probe.notes(), ["running"]);
    Ok(())
}

pub(crate) async fn a_race_may_be_run_round_after_round(subject: Subject) -> Verdict {
    #[workflow]
    async fn heartbeat(rounds: u32) -> WorkflowResult<u32> {
        let mut beats = 0;
        for _ in 0..rounds {
            race! {
                stop = wait_for_signal::<u32>("stop", "stop") => return Ok(beats + stop?),
                _ = sleep("beat", MINUTE) => beats += 1,
            }
        }
        Ok(beats)
    }
    let client = subject.client();
    let run = client.start(heartbeat, 300).await?;
    assert_eq!(run.result().await?, 300);
    let (clock, client) = subject.driven_client();
    let run = client.start(heartbeat, 300).await?;
    for _ in 0..5 {
        let_others_go_on().await;
        clock.advance(MINUTE);
    }
    let_others_go_on().await;
    run.signal("stop", &1000).await?;
    assert_eq!(run.result().await?, 1005);
    Ok(())
}
