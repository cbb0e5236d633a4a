//! When a cron expression says that something starts.

use std::time::SystemTime;

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// A cron expression in a time zone.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    cron: Cron,
    zone: TimeZone,
}

impl Schedule {
    /// Reads an expression, and finds its zone; the error says what is wrong with them.
    pub(crate) fn parse(expression: &str, timezone: Option<&str>) -> Result<Schedule, String> {
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let cron = parser.parse(expression).map_err(|problem| {
            format!(
                "`cron = \"{expression}\"` is no schedule ({problem}): write minute, hour, day of the month, month and \
                 day of the week, as `0 2 * * *` for every day at two"
            )
        })?;
        let zone = timezone.map_or(Ok(TimeZone::UTC), TimeZone::get).map_err(|_| {
            format!(
                "`timezone = \"{}\"` is no time zone: write its IANA name, as `Europe/Amsterdam`, or leave it out for \
                 UTC",
                timezone.unwrap_or_default()
            )
        })?;
        let schedule = Schedule { cron, zone };
        match schedule.after(SystemTime::UNIX_EPOCH) {
            Some(_) => Ok(schedule),
            None => Err(format!("`cron = \"{expression}\"` names a time that never comes")),
        }
    }

    /// The first time after this one; `None` if the calendar ends before.
    pub(crate) fn after(&self, time: SystemTime) -> Option<SystemTime> {
        let time = self.zoned(time)?;
        self.cron.find_next_occurrence(&time, false).ok().map(|next| next.timestamp().into())
    }

    /// The last time up to this one.
    pub(crate) fn last_until(&self, time: SystemTime) -> Option<SystemTime> {
        let time = self.zoned(time)?;
        self.cron.find_previous_occurrence(&time, true).ok().map(|last| last.timestamp().into())
    }

    fn zoned(&self, time: SystemTime) -> Option<Zoned> {
        Timestamp::try_from(time).ok().map(|time| time.to_zoned(self.zone.clone()))
    }
}

/// The ID of a tick's run: the same for whoever starts it.
pub(crate) fn tick_id(workflow: &str, scheduled_at: SystemTime) -> String {
    match Timestamp::try_from(scheduled_at) {
        Ok(time) => format!("{workflow}@{time}"),
        // Only times that jiff has found are ticks.
        Err(_) => format!("{workflow}@{scheduled_at:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amsterdam(expression: &str) -> Schedule {
        Schedule::parse(expression, Some("Europe/Amsterdam")).expect("a schedule")
    }

    fn time(text: &str) -> SystemTime {
        text.parse::<Timestamp>().expect("a time").into()
    }

    /// The times after one, as local times with their offset.
    fn next(schedule: &Schedule, after: &str, count: usize) -> Vec<String> {
        let mut times = Vec::new();
        let mut after = time(after);
        for _ in 0..count {
            after = schedule.after(after).expect("there is a next time");
            let zoned = schedule.zoned(after).expect("a time of our days");
            times.push(zoned.strftime("%d %H:%M%:z").to_string());
        }
        times
    }

    #[test]
    fn a_time_of_day_follows_the_zone() {
        let daily = amsterdam("0 9 * * *");
        assert_eq!(next(&daily, "2026-03-27T12:00:00Z", 3), ["28 09:00+01:00", "29 09:00+02:00", "30 09:00+02:00"]);
        assert_eq!(next(&daily, "2026-10-23T12:00:00Z", 3), ["24 09:00+02:00", "25 09:00+01:00", "26 09:00+01:00"]);
    }

    #[test]
    fn a_time_that_does_not_exist_comes_when_the_clock_has_jumped() {
        let daily = amsterdam("30 2 * * *");
        let expected = ["28 02:30+01:00", "29 03:00+02:00", "30 02:30+02:00"];
        assert_eq!(next(&daily, "2026-03-27T12:00:00Z", 3), expected);
    }

    #[test]
    fn an_interval_leaves_out_the_hour_that_does_not_exist() {
        let often = amsterdam("*/30 * * * *");
        let expected = ["29 01:30+01:00", "29 03:00+02:00", "29 03:30+02:00"];
        assert_eq!(next(&often, "2026-03-29T00:00:00Z", 3), expected);
    }

    #[test]
    fn a_time_that_happens_twice_comes_once() {
        let daily = amsterdam("30 2 * * *");
        let expected = ["24 02:30+02:00", "25 02:30+02:00", "26 02:30+01:00"];
        assert_eq!(next(&daily, "2026-10-23T12:00:00Z", 3), expected);
    }

    #[test]
    fn an_interval_goes_on_through_the_hour_that_happens_twice() {
        let often = amsterdam("*/30 * * * *");
        let expected = ["25 02:00+02:00", "25 02:30+02:00", "25 02:00+01:00", "25 02:30+01:00", "25 03:00+01:00"];
        assert_eq!(next(&often, "2026-10-24T23:30:00Z", 5), expected);
    }

    #[test]
    fn the_last_time_is_found_among_many() {
        let often = amsterdam("*/5 * * * *");
        assert_eq!(often.last_until(time("2026-06-01T10:02:00Z")), Some(time("2026-06-01T10:00:00Z")));
        assert_eq!(often.last_until(time("2026-06-01T10:05:00Z")), Some(time("2026-06-01T10:05:00Z")));
        let daily = amsterdam("30 2 * * *");
        assert_eq!(daily.last_until(time("2026-03-29T12:00:00Z")), Some(time("2026-03-29T01:00:00Z")));
        assert_eq!(daily.last_until(time("2026-10-25T12:00:00Z")), Some(time("2026-10-25T00:30:00Z")));
    }

    #[test]
    fn a_leap_day_is_awaited() {
        let leap = Schedule::parse("0 0 29 2 *", None).expect("a schedule");
        assert_eq!(leap.after(time("2026-01-01T00:00:00Z")), Some(time("2028-02-29T00:00:00Z")));
    }

    #[test]
    fn the_zones_come_along() {
        assert!(jiff::tz::TimeZoneDatabase::bundled().get("Europe/Amsterdam").is_ok());
    }

    #[test]
    fn what_is_wrong_is_said() {
        let problem = |expression, zone| Schedule::parse(expression, zone).expect_err("it is no schedule");
        for (expression, part) in [
            ("", "cannot be an empty string"),
            ("0 2 * *", "fields"),
            ("0 0 2 * * *", "fields"),
            ("0 25 * * *", "25"),
            ("never", "fields"),
        ] {
            let text = problem(expression, None);
            assert!(text.starts_with(&format!("`cron = \"{expression}\"` is no schedule (")), "{text}");
            assert!(text.contains(part), "{text}");
            assert!(text.ends_with("as `0 2 * * *` for every day at two"), "{text}");
        }
        assert_eq!(problem("0 0 30 2 *", None), "`cron = \"0 0 30 2 *\"` names a time that never comes");
        assert_eq!(
            problem("0 2 * * *", Some("Europe/Amsterdm")),
            "`timezone = \"Europe/Amsterdm\"` is no time zone: write its IANA name, as `Europe/Amsterdam`, or leave it \
             out for UTC"
        );
    }

    #[test]
    fn a_ticks_run_is_named_after_its_time() {
        assert_eq!(tick_id("report", time("2026-03-29T02:00:00Z")), "report@2026-03-29T02:00:00Z");
    }
}
