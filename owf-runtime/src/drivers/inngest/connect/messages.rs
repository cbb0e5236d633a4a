//! The messages of the protocol, named and numbered as in the server's `proto/connect/v1/connect.proto`: those that a worker needs, and of them the
//! fields that it reads or writes.
//!
//! What holds a token or a payload has no `Debug`.

use prost::{Enumeration, Message};

/// What a message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enumeration)]
#[repr(i32)]
pub(super) enum GatewayMessageType {
    GatewayHello = 0,
    WorkerConnect = 1,
    GatewayConnectionReady = 2,
    GatewayExecutorRequest = 3,
    WorkerReady = 4,
    WorkerRequestAck = 5,
    WorkerReply = 6,
    WorkerReplyAck = 7,
    WorkerPause = 8,
    WorkerHeartbeat = 9,
    GatewayHeartbeat = 10,
    GatewayClosing = 11,
    WorkerRequestExtendLease = 12,
    WorkerRequestExtendLeaseAck = 13,
    SyncFailed = 14,
    WorkerStatus = 15,
}

/// The envelope of all others.
#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub(super) struct ConnectMessage {
    /// A number, for the server may know kinds that this worker does not.
    #[prost(int32, tag = "1")]
    pub(super) kind: i32,
    #[prost(bytes = "bytes", tag = "2")]
    pub(super) payload: bytes::Bytes,
}

impl ConnectMessage {
    /// A message that says no more than what it is.
    pub(super) fn bare(kind: GatewayMessageType) -> ConnectMessage {
        ConnectMessage { kind: kind.into(), payload: bytes::Bytes::new() }
    }

    pub(super) fn new(kind: GatewayMessageType, payload: &impl Message) -> ConnectMessage {
        ConnectMessage { kind: kind.into(), payload: payload.encode_to_vec().into() }
    }

    /// The kind, if this worker knows it.
    pub(super) fn known(&self) -> Option<GatewayMessageType> {
        GatewayMessageType::try_from(self.kind).ok()
    }
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct StartRequest {
    #[prost(string, repeated, tag = "1")]
    pub(super) exclude_gateways: Vec<String>,
}

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub(super) struct StartResponse {
    #[prost(string, tag = "1")]
    pub(super) connection_id: String,
    #[prost(string, tag = "2")]
    pub(super) gateway_endpoint: String,
    #[prost(string, tag = "3")]
    pub(super) gateway_group: String,
    #[prost(string, tag = "4")]
    pub(super) session_token: String,
    #[prost(string, tag = "5")]
    pub(super) sync_token: String,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct AppConfiguration {
    #[prost(string, tag = "1")]
    pub(super) app_name: String,
    /// JSON.
    #[prost(bytes = "vec", tag = "4")]
    pub(super) functions: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub(super) struct AuthData {
    #[prost(string, tag = "1")]
    pub(super) session_token: String,
    #[prost(string, tag = "2")]
    pub(super) sync_token: String,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct SystemAttributes {
    #[prost(int32, tag = "1")]
    pub(super) cpu_cores: i32,
    #[prost(string, tag = "3")]
    pub(super) os: String,
}

/// `google.protobuf.Timestamp`.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub(super) struct Timestamp {
    #[prost(int64, tag = "1")]
    pub(super) seconds: i64,
    #[prost(int32, tag = "2")]
    pub(super) nanos: i32,
}

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub(super) struct WorkerConnectRequestData {
    #[prost(string, tag = "1")]
    pub(super) connection_id: String,
    #[prost(string, tag = "2")]
    pub(super) instance_id: String,
    #[prost(message, optional, tag = "3")]
    pub(super) auth_data: Option<AuthData>,
    /// JSON.
    #[prost(bytes = "vec", tag = "4")]
    pub(super) capabilities: Vec<u8>,
    #[prost(message, repeated, tag = "5")]
    pub(super) apps: Vec<AppConfiguration>,
    #[prost(bool, tag = "6")]
    pub(super) worker_manual_readiness_ack: bool,
    #[prost(message, optional, tag = "7")]
    pub(super) system_attributes: Option<SystemAttributes>,
    #[prost(string, optional, tag = "8")]
    pub(super) environment: Option<String>,
    #[prost(string, tag = "9")]
    pub(super) framework: String,
    #[prost(string, tag = "11")]
    pub(super) sdk_version: String,
    #[prost(string, tag = "12")]
    pub(super) sdk_language: String,
    #[prost(message, optional, tag = "13")]
    pub(super) started_at: Option<Timestamp>,
    #[prost(int64, optional, tag = "14")]
    pub(super) max_worker_concurrency: Option<i64>,
}

/// The lengths of time are texts, such as `10s`.
#[derive(Clone, PartialEq, Message)]
pub(super) struct GatewayConnectionReadyData {
    #[prost(string, tag = "1")]
    pub(super) heartbeat_interval: String,
    #[prost(string, tag = "2")]
    pub(super) extend_lease_interval: String,
    #[prost(string, tag = "3")]
    pub(super) status_interval: String,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct WorkerStatusData {
    #[prost(string, repeated, tag = "1")]
    pub(super) in_flight_request_ids: Vec<String>,
    #[prost(bool, tag = "2")]
    pub(super) shutdown_requested: bool,
}

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub(super) struct GatewayExecutorRequestData {
    #[prost(string, tag = "1")]
    pub(super) request_id: String,
    #[prost(string, tag = "2")]
    pub(super) account_id: String,
    #[prost(string, tag = "3")]
    pub(super) env_id: String,
    #[prost(string, tag = "4")]
    pub(super) app_id: String,
    #[prost(string, tag = "5")]
    pub(super) app_name: String,
    #[prost(string, tag = "7")]
    pub(super) function_slug: String,
    #[prost(string, optional, tag = "8")]
    pub(super) step_id: Option<String>,
    /// JSON: the body of a call over HTTP.
    #[prost(bytes = "bytes", tag = "9")]
    pub(super) request_payload: bytes::Bytes,
    #[prost(bytes = "bytes", tag = "10")]
    pub(super) system_trace_ctx: bytes::Bytes,
    #[prost(bytes = "bytes", tag = "11")]
    pub(super) user_trace_ctx: bytes::Bytes,
    #[prost(string, tag = "12")]
    pub(super) run_id: String,
    #[prost(string, tag = "13")]
    pub(super) lease_id: String,
}

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub(super) struct WorkerRequestAckData {
    #[prost(string, tag = "1")]
    pub(super) request_id: String,
    #[prost(string, tag = "2")]
    pub(super) account_id: String,
    #[prost(string, tag = "3")]
    pub(super) env_id: String,
    #[prost(string, tag = "4")]
    pub(super) app_id: String,
    #[prost(string, tag = "5")]
    pub(super) function_slug: String,
    #[prost(string, optional, tag = "6")]
    pub(super) step_id: Option<String>,
    #[prost(bytes = "bytes", tag = "7")]
    pub(super) system_trace_ctx: bytes::Bytes,
    #[prost(bytes = "bytes", tag = "8")]
    pub(super) user_trace_ctx: bytes::Bytes,
    #[prost(string, tag = "9")]
    pub(super) run_id: String,
}

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub(super) struct WorkerRequestExtendLeaseData {
    #[prost(string, tag = "1")]
    pub(super) request_id: String,
    #[prost(string, tag = "2")]
    pub(super) account_id: String,
    #[prost(string, tag = "3")]
    pub(super) env_id: String,
    #[prost(string, tag = "4")]
    pub(super) app_id: String,
    #[prost(string, tag = "5")]
    pub(super) function_slug: String,
    #[prost(string, optional, tag = "6")]
    pub(super) step_id: Option<String>,
    #[prost(bytes = "bytes", tag = "7")]
    pub(super) system_trace_ctx: bytes::Bytes,
    #[prost(bytes = "bytes", tag = "8")]
    pub(super) user_trace_ctx: bytes::Bytes,
    #[prost(string, tag = "9")]
    pub(super) run_id: String,
    #[prost(string, tag = "10")]
    pub(super) lease_id: String,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct WorkerRequestExtendLeaseAckData {
    #[prost(string, tag = "1")]
    pub(super) request_id: String,
    /// Not there where the lease is lost.
    #[prost(string, optional, tag = "6")]
    pub(super) new_lease_id: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Enumeration)]
#[repr(i32)]
pub(super) enum SdkResponseStatus {
    NotCompleted = 0,
    Done = 1,
    Error = 2,
}

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub(super) struct SdkResponse {
    #[prost(string, tag = "1")]
    pub(super) request_id: String,
    #[prost(string, tag = "2")]
    pub(super) account_id: String,
    #[prost(string, tag = "3")]
    pub(super) env_id: String,
    #[prost(string, tag = "4")]
    pub(super) app_id: String,
    #[prost(enumeration = "SdkResponseStatus", tag = "5")]
    pub(super) status: i32,
    /// JSON.
    #[prost(bytes = "bytes", tag = "6")]
    pub(super) body: bytes::Bytes,
    #[prost(bool, tag = "7")]
    pub(super) no_retry: bool,
    #[prost(string, optional, tag = "8")]
    pub(super) retry_after: Option<String>,
    #[prost(string, tag = "9")]
    pub(super) sdk_version: String,
    #[prost(uint32, tag = "10")]
    pub(super) request_version: u32,
    #[prost(bytes = "bytes", tag = "11")]
    pub(super) system_trace_ctx: bytes::Bytes,
    #[prost(bytes = "bytes", tag = "12")]
    pub(super) user_trace_ctx: bytes::Bytes,
    #[prost(string, tag = "13")]
    pub(super) run_id: String,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct WorkerReplyAckData {
    #[prost(string, tag = "1")]
    pub(super) request_id: String,
}

/// Why the functions were not registered.
#[derive(Clone, PartialEq, Message)]
pub(super) struct SystemError {
    #[prost(string, tag = "1")]
    pub(super) code: String,
    #[prost(string, tag = "3")]
    pub(super) message: String,
}
