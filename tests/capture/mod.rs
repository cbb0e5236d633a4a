//! A subscriber that keeps what is traced, for tests to read.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// A span or an event, with its fields as text.
#[derive(Clone, Debug)]
pub(crate) struct Traced {
    /// The span's name; `None` for an event.
    pub(crate) span: Option<&'static str>,
    /// The target.
    pub(crate) target: String,
    /// The level.
    pub(crate) level: Level,
    /// The fields; an event's text is `message`.
    pub(crate) fields: BTreeMap<&'static str, String>,
    /// The span around it, as a position among everything that was traced.
    pub(crate) inside: Option<usize>,
}

/// What was traced on this thread since [`Capture::begin`].
#[derive(Clone, Default)]
pub(crate) struct Capture(Arc<Inner>);

#[derive(Default)]
struct Inner {
    traced: Mutex<Vec<Traced>>,
    /// The spans that are entered now.
    entered: Mutex<Vec<usize>>,
}

impl Capture {
    /// Captures everything on this thread until the guard is dropped.
    pub(crate) fn begin() -> (Capture, tracing::subscriber::DefaultGuard) {
        let capture = Capture::default();
        let guard = tracing::subscriber::set_default(capture.clone());
        (capture, guard)
    }

    /// Everything so far.
    pub(crate) fn traced(&self) -> Vec<Traced> {
        self.lines().clone()
    }

    /// The texts of all warnings so far.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let warnings = self.lines().iter().filter(|traced| traced.level == Level::WARN).cloned().collect::<Vec<_>>();
        warnings.into_iter().filter_map(|mut traced| traced.fields.remove("message")).collect()
    }

    fn lines(&self) -> MutexGuard<'_, Vec<Traced>> {
        self.0.traced.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn entered(&self) -> MutexGuard<'_, Vec<usize>> {
        self.0.entered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a span or an event, and tells its position.
    fn push(&self, metadata: &Metadata<'_>, fields: Fields) -> usize {
        let span = metadata.is_span().then(|| metadata.name());
        let (target, level) = (metadata.target().to_owned(), *metadata.level());
        let inside = self.entered().last().copied();
        let mut lines = self.lines();
        lines.push(Traced { span, target, level, fields: fields.0, inside });
        lines.len() - 1
    }
}

#[derive(Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = String::new();
        // A string takes any text.
        let _ = write!(text, "{value:?}");
        self.0.insert(field.name(), text);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

impl Subscriber for Capture {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut fields = Fields::default();
        span.record(&mut fields);
        Id::from_u64(self.push(span.metadata(), fields) as u64 + 1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        self.push(event.metadata(), fields);
    }

    fn enter(&self, id: &Id) {
        self.entered().push(position(id));
    }

    fn exit(&self, id: &Id) {
        let left = self.entered().pop();
        assert_eq!(left, Some(position(id)), "spans are left in the order of entering");
    }
}

/// IDs begin at 1, positions at 0.
fn position(id: &Id) -> usize {
    usize::try_from(id.into_u64() - 1).unwrap_or_default()
}
