//! A call that came over a connection is carried out as one that comes by HTTP.

use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{Method, Request, Response, StatusCode};

use super::messages::{GatewayExecutorRequestData, SdkResponse, SdkResponseStatus};
use crate::drivers::inngest::InngestDriver;
use crate::drivers::inngest::query;
use crate::drivers::inngest::reply::{NO_RETRY, REQUEST_VERSION, SDK};
use crate::drivers::inngest::serve::{REQUEST_ID, header};

/// Carries out a call. The connection has shown that it is the server's, so that there is no signature.
pub(super) async fn answer(driver: &InngestDriver, call: GatewayExecutorRequestData) -> SdkResponse {
    let (parts, body) = http_request(&call).into_parts();
    let response = driver.post(&parts, &body, Ok(None)).await;
    reply(call, response)
}

fn http_request(call: &GatewayExecutorRequestData) -> Request<Bytes> {
    let mut request = Request::new(call.request_payload.clone());
    *request.method_mut() = Method::POST;
    let function = query::encode(&call.function_slug);
    let step = query::encode(call.step_id.as_deref().unwrap_or_default());
    // What is encoded makes an address, and one that names no function is refused.
    *request.uri_mut() = format!("/?fnId={function}&stepId={step}").parse().unwrap_or_default();
    if let Ok(id) = call.request_id.parse() {
        request.headers_mut().insert(REQUEST_ID, id);
    }
    request
}

fn reply(call: GatewayExecutorRequestData, response: Response<Bytes>) -> SdkResponse {
    let status = match response.status() {
        StatusCode::OK => SdkResponseStatus::Done,
        StatusCode::PARTIAL_CONTENT => SdkResponseStatus::NotCompleted,
        _ => SdkResponseStatus::Error,
    };
    let no_retry = header(response.headers(), NO_RETRY.as_str()).as_deref() == Some("true");
    let retry_after = header(response.headers(), RETRY_AFTER.as_str());
    SdkResponse {
        request_id: call.request_id,
        account_id: call.account_id,
        env_id: call.env_id,
        app_id: call.app_id,
        status: status.into(),
        body: response.into_body(),
        no_retry,
        retry_after,
        sdk_version: SDK.to_owned(),
        request_version: REQUEST_VERSION.parse().unwrap_or_default(),
        system_trace_ctx: call.system_trace_ctx,
        user_trace_ctx: call.user_trace_ctx,
        run_id: call.run_id,
    }
}
