//! `schoolgate import`: pupils, adults and staff out of the school's own system.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use indicatif::ProgressBar;

use super::{Where, one_school};
use crate::clock::Clock;
use crate::deployment::{Parts, School};
use crate::desk::people::{PeopleError, Proposed, carry_out, propose};
use crate::fault::{Fault, Severity, Sources};
use crate::school::people::Kind;
use crate::school::people::import::{Change, File, LONGEST, Mapping, Proposal, What};

/// Import pupils, parents and carers, and staff from CSV files, as SIMS, Arbor and Bromcom export
/// them. Shows what would change; changes it with --apply.
#[derive(Debug, Args)]
pub struct Import {
    /// The files. Their headings tell what each is about; or say so: `pupils=FILE`, `adults=FILE`,
    /// `staff=FILE`.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// The school, where the configuration has several.
    #[arg(long, value_name = "ID")]
    school: Option<String>,
    /// A file that names the school's own headings (docs/import.md).
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Change it.
    #[arg(long)]
    apply: bool,
    /// Yes to a question, by its name in brackets; `all` to every one.
    #[arg(long, value_name = "QUESTION")]
    yes: Vec<String>,
    #[command(flatten)]
    place: Where,
}

impl Import {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let mapping = self.mapping()?;
        let files = self
            .files
            .iter()
            .map(|file| open(file))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let (config, store) = self.place.store(Clock::real()).await?;
        let parts = Parts::load(&config)?;
        let school = one_school(&config, self.school.as_deref())?;
        let mut tx = store.begin().await?;
        tx.keep_school(
            &school.config.id,
            &school.config.name,
            i64::from(school.config.first_case),
        )
        .await?;
        let proposed = match propose(&mut tx, &school, &parts.bundle, &files, &mapping).await {
            Ok(proposed) => proposed,
            Err(PeopleError::Unusable(unusable)) => {
                show_faults(&unusable.faults, &unusable.sources);
                anyhow::bail!("{unusable}");
            }
            Err(other) => return Err(other.into()),
        };
        let proposal = &proposed.proposal;
        show_faults(&proposal.doubts, &proposal.sources);
        show(proposal);
        let yes = self.answers(proposal)?;
        if proposal.changes.is_empty() {
            println!("Nothing to change.");
        } else if self.apply {
            apply(tx, &school, &proposed, &yes).await?;
        } else {
            println!("Nothing is changed yet. To change it, add --apply.");
        }
        Ok(ExitCode::SUCCESS)
    }

    fn mapping(&self) -> anyhow::Result<Mapping> {
        let Some(path) = &self.mapping else {
            return Ok(Mapping::default());
        };
        let name = path.display().to_string();
        let text = crate::fault::read_file(path, &name)
            .map_err(|fault| anyhow::anyhow!("{}: {}", fault.file, fault.message))?;
        Mapping::parse(&name, &text).map_err(|faults| {
            show_faults(&faults, &Sources::from([(name.clone(), text.clone())]));
            anyhow::anyhow!("the mapping file has faults")
        })
    }

    fn answers(&self, proposal: &Proposal) -> anyhow::Result<BTreeSet<String>> {
        let every = proposal.every_yes();
        if self.yes.iter().any(|yes| yes == "all") {
            return Ok(every);
        }
        for yes in &self.yes {
            if !every.contains(yes) {
                anyhow::bail!("--yes {yes}: there is no such question");
            }
        }
        Ok(self.yes.iter().cloned().collect())
    }
}

/// `pupils=FILE`, or a file whose headings tell.
fn open(named: &str) -> anyhow::Result<File> {
    let kinds = [Kind::Pupil, Kind::Adult, Kind::Staff];
    let said = kinds.into_iter().find_map(|kind| {
        let file = named.strip_prefix(kind.plural())?.strip_prefix('=')?;
        Some((kind, file))
    });
    let (kind, path) = said.map_or((None, named), |(kind, path)| (Some(kind), path));
    // One more than is read, so that a longer one is refused and not cut short.
    let mut bytes = Vec::new();
    let most = u64::try_from(LONGEST + 1).unwrap_or(u64::MAX);
    std::fs::File::open(path)
        .and_then(|file| file.take(most).read_to_end(&mut bytes))
        .with_context(|| format!("{path} cannot be read"))?;
    let name = Path::new(path).file_name();
    Ok(File {
        name: name.map_or_else(|| path.to_owned(), |n| n.to_string_lossy().into_owned()),
        bytes,
        kind,
    })
}

fn show_faults(faults: &[Fault], sources: &Sources) {
    let mut sorted: Vec<&Fault> = faults.iter().collect();
    sorted.sort_by_key(|f| f.severity == Severity::Error);
    for fault in sorted {
        eprintln!("{}", fault.render(sources));
    }
}

fn show(proposal: &Proposal) {
    for change in &proposal.changes {
        println!("{}", line(change));
    }
    for ask in &proposal.asks {
        println!("? {} (--yes {})", ask.words, ask.id);
    }
    for kind in [Kind::Pupil, Kind::Adult, Kind::Staff] {
        let count = |what: fn(&What) -> bool| proposal.count(kind, what);
        println!(
            "{}: {} new, {} changed, {} gone, {} back",
            kind.plural(),
            count(|w| matches!(w, What::Added)),
            count(|w| matches!(w, What::Changed(_))),
            count(|w| matches!(w, What::Gone)),
            count(|w| matches!(w, What::Back(_))),
        );
    }
    println!("{} as they were", proposal.same);
}

fn line(change: &Change) -> String {
    let name = change.person.name();
    let kind = change.person.kind().word();
    let fields = |sign: char, different: &[crate::school::people::import::Different]| {
        let one = |d: &crate::school::people::import::Different| {
            format!(
                "\n    {}: {} -> {}",
                d.field,
                or_nothing(&d.before),
                or_nothing(&d.after)
            )
        };
        let all: String = different.iter().map(one).collect();
        format!("{sign} {kind} {name}{all}")
    };
    match &change.what {
        What::Added => format!("+ {kind} {name}"),
        What::Gone => format!("- {kind} {name}"),
        What::Changed(different) => fields('~', different),
        What::Back(different) => fields('+', different),
    }
}

fn or_nothing(value: &str) -> &str {
    if value.is_empty() { "nothing" } else { value }
}

async fn apply(
    mut tx: crate::store::Tx,
    school: &School,
    proposed: &Proposed,
    yes: &BTreeSet<String>,
) -> anyhow::Result<()> {
    let agreed = proposed.proposal.agreed(yes).count();
    let bar = ProgressBar::new(u64::try_from(agreed).unwrap_or_default());
    let told = |done: usize| bar.set_position(u64::try_from(done).unwrap_or_default());
    let id = &school.config.id;
    carry_out(&mut tx, school, "", proposed, yes, &told).await?;
    tx.audit(id, "command line", "imported people", None)
        .await?;
    tx.save().await?;
    bar.finish_and_clear();
    let left = proposed.proposal.changes.len() - agreed;
    println!("Changed: {agreed}.");
    if left > 0 {
        println!("Left as they were, because a question has no yes: {left}.");
    }
    println!("A running schoolgate takes it up within a few seconds.");
    Ok(())
}
