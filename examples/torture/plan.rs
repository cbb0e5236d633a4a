//! What each run is to do: random, by a seed.

use serde::{Deserialize, Serialize};

/// What one run is to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// The run's ID.
    pub(crate) id: String,
    pub(crate) deeds: Vec<Deed>,
    /// Whether it fails at its end, and undoes what can be undone.
    pub(crate) fails: bool,
}

/// One thing that a run does.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Deed {
    Step {
        pause_ms: u64,
    },
    /// A step that can be undone.
    Undoable,
    /// A step that fails a few times.
    Flaky {
        failures: usize,
    },
    /// Several steps side by side.
    Join {
        width: usize,
    },
    /// A step against a sleep that is longer than all of this.
    RaceSteps {
        pause_ms: u64,
    },
    /// A signal that never comes against a sleep.
    RaceSignal {
        ms: u64,
    },
    Sleep {
        ms: u64,
    },
    /// A signal of the process that kills.
    Receive,
    /// A signal to another run, with its number.
    SendTo {
        run: String,
        number: u32,
    },
    /// A signal of another run.
    ReceiveFromRun,
    Child {
        steps: u32,
    },
    Event,
    /// A time and a UUID, that have to stay what they are.
    Values,
}

impl Plan {
    /// How many signals it waits for from outside.
    pub(crate) fn receives(&self) -> u32 {
        self.deeds.iter().map(|deed| u32::from(matches!(deed, Deed::Receive))).sum()
    }
}

/// Plans of as many runs, with IDs that begin so. Each second one gets signals from the one before.
pub(crate) fn plans(prefix: &str, runs: usize, seed: u64) -> Vec<Plan> {
    let mut dice = Dice::new(seed);
    let id = |n: usize| format!("{prefix}-{n}");
    let mut plans: Vec<Plan> = (0..runs)
        .map(|n| {
            let deeds = (0..dice.roll(8) + 4).map(|_| any_deed(&mut dice)).collect();
            Plan { id: id(n), deeds, fails: dice.roll(8) == 0 }
        })
        .collect();
    for pair in plans.chunks_exact_mut(2) {
        for number in 0..u32::try_from(dice.roll(3)).unwrap_or_default() {
            let [sender, receiver] = pair else { continue };
            let deed = Deed::SendTo { run: receiver.id.clone(), number };
            // Sent in their order, and received anywhere.
            sender.deeds.push(deed);
            let place = dice.roll(receiver.deeds.len() + 1);
            receiver.deeds.insert(place, Deed::ReceiveFromRun);
        }
    }
    plans
}

fn any_deed(dice: &mut Dice) -> Deed {
    let pause_ms = dice.below(4);
    match dice.roll(14) {
        0..=3 => Deed::Step { pause_ms },
        4 => Deed::Undoable,
        5 => Deed::Flaky { failures: dice.roll(3) + 1 },
        6 => Deed::Join { width: dice.roll(5) + 2 },
        7 => Deed::RaceSteps { pause_ms },
        8 => Deed::RaceSignal { ms: dice.below(30) },
        9 => Deed::Sleep { ms: dice.below(30) },
        10 => Deed::Sleep { ms: 60 + dice.below(200) },
        11 => Deed::Receive,
        12 => Deed::Child { steps: u32::try_from(dice.roll(3) + 1).unwrap_or(1) },
        _ if dice.roll(2) == 0 => Deed::Event,
        _ => Deed::Values,
    }
}

/// Random numbers from a seed.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1))
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        // The constants of Knuth's MMIX; the high bits are the random ones.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit.max(1)
    }

    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        usize::try_from(self.below(sides as u64)).unwrap_or_default()
    }
}

/// A seed of no consequence.
pub(crate) fn any_seed() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| u64::from(since.subsec_nanos()) / 1000)
}
