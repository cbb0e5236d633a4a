//! What starts runs of a workflow, as all processes of a store know it.

/// What starts a run of a workflow without anybody calling for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoredTrigger {
    /// An event of this name.
    Event {
        /// The event's name.
        name: String,
    },
    /// Times.
    Cron {
        /// Minute, hour, day of the month, month, day of the week.
        expression: String,
        /// The IANA name of the time zone; `None` for UTC.
        timezone: Option<String>,
    },
}
