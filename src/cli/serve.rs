//! `schoolgate serve`: the service, until it is told to stop.

use std::future::Future;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Where, deployment};
use crate::channel::Channel;
use crate::clock::Clock;
use crate::deployment::{Deployment, Look, Watch};
use crate::fault::Severity;
use crate::outbox::{self, Sender};
use crate::store::Result;
use crate::{inbox, jobs, telemetry, web};

/// How often a worker looks round by itself: other processes on the same database wake nobody here.
const LOOK_ROUND: Duration = Duration::from_secs(1);

/// How often changed flows and texts are looked for. They are taken up at the second look that finds
/// them the same.
const LOOK_FOR_CHANGES: Duration = Duration::from_secs(2);

/// Files fetched from providers at once.
const FETCHERS: usize = 3;

/// How often the metrics are told what waits.
const MEASURE: Duration = Duration::from_secs(15);

/// How long what is under way may take to end when the service is stopped.
const GRACE: Duration = Duration::from_secs(25);

/// Runs the service: answers, sends, pages, keeps time.
#[derive(Debug, Args)]
pub struct Serve {
    #[command(flatten)]
    place: Where,
    /// Log as JSON, a line each.
    #[arg(long)]
    log_json: bool,
}

impl Serve {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        telemetry::start_logs(self.log_json);
        let config = self.place.config()?;
        let missing = config.missing_secrets();
        if !missing.is_empty() {
            let list: Vec<String> = missing.iter().map(ToString::to_string).collect();
            anyhow::bail!("secrets are missing:\n  {}", list.join("\n  "));
        }
        if let Some(listen) = config.metrics_listen {
            telemetry::start_metrics(listen)?;
        }
        let database = self.place.database(&config)?;
        let listen = config.listen;
        let d = deployment(config, &database, Clock::real()).await?;
        let listener = TcpListener::bind(listen)
            .await
            .with_context(|| format!("listen = \"{listen}\": the address cannot be used"))?;
        tracing::info!(%listen, schools = d.schools().len(), "ready");
        until_stopped(d, listener, false).await?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Serves and works until SIGTERM or Ctrl-C, then lets what is under way end.
pub async fn until_stopped(
    d: Arc<Deployment>,
    listener: TcpListener,
    demo: bool,
) -> anyhow::Result<()> {
    let stop = CancellationToken::new();
    let tasks = TaskTracker::new();
    work(
        &d,
        &stop,
        &tasks,
        "inbox",
        Looks::AtCommits,
        |d| async move { inbox::drain(&d).await },
    );
    // One that waits for a slow provider holds up no other.
    for _ in 0..FETCHERS {
        work(
            &d,
            &stop,
            &tasks,
            "files",
            Looks::AtCommits,
            |d| async move { inbox::fetch_files(&d).await },
        );
    }
    work(
        &d,
        &stop,
        &tasks,
        "jobs",
        Looks::AtCommits,
        |d| async move { jobs::run_due(&d).await },
    );
    {
        let (d, stop) = (Arc::clone(&d), stop.clone());
        tasks.spawn(async move { send(&d, &stop).await });
    }
    for endpoint in d.endpoints() {
        // The other providers are told our address once, by whoever sets them up.
        if let Channel::Telegram(telegram) = &*endpoint.channel {
            if endpoint.is_polled() {
                telegram
                    .use_polling()
                    .await
                    .map_err(|why| anyhow::anyhow!("channel `{}`: {why}", endpoint.id))?;
                let (d, id, stop) = (Arc::clone(&d), endpoint.id.clone(), stop.clone());
                tasks.spawn(async move {
                        // Anew each time: its school's people may have changed.
                        while let (false, Some(endpoint)) = (stop.is_cancelled(), d.endpoint(&id)) {
                            tokio::select! {
                                () = stop.cancelled() => break,
                                polled = inbox::poll_telegram(&d, &endpoint) => complain("telegram", polled),
                            };
                        }
                    });
            } else {
                let url = format!("{}/hooks/{}", d.public_url(), endpoint.id);
                telegram
                    .use_webhook(&url)
                    .await
                    .map_err(|why| anyhow::anyhow!("channel `{}`: {why}", endpoint.id))?;
            }
        }
    }
    let every = Looks::Every(d.config.timing.catch_up_every);
    work(&d, &stop, &tasks, "catch-up", every, |d| async move {
        inbox::catch_up(&d).await
    });
    // In the order in which the deployment has them.
    for (n, (_, email)) in d.config.mail_servers().enumerate() {
        let mailbox = email.inbound.as_ref().and_then(|i| i.imap.as_ref());
        let Some(mailbox) = mailbox else { continue };
        let every = Looks::Every(mailbox.every);
        work(&d, &stop, &tasks, "mailbox", every, move |d| async move {
            match d.mail_servers.get(n) {
                Some(server) => jobs::look_into_mailbox(&d, server).await,
                None => Ok(0),
            }
        });
    }
    if d.config.metrics_listen.is_some() {
        let every = Looks::Every(MEASURE);
        work(&d, &stop, &tasks, "metrics", every, |d| async move {
            outbox::measure(&d).await.map(|()| 0)
        });
    }
    let every = Looks::Every(LOOK_FOR_CHANGES);
    work(&d, &stop, &tasks, "people", every, |d| async move {
        d.look_at_people().await
    });
    if let Some(watch) = Watch::over(&d) {
        let (d, stop) = (Arc::clone(&d), stop.clone());
        tasks.spawn(async move { keep_up(&d, watch, &stop).await });
    }
    tasks.close();

    let app = web::router_until(Arc::clone(&d), demo, stop.clone());
    let stopping = stop.clone();
    let served = axum::serve(
        listener,
        app.into_make_service_with_connect_info::<std::net::SocketAddr>(),
    )
    .with_graceful_shutdown(async move {
        signalled().await;
        tracing::info!("stopping: what is under way ends first");
        stopping.cancel();
    });
    let served = tokio::select! {
        served = async { served.await } => served,
        // A page that listens for changes would hold the shutdown up for ever.
        () = async { stop.cancelled().await; tokio::time::sleep(GRACE).await } => Ok(()),
    };
    stop.cancel();
    if tokio::time::timeout(GRACE, tasks.wait()).await.is_err() {
        tracing::warn!("something was still under way; it is taken up again at the next start");
    }
    d.store.close().await;
    served.context("the listener failed")
}

/// Takes up changed flows and texts, and says what is wrong with those it does not.
async fn keep_up(d: &Arc<Deployment>, mut watch: Watch, stop: &CancellationToken) {
    let refused = metrics::gauge!("schoolgate_changed_flows_refused");
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(LOOK_FOR_CHANGES) => {}
        }
        match watch.look(d).await {
            Ok(Look::Unchanged) => {}
            Ok(Look::Taken) => {
                refused.set(0);
                tracing::info!(bundle = %d.bundle().hash, "changed flows and texts are taken up");
            }
            Ok(Look::Refused(why)) => {
                refused.set(1);
                for fault in why.faults.iter().filter(|f| f.severity == Severity::Error) {
                    let line = fault.line(&why.sources);
                    tracing::error!(file = %fault.file, line, remedy = %fault.remedy, "{}", fault.message);
                }
                tracing::error!(
                    "changed flows and texts have faults and are not taken up: `schoolgate check` shows them"
                );
            }
            Err(why) => complain("reload", Err(why)),
        }
    }
}

/// When a worker looks again.
#[derive(Clone, Copy)]
enum Looks {
    /// After each commit, and once a second.
    AtCommits,
    /// Every so often.
    Every(Duration),
}

/// A worker: does its job again and again, and ends between two pieces of work.
fn work<F, W>(
    d: &Arc<Deployment>,
    stop: &CancellationToken,
    tasks: &TaskTracker,
    name: &'static str,
    looks: Looks,
    job: F,
) where
    F: Fn(Arc<Deployment>) -> W + Send + 'static,
    W: Future<Output = Result<usize>> + Send,
{
    let (d, stop) = (Arc::clone(d), stop.clone());
    let (at_commits, every) = match looks {
        Looks::AtCommits => (true, LOOK_ROUND),
        Looks::Every(every) => (false, every),
    };
    tasks.spawn(async move {
        let mut commits = d.store.commits();
        loop {
            commits.mark_unchanged();
            complain(name, job(Arc::clone(&d)).await);
            tokio::select! {
                () = stop.cancelled() => break,
                _ = commits.changed(), if at_commits => {}
                () = tokio::time::sleep(every) => {}
            }
        }
    });
}

/// Hands messages over: looks after each commit, whenever one has left, and once a second. When the
/// service stops, what is being handed over is waited for and written down.
async fn send(d: &Arc<Deployment>, stop: &CancellationToken) {
    let mut commits = d.store.commits();
    let mut sender = Sender::new(d);
    while !stop.is_cancelled() {
        commits.mark_unchanged();
        let round = sender.round().await;
        let failed = round.is_err();
        complain("outbox", round);
        tokio::select! {
            () = stop.cancelled() => break,
            _ = commits.changed(), if !failed => {}
            true = sender.one_ended(), if !failed => {}
            () = tokio::time::sleep(LOOK_ROUND) => {}
        }
    }
    complain("outbox", sender.finish().await.map(|()| 0));
}

/// A worker's failure is logged and tried again: the database may be away for a while.
fn complain(what: &'static str, outcome: Result<usize>) {
    if let Err(why) = outcome {
        tracing::error!(what, %why, "will try again");
        metrics::counter!("schoolgate_worker_failures_total", "worker" => what).increment(1);
    }
}

async fn signalled() {
    let interrupt = async {
        // Without a handler there is only the kill; nothing is lost by that either.
        let _ = tokio::signal::ctrl_c().await;
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
