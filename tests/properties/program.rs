//! Workflows as data, and the one workflow that interprets them.

use std::time::Duration;

use owf_runtime::prelude::*;
use proptest::collection::vec;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use crate::probe::Probe;

/// The literal IDs that programs share; one of them looks like a suffixed one.
const NAMES: [&str; 4] = ["s", "t", "s:1", "long name of a step / with, punctuation"];

pub(crate) type Program = Vec<Node>;

/// One statement of a program. `name` is a position in [`NAMES`]; `delay` is how often a body lets others go first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Node {
    Step {
        name: usize,
        delay: u8,
    },
    /// A step's value decides.
    Branch {
        name: usize,
        even: Program,
        odd: Program,
    },
    Loop {
        times: u8,
        body: Program,
    },
    Join {
        branches: Vec<Program>,
    },
    /// Fails this often; where that is more than its retries, the workflow catches the error.
    Flaky {
        name: usize,
        fails: u8,
        retries: u8,
    },
    /// Fails for good, and the workflow passes the error on.
    Fatal {
        name: usize,
    },
    Sleep {
        name: usize,
        seconds: u8,
    },
    /// Two steps with the same value.
    Race {
        name: usize,
        delays: [u8; 2],
    },
    /// A step against a sleep.
    Timeout {
        name: usize,
        delay: u8,
    },
    /// Draws a value, and keeps it in a step.
    Value {
        name: usize,
    },
    /// Sends itself signals, and then waits for one more, with a timeout.
    Signals {
        name: usize,
        count: u8,
    },
    /// A signal that nobody sends against a step, and then a signal that is there.
    Lost {
        name: usize,
        delay: u8,
    },
    /// A run of its own.
    Child {
        name: usize,
        body: Program,
        fails: bool,
    },
    /// A block that runs if the workflow fails; it may fail itself.
    Cleanup {
        name: usize,
        fails: bool,
    },
}

/// Random programs of up to some 50 nodes.
pub(crate) fn program() -> impl Strategy<Value = Program> {
    let name = || 0..NAMES.len();
    let delay = || 0..4_u8;
    let leaf = prop_oneof![
        6 => (name(), delay()).prop_map(|(name, delay)| Node::Step { name, delay }),
        3 => (name(), 0..4_u8, 0..3_u8).prop_map(|(name, fails, retries)| Node::Flaky { name, fails, retries }),
        2 => (name(), 0..3_u8).prop_map(|(name, seconds)| Node::Sleep { name, seconds }),
        2 => (name(), [delay(), delay()]).prop_map(|(name, delays)| Node::Race { name, delays }),
        1 => (name(), delay()).prop_map(|(name, delay)| Node::Timeout { name, delay }),
        1 => name().prop_map(|name| Node::Fatal { name }),
        2 => name().prop_map(|name| Node::Value { name }),
        2 => (name(), 0..3_u8).prop_map(|(name, count)| Node::Signals { name, count }),
        1 => (name(), delay()).prop_map(|(name, delay)| Node::Lost { name, delay }),
        2 => (name(), any::<bool>()).prop_map(|(name, fails)| Node::Cleanup { name, fails }),
    ];
    let node = leaf.prop_recursive(3, 48, 4, move |node| {
        let block = || vec(node.clone(), 0..4);
        prop_oneof![
            2 => (name(), block(), block()).prop_map(|(name, even, odd)| Node::Branch { name, even, odd }),
            1 => (1..3_u8, block()).prop_map(|(times, body)| Node::Loop { times, body }),
            3 => vec(block(), 0..4).prop_map(|branches| Node::Join { branches }),
            1 => (name(), block(), any::<bool>()).prop_map(|(name, body, fails)| Node::Child { name, body, fails }),
        ]
    });
    vec(node, 0..6)
}

/// Whether the order in which parallel steps end shows in the set of recorded IDs: the loser of a race may not be
/// recorded, and an ID that is written like a suffixed one may be taken by a suffix before it is met.
pub(crate) fn order_shows_in_ids(program: &Program) -> bool {
    let is_race = |node: &Node| matches!(node, Node::Race { .. } | Node::Timeout { .. } | Node::Lost { .. });
    let is_parallel = |node: &Node| matches!(node, Node::Join { branches } if branches.len() > 1);
    let is_suffixed = |node: &Node| node.name().is_some_and(|name| NAMES[name].contains(':'));
    holds(program, &is_race) || holds(program, &is_parallel) && holds(program, &is_suffixed)
}

/// Whether a node at any depth is as `is_it` says.
fn holds(program: &Program, is_it: &dyn Fn(&Node) -> bool) -> bool {
    program.iter().any(|node| is_it(node) || node.blocks().into_iter().any(|block| holds(block, is_it)))
}

impl Node {
    fn name(&self) -> Option<usize> {
        match self {
            Node::Step { name, .. } | Node::Branch { name, .. } | Node::Flaky { name, .. } | Node::Fatal { name } => {
                Some(*name)
            }
            Node::Sleep { name, .. } | Node::Race { name, .. } | Node::Timeout { name, .. } => Some(*name),
            Node::Value { name } | Node::Signals { name, .. } | Node::Lost { name, .. } => Some(*name),
            Node::Child { name, .. } | Node::Cleanup { name, .. } => Some(*name),
            Node::Loop { .. } | Node::Join { .. } => None,
        }
    }

    fn blocks(&self) -> Vec<&Program> {
        match self {
            Node::Branch { even, odd, .. } => vec![even, odd],
            Node::Loop { body, .. } => vec![body],
            Node::Join { branches } => branches.iter().collect(),
            Node::Child { body, .. } => vec![body],
            _ => vec![],
        }
    }
}

#[workflow]
pub(crate) async fn interpreted((program, probe): (Program, Probe)) -> WorkflowResult<u32> {
    Ok(run(&program, "main".to_owned(), probe, 1).await?)
}

/// What a `Node::Child` starts.
#[workflow]
pub(crate) async fn child(
    (program, site, probe, start, fails): (Program, String, Probe, u32, bool),
) -> WorkflowResult<u32> {
    let value = run(&program, site.clone(), probe, start).await?;
    if fails { Err(WorkflowError::msg(format!("the child at {site} fails"))) } else { Ok(value) }
}

/// Mixes a value into another, so that a value in the wrong place shows in the result.
fn mix(value: u32, other: u32) -> u32 {
    value.wrapping_mul(31).wrapping_add(other)
}

/// The value of the step at a site.
fn value_at(site: &str, value: u32) -> u32 {
    site.bytes().fold(value, |value, byte| mix(value, u32::from(byte)))
}

/// What a step does: lets others go first, then has its effect.
async fn effect(probe: Probe, site: &str, delay: u8) {
    for _ in 0..delay {
        tokio::task::yield_now().await;
    }
    probe.note(site);
}

/// Runs a block. `site` tells its place in the program, loops unrolled, whatever IDs its steps get.
#[durable(boxed)]
async fn run(block: &[Node], site: String, probe: Probe, start: u32) -> Result<u32, StepError> {
    let mut value = start;
    for (position, node) in block.iter().enumerate() {
        let site = format!("{site}.{position}");
        value = match node {
            Node::Branch { name, even, odd } => {
                let is_even = step!(NAMES[*name], {
                    effect(probe, &site, 0).await;
                    value_at(&site, value).is_multiple_of(2)
                });
                let block = if is_even.await? { even } else { odd };
                run(block, site, probe, value).await?
            }
            Node::Loop { times, body } => {
                let mut inner = value;
                for time in 0..*times {
                    inner = run(body, format!("{site}@{time}"), probe, inner).await?;
                }
                inner
            }
            Node::Join { branches } => {
                let numbered = branches.iter().enumerate();
                let all = join_all(numbered.map(|(n, branch)| run(branch, format!("{site}/{n}"), probe, value))).await;
                let mut joined = value;
                for one in all {
                    joined = mix(joined, one?);
                }
                joined
            }
            Node::Child { name, body, fails } => {
                let input = (body.clone(), site.clone(), probe, value, *fails);
                match invoke(NAMES[*name], child, input).await {
                    Ok(value) => value,
                    Err(error) => value_at(error.message(), value),
                }
            }
            Node::Cleanup { name, fails } => {
                let (name, fails) = (*name, *fails);
                cleanup(async move {
                    step!(NAMES[name], retries = 0, {
                        probe.note(site.as_str());
                        if fails {
                            Err(format!("the cleanup at {site} fails"))?;
                        }
                    })
                    .await?;
                    wait_for_signal::<u32>(NAMES[name], format!("cleanup {site}"))
                        .timeout(Duration::from_secs(5))
                        .await?;
                    step!(NAMES[name], probe.mark(format!("{site} again"))).await?;
                    Ok(())
                });
                value
            }
            leaf => run_leaf(leaf, &site, probe, value).await?,
        };
    }
    Ok(value)
}

#[durable]
async fn run_leaf(leaf: &Node, site: &str, probe: Probe, value: u32) -> Result<u32, StepError> {
    match leaf {
        Node::Step { name, delay } => {
            step!(NAMES[*name], {
                effect(probe, site, *delay).await;
                value_at(site, value)
            })
            .await
        }
        Node::Flaky { name, fails, retries } => {
            let flaky = step!(NAMES[*name], retries = u32::from(*retries), {
                let attempt = probe.note(site);
                if attempt <= usize::from(*fails) {
                    Err(format!("attempt {attempt} at {site}"))?;
                }
                value_at(site, value)
            });
            Ok(flaky.await.unwrap_or_else(|error| value_at(error.message(), error.attempts())))
        }
        Node::Fatal { name } => {
            step!(NAMES[*name], {
                probe.note(site);
                Err::<u32, _>(StepError::fatal(format!("fatal at {site}")))?
            })
            .await
        }
        Node::Sleep { name, seconds } => {
            sleep(NAMES[*name], Duration::from_secs(u64::from(*seconds))).await?;
            Ok(mix(value, 1))
        }
        Node::Value { name } => {
            let drawn = random::<u64>(NAMES[*name]).await?;
            let kept = step!(NAMES[*name], drawn).await?;
            if kept == drawn { Ok(mix(value, 2)) } else { Err(StepError::fatal(format!("another value at {site}"))) }
        }
        Node::Signals { name, count } => {
            let (mut value, signal) = (value, format!("signal {site}"));
            for number in 0..*count {
                send_signal(NAMES[*name], run_id(), signal.as_str(), &number).await?;
            }
            let wait = || wait_for_signal::<u32>(NAMES[*name], signal.as_str()).timeout(Duration::from_secs(3));
            while let Some(number) = wait().await? {
                value = mix(value, number);
            }
            Ok(value)
        }
        Node::Race { .. } | Node::Timeout { .. } | Node::Lost { .. } => run_race(leaf, site, probe, value).await,
        Node::Branch { .. } | Node::Loop { .. } | Node::Join { .. } | Node::Child { .. } | Node::Cleanup { .. } => {
            unreachable!("these hold blocks")
        }
    }
}

/// Runs a race; its sites begin with `?`, because how many of its effects happen is left open.
#[durable]
async fn run_race(race: &Node, site: &str, probe: Probe, value: u32) -> Result<u32, StepError> {
    let site = format!("?{site}");
    let racer = |name: usize, delay: u8| {
        let site = site.clone();
        step!(NAMES[name], async move {
            effect(probe, &site, delay).await;
            value_at(&site, value)
        })
    };
    match race {
        Node::Race { name, delays: [first, second] } => race!(racer(*name, *first), racer(*name, *second)).await,
        Node::Timeout { name, delay } => {
            let won = race! {
                won = racer(*name, *delay) => won?,
                _ = sleep(NAMES[*name], Duration::from_secs(60)) => value_at(&site, value),
            };
            Ok(won)
        }
        Node::Lost { name, delay } => {
            let signal = format!("signal {site}");
            let won = race! {
                never = wait_for_signal::<u32>(NAMES[*name], signal.as_str()) => never?,
                won = racer(*name, *delay) => won?,
            };
            send_signal(NAMES[*name], run_id(), signal.as_str(), &won).await?;
            wait_for_signal(NAMES[*name], signal).await
        }
        _ => unreachable!("no other node is a race"),
    }
}
