//! What a worker asks of the server by HTTP: a gateway, and to take replies that no connection takes.

use prost::Message as _;

use super::messages::{SdkResponse, StartRequest, StartResponse};
use crate::drivers::inngest::api::{Api, ApiError};
use crate::drivers::inngest::outgoing::{Body, Trouble};

impl Api {
    /// Asks for a gateway.
    pub(super) async fn start_connection(&self, request: &StartRequest) -> Result<StartResponse, ApiError> {
        const ASKED: &str = "opening a connection";
        let body = Body::protobuf(request.encode_to_vec());
        let answer = self.ask_at(ASKED, "/v0/connect/start", &body).await?;
        StartResponse::decode(answer).map_err(|_| ApiError::new(ASKED, Trouble::Unreadable))
    }

    /// Hands a reply in. The answer says no more than that it was taken.
    pub(super) async fn flush(&self, reply: &SdkResponse) -> Result<(), ApiError> {
        let body = Body::protobuf(reply.encode_to_vec());
        self.ask_at("handing in a reply", "/v0/connect/flush", &body).await.map(drop)
    }
}
