//! What this process says of itself: little to everybody, more to the server.

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use serde::Serialize;

use super::InngestDriver;
use super::registration::Registration;
use super::reply::{SDK, SIGNATURE, json};
use super::serve::Trust;
use super::signature::{hashed_event_key, hashed_key};

const SCHEMA: &str = "2024-05-24";
/// How much of a signing key's digest is shown.
const DIGEST_SHOWN: usize = 12;

/// What this SDK can do besides.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Capabilities {
    in_band_sync: &'static str,
    trust_probe: &'static str,
}

impl Default for Capabilities {
    fn default() -> Self {
        Capabilities { in_band_sync: "v1", trust_probe: "v1" }
    }
}

/// The answer to everybody.
#[derive(Serialize)]
struct Open {
    /// `false` where there was a signature, and it was wrong.
    authentication_succeeded: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    capabilities: Option<Capabilities>,
    extra: Extra,
    function_count: usize,
    has_event_key: bool,
    has_signing_key: bool,
    has_signing_key_fallback: bool,
    mode: &'static str,
    schema_version: &'static str,
}

#[derive(Serialize)]
struct Extra {}

/// What is added for the server.
#[derive(Serialize)]
struct Trusted {
    #[serde(flatten)]
    open: Open,
    api_origin: String,
    app_id: String,
    env: Option<String>,
    event_api_origin: String,
    event_key_hash: Option<String>,
    framework: &'static str,
    sdk_language: &'static str,
    sdk_version: &'static str,
    serve_origin: Option<String>,
    serve_path: Option<String>,
    signing_key_fallback_hash: Option<String>,
    signing_key_hash: Option<String>,
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Introspection {
    #[expect(private_interfaces, reason = "only written")]
    Open(Box<Open>),
    #[expect(private_interfaces, reason = "only written")]
    Trusted(Box<Trusted>),
}

/// The answer to an in-band sync.
#[derive(Serialize)]
pub(super) struct InBand<'a> {
    app_id: &'a str,
    capabilities: Capabilities,
    env: Option<&'a str>,
    framework: &'static str,
    functions: Vec<Registration<'a>>,
    inspection: Introspection,
    sdk_author: &'static str,
    sdk_language: &'static str,
    sdk_version: &'static str,
    sdk: &'static str,
    url: &'a str,
}

impl InngestDriver {
    pub(super) fn introspect(&self, framework: &'static str, headers: &HeaderMap, trust: Trust<'_>) -> Response<Bytes> {
        json(StatusCode::OK, &self.introspection(framework, headers, trust))
    }

    pub(super) fn in_band<'a>(
        &'a self,
        framework: &'static str,
        url: &'a str,
        headers: &HeaderMap,
        trust: Trust<'_>,
    ) -> InBand<'a> {
        InBand {
            app_id: &self.app,
            capabilities: Capabilities::default(),
            env: self.settings.environment.as_deref(),
            framework,
            functions: self.registrations(url),
            inspection: self.introspection(framework, headers, trust),
            sdk_author: "open-workflow",
            sdk_language: "rust",
            sdk_version: env!("CARGO_PKG_VERSION"),
            sdk: SDK,
            url,
        }
    }

    fn introspection(&self, framework: &'static str, headers: &HeaderMap, trust: Trust<'_>) -> Introspection {
        let settings = &self.settings;
        let mut open = Open {
            authentication_succeeded: headers.contains_key(SIGNATURE).then_some(false).filter(|_| trust.is_err()),
            capabilities: None,
            extra: Extra {},
            function_count: self.functions.len(),
            has_event_key: settings.event_key.is_some(),
            has_signing_key: settings.signing_key.is_some(),
            has_signing_key_fallback: settings.signing_key_fallback.is_some(),
            mode: settings.mode.name(),
            schema_version: SCHEMA,
        };
        // A dev server shows no key, so that nobody has shown that it is one.
        let Ok(Some(_)) = trust else { return Introspection::Open(Box::new(open)) };
        open.authentication_succeeded = Some(true);
        open.capabilities = Some(Capabilities::default());
        let digest = |key| {
            let hashed = hashed_key(key);
            let digest = hashed.rsplit('-').next().unwrap_or_default();
            digest.chars().take(DIGEST_SHOWN).collect()
        };
        Introspection::Trusted(Box::new(Trusted {
            open,
            api_origin: settings.api_origin(),
            app_id: self.app.clone(),
            env: settings.environment.clone(),
            event_api_origin: settings.event_origin(),
            event_key_hash: settings.event_key.as_ref().map(hashed_event_key),
            framework,
            sdk_language: "rust",
            sdk_version: env!("CARGO_PKG_VERSION"),
            serve_origin: settings.serve_origin.clone(),
            serve_path: settings.serve_path.clone(),
            signing_key_fallback_hash: settings.signing_key_fallback.as_ref().map(digest),
            signing_key_hash: settings.signing_key.as_ref().map(digest),
        }))
    }
}
