//! What was measured, put together and printed.

use std::io::Write as _;
use std::time::Duration;

/// Prints a line at once, for whoever reads it through a pipe.
pub(crate) fn say(text: &str) {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{text}").and_then(|()| output.flush()).expect("somebody listens");
}

pub(crate) fn line(what: &str, each: Duration, remark: &str) {
    say(&format!("  {what:52} {:>10.2} µs   {remark}", each.as_secs_f64() * 1e6));
}

pub(crate) fn median(times: &[Duration]) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    times[times.len() / 2]
}

/// The middle of the ratios of what was measured side by side.
pub(crate) fn median_ratio(ones: &[Duration], others: &[Duration]) -> f64 {
    let mut ratios: Vec<f64> = ones.iter().zip(others).map(|(one, other)| ratio(*one, *other)).collect();
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}

pub(crate) fn ratio(one: Duration, other: Duration) -> f64 {
    one.as_secs_f64() / other.as_secs_f64()
}

pub(crate) fn rate(each: Duration) -> String {
    format!("{:.0} a second", 1.0 / each.as_secs_f64())
}
