//! `schoolgate demo`: an invented school, both sides of it, with nothing to set up.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;

use super::{deployment, serve};
use crate::clock::Clock;
use crate::config::Config;
use crate::telemetry;
use crate::web::password::hash_password;

/// The password of everybody in the demo: its people are invented and it listens on this machine only.
const PASSWORD: &str = "kingfisher in the reeds";

/// Runs Kingfisher Primary School, where everybody is invented.
#[derive(Debug, Args)]
pub struct Demo {
    /// The port on this machine; 0 picks a free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The folder that keeps its database.
    #[arg(long, value_name = "DIR", default_value = "schoolgate-demo")]
    data: PathBuf,
}

impl Demo {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        telemetry::start_logs(false);
        let mut config =
            Config::demo().map_err(|refused| anyhow::anyhow!("the demo has faults\n{refused}"))?;
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let listener = tokio::net::TcpListener::bind(listen)
            .await
            .with_context(|| format!("port {} is taken: choose another with --port", self.port))?;
        let address = listener.local_addr()?;
        config.listen = address;
        config.public_url = Some(format!("http://{address}"));
        config.metrics_listen = None;
        std::fs::create_dir_all(&self.data).with_context(|| {
            format!("--data {}: the folder cannot be made", self.data.display())
        })?;
        let file = self.data.join("schoolgate.db");
        let d = deployment(config, &format!("sqlite:{}", file.display()), Clock::real()).await?;

        let mut tx = d.store.begin().await?;
        for school in d.schools() {
            let there = tx.accounts(&school.config.id).await?;
            if there.len() < school.people.staff.len() {
                let hash = tokio::task::spawn_blocking(|| hash_password(PASSWORD)).await??;
                for staff in &school.people.staff {
                    tx.set_password(&school.config.id, &staff.key, &hash)
                        .await?;
                }
            }
        }
        tx.save().await?;

        println!("Kingfisher Primary School is open. Everybody in it is invented.\n");
        println!("  A parent's phone   http://{address}/handset");
        println!("  The staff console  http://{address}/");
        println!("  Sign in as         cole@kingfisher.example   (Mrs Cole, the SENCO)");
        println!(
            "               or    adeyemi@kingfisher.example (Mrs Adeyemi, the safeguarding lead)"
        );
        println!("               or    park@kingfisher.example    (Ms Park, the office)");
        println!("  Password           {PASSWORD}\n");
        println!(
            "Its records are kept in {}. Ctrl-C stops it.",
            self.data.display()
        );
        serve::until_stopped(d, listener, true).await?;
        Ok(ExitCode::SUCCESS)
    }
}
