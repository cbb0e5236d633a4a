//! How a connection comes about: the server names a gateway, the gateway greets, the worker introduces itself, and the gateway is ready.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::future::{Either, select};
use jiff::SignedDuration;
use prost::Message as _;

use super::Options;
use super::messages::{
    AppConfiguration, AuthData, ConnectMessage, GatewayConnectionReadyData, GatewayMessageType, StartRequest,
    StartResponse, SystemAttributes, SystemError, Timestamp, WorkerConnectRequestData,
};
use super::problem::Problem;
use super::socket::{self, Receiver, Sender};
use crate::drivers::inngest::InngestDriver;
use crate::host::Host;
use crate::kernel::time_after;

/// How long the handshake may take.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);
/// How often a heartbeat is sent, unless the gateway says.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(10);
/// How often leases are extended, unless the gateway says.
const EXTEND_LEASE_INTERVAL: Duration = Duration::from_secs(5);
/// What functions have for an address, which tells the server that they are called by connections.
const ADDRESS: &str = "wss://connect";
/// What this worker can do, as the server asks.
const CAPABILITIES: &[u8] = br#"{"trust_probe":"v1","connect":"v1"}"#;
const LANGUAGE: &str = "open-workflow-rust";
const VERSION: &str = concat!("v", env!("CARGO_PKG_VERSION"));

/// A connection over which calls may come.
pub(super) struct Ready {
    pub(super) connection_id: String,
    pub(super) gateway_group: String,
    pub(super) intervals: Intervals,
    pub(super) sender: Sender,
    pub(super) receiver: Receiver,
}

/// How often what is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Intervals {
    pub(super) heartbeat: Duration,
    pub(super) extend_lease: Duration,
    /// `None` where the gateway does not want to know.
    pub(super) status: Option<Duration>,
}

/// Why a connection did not come about.
pub(super) struct Failed {
    pub(super) problem: Problem,
    /// The gateway that did not let it, if it came that far.
    pub(super) gateway_group: Option<String>,
}

/// Connects to a gateway that is none of the excluded ones.
pub(super) async fn connect(
    driver: &InngestDriver,
    options: &Options,
    exclude_gateways: Vec<String>,
) -> Result<Ready, Failed> {
    let started_at = driver.host.now();
    let start = driver.api().start_connection(&StartRequest { exclude_gateways }).await;
    let start = start.map_err(|error| Failed { problem: Problem::NotStarted(error), gateway_group: None })?;
    let gateway_group = start.gateway_group.clone();
    let shaken = within(&*driver.host, HANDSHAKE_WITHIN, shake_hands(driver, options, start, started_at)).await;
    let shaken = shaken.unwrap_or(Err(Problem::Silent("what a handshake consists of")));
    shaken.map_err(|problem| Failed { problem, gateway_group: Some(gateway_group) })
}

async fn shake_hands(
    driver: &InngestDriver,
    options: &Options,
    start: StartResponse,
    started_at: SystemTime,
) -> Result<Ready, Problem> {
    let endpoint = options.gateway_url.as_deref().unwrap_or(&start.gateway_endpoint);
    let (mut sender, mut receiver) = socket::open(endpoint, driver.body_limit).await?;
    expect(&mut receiver, GatewayMessageType::GatewayHello).await?;
    let (connection_id, gateway_group) = (start.connection_id.clone(), start.gateway_group.clone());
    let introduction = introduction(driver, options, start, started_at);
    sender.send(&ConnectMessage::new(GatewayMessageType::WorkerConnect, &introduction)).await?;
    let ready = expect(&mut receiver, GatewayMessageType::GatewayConnectionReady).await?;
    let ready = GatewayConnectionReadyData::decode(ready.payload);
    let ready = ready.map_err(|_| Problem::Malformed("a readiness that is malformed"))?;
    Ok(Ready { connection_id, gateway_group, intervals: Intervals::read(&ready), sender, receiver })
}

/// The next message, which is of this kind.
async fn expect(receiver: &mut Receiver, expected: GatewayMessageType) -> Result<ConnectMessage, Problem> {
    let message = receiver.next().await?;
    match message.known() {
        Some(kind) if kind == expected => Ok(message),
        Some(GatewayMessageType::SyncFailed) => {
            Err(Problem::sync_failed(SystemError::decode(message.payload).unwrap_or_default()))
        }
        _ => Err(Problem::OutOfTurn { expected, kind: message.kind }),
    }
}

fn introduction(
    driver: &InngestDriver,
    options: &Options,
    start: StartResponse,
    started_at: SystemTime,
) -> WorkerConnectRequestData {
    let functions = serde_json::to_vec(&driver.registrations(ADDRESS));
    let functions = functions.expect("a configuration of texts and numbers has a form in JSON");
    let started_at = started_at.duration_since(UNIX_EPOCH).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, |cores| cores.get());
    WorkerConnectRequestData {
        connection_id: start.connection_id,
        instance_id: options.instance_id.clone(),
        auth_data: Some(AuthData { session_token: start.session_token, sync_token: start.sync_token }),
        capabilities: CAPABILITIES.to_vec(),
        apps: vec![AppConfiguration { app_name: driver.app.clone(), functions }],
        worker_manual_readiness_ack: true,
        system_attributes: Some(SystemAttributes {
            cpu_cores: i32::try_from(cores).unwrap_or(i32::MAX),
            os: std::env::consts::OS.to_owned(),
        }),
        environment: driver.settings.environment.clone(),
        framework: "connect".to_owned(),
        sdk_version: VERSION.to_owned(),
        sdk_language: LANGUAGE.to_owned(),
        started_at: Some(Timestamp {
            seconds: i64::try_from(started_at.as_secs()).unwrap_or(i64::MAX),
            nanos: i32::try_from(started_at.subsec_nanos()).unwrap_or_default(),
        }),
        max_worker_concurrency: options.max_worker_concurrency.map(|max| i64::from(max.get())),
    }
}

impl Intervals {
    fn read(ready: &GatewayConnectionReadyData) -> Intervals {
        Intervals {
            heartbeat: length(&ready.heartbeat_interval).unwrap_or(HEARTBEAT_INTERVAL),
            extend_lease: length(&ready.extend_lease_interval).unwrap_or(EXTEND_LEASE_INTERVAL),
            status: length(&ready.status_interval),
        }
    }
}

/// A length of time as Go writes it: `10s`, `1m30s`. One of none, or less, counts as not said.
fn length(text: &str) -> Option<Duration> {
    let length: SignedDuration = text.parse().ok()?;
    length.try_into().ok().filter(|length: &Duration| !length.is_zero())
}

/// What a future yields, if it does so in time.
async fn within<T>(host: &dyn Host, limit: Duration, future: impl Future<Output = T>) -> Option<T> {
    let late = host.sleep_until(time_after(host.now(), limit));
    match select(std::pin::pin!(future), late).await {
        Either::Left((value, _)) => Some(value),
        Either::Right(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read_as_the_server_writes_them() {
        let millis = |text| length(text).map(|length| length.as_millis());
        for (text, expected) in [("10s", 10_000), ("30s", 30_000), ("1m30s", 90_000), ("2m0s", 120_000)] {
            assert_eq!(millis(text), Some(expected), "{text}");
        }
        assert_eq!((millis("250ms"), millis("1.5s"), millis("1h0m0s")), (Some(250), Some(1_500), Some(3_600_000)));
    }

    #[test]
    fn a_length_of_none_is_as_good_as_not_said() {
        for text in ["", "0s", "-1s", "soon"] {
            assert_eq!(length(text), None, "{text}");
        }
    }
}
