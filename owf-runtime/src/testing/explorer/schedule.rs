//! The choices that make one schedule, and which schedule comes next.

use std::fmt;
use std::str::FromStr;

/// One way in which a run may go: its name, as a report prints it, and as [`Explorer::only`](super::Explorer::only) takes it.
///
/// It is the number of crashes that it may have, and the list of the places at which the run does not go the usual way: `1:3=2,7=1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScheduleId {
    pub(super) crashes: u32,
    places: Vec<(u32, u32)>,
}

impl fmt::Display for ScheduleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.crashes)?;
        for (position, (place, choice)) in self.places.iter().enumerate() {
            let separator = if position == 0 { "" } else { "," };
            write!(f, "{separator}{place}={choice}")?;
        }
        Ok(())
    }
}

impl FromStr for ScheduleId {
    type Err = String;

    fn from_str(text: &str) -> Result<ScheduleId, String> {
        let choice = |part: &str| {
            let (place, choice) = part.split_once('=')?;
            Some((place.trim().parse().ok()?, choice.trim().parse().ok()?))
        };
        let read = || {
            let (crashes, places) = text.split_once(':')?;
            let places = places.split(',').filter(|part| !part.is_empty()).map(choice).collect::<Option<_>>()?;
            Some(ScheduleId { crashes: crashes.trim().parse().ok()?, places })
        };
        read().ok_or_else(|| format!("`{text}` is no schedule: copy one from a report, such as `1:3=2,7=1`"))
    }
}

/// The choices of one schedule, as it meets them.
pub(super) struct Choices {
    plan: Plan,
    made: Vec<Made>,
}

enum Plan {
    /// These first, and then the usual way.
    Listed(Vec<u32>),
    Named(ScheduleId),
    Random(fastrand::Rng),
}

#[derive(Clone, Copy)]
struct Made {
    taken: u32,
    of: u32,
}

/// In a sampled schedule, one of so many boundaries crashes.
const SAMPLED_CRASHES: u32 = 6;

impl Choices {
    pub(super) fn listed(taken: Vec<u32>) -> Choices {
        Choices { plan: Plan::Listed(taken), made: Vec::new() }
    }

    pub(super) fn named(id: ScheduleId) -> Choices {
        Choices { plan: Plan::Named(id), made: Vec::new() }
    }

    pub(super) fn random(seed: u64) -> Choices {
        Choices { plan: Plan::Random(fastrand::Rng::with_seed(seed)), made: Vec::new() }
    }

    /// Takes one of so many ways, the first of which is the usual one.
    pub(super) fn choose(&mut self, of: u32) -> u32 {
        self.take(of, |random| random.u32(..of))
    }

    /// As [`choose`](Choices::choose), where all ways but the first are mishaps.
    pub(super) fn choose_mishap(&mut self, of: u32) -> u32 {
        self.take(of, |random| if random.u32(..SAMPLED_CRASHES) == 0 { random.u32(..of) } else { 0 })
    }

    fn take(&mut self, of: u32, draw: impl FnOnce(&mut fastrand::Rng) -> u32) -> u32 {
        let place = self.made.len();
        let taken = match &mut self.plan {
            Plan::Listed(taken) => taken.get(place).copied().unwrap_or(0),
            Plan::Named(id) => id.places.iter().find(|(at, _)| *at as usize == place).map_or(0, |(_, choice)| *choice),
            Plan::Random(random) => draw(random),
        };
        // A workflow whose steps are not the same in each run may have fewer ways here than the last time.
        let taken = taken.min(of - 1);
        self.made.push(Made { taken, of });
        taken
    }

    /// The name of the schedule, which may have so many crashes.
    pub(super) fn id(&self, crashes: u32) -> ScheduleId {
        let places = (0_u32..).zip(&self.made).filter(|(_, made)| made.taken > 0);
        ScheduleId { crashes, places: places.map(|(place, made)| (place, made.taken)).collect() }
    }

    /// The first choices of the schedule that comes after this one; `None` if it was the last.
    pub(super) fn next(&self) -> Option<Vec<u32>> {
        let last = self.made.iter().rposition(|made| made.taken + 1 < made.of)?;
        let mut taken: Vec<u32> = self.made[..=last].iter().map(|made| made.taken).collect();
        taken[last] += 1;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_combination_of_choices_comes_once() {
        let (mut next, mut seen) = (Some(Vec::new()), Vec::new());
        while let Some(taken) = next {
            let mut choices = Choices::listed(taken);
            let first = choices.choose(2);
            // The second choice is there on one way only.
            let second = if first == 0 { choices.choose(3) } else { 9 };
            seen.push((first, second));
            next = choices.next();
        }
        assert_eq!(seen, [(0, 0), (0, 1), (0, 2), (1, 9)]);
    }

    #[test]
    fn the_name_of_a_schedule_leads_to_it() {
        let mut choices = Choices::listed(vec![0, 2, 0, 1]);
        let taken: Vec<u32> = (0..5).map(|_| choices.choose(3)).collect();
        let name = choices.id(4).to_string();
        assert_eq!(name, "4:1=2,3=1");
        let mut again = Choices::named(name.parse().expect("a name of a schedule"));
        assert_eq!((0..5).map(|_| again.choose(3)).collect::<Vec<_>>(), taken);
        assert!("charge".parse::<ScheduleId>().is_err());
    }
}
