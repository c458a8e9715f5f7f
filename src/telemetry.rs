//! Logs without message bodies, names or numbers, and metrics on a listener of their own.

use std::net::SocketAddr;

use tracing_subscriber::EnvFilter;

/// Starts logging to standard error; `RUST_LOG` overrides `info`. JSON for machines that collect it.
pub fn start_logs(json: bool) {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,hyper=warn,teloxide=warn"));
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A second start (in one test process) keeps the first.
    let _ = if json {
        logs.json().try_init()
    } else {
        logs.compact().try_init()
    };
}

/// Serves Prometheus metrics at `/metrics` of `listen`.
///
/// # Errors
/// When the address cannot be listened on, or metrics were started before.
pub fn start_metrics(listen: SocketAddr) -> anyhow::Result<()> {
    metrics_exporter_prometheus::PrometheusBuilder::new()
        .with_http_listener(listen)
        .install()
        .map_err(|e| anyhow::anyhow!("metrics_listen = \"{listen}\": {e}"))
}
