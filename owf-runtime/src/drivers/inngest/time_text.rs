//! Lengths and points of time as the server reads them: `1h30m`, `2026-11-22T08:10:36.855Z`.

use std::time::{Duration, SystemTime};

const UNITS: [(char, u64); 5] = [('w', 7 * 24 * 3600), ('d', 24 * 3600), ('h', 3600), ('m', 60), ('s', 1)];

/// A length in whole seconds, as the server counts; never shorter than asked.
pub(super) fn length(length: Duration) -> String {
    let mut seconds = length.as_secs().saturating_add(u64::from(length.subsec_nanos() > 0));
    if seconds == 0 {
        return "0s".to_owned();
    }
    let mut text = String::new();
    for (unit, size) in UNITS {
        if seconds >= size {
            text.push_str(itoa::Buffer::new().format(seconds / size));
            text.push(unit);
            seconds %= size;
        }
    }
    text
}

/// A point in time, to the millisecond.
pub(super) fn instant(time: SystemTime) -> String {
    match jiff::Timestamp::try_from(time) {
        Ok(time) => time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
        // Further than the calendar goes.
        Err(_) => "9999-12-30T22:00:00.000Z".to_owned(),
    }
}

/// Milliseconds since the Unix epoch.
pub(super) fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_whole_seconds_and_never_shorter() {
        for (millis, expected) in [
            (0, "0s"),
            (1, "1s"),
            (1500, "2s"),
            (2000, "2s"),
            (60_000, "1m"),
            (5_400_000, "1h30m"),
            (90_061_000, "1d1h1m1s"),
            (365 * 86_400_000, "52w1d"),
        ] {
            assert_eq!(length(Duration::from_millis(millis)), expected);
        }
    }

    #[test]
    fn points_in_time_have_milliseconds() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_335_036_855);
        assert_eq!(instant(time), "2026-11-22T08:10:36.855Z");
    }
}
