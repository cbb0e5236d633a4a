//! Which server it is, where it is, and the keys that are shared with it.

use std::env;
use std::fmt;

use super::secret::Secret;

/// Where Inngest Cloud takes calls to its API.
const CLOUD_API: &str = "https://api.inngest.com";
/// Where Inngest Cloud takes events.
const CLOUD_EVENTS: &str = "https://inn.gs";
/// Where a dev server is, unless something else is said.
const DEV_SERVER: &str = "http://localhost:8288";

/// What kind of server it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Inngest Cloud, or a server of one's own: nothing is believed that is not signed.
    Cloud,
    /// A dev server, which signs nothing.
    Dev,
}

impl Mode {
    pub(super) fn name(self) -> &'static str {
        match self {
            Mode::Cloud => "cloud",
            Mode::Dev => "dev",
        }
    }
}

#[derive(Clone)]
pub(super) struct Settings {
    pub(super) mode: Mode,
    /// Where a dev server is, if that is said.
    pub(super) dev_origin: Option<String>,
    pub(super) base_url: Option<String>,
    pub(super) api_base_url: Option<String>,
    pub(super) event_base_url: Option<String>,
    pub(super) event_key: Option<Secret>,
    pub(super) signing_key: Option<Secret>,
    pub(super) signing_key_fallback: Option<Secret>,
    /// The environment at the server that events and functions are of.
    pub(super) environment: Option<String>,
    pub(super) serve_origin: Option<String>,
    pub(super) serve_path: Option<String>,
    pub(super) allows_in_band_sync: bool,
    /// Where the gateway of connections is, in place of what the server says.
    #[cfg(feature = "inngest-connect")]
    pub(super) gateway_url: Option<String>,
    /// How many calls a worker takes at a time.
    #[cfg(feature = "inngest-connect")]
    pub(super) max_worker_concurrency: Option<std::num::NonZeroU32>,
}

impl Settings {
    /// What the process's environment says.
    pub(super) fn from_environment() -> Settings {
        Settings::read(|name| env::var(name).ok())
    }

    pub(super) fn read(variable: impl Fn(&str) -> Option<String>) -> Settings {
        let text = |name: &str| variable(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let secret = |name: &str| variable(name).and_then(Secret::new);
        let (mode, dev_origin) = read_dev(text("INNGEST_DEV").as_deref());
        Settings {
            mode,
            dev_origin,
            base_url: text("INNGEST_BASE_URL"),
            api_base_url: text("INNGEST_API_BASE_URL"),
            event_base_url: text("INNGEST_EVENT_API_BASE_URL"),
            event_key: secret("INNGEST_EVENT_KEY"),
            signing_key: secret("INNGEST_SIGNING_KEY"),
            signing_key_fallback: secret("INNGEST_SIGNING_KEY_FALLBACK"),
            environment: text("INNGEST_ENV"),
            serve_origin: text("INNGEST_SERVE_ORIGIN"),
            serve_path: text("INNGEST_SERVE_PATH"),
            allows_in_band_sync: text("INNGEST_ALLOW_IN_BAND_SYNC").as_deref().and_then(flag) != Some(false),
            #[cfg(feature = "inngest-connect")]
            gateway_url: text("INNGEST_CONNECT_GATEWAY_URL"),
            #[cfg(feature = "inngest-connect")]
            max_worker_concurrency: text("INNGEST_CONNECT_MAX_WORKER_CONCURRENCY").and_then(|max| max.parse().ok()),
        }
    }

    /// Where the server's API is, without a slash at the end.
    pub(super) fn api_origin(&self) -> String {
        self.origin(self.api_base_url.as_ref(), CLOUD_API)
    }

    /// Where events are sent, without a slash at the end.
    pub(super) fn event_origin(&self) -> String {
        self.origin(self.event_base_url.as_ref(), CLOUD_EVENTS)
    }

    fn origin(&self, own: Option<&String>, cloud: &str) -> String {
        let said = own.or(self.base_url.as_ref()).or(self.dev_origin.as_ref());
        let origin = match (said, self.mode) {
            (Some(said), _) => with_scheme(said),
            (None, Mode::Dev) => DEV_SERVER.to_owned(),
            (None, Mode::Cloud) => cloud.to_owned(),
        };
        origin.trim_end_matches('/').to_owned()
    }

    /// The keys that requests may be signed with, the first of them first.
    pub(super) fn signing_keys(&self) -> impl Iterator<Item = &Secret> {
        // A fallback stands in for a key, and not for having none.
        let fallback = self.signing_key_fallback.iter().filter(|_| self.signing_key.is_some());
        self.signing_key.iter().chain(fallback)
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("mode", &self.mode).finish_non_exhaustive()
    }
}

/// What `INNGEST_DEV` says: nothing, yes, no, or where the dev server is.
fn read_dev(value: Option<&str>) -> (Mode, Option<String>) {
    match value.map(|value| (flag(value), value)) {
        None | Some((Some(false), _)) => (Mode::Cloud, None),
        Some((Some(true), _)) => (Mode::Dev, None),
        Some((None, origin)) => (Mode::Dev, Some(origin.to_owned())),
    }
}

fn flag(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "1" | "true" => Some(true),
        "0" | "false" => Some(false),
        _ => None,
    }
}

fn with_scheme(origin: &str) -> String {
    if origin.contains("://") { origin.to_owned() } else { format!("http://{origin}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Settings {
        Settings::read(|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn without_a_word_it_is_the_cloud() {
        let settings = read(&[]);
        assert_eq!(settings.mode, Mode::Cloud);
        assert_eq!((settings.api_origin().as_str(), settings.event_origin().as_str()), (CLOUD_API, CLOUD_EVENTS));
    }

    #[test]
    fn a_dev_server_is_used_only_when_asked_for() {
        for value in ["0", "false", "", " "] {
            assert_eq!(read(&[("INNGEST_DEV", value)]).mode, Mode::Cloud, "{value}");
        }
        for value in ["1", "true", "TRUE"] {
            let settings = read(&[("INNGEST_DEV", value)]);
            assert_eq!((settings.mode, settings.api_origin().as_str()), (Mode::Dev, DEV_SERVER), "{value}");
        }
    }

    #[test]
    fn a_dev_server_may_be_elsewhere() {
        let settings = read(&[("INNGEST_DEV", "http://example.test:99/")]);
        assert_eq!((settings.mode, settings.event_origin().as_str()), (Mode::Dev, "http://example.test:99"));
    }

    #[test]
    fn the_more_specific_address_wins() {
        let settings = read(&[
            ("INNGEST_DEV", "1"),
            ("INNGEST_BASE_URL", "http://base.test"),
            ("INNGEST_EVENT_API_BASE_URL", "events.test:1"),
        ]);
        assert_eq!(settings.api_origin(), "http://base.test");
        assert_eq!(settings.event_origin(), "http://events.test:1");
    }

    #[test]
    fn nothing_shows_a_key() {
        let settings = read(&[("INNGEST_SIGNING_KEY", "signkey-test-5ec7e7"), ("INNGEST_EVENT_KEY", "5ec7e7")]);
        assert!(!format!("{settings:?} {:?}", settings.signing_key).contains("5ec7e7"));
    }

    #[test]
    fn a_fallback_alone_is_no_key() {
        assert_eq!(read(&[("INNGEST_SIGNING_KEY_FALLBACK", "aa")]).signing_keys().count(), 0);
        assert_eq!(
            read(&[("INNGEST_SIGNING_KEY_FALLBACK", "bb"), ("INNGEST_SIGNING_KEY", "aa")]).signing_keys().count(),
            2
        );
    }
}
