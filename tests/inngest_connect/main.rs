//! Workflows over connections that the worker opens. The tests play the server and its gateways, with messages of their own, and move the worker's clock.

mod calls;
#[path = "../capture/mod.rs"]
#[expect(dead_code, reason = "each test target uses a part of it")]
mod capture;
mod clock;
mod drain;
mod gateway;
mod handshake;
mod keys;
mod leases;
mod messages;
#[path = "../conformance/probe.rs"]
#[expect(dead_code, reason = "each test target uses a part of it")]
mod probe;
mod reconnect;
mod replies;
mod runs;
mod server;
mod shutdown;
mod workflows;

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use owf_runtime::inngest::{Connect, ConnectWorker, InngestDriver};

use crate::clock::DrivenHost;
use crate::gateway::Connection;
use crate::server::Server;
use crate::workflows::{greet, many, patient, spoiled};

/// A worker, its server, and the clock of the worker.
struct Scene {
    server: Server,
    host: DrivenHost,
}

impl Scene {
    async fn new() -> Scene {
        let host = DrivenHost::starting_at(UNIX_EPOCH + Duration::from_secs(1_795_335_021));
        Scene { server: Server::start().await, host }
    }

    fn driver(&self) -> InngestDriver {
        let driver =
            InngestDriver::new("app").dev(true).base_url(&self.server.origin).host(Arc::new(self.host.clone()));
        driver.function(greet).function(many).function(patient).function(spoiled)
    }

    fn connect(&self) -> Connect {
        self.driver().connect().instance_id("worker-1")
    }

    /// Starts a worker; it, and the gateway's end of its connection, which holds: a heartbeat was answered.
    async fn connected(&mut self) -> (ConnectWorker, Connection) {
        let connect = self.connect();
        self.connected_as(connect).await
    }

    async fn connected_as(&mut self, connect: Connect) -> (ConnectWorker, Connection) {
        let (worker, mut connection) = tokio::join!(connect.start(), self.server.ready());
        self.host.passes(secs(10)).await;
        connection.expect::<()>(messages::WORKER_HEARTBEAT).await;
        connection.send(messages::GATEWAY_HEARTBEAT, &()).await;
        (worker.expect("it connects"), connection)
    }

    /// The next connection, once the worker has waited so long for its next attempt.
    async fn ready_after(&mut self, wait: Duration) -> Connection {
        self.host.passes(wait).await;
        self.server.ready().await
    }
}

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// What the server calls a step.
fn hash(id: &str) -> String {
    use sha1::Digest as _;
    sha1::Sha1::digest(id.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
