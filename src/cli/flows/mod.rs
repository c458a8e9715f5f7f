//! `schoolgate flows`: what flows and languages do, one question a file.

mod graph;
mod read;
mod route;
mod screen;
mod test;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::config::Config;
use crate::deployment::{NotReady, Parts};
use crate::school::safeguarding::StaffName;

/// Try, test and draw flows and languages.
#[derive(Debug, Args)]
pub struct Flows {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Say what is understood of answers: reads `expect<TAB>local time<TAB>text` a line.
    Read(read::Read),
    /// Draw a flow.
    Graph(graph::Graph),
    /// Print the reference of the flow language, as Markdown.
    Reference,
    /// Print the JSON Schema of flow files, for editors.
    Schema,
    /// Say where opening messages lead: reads a message a line, prints `route<TAB>score`.
    Route(route::Route),
    /// Say what the safeguarding screen finds: reads a message a line, prints `outcome<TAB>why`.
    Screen(screen::Screen),
    /// Play conversations as tests.
    Test(test::Test),
}

impl Flows {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        match self.what {
            What::Read(read) => read.run(),
            What::Graph(graph) => graph.run(),
            What::Reference => {
                print!("{}", crate::flow::reference::markdown());
                Ok(ExitCode::SUCCESS)
            }
            What::Schema => {
                println!("{:#}", crate::flow::schema::schema());
                Ok(ExitCode::SUCCESS)
            }
            What::Route(route) => route.run(),
            What::Screen(screen) => screen.run(),
            What::Test(test) => test.run().await,
        }
    }
}

/// Whose flows and languages.
#[derive(Debug, Args)]
struct Whose {
    /// The configuration file; without one, the flows, texts and demo school of the program itself.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Whose {
    /// The configuration, with its flows and languages loaded and checked.
    fn load(&self) -> anyhow::Result<(Config, Parts)> {
        let read = match &self.config {
            Some(path) => Config::load(path),
            None => Config::demo(),
        };
        let config =
            read.map_err(|refused| anyhow::anyhow!("the configuration has faults\n{refused}"))?;
        let parts = Parts::load(&config).map_err(|not_ready| match not_ready {
            NotReady::Faults(refused) => anyhow::anyhow!("the flows have faults\n{refused}"),
            other => other.into(),
        })?;
        Ok((config, parts))
    }
}

/// The staff of all the schools, as people write of them.
fn staff(config: &Config, screen: &crate::school::safeguarding::Screen) -> Vec<StaffName> {
    let schools = config.schools.iter();
    let people = schools.flat_map(|s| &s.people.staff);
    let names = people.map(|staff| crate::deployment::name_of(screen, staff));
    names.collect()
}
