//! What may say how long, or until when: types of `std`, and of the date-time crate `jiff` (feature `jiff`).

use std::time::{Duration, SystemTime};

/// A length of time: [`Duration`], and with the feature `jiff` its `SignedDuration`.
///
/// A negative length is no length: what waits for it is over at once.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a length of time",
    label = "expected a length of time",
    note = "write `Duration::from_secs(60)`; `jiff::SignedDuration` works with the feature `jiff` of `owf-runtime`"
)]
pub trait IntoDuration {
    /// The length.
    fn into_duration(self) -> Duration;
}

impl IntoDuration for Duration {
    fn into_duration(self) -> Duration {
        self
    }
}

/// A point in time: [`SystemTime`], and with the feature `jiff` its `Timestamp` and `Zoned`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a point in time",
    label = "expected a point in time",
    note = "write a `SystemTime` (as `now(\"start\").await? + Duration::from_secs(60)`); `jiff::Timestamp` and `jiff::Zoned` work with the feature `jiff` of `owf-runtime`"
)]
pub trait IntoInstant {
    /// The point in time.
    fn into_instant(self) -> SystemTime;
}

impl IntoInstant for SystemTime {
    fn into_instant(self) -> SystemTime {
        self
    }
}

#[cfg(feature = "jiff")]
mod of_jiff {
    use super::{Duration, IntoDuration, IntoInstant, SystemTime};

    impl IntoDuration for jiff::SignedDuration {
        fn into_duration(self) -> Duration {
            Duration::try_from(self).unwrap_or_default()
        }
    }

    impl IntoInstant for jiff::Timestamp {
        fn into_instant(self) -> SystemTime {
            self.into()
        }
    }

    impl IntoInstant for &jiff::Zoned {
        fn into_instant(self) -> SystemTime {
            self.timestamp().into()
        }
    }

    impl IntoInstant for jiff::Zoned {
        fn into_instant(self) -> SystemTime {
            self.timestamp().into()
        }
    }
}
