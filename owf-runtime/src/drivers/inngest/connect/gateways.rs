//! Which gateways are not to be named again, and when the next attempt is made.

use std::collections::BTreeSet;
use std::time::Duration;

use super::handshake::Failed;

/// The waits after attempts that fail one after the other; the last one holds on.
const WAITS_SECS: [u64; 9] = [1, 2, 5, 10, 20, 30, 60, 120, 300];
/// The least wait where a gateway is taken away, and another is there.
const WAIT_DRAINED: Duration = Duration::from_millis(500);

#[derive(Default)]
pub(super) struct Gateways {
    excluded: BTreeSet<String>,
    /// How many attempts have failed since a connection held, and how many connections did not.
    failures: usize,
    /// Whether the connection has been of use.
    holds: bool,
}

impl Gateways {
    pub(super) fn excluded(&self) -> Vec<String> {
        self.excluded.iter().cloned().collect()
    }

    /// There is a connection to this gateway.
    pub(super) fn connected(&mut self, group: &str) {
        self.excluded.remove(group);
        self.holds = false;
    }

    /// The gateway answers, so that the connection is no failure.
    pub(super) fn held(&mut self) {
        (self.failures, self.holds) = (0, true);
    }

    /// The connection is lost, or its gateway goes away; returns how long to wait for the next attempt. A gateway that lets everybody in and
    /// then closes is not asked again at once.
    pub(super) fn left(&mut self, group: &str, random: u64) -> Duration {
        self.excluded.insert(group.to_owned());
        if self.holds { Duration::ZERO } else { self.next_wait(random) }
    }

    /// An attempt has failed; returns how long to wait for the next one.
    pub(super) fn failed(&mut self, failed: &Failed, random: u64) -> Duration {
        match &failed.gateway_group {
            Some(group) => {
                self.excluded.insert(group.clone());
            }
            // It may be that the server has no other one to name.
            None => self.excluded.clear(),
        }
        let wait = self.next_wait(random);
        if failed.problem.is_drain() { with_jitter(WAIT_DRAINED, random) } else { wait }
    }

    fn next_wait(&mut self, random: u64) -> Duration {
        let wait = wait(self.failures);
        self.failures += 1;
        with_jitter(wait, random)
    }
}

/// The wait after so many attempts that failed before.
pub(super) fn wait(failures: usize) -> Duration {
    Duration::from_secs(WAITS_SECS[failures.min(WAITS_SECS.len() - 1)])
}

/// Up to half as much again, so that workers which lost their connection together do not come back in step.
fn with_jitter(wait: Duration, random: u64) -> Duration {
    wait + wait.mul_f64((random >> 11) as f64 / (1_u64 << 54) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drivers::inngest::connect::problem::Problem;

    fn failed(group: Option<&str>, reason: &str) -> Failed {
        Failed { problem: Problem::closed(reason), gateway_group: group.map(str::to_owned) }
    }

    #[test]
    fn the_waits_grow_until_a_connection_holds() {
        let mut gateways = Gateways::default();
        let mut fail = || gateways.failed(&failed(Some("a"), ""), 0).as_secs();
        assert_eq!([fail(), fail()], [1, 2]);
        gateways.connected("a");
        assert_eq!(gateways.left("a", 0).as_secs(), 5, "nothing was heard of it");
        gateways.connected("b");
        gateways.held();
        assert_eq!(gateways.left("b", 0), Duration::ZERO);
        assert_eq!(gateways.failed(&failed(Some("a"), ""), 0).as_secs(), 1);
        for _ in 0..20 {
            gateways.failed(&failed(Some("a"), ""), 0);
        }
        assert_eq!(gateways.failed(&failed(Some("a"), ""), 0).as_secs(), 300);
    }

    #[test]
    fn jitter_adds_up_to_a_half() {
        let mut gateways = Gateways::default();
        assert_eq!(gateways.failed(&failed(Some("a"), ""), u64::MAX).as_millis(), 1_500);
    }

    #[test]
    fn a_gateway_that_goes_away_is_left_soon() {
        let mut gateways = Gateways::default();
        assert_eq!(gateways.failed(&failed(Some("a"), "connect_gateway_closing"), 0), WAIT_DRAINED);
    }

    #[test]
    fn a_gateway_that_failed_is_excluded_until_it_works_or_nobody_is_left() {
        let mut gateways = Gateways::default();
        gateways.failed(&failed(Some("a"), ""), 0);
        gateways.left("b", 0);
        assert_eq!(gateways.excluded(), ["a", "b"]);
        gateways.connected("b");
        assert_eq!(gateways.excluded(), ["a"]);
        gateways.failed(&failed(None, ""), 0);
        assert_eq!(gateways.excluded(), Vec::<String>::new());
    }
}
