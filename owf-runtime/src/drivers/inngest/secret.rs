//! A key that no log, error or answer shows.

use std::fmt;

/// A key. It has no `Display`, and its `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secret(String);

impl Secret {
    /// Takes a key; `None` for an empty one, which is as good as none.
    pub(super) fn new(key: impl Into<String>) -> Option<Secret> {
        let key = key.into();
        (!key.trim().is_empty()).then(|| Secret(key.trim().to_owned()))
    }

    /// The key's text, for whoever signs or authenticates with it.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}
