//! Whether the process is alive, and whether it can do its work. Says nothing about anybody.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;

use super::Shared;

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// `GET /healthz`: the process answers.
pub(crate) async fn alive() -> &'static str {
    "alive\n"
}

/// `GET /readyz`: the database answers too.
pub(crate) async fn ready(State(web): State<Shared>) -> (StatusCode, &'static str) {
    match tokio::time::timeout(PATIENCE, web.d.store.ping()).await {
        Ok(Ok(())) => (StatusCode::OK, "ready\n"),
        Ok(Err(error)) => {
            tracing::error!(%error, "the database refused a look");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "not ready: the database refuses us; the log says why\n",
            )
        }
        Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "not ready: the database does not answer\n",
        ),
    }
}
