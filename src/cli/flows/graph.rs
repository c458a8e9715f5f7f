//! `schoolgate flows graph`: a flow as a picture.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, ValueEnum};

use super::Whose;
use crate::fault::did_you_mean;
use crate::flow::bundle::Bundle;
use crate::flow::definition::Flow;
use crate::flow::graph::Picture;

/// Draws a flow: what is said and asked, where each answer leads, how a person comes in.
#[derive(Debug, Args)]
pub struct Graph {
    #[command(flatten)]
    whose: Whose,
    /// The flow, by the name of its file.
    #[arg(required_unless_present = "all")]
    name: Option<String>,
    /// All flows, each in a file of the folder `--output`.
    #[arg(long, requires = "output", conflicts_with = "name")]
    all: bool,
    /// A picture of its own, or text that documentation pages draw.
    #[arg(long, value_enum, default_value_t = Format::Svg)]
    format: Format,
    /// The language of the texts in it.
    #[arg(long, value_name = "TAG", default_value = "en")]
    language: String,
    /// Where to write it; the standard output if left out.
    #[arg(long, value_name = "PATH")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// A picture for browsers and printers.
    Svg,
    /// Mermaid, which GitHub and others draw.
    Mermaid,
}

impl Graph {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let (_, parts) = self.whose.load()?;
        let bundle = &parts.bundle;
        anyhow::ensure!(
            bundle.languages.tags().any(|tag| tag == self.language),
            "there are no texts in `{}`: {}",
            self.language,
            did_you_mean(&self.language, bundle.languages.tags())
        );
        match (&self.name, &self.output) {
            (Some(name), output) => {
                let flow = bundle.flows.get(name).with_context(|| {
                    let known = bundle.flows.keys().map(String::as_str);
                    format!("there is no flow `{name}`: {}", did_you_mean(name, known))
                })?;
                let drawn = self.draw(flow, bundle);
                match output {
                    Some(path) => write(path, &drawn)?,
                    None => print!("{drawn}"),
                }
            }
            (None, Some(folder)) => {
                std::fs::create_dir_all(folder)
                    .with_context(|| format!("{} cannot be made", folder.display()))?;
                let extension = match self.format {
                    Format::Svg => "svg",
                    Format::Mermaid => "mmd",
                };
                for flow in bundle.flows.values() {
                    let path = folder.join(format!("{}.{extension}", flow.name));
                    write(&path, &self.draw(flow, bundle))?;
                }
                println!("{} flows drawn in {}", bundle.flows.len(), folder.display());
            }
            (None, None) => anyhow::bail!("name a flow, or --all and a folder in --output"),
        }
        Ok(ExitCode::SUCCESS)
    }

    fn draw(&self, flow: &Flow, bundle: &Bundle) -> String {
        let picture = Picture::new(flow, bundle, &self.language);
        match self.format {
            Format::Svg => picture.svg(),
            Format::Mermaid => picture.mermaid(),
        }
    }
}

fn write(path: &Path, drawn: &str) -> anyhow::Result<()> {
    std::fs::write(path, drawn).with_context(|| format!("{} cannot be written", path.display()))
}
