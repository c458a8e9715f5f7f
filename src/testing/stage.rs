//! Where conversations are played, and in which languages.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use anyhow::{Context as _, ensure};

use super::heard::{self, All};
use super::playing::Playing;
use super::{Rig, clock_of, setting};
use crate::config::Config;
use crate::deployment::Parts;
use crate::flow::coverage::Coverage;
use crate::flow::transcript::{self, Line, Says};

/// The demo school, with flows and languages that all tests share.
pub(super) fn demo() -> anyhow::Result<(Config, Arc<Parts>)> {
    static PARTS: OnceLock<Arc<Parts>> = OnceLock::new();
    let config = Config::demo().map_err(|refused| anyhow::anyhow!("{refused}"))?;
    let parts = match PARTS.get() {
        Some(parts) => Arc::clone(parts),
        None => {
            let parts = Arc::new(Parts::load(&config)?);
            Arc::clone(PARTS.get_or_init(|| parts))
        }
    };
    Ok((config, parts))
}

/// Where conversations are played: a school with its flows and languages.
pub struct Stage {
    /// The school.
    pub config: Config,
    /// Its flows and languages.
    pub parts: Arc<Parts>,
    /// The ways through the flows that were taken, by the parent's language.
    pub coverage: BTreeMap<String, Arc<Coverage>>,
    /// Expectations that did not hold are written anew rather than refused.
    pub update: bool,
}

/// A conversation that went as written.
pub struct Played {
    /// The file as it should read: another one than was given only where [`Stage::update`] says so.
    pub written: String,
    /// The facts that did not hold when it was written anew: nobody can guess those.
    pub unmet: Vec<anyhow::Error>,
    /// The parent's language.
    pub language: String,
    heard: All,
}

impl Stage {
    /// The demo school.
    ///
    /// # Errors
    /// The demo's own files are broken.
    pub fn demo() -> anyhow::Result<Self> {
        let (config, parts) = demo()?;
        Ok(Self::new(config, parts))
    }

    /// A stage where nothing has been played.
    pub fn new(config: Config, parts: Arc<Parts>) -> Self {
        let offered = config.schools.iter().flat_map(|s| &s.languages);
        let written = |tag: &&String| parts.bundle.languages.tags().any(|t| t == tag.as_str());
        let tags = offered.filter(written);
        Self {
            coverage: tags.map(|tag| (tag.clone(), Arc::default())).collect(),
            config,
            parts,
            update: false,
        }
    }

    /// Plays one conversation file from its first `@` on, in the language of its parent.
    ///
    /// A line `# as +44…` names the parent, who is otherwise Amina Yusuf. Every text to the parent
    /// must stand in the file, in order; texts to others only where the file asks for them. `# with
    /// KEY: VALUE` changes the school for this conversation.
    ///
    /// # Errors
    /// The first line that did not hold, with what happened instead.
    pub async fn play(&self, path: &str, source: &str, database: &str) -> anyhow::Result<Played> {
        let config = setting::apply(&self.config, source).with_context(|| path.to_owned())?;
        let language = language_of(&config, &parent_of(source));
        let lines = lines_of(path, source)?;
        let mut playing = self.open(&config, path, source, database).await?;
        playing.update = self.update.then(Default::default);
        let mut unmet = Vec::new();
        for line in &lines {
            let played = playing.line(line.number, &line.says).await;
            match played.with_context(|| format!("{path}:{}", line.number)) {
                Err(why) if self.update && matches!(line.says, Says::Fact(_)) => unmet.push(why),
                played => played?,
            }
            if !matches!(line.says, Says::Fact(_)) {
                playing.last = line.number;
            }
        }
        playing
            .nothing_more()
            .await
            .with_context(|| format!("{path}: at the end"))?;
        playing.rig.d.store.close().await;
        self.add(&language, &playing);
        let written = playing.update.map(|rewrite| rewrite.apply(source));
        Ok(Played {
            written: written.unwrap_or_else(|| source.to_owned()),
            unmet,
            language,
            heard: playing.heard,
        })
    }

    /// The other languages a conversation must go alike in: all that have texts, unless a line
    /// `# only in TAG: WHY` says that it belongs to its own.
    ///
    /// # Errors
    /// Such a line that gives no reason, or names another language than the parent's.
    pub fn others(&self, source: &str, played: &Played) -> anyhow::Result<Vec<String>> {
        if let Some(only) = source.lines().find_map(|l| l.strip_prefix("# only in ")) {
            let (tag, why) = only.split_once(':').unwrap_or((only, ""));
            ensure!(
                !why.trim().is_empty(),
                "`# only in {only}`: say why, as `# only in {tag}: WHY`"
            );
            ensure!(
                tag == played.language,
                "`# only in {only}`: this parent is written to in `{}`",
                played.language
            );
            return Ok(Vec::new());
        }
        let languages = self.coverage.keys();
        Ok(languages
            .filter(|tag| **tag != played.language)
            .cloned()
            .collect())
    }

    /// Plays it again with everybody's language set to `tag`: other words, the same messages in the
    /// same order, the same record.
    ///
    /// # Errors
    /// The first line where it is otherwise; a text that the language does not have.
    pub async fn play_in(
        &self,
        tag: &str,
        path: &str,
        source: &str,
        database: &str,
        played: &Played,
    ) -> anyhow::Result<()> {
        let mut config = setting::apply(&self.config, source)?;
        for school in &mut config.schools {
            tag.clone_into(&mut school.default_language);
            for adult in &mut school.people.adults {
                adult.language = Some(tag.to_owned());
            }
        }
        let lines = lines_of(path, source)?;
        let mut playing = self.open(&config, path, source, database).await?;
        for line in lines.iter().filter(|l| is_played(&l.says)) {
            let done = playing.line(line.number, &line.says).await;
            done.with_context(|| format!("{path}:{}, in `{tag}`", line.number))?;
            playing.seen_all().await?;
        }
        playing.rig.d.store.close().await;
        self.add(tag, &playing);
        let languages = &self.parts.bundle.languages;
        heard::compare(&played.heard, &playing.heard, tag, languages)
            .with_context(|| format!("{path}, in `{tag}`"))
    }

    fn add(&self, tag: &str, playing: &Playing) {
        if let Some(all) = self.coverage.get(tag) {
            all.join(&playing.coverage);
        }
    }

    async fn open(
        &self,
        config: &Config,
        path: &str,
        source: &str,
        database: &str,
    ) -> anyhow::Result<Playing> {
        let lines = lines_of(path, source)?;
        // The year matters to `Tue 1 Dec` only; the file's first `@` sets the date.
        let epoch = jiff::civil::date(2026, 11, 23).at(9, 0, 0, 0);
        let start = lines.iter().find_map(|l| match &l.says {
            Says::Time(time) => Some(transcript::resolve(time, epoch)),
            _ => None,
        });
        let start = start.with_context(|| format!("{path}: no `@` line says when it begins"))?;
        let start = start.map_err(|why| anyhow::anyhow!("{path}: {why}"))?;
        let clock = clock_of(config, start)?;
        let rig = Rig::with_parts(config.clone(), Arc::clone(&self.parts), database, clock).await?;
        // Of this conversation alone: two messages may read alike.
        let coverage: Arc<Coverage> = Arc::default();
        // Set once, on a deployment that was just made.
        let _ = rig.d.coverage.set(Arc::clone(&coverage));
        let parent = parent_of(source);
        let school = rig.school();
        let mut families = BTreeSet::from([parent.clone()]);
        families.extend(lines.iter().filter_map(|l| match &l.says {
            Says::From { who: Some(who), .. } if school.staff_with_phone(who).is_none() => {
                Some(who.clone())
            }
            _ => None,
        }));
        Ok(Playing::new(rig, parent, families, coverage))
    }
}

/// What is done, as against what is expected; a record of our own texts is in their language.
fn is_played(says: &Says) -> bool {
    match says {
        Says::To { .. } | Says::AnyMore => false,
        Says::Fact(fact) => !fact.contains(" holds message-out schoolgate:"),
        Says::From { .. } | Says::Time(_) | Says::Desk { .. } => true,
    }
}

fn lines_of(path: &str, source: &str) -> anyhow::Result<Vec<Line>> {
    transcript::parse(path, source).map_err(|faults| {
        let sources = BTreeMap::from([(path.to_owned(), source.to_owned())]);
        let faults = faults.iter().map(|f| f.render(&sources));
        anyhow::anyhow!("{}", faults.collect::<Vec<_>>().join("\n"))
    })
}

fn parent_of(source: &str) -> String {
    let named = source.lines().find_map(|l| l.strip_prefix("# as "));
    named
        .and_then(|l| l.split_whitespace().next())
        .unwrap_or("+447700900101")
        .to_owned()
}

/// The language the school begins to write to somebody in.
pub fn language_of(config: &Config, address: &str) -> String {
    let Some(school) = config.schools.first() else {
        return String::new();
    };
    let adults = school.people.adults.iter();
    adults
        .filter(|a| a.phones.iter().any(|p| p.e164() == address))
        .find_map(|a| a.language.clone())
        .filter(|tag| school.languages.contains(tag))
        .unwrap_or_else(|| school.default_language.clone())
}
