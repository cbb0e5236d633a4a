//! Syncs: the server learns which functions there are, and where they are called.

use bytes::Bytes;
use http::header::{HOST, HeaderMap, HeaderValue};
use http::request::Parts;
use http::{Response, StatusCode, Uri};
use serde::{Deserialize, Serialize};

use super::InngestDriver;
use super::api::ApiError;
use super::introspection::Capabilities;
use super::query;
use super::registration::Registration;
use super::reply::{SDK, SYNC_KIND, json, message};
use super::serve::{Trust, header, unauthorized};
use super::settings::Mode;
use super::signature::Unsigned;

const IN_BAND: &str = "in_band";
const OUT_OF_BAND: &str = "out_of_band";

/// What the server registers.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct App<'a> {
    url: &'a str,
    deploy_type: &'static str,
    framework: &'static str,
    app_name: &'a str,
    functions: &'a [Registration<'a>],
    sdk: &'static str,
    v: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    deploy_id: Option<&'a str>,
    capabilities: Capabilities,
}

/// What a sync is answered with.
#[derive(Serialize)]
struct Synced {
    message: String,
    modified: bool,
}

impl InngestDriver {
    pub(super) async fn sync(
        &self,
        framework: &'static str,
        parts: &Parts,
        body: &Bytes,
        trust: Trust<'_>,
    ) -> Response<Bytes> {
        let asked = header(&parts.headers, SYNC_KIND.as_str());
        let in_band = asked.as_deref() == Some(IN_BAND) && self.settings.allows_in_band_sync;
        let (mut response, kind) = if in_band {
            (self.sync_in_band(framework, &parts.headers, body, trust), IN_BAND)
        } else {
            (self.sync_out_of_band(framework, parts, trust).await, OUT_OF_BAND)
        };
        if response.status() == StatusCode::OK || !in_band && response.status() != StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(SYNC_KIND, HeaderValue::from_static(kind));
        }
        response
    }

    /// The functions are the answer.
    fn sync_in_band(
        &self,
        framework: &'static str,
        headers: &HeaderMap,
        body: &Bytes,
        trust: Trust<'_>,
    ) -> Response<Bytes> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Asked {
            url: String,
        }
        if let Err(unsigned) = trust {
            return unauthorized(unsigned);
        }
        let Ok(Asked { url }) = serde_json::from_slice(body) else {
            return invalid("the body of an in-band sync is `{\"url\": \"..\"}`");
        };
        let Ok(uri) = url.parse::<Uri>() else { return invalid("`url` is no address") };
        let Some(url) = self.url(&uri, headers) else { return invalid("`url` is no absolute address") };
        if let Some(problem) = self.problems().first() {
            return message(StatusCode::INTERNAL_SERVER_ERROR, problem);
        }
        json(StatusCode::OK, &self.in_band(framework, &url, headers, trust))
    }

    /// The functions are sent to the server in a request of its own.
    async fn sync_out_of_band(&self, framework: &'static str, parts: &Parts, trust: Trust<'_>) -> Response<Bytes> {
        let failed = |message: String| json(StatusCode::INTERNAL_SERVER_ERROR, &Synced { message, modified: false });
        // Whoever can say where this process is reached could have the server call somebody else.
        if let Err(unsigned) = trust
            && (unsigned != Unsigned::Missing || self.settings.serve_origin.is_none())
        {
            return unauthorized(unsigned);
        }
        if let Some(problem) = self.problems().into_iter().next() {
            return failed(problem);
        }
        let Some(url) = self.url(&parts.uri, &parts.headers) else {
            return failed("the request does not say where this is: set INNGEST_SERVE_ORIGIN".to_owned());
        };
        let deploy_id = query::value(parts.uri.query(), "deployId").filter(|id| id != "undefined");
        let kind = header(&parts.headers, "x-inngest-server-kind");
        match self.register_at(&url, framework, deploy_id.as_deref(), kind).await {
            Ok(modified) => json(StatusCode::OK, &Synced { message: "Successfully registered".to_owned(), modified }),
            Err(error) => {
                tracing::error!(target: "owf", "{error}");
                failed(error.to_string())
            }
        }
    }

    /// Tells the server which functions there are at an address; returns whether that changed anything.
    pub(super) async fn register_at(
        &self,
        url: &str,
        framework: &'static str,
        deploy_id: Option<&str>,
        server_kind: Option<String>,
    ) -> Result<bool, ApiError> {
        let functions = self.registrations(url);
        let app = App {
            url,
            deploy_type: "ping",
            framework,
            app_name: &self.app,
            functions: &functions,
            sdk: SDK,
            v: "0.1",
            deploy_id,
            capabilities: Capabilities::default(),
        };
        let mut headers =
            vec![("x-inngest-sync-kind", OUT_OF_BAND.to_owned()), ("x-inngest-framework", framework.to_owned())];
        if let Some(kind) = server_kind.filter(|kind| ["dev", "cloud"].contains(&kind.as_str())) {
            headers.push(("x-inngest-expected-server-kind", kind));
        }
        let deploy_id = deploy_id.map(query::encode);
        self.api().register(&app, deploy_id.as_deref(), &headers).await
    }

    pub(super) fn registrations(&self, url: &str) -> Vec<Registration<'_>> {
        self.functions.iter().map(|function| function.registration(&self.app, url)).collect()
    }

    /// Where this process is reached, as far as a request tells. A `deployId` is the request's own.
    fn url(&self, uri: &Uri, headers: &HeaderMap) -> Option<String> {
        let path = self.settings.serve_path.as_deref().unwrap_or_else(|| uri.path());
        let origin = match &self.settings.serve_origin {
            Some(origin) => origin.trim_end_matches('/').to_owned(),
            None => self.request_origin(uri, headers)?,
        };
        let query = query::without(uri.query(), &["deployId", "fnId", "stepId", "probe"]);
        let slash = if path.starts_with('/') { "" } else { "/" };
        let mark = if query.is_empty() { "" } else { "?" };
        Some(format!("{origin}{slash}{path}{mark}{query}"))
    }

    fn request_origin(&self, uri: &Uri, headers: &HeaderMap) -> Option<String> {
        if let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) {
            return Some(format!("{scheme}://{authority}"));
        }
        let host = headers.get("x-forwarded-host").or_else(|| headers.get(HOST))?.to_str().ok()?;
        let is_host = host.parse::<http::uri::Authority>().is_ok();
        let forwarded = header(headers, "x-forwarded-proto");
        let scheme = match (forwarded.as_deref(), self.settings.mode) {
            (Some("http"), _) | (None, Mode::Dev) => "http",
            _ => "https",
        };
        is_host.then(|| format!("{scheme}://{host}"))
    }
}

fn invalid(text: &str) -> Response<Bytes> {
    #[derive(Serialize)]
    struct Invalid<'a> {
        code: &'static str,
        message: &'a str,
    }
    json(StatusCode::BAD_REQUEST, &Invalid { code: "invalid_request", message: text })
}
