//! Steps that succeed: their effects, values and IDs.

use std::collections::BTreeMap;

use owf_runtime::prelude::*;
use serde::{Deserialize, Serialize};

use crate::probe::Probe;
use crate::subjects::{Subject, Verdict};

pub(crate) async fn a_workflow_without_steps_returns_its_value(subject: Subject) -> Verdict {
    #[workflow]
    async fn double(n: u32) -> WorkflowResult<u32> {
        Ok(n * 2)
    }
    assert_eq!(subject.invoke(double, 21).await?, 42);
    assert_eq!(subject.start(double, 21).await?, (42, vec![]));
    Ok(())
}

pub(crate) async fn a_workflow_without_argument_and_result_runs(subject: Subject) -> Verdict {
    #[workflow]
    async fn nothing() {}
    subject.invoke(nothing, ()).await?;
    assert_eq!(subject.start(nothing, ()).await?, ((), vec![]));
    Ok(())
}

pub(crate) async fn a_workflow_may_return_a_plain_value(subject: Subject) -> Verdict {
    #[workflow]
    async fn plain(n: u32) -> u32 {
        step!("add", n + 1).await.unwrap_or_default()
    }
    assert_eq!(subject.invoke(plain, 1).await?, 2);
    Ok(())
}

pub(crate) async fn each_effect_happens_once(subject: Subject) -> Verdict {
    #[workflow]
    async fn three(probe: Probe) -> WorkflowResult<usize> {
        let a = step!("a", probe.note("a")).await?;
        let b = step!("b", probe.note("b")).await?;
        let c = step!("c", probe.note("c")).await?;
        Ok(a + b + c)
    }
    let (invoked, started) = (Probe::new(), Probe::new());
    assert_eq!(subject.invoke(three, invoked).await?, 3);
    assert_eq!(subject.start(three, started).await?.0, 3);
    assert_eq!(invoked.notes(), ["a", "b", "c"]);
    assert_eq!(started.notes(), ["a", "b", "c"]);
    Ok(())
}

pub(crate) async fn the_code_is_entered_as_often_as_the_model_says(subject: Subject) -> Verdict {
    #[workflow]
    async fn steps(probe: Probe) -> WorkflowResult<()> {
        probe.note("entered");
        for n in 0..4 {
            step!("step", n).await?;
        }
        Ok(())
    }
    let (invoked, started) = (Probe::new(), Probe::new());
    subject.invoke(steps, invoked).await?;
    subject.start(steps, started).await?;
    assert_eq!(invoked.count("entered"), subject.entries(4));
    assert_eq!(started.count("entered"), subject.entries(4));
    Ok(())
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Unit;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Shape {
    Empty,
    Circle(f64),
    Named { name: String, sides: Option<u8> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Values {
    unit: (),
    unit_struct: Unit,
    shapes: Vec<Shape>,
    nothing: Option<u32>,
    something: Option<Vec<Option<bool>>>,
    nested: BTreeMap<String, BTreeMap<u32, (i64, char)>>,
    floats: Vec<f64>,
    single: f32,
    wide: (u64, i64, u128, i128),
    text: String,
    bytes: Vec<u8>,
}

impl Values {
    /// Values at the edges of what their types and JSON can hold.
    fn tricky() -> Values {
        let inner = BTreeMap::from([(0, (i64::MIN, '\0')), (u32::MAX, (i64::MAX, '🦀'))]);
        Values {
            unit: (),
            unit_struct: Unit,
            shapes: vec![
                Shape::Empty,
                Shape::Circle(0.1 + 0.2),
                Shape::Named { name: String::new(), sides: None },
                Shape::Named { name: "\"\\\u{2028}\n".to_owned(), sides: Some(255) },
            ],
            nothing: None,
            something: Some(vec![Some(true), None]),
            nested: BTreeMap::from([("".to_owned(), BTreeMap::new()), ("a.b".to_owned(), inner)]),
            floats: vec![0.1 + 0.2, f64::MAX, f64::MIN_POSITIVE, -1.5],
            single: f32::MIN_POSITIVE,
            wide: (u64::MAX, i64::MIN, u128::MAX, i128::MIN),
            text: "{\"not\": \"parsed\"}".to_owned(),
            bytes: (0..=255).collect(),
        }
    }
}

pub(crate) async fn values_reach_the_workflow_unchanged(subject: Subject) -> Verdict {
    #[workflow]
    async fn pass_through(input: Values) -> WorkflowResult<(Values, Values)> {
        let made = step!("make", Values::tricky()).await?;
        let passed = step!("pass", input.clone()).await?;
        // Another step, so that a re-entering driver hands out what it recorded.
        step!("later", ()).await?;
        Ok((made, passed))
    }
    let expected = (Values::tricky(), Values::tricky());
    assert_eq!(subject.invoke(pass_through, Values::tricky()).await?, expected);
    assert_eq!(subject.start(pass_through, Values::tricky()).await?.0, expected);
    Ok(())
}

/// Bit patterns of floats whose text is long: a reader that rounds carelessly is off by one bit for some of them.
fn tricky_floats() -> Vec<u64> {
    let edges = [1.0 / 3.0, f64::EPSILON, -0.0, 5e-324, 9_007_199_254_740_993.0].map(f64::to_bits);
    // The multiplier is fixed, so that each run sees the same ones.
    let spread = (1..500_u64).map(|n| n.wrapping_mul(0x9E37_79B9_7F4A_7C15)).filter(|n| f64::from_bits(*n).is_finite());
    edges.into_iter().chain(spread).collect()
}

pub(crate) async fn floats_reach_the_workflow_bit_by_bit(subject: Subject) -> Verdict {
    #[workflow]
    async fn pass_through(input: Vec<f64>) -> WorkflowResult<Vec<u64>> {
        let passed = step!("pass", input.clone()).await?;
        step!("later", ()).await?;
        Ok(passed.iter().map(|float| float.to_bits()).collect())
    }
    let input = || tricky_floats().into_iter().map(f64::from_bits).collect::<Vec<f64>>();
    for passed in [subject.invoke(pass_through, input()).await?, subject.start(pass_through, input()).await?.0] {
        let changed = passed.iter().zip(tricky_floats()).find(|(passed, bits)| *passed != bits);
        assert_eq!(changed, None, "bits after and before");
    }
    Ok(())
}

pub(crate) async fn a_value_of_a_megabyte_reaches_the_workflow(subject: Subject) -> Verdict {
    #[workflow]
    async fn big(length: usize) -> WorkflowResult<String> {
        let text = step!("make", "ä\"".repeat(length)).await?;
        step!("later", text.len()).await?;
        Ok(text)
    }
    let text = subject.invoke(big, 500_000).await?;
    assert_eq!(text.len(), 1_500_000);
    assert_eq!(text, "ä\"".repeat(500_000));
    Ok(())
}

pub(crate) async fn repeated_ids_get_suffixes_in_program_order(subject: Subject) -> Verdict {
    #[workflow]
    async fn repeat(rounds: u32) -> WorkflowResult<Vec<u32>> {
        let mut all = Vec::new();
        for n in 0..rounds {
            all.push(step!("same", n * 10).await?);
        }
        Ok(all)
    }
    let (values, steps) = subject.start(repeat, 4).await?;
    assert_eq!(values, [0, 10, 20, 30]);
    let ids: Vec<&str> = steps.iter().map(|step| step.id.as_str()).collect();
    assert_eq!(ids, ["same", "same:1", "same:2", "same:3"]);
    Ok(())
}

pub(crate) async fn suffixes_follow_construction_not_awaiting(subject: Subject) -> Verdict {
    #[workflow(allow(duplicate_id, reason = "the test is about IDs that are met again"))]
    async fn swapped() -> WorkflowResult<(u32, u32)> {
        let first = step!("same", 1);
        let second = step!("same", 2);
        let second = second.await?;
        Ok((first.await?, second))
    }
    let (values, steps) = subject.start(swapped, ()).await?;
    assert_eq!(values, (1, 2));
    assert_eq!(steps[0].id, "same:1", "the second one is awaited first");
    assert_eq!(steps[1].id, "same");
    Ok(())
}

pub(crate) async fn a_suffix_never_takes_a_written_id(subject: Subject) -> Verdict {
    #[workflow(allow(duplicate_id, reason = "the test is about IDs that are met again"))]
    async fn written() -> WorkflowResult<Vec<u32>> {
        let mut all = Vec::new();
        all.push(step!("a", 1).await?);
        all.push(step!("a:1", 2).await?);
        all.push(step!("a", 3).await?);
        all.push(step!("a:1", 4).await?);
        all.push(step!("a", 5).await?);
        Ok(all)
    }
    let (values, steps) = subject.start(written, ()).await?;
    assert_eq!(values, [1, 2, 3, 4, 5]);
    let ids: Vec<&str> = steps.iter().map(|step| step.id.as_str()).collect();
    assert_eq!(ids, ["a", "a:1", "a:2", "a:1:1", "a:3"]);
    Ok(())
}

pub(crate) async fn a_written_id_that_a_suffix_has_taken_gets_one_of_its_own(subject: Subject) -> Verdict {
    #[workflow(allow(duplicate_id, reason = "the test is about IDs that are met again"))]
    async fn written_later() -> WorkflowResult<Vec<u32>> {
        let mut all = Vec::new();
        all.push(step!("a", 1).await?);
        all.push(step!("a", 2).await?);
        all.push(step!("a:1", 3).await?);
        all.push(step!("a", 4).await?);
        Ok(all)
    }
    let (values, steps) = subject.start(written_later, ()).await?;
    assert_eq!(values, [1, 2, 3, 4]);
    let ids: Vec<&str> = steps.iter().map(|step| step.id.as_str()).collect();
    assert_eq!(ids, ["a", "a:1", "a:1:1", "a:2"]);
    Ok(())
}

pub(crate) async fn ids_may_be_computed(subject: Subject) -> Verdict {
    const PREFIX: &str = "const";
    #[workflow]
    async fn computed(names: Vec<String>) -> WorkflowResult<usize> {
        let mut sum = 0;
        for name in &names {
            sum += step!(name, name.len()).await?;
            sum += step!(format!("{name}-again"), name.len()).await?;
        }
        sum += step!(PREFIX, 1).await?;
        let owned = names.concat();
        sum += step!(owned.as_str(), 1).await?;
        sum += step!(if sum > 1 { "many" } else { "few" }, 1).await?;
        Ok(sum)
    }
    let (sum, steps) = subject.start(computed, vec!["x".to_owned(), "yz".to_owned()]).await?;
    assert_eq!(sum, 9);
    let ids: Vec<&str> = steps.iter().map(|step| step.id.as_str()).collect();
    assert_eq!(ids, ["x", "x-again", "yz", "yz-again", "const", "xyz", "many"]);
    Ok(())
}

pub(crate) async fn a_step_that_is_not_awaited_does_not_run(subject: Subject) -> Verdict {
    #[workflow(allow(unawaited_step, reason = "the test is about steps that are never awaited"))]
    async fn lazy(probe: Probe) -> WorkflowResult<u32> {
        let never = step!("never", probe.note("never"));
        let value = step!("awaited", 7).await?;
        drop(never);
        let _also_never = step!("also-never", probe.note("never"));
        Ok(value)
    }
    let probe = Probe::new();
    let (value, steps) = subject.start(lazy, probe).await?;
    assert_eq!(value, 7);
    assert_eq!(probe.count("never"), 0);
    assert_eq!(steps.len(), 1);
    Ok(())
}

pub(crate) async fn a_body_borrows_locals(subject: Subject) -> Verdict {
    #[workflow]
    async fn borrowing(words: Vec<String>) -> WorkflowResult<String> {
        let first = &words[0];
        let rest = words[1..].to_vec();
        let joined = step!("join", {
            tokio::task::yield_now().await;
            format!("{first}+{}", rest.join("+"))
        })
        .await?;
        // Everything that the body borrowed is still here.
        Ok(format!("{joined} of {} and {first}", rest.len()))
    }
    let words = ["a", "b", "c"].map(str::to_owned).to_vec();
    assert_eq!(subject.invoke(borrowing, words).await?, "a+b+c of 2 and a");
    Ok(())
}

pub(crate) async fn an_owning_body_takes_what_it_uses(subject: Subject) -> Verdict {
    #[workflow]
    async fn owning(words: Vec<String>) -> WorkflowResult<Vec<usize>> {
        let mut steps = Vec::new();
        for word in words {
            steps.push(step!("length", async move {
                tokio::task::yield_now().await;
                word.into_bytes().len()
            }));
        }
        let mut lengths = Vec::new();
        for length in join_all(steps).await {
            lengths.push(length?);
        }
        Ok(lengths)
    }
    let words = ["a", "bc", "def"].map(str::to_owned).to_vec();
    assert_eq!(subject.invoke(owning, words).await?, [1, 2, 3]);
    Ok(())
}

pub(crate) async fn steps_may_stand_in_loops_and_branches(subject: Subject) -> Verdict {
    #[workflow]
    async fn branching(n: u32) -> WorkflowResult<Vec<u32>> {
        let mut all = vec![];
        while step!("while", all.len() < 2).await? {
            all.push(1);
        }
        if step!("if", n > 2).await? {
            all.push(step!("then", 2).await?);
        } else {
            all.push(step!("else", 3).await?);
        }
        all.push(match step!("match", n % 3).await? {
            0 => step!("zero", 4).await?,
            other => step!("other", other).await?,
        });
        let Some(found) = step!("let-else", (n > 0).then_some(5)).await? else { return Ok(vec![]) };
        all.push(found);
        let last = loop {
            if let Some(last) = step!("break", Some(6)).await? {
                break last;
            }
        };
        all.push(last);
        Ok(all)
    }
    let ids = subject.ids(branching, 3).await?;
    let branch = ["while", "while:1", "while:2", "if", "then", "match", "zero", "let-else", "break"];
    assert_eq!(ids, branch);
    assert_eq!(subject.invoke(branching, 3).await?, [1, 1, 2, 4, 5, 6]);
    assert_eq!(subject.invoke(branching, 2).await?, [1, 1, 3, 2, 5, 6]);
    Ok(())
}

pub(crate) async fn steps_may_stand_in_closures_and_async_blocks(subject: Subject) -> Verdict {
    #[workflow(allow(duplicate_id, reason = "the test is about IDs that are met again"))]
    async fn closures(n: u32) -> WorkflowResult<Vec<u32>> {
        let make = |factor: u32| step!("closure", n * factor);
        let mut all = vec![make(1).await?, make(2).await?];
        let later = async {
            let a = step!("in-block", n + 1).await?;
            step!("in-block", a + 1).await
        };
        all.push(later.await?);
        let owned = async move { step!("in-owned-block", n + 3).await };
        all.push(owned.await?);
        for step in (0..2).map(|i| step!("mapped", i)).collect::<Vec<_>>() {
            all.push(step.await?);
        }
        Ok(all)
    }
    let (values, steps) = subject.start(closures, 10).await?;
    assert_eq!(values, [10, 20, 12, 13, 0, 1]);
    let ids: Vec<&str> = steps.iter().map(|step| step.id.as_str()).collect();
    let expected = ["closure", "closure:1", "in-block", "in-block:1", "in-owned-block", "mapped", "mapped:1"];
    assert_eq!(ids, expected);
    Ok(())
}

pub(crate) async fn steps_may_stand_in_the_arguments_of_macros(subject: Subject) -> Verdict {
    #[workflow(allow(duplicate_id, reason = "the test is about IDs that are met again"))]
    async fn macros(n: u32) -> WorkflowResult<String> {
        let list = vec![step!("vec", n).await?, step!("vec", n + 1).await?];
        assert!(step!("assert", !list.is_empty()).await?, "never {}", step!("message", 0).await?);
        assert_eq!(step!("left", 1).await?, step!("right", 1).await?);
        let is_some = matches!(step!("matches", Some(n)).await?, Some(inner) if inner == n);
        Ok(format!("{list:?} {is_some} {}", step!("format", "end".to_owned()).await?))
    }
    assert_eq!(subject.invoke(macros, 1).await?, "[1, 2] true end");
    let ids = subject.ids(macros, 1).await?;
    assert_eq!(ids, ["vec", "vec:1", "assert", "left", "right", "matches", "format"]);
    Ok(())
}

#[durable]
async fn sum_of(numbers: &[u32]) -> Result<u32, StepError> {
    let mut sum = 0;
    for number in numbers {
        sum += step!("add", *number).await?;
    }
    Ok(sum)
}

#[durable]
async fn described<T: std::fmt::Debug + Sync>(label: &str, value: &T) -> Result<String, StepError> {
    step!(label, format!("{label}={value:?}")).await
}

#[durable]
async fn nested(numbers: &[u32]) -> WorkflowResult<String> {
    let sum = sum_of(numbers).await?;
    Ok(described("sum", &sum).await?)
}

pub(crate) async fn durable_helpers_nest_borrow_and_are_generic(subject: Subject) -> Verdict {
    #[workflow]
    async fn with_helpers(numbers: Vec<u32>) -> WorkflowResult<String> {
        let all = nested(&numbers).await?;
        let none = nested(&[]).await?;
        let text = described("text", &"borrowed").await?;
        Ok([all, none, text].join(" "))
    }
    assert_eq!(subject.invoke(with_helpers, vec![1, 2]).await?, "sum=3 sum=0 text=\"borrowed\"");
    assert_eq!(subject.ids(with_helpers, vec![1, 2]).await?, ["add", "add:1", "sum", "sum:1", "text"]);
    Ok(())
}

#[durable]
async fn factorial(n: u64) -> Result<u64, StepError> {
    if n <= 1 {
        return step!("one", 1).await;
    }
    let smaller = factorial(n - 1).await?;
    step!("multiply", smaller * n).await
}

pub(crate) async fn a_durable_helper_may_call_itself(subject: Subject) -> Verdict {
    #[workflow]
    async fn recursive(n: u64) -> WorkflowResult<u64> {
        Ok(factorial(n).await?)
    }
    assert_eq!(subject.invoke(recursive, 10).await?, 3_628_800);
    let ids = subject.ids(recursive, 3).await?;
    assert_eq!(ids, ["one", "multiply", "multiply:1"]);
    Ok(())
}

pub(crate) async fn operations_of_several_types_may_be_boxed(subject: Subject) -> Verdict {
    #[workflow]
    async fn boxed(n: u32) -> WorkflowResult<Vec<u32>> {
        let mut all: Vec<BoxDurable<'_, Result<u32, StepError>>> = Vec::new();
        all.push(Box::pin(step!("step", n)));
        all.push(Box::pin(async { Ok(step!("in-block", n).await? + 1) }));
        all.push(Box::pin(sum_of(&[1, 2])));
        let mut values = Vec::new();
        for one in all {
            values.push(one.await?);
        }
        Ok(values)
    }
    assert_eq!(subject.invoke(boxed, 5).await?, [5, 6, 3]);
    Ok(())
}

pub(crate) async fn a_thousand_sequential_steps_run(subject: Subject) -> Verdict {
    #[workflow]
    async fn long(steps: u32) -> WorkflowResult<u32> {
        let mut sum = 0;
        for n in 0..steps {
            sum += step!("add", n).await?;
        }
        Ok(sum)
    }
    assert_eq!(subject.invoke(long, 1_000).await?, 499_500);
    Ok(())
}

pub(crate) async fn a_step_may_run_another_workflow_by_itself(subject: Subject) -> Verdict {
    #[workflow(allow(duplicate_id, reason = "the test is about IDs that are met again"))]
    async fn inner(n: u32) -> WorkflowResult<u32> {
        let (a, b) = join!(step!("same", n), step!("same", n)).await;
        Ok(a? + b?)
    }
    #[workflow(allow(duplicate_id, reason = "the test is about IDs that are met again"))]
    async fn outer(n: u32) -> WorkflowResult<u32> {
        let (a, b) = join!(
            step!("same", WorkflowClient::new(CheckpointInMemoryDriver::new()).invoke(inner, n).await?),
            step!("same", WorkflowClient::new(InMemoryDriver::new()).invoke(inner, 10 * n).await?),
        )
        .await;
        Ok(step!("same", 1).await? + a? + b?)
    }
    assert_eq!(subject.invoke(outer, 1).await?, 23);
    Ok(())
}

pub(crate) async fn what_is_said_the_first_time_is_said_once(subject: Subject) -> Verdict {
    #[workflow]
    async fn talks(probe: Probe) -> WorkflowResult<()> {
        first_time(|| {
            probe.note("begin");
        });
        for _ in 0..3 {
            step!("step", ()).await?;
            first_time(|| {
                probe.note("step is done");
            });
        }
        Ok(())
    }
    let probe = Probe::new();
    subject.invoke(talks, probe).await?;
    assert_eq!(probe.count("begin"), 1);
    assert_eq!(probe.count("step is done"), 3);
    Ok(())
}
