//! The messages of the protocol, as a gateway reads and writes them; the fields that tests look at.

use prost::Message;

pub(crate) const HELLO: i32 = 0;
pub(crate) const CONNECT: i32 = 1;
pub(crate) const CONNECTION_READY: i32 = 2;
pub(crate) const EXECUTOR_REQUEST: i32 = 3;
pub(crate) const READY: i32 = 4;
pub(crate) const REQUEST_ACK: i32 = 5;
pub(crate) const REPLY: i32 = 6;
pub(crate) const REPLY_ACK: i32 = 7;
pub(crate) const PAUSE: i32 = 8;
pub(crate) const WORKER_HEARTBEAT: i32 = 9;
pub(crate) const GATEWAY_HEARTBEAT: i32 = 10;
pub(crate) const CLOSING: i32 = 11;
pub(crate) const EXTEND_LEASE: i32 = 12;
pub(crate) const EXTEND_LEASE_ACK: i32 = 13;
pub(crate) const SYNC_FAILED: i32 = 14;
pub(crate) const STATUS: i32 = 15;

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Envelope {
    #[prost(int32, tag = "1")]
    pub(crate) kind: i32,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) payload: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct StartRequest {
    #[prost(string, repeated, tag = "1")]
    pub(crate) exclude_gateways: Vec<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct StartResponse {
    #[prost(string, tag = "1")]
    pub(crate) connection_id: String,
    #[prost(string, tag = "2")]
    pub(crate) gateway_endpoint: String,
    #[prost(string, tag = "3")]
    pub(crate) gateway_group: String,
    #[prost(string, tag = "4")]
    pub(crate) session_token: String,
    #[prost(string, tag = "5")]
    pub(crate) sync_token: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct App {
    #[prost(string, tag = "1")]
    pub(crate) app_name: String,
    #[prost(bytes = "vec", tag = "4")]
    pub(crate) functions: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Auth {
    #[prost(string, tag = "1")]
    pub(crate) session_token: String,
    #[prost(string, tag = "2")]
    pub(crate) sync_token: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct System {
    #[prost(int32, tag = "1")]
    pub(crate) cpu_cores: i32,
    #[prost(string, tag = "3")]
    pub(crate) os: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Timestamp {
    #[prost(int64, tag = "1")]
    pub(crate) seconds: i64,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Introduction {
    #[prost(string, tag = "1")]
    pub(crate) connection_id: String,
    #[prost(string, tag = "2")]
    pub(crate) instance_id: String,
    #[prost(message, optional, tag = "3")]
    pub(crate) auth_data: Option<Auth>,
    #[prost(string, tag = "4")]
    pub(crate) capabilities: String,
    #[prost(message, repeated, tag = "5")]
    pub(crate) apps: Vec<App>,
    #[prost(bool, tag = "6")]
    pub(crate) worker_manual_readiness_ack: bool,
    #[prost(message, optional, tag = "7")]
    pub(crate) system_attributes: Option<System>,
    #[prost(string, optional, tag = "8")]
    pub(crate) environment: Option<String>,
    #[prost(string, tag = "9")]
    pub(crate) framework: String,
    #[prost(string, tag = "11")]
    pub(crate) sdk_version: String,
    #[prost(string, tag = "12")]
    pub(crate) sdk_language: String,
    #[prost(message, optional, tag = "13")]
    pub(crate) started_at: Option<Timestamp>,
    #[prost(int64, optional, tag = "14")]
    pub(crate) max_worker_concurrency: Option<i64>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Intervals {
    #[prost(string, tag = "1")]
    pub(crate) heartbeat_interval: String,
    #[prost(string, tag = "2")]
    pub(crate) extend_lease_interval: String,
    #[prost(string, tag = "3")]
    pub(crate) status_interval: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ExecutorRequest {
    #[prost(string, tag = "1")]
    pub(crate) request_id: String,
    #[prost(string, tag = "2")]
    pub(crate) account_id: String,
    #[prost(string, tag = "3")]
    pub(crate) env_id: String,
    #[prost(string, tag = "4")]
    pub(crate) app_id: String,
    #[prost(string, tag = "5")]
    pub(crate) app_name: String,
    #[prost(string, tag = "6")]
    pub(crate) function_id: String,
    #[prost(string, tag = "7")]
    pub(crate) function_slug: String,
    #[prost(string, optional, tag = "8")]
    pub(crate) step_id: Option<String>,
    #[prost(string, tag = "9")]
    pub(crate) request_payload: String,
    #[prost(string, tag = "10")]
    pub(crate) system_trace_ctx: String,
    #[prost(string, tag = "11")]
    pub(crate) user_trace_ctx: String,
    #[prost(string, tag = "12")]
    pub(crate) run_id: String,
    #[prost(string, tag = "13")]
    pub(crate) lease_id: String,
    #[prost(string, tag = "14")]
    pub(crate) job_id: String,
}

/// An acknowledgement of a request, and a wish to extend its lease, which has a lease's ID besides.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct About {
    #[prost(string, tag = "1")]
    pub(crate) request_id: String,
    #[prost(string, tag = "2")]
    pub(crate) account_id: String,
    #[prost(string, tag = "3")]
    pub(crate) env_id: String,
    #[prost(string, tag = "4")]
    pub(crate) app_id: String,
    #[prost(string, tag = "5")]
    pub(crate) function_slug: String,
    #[prost(string, optional, tag = "6")]
    pub(crate) step_id: Option<String>,
    #[prost(string, tag = "7")]
    pub(crate) system_trace_ctx: String,
    #[prost(string, tag = "8")]
    pub(crate) user_trace_ctx: String,
    #[prost(string, tag = "9")]
    pub(crate) run_id: String,
    #[prost(string, tag = "10")]
    pub(crate) lease_id: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ExtendLeaseAck {
    #[prost(string, tag = "1")]
    pub(crate) request_id: String,
    #[prost(string, optional, tag = "6")]
    pub(crate) new_lease_id: Option<String>,
}

pub(crate) const NOT_COMPLETED: i32 = 0;
pub(crate) const DONE: i32 = 1;
pub(crate) const ERROR: i32 = 2;

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Reply {
    #[prost(string, tag = "1")]
    pub(crate) request_id: String,
    #[prost(string, tag = "2")]
    pub(crate) account_id: String,
    #[prost(string, tag = "3")]
    pub(crate) env_id: String,
    #[prost(string, tag = "4")]
    pub(crate) app_id: String,
    #[prost(int32, tag = "5")]
    pub(crate) status: i32,
    #[prost(string, tag = "6")]
    pub(crate) body: String,
    #[prost(bool, tag = "7")]
    pub(crate) no_retry: bool,
    #[prost(string, optional, tag = "8")]
    pub(crate) retry_after: Option<String>,
    #[prost(string, tag = "9")]
    pub(crate) sdk_version: String,
    #[prost(uint32, tag = "10")]
    pub(crate) request_version: u32,
    #[prost(string, tag = "11")]
    pub(crate) system_trace_ctx: String,
    #[prost(string, tag = "12")]
    pub(crate) user_trace_ctx: String,
    #[prost(string, tag = "13")]
    pub(crate) run_id: String,
}

/// An acknowledgement of a reply, and the answer to one that was handed in.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct ReplyAck {
    #[prost(string, tag = "1")]
    pub(crate) request_id: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct SystemError {
    #[prost(string, tag = "1")]
    pub(crate) code: String,
    #[prost(string, tag = "3")]
    pub(crate) message: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct WorkerStatus {
    #[prost(string, repeated, tag = "1")]
    pub(crate) in_flight_request_ids: Vec<String>,
    #[prost(bool, tag = "2")]
    pub(crate) shutdown_requested: bool,
}
