//! The driver as a part of an `axum` app.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{OriginalUri, Request, State};
use axum::response::Response;
use axum::routing::any;

use super::InngestDriver;

impl InngestDriver {
    /// A router to be nested in an app, under any path: `app.nest("/api/inngest", driver.router())`.
    pub fn router<S: Clone + Send + Sync + 'static>(self) -> Router<S> {
        let problems = self.problems();
        for problem in &problems {
            tracing::error!(target: "owf", "an Inngest app will not be registered: {problem}");
        }
        Router::new().route("/", any(serve)).with_state(Arc::new(self))
    }
}

async fn serve(State(driver): State<Arc<InngestDriver>>, uri: OriginalUri, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    // Where it is nested, the router has taken its path away.
    parts.uri = uri.0;
    let Ok(body) = axum::body::to_bytes(body, driver.body_limit).await else {
        return driver.too_large().map(Body::from);
    };
    driver.serve("axum", Request::from_parts(parts, body)).await.map(Body::from)
}
