//! A subscriber that keeps what is traced, for tests to read.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
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
///
/// A callsite asks once who is interested, and remembers the answer, whichever thread met it first. So one subscriber, of the whole process, is
/// always interested, and hands what it is told to the capture of the thread.
#[derive(Clone, Default)]
pub(crate) struct Capture(Arc<Inner>);

#[derive(Default)]
struct Inner {
    traced: Mutex<Vec<Traced>>,
    /// Where the spans stand in it.
    spans: Mutex<HashMap<u64, usize>>,
    /// The spans that are entered now.
    entered: Mutex<Vec<usize>>,
}

thread_local! {
    /// The capture of this thread.
    static CURRENT: RefCell<Option<Capture>> = const { RefCell::new(None) };
}

/// Ends a capture.
#[must_use = "nothing is captured once this is dropped"]
pub(crate) struct Capturing {
    before: Option<Capture>,
}

impl Drop for Capturing {
    fn drop(&mut self) {
        CURRENT.set(self.before.take());
    }
}

impl Capture {
    /// Captures everything on this thread until the guard is dropped.
    pub(crate) fn begin() -> (Capture, Capturing) {
        static INSTALLED: Once = Once::new();
        INSTALLED.call_once(|| {
            tracing::subscriber::set_global_default(Router).expect("a test has no other subscriber");
        });
        // Callsites that were met before, or just now by another thread, are asked again.
        tracing::callsite::rebuild_interest_cache();
        let capture = Capture::default();
        let before = CURRENT.replace(Some(capture.clone()));
        (capture, Capturing { before })
    }

    /// The capture of this thread, if there is one.
    fn current() -> Option<Capture> {
        CURRENT.try_with(|current| current.borrow().clone()).ok().flatten()
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
        locked(&self.0.traced)
    }

    /// Keeps a span or an event, and tells its position.
    fn push(&self, metadata: &Metadata<'_>, fields: Fields) -> usize {
        let span = metadata.is_span().then(|| metadata.name());
        let (target, level) = (metadata.target().to_owned(), *metadata.level());
        let inside = locked(&self.0.entered).last().copied();
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

/// The subscriber of the process.
struct Router;

impl Subscriber for Router {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn enabled(&self, _: &Metadata<'_>) -> bool {
        CURRENT.try_with(|current| current.borrow().is_some()).unwrap_or_default()
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        if let Some(capture) = Capture::current() {
            let mut fields = Fields::default();
            span.record(&mut fields);
            let position = capture.push(span.metadata(), fields);
            locked(&capture.0.spans).insert(id, position);
        }
        Id::from_u64(id)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        if let Some(capture) = Capture::current() {
            let mut fields = Fields::default();
            event.record(&mut fields);
            capture.push(event.metadata(), fields);
        }
    }

    fn enter(&self, id: &Id) {
        if let Some((capture, position)) = known(id) {
            locked(&capture.0.entered).push(position);
        }
    }

    fn exit(&self, id: &Id) {
        if let Some((capture, position)) = known(id) {
            let left = locked(&capture.0.entered).pop();
            assert_eq!(left, Some(position), "spans are left in the order of entering");
        }
    }
}

/// The capture of this thread, and where it has the span, if it is one of its own.
fn known(id: &Id) -> Option<(Capture, usize)> {
    let capture = Capture::current()?;
    let position = locked(&capture.0.spans).get(&id.into_u64()).copied()?;
    Some((capture, position))
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
