//! A school in a temporary folder, for tests and for conversations as tests: the real store, inbox
//! and outbox on a clock that stands still, on SQLite and, where there is one, on PostgreSQL.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use anyhow::{Context as _, bail, ensure};
use jiff::civil::DateTime;
use uuid::Uuid;

use crate::channel::{Inbound, Media, Status};
use crate::clock::Clock;
use crate::config::Config;
use crate::deployment::{Deployment, Endpoint, Parts, School};
use crate::desk::Actor;
use crate::flow::coverage::Coverage;
use crate::flow::transcript::{self, Says};
use crate::inbox;
use crate::settle::{advance, settle};
use crate::store::{Case, Moment, OutboxRow, Store, Tx};

/// The demo school on a database of its own, at a moment of its own.
pub struct Rig {
    /// What is running.
    pub d: Arc<Deployment>,
    /// The handset endpoint.
    pub endpoint: Arc<Endpoint>,
    since: Moment,
}

impl Rig {
    /// The demo school on `database`, at `now` on its clock.
    pub async fn open(database: &str, now: DateTime) -> anyhow::Result<Self> {
        let (config, parts) = demo()?;
        let clock = clock_of(&config, now)?;
        Self::with_parts(config, parts, database, clock).await
    }

    /// Any configuration on `database`.
    pub async fn with(config: Config, database: &str, clock: Clock) -> anyhow::Result<Self> {
        let parts = Arc::new(Parts::load(&config)?);
        Self::with_parts(config, parts, database, clock).await
    }

    /// The same, with flows and texts that were loaded before.
    pub async fn with_parts(
        config: Config,
        parts: Arc<Parts>,
        database: &str,
        clock: Clock,
    ) -> anyhow::Result<Self> {
        let store = Store::open(database, clock.clone()).await?;
        store.migrate().await?;
        let d = Arc::new(Deployment::with_parts(config, parts, store, clock).await?);
        let endpoint = d
            .endpoints
            .values()
            .next()
            .context("there is no endpoint")?;
        Ok(Self {
            endpoint: Arc::clone(endpoint),
            since: d.clock.now().into(),
            d,
        })
    }

    /// The school.
    pub fn school(&self) -> &School {
        &self.endpoint.school
    }

    /// Somebody writes; everything that follows at once is done.
    pub async fn hear(&self, from: &str, words: &str) -> anyhow::Result<()> {
        self.hear_bytes(from, words.as_bytes()).await
    }

    /// The same, with bytes that need not be text.
    pub async fn hear_bytes(&self, from: &str, body: &[u8]) -> anyhow::Result<()> {
        self.hear_with(from, body, Vec::new()).await
    }

    /// The same, with photos or recordings.
    pub async fn hear_with(
        &self,
        from: &str,
        body: &[u8],
        media: Vec<Media>,
    ) -> anyhow::Result<()> {
        let inbound = Inbound {
            provider_id: format!("test:{}", self.d.clock.id()),
            from: from.to_owned(),
            body: body.to_vec(),
            media,
            ..Inbound::default()
        };
        inbox::accept(&self.d, &self.endpoint, &inbound, false).await?;
        settle(&self.d).await?;
        Ok(())
    }

    /// The clock moves to `to`, and everything that falls due on the way is done.
    pub async fn at(&self, to: DateTime) -> anyhow::Result<()> {
        advance(&self.d, self.school().instant(to)).await?;
        Ok(())
    }

    /// Everything that has left for an address, oldest first.
    pub async fn sent_to(&self, address: &str) -> anyhow::Result<Vec<OutboxRow>> {
        let mut tx = self.d.store.read().await?;
        let rows = tx
            .written_to(&self.endpoint.id, address, self.since)
            .await?;
        Ok(rows
            .into_iter()
            .filter(|r| !matches!(r.status(), Status::Queued | Status::Expired))
            .collect())
    }

    /// The texts that have left for an address.
    pub async fn texts_to(&self, address: &str) -> anyhow::Result<Vec<String>> {
        Ok(self
            .sent_to(address)
            .await?
            .into_iter()
            .map(|r| r.body)
            .collect())
    }

    /// A member of staff at the desk.
    pub fn actor(&self, phone: &str) -> anyhow::Result<Actor<'_>> {
        let staff = self
            .school()
            .staff_with_phone(phone)
            .with_context(|| format!("{phone} is nobody on the staff"))?;
        Ok(Actor {
            d: &self.d,
            school: self.school(),
            staff,
        })
    }

    /// A case by what people call it.
    pub async fn case(&self, reference: &str) -> anyhow::Result<Case> {
        let number = crate::school::case::number(reference)
            .with_context(|| format!("`{reference}` is no reference"))?;
        let mut tx = self.d.store.read().await?;
        let found = tx.case_by_number(&self.school().config.id, number).await?;
        found.with_context(|| format!("there is no case {reference}"))
    }
}

/// Plays a conversation file from its first `@` on; says where it went another way.
///
/// A line `# as +44…` names the parent, who is otherwise Amina Yusuf. Every text to the parent must
/// stand in the file, in order; texts to others only where the file asks for them.
///
/// # Errors
/// The first line that did not hold, with what happened instead.
pub async fn play(path: &str, source: &str, database: &str) -> anyhow::Result<()> {
    let (config, parts) = demo()?;
    let stage = Stage {
        config,
        parts,
        coverage: Arc::default(),
        update: false,
    };
    stage.play(path, source, database).await.map(drop)
}

/// The demo school, with flows and languages that all tests share.
fn demo() -> anyhow::Result<(Config, Arc<Parts>)> {
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
    /// The ways through the flows that were taken.
    pub coverage: Arc<Coverage>,
    /// Expectations that did not hold are written anew rather than refused.
    pub update: bool,
}

impl Stage {
    /// Plays one conversation file; gives the file as it should read, which differs from `source`
    /// only where `update` says so, and the facts that did not hold then: nobody can guess those.
    ///
    /// # Errors
    /// The first line that did not hold, with what happened instead.
    pub async fn play(
        &self,
        path: &str,
        source: &str,
        database: &str,
    ) -> anyhow::Result<(String, Vec<anyhow::Error>)> {
        let lines = transcript::parse(path, source).map_err(|faults| {
            let sources = BTreeMap::from([(path.to_owned(), source.to_owned())]);
            anyhow::anyhow!(
                "{}",
                faults
                    .iter()
                    .map(|f| f.render(&sources))
                    .collect::<Vec<_>>()
                    .join("\n")
            )
        })?;
        let parent = source
            .lines()
            .find_map(|l| l.strip_prefix("# as "))
            .map_or("+447700900101", |l| {
                l.split_whitespace().next().unwrap_or_default()
            })
            .to_owned();
        // The year matters to `Tue 1 Dec` only; the file's first `@` sets the date.
        let epoch = jiff::civil::date(2026, 11, 23).at(9, 0, 0, 0);
        let start = lines.iter().find_map(|l| match &l.says {
            Says::Time(time) => Some(transcript::resolve(time, epoch)),
            _ => None,
        });
        let start = start.with_context(|| format!("{path}: no `@` line says when it begins"))?;
        let start = start.map_err(|why| anyhow::anyhow!("{path}: {why}"))?;
        let clock = clock_of(&self.config, start)?;
        let rig = Rig::with_parts(
            self.config.clone(),
            Arc::clone(&self.parts),
            database,
            clock,
        )
        .await?;
        // Set once, on a deployment that was just made.
        let _ = rig.d.coverage.set(Arc::clone(&self.coverage));
        let mut playing = Playing {
            rig,
            parent,
            seen: BTreeSet::new(),
            opened: BTreeMap::new(),
            any_more: false,
            update: self.update.then(Rewrite::default),
            last: 0,
        };
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
        let rewritten = playing.update.map(|rewrite| rewrite.apply(source));
        Ok((rewritten.unwrap_or_else(|| source.to_owned()), unmet))
    }
}

/// A clock that stands still at a moment of the first school's.
fn clock_of(config: &Config, now: DateTime) -> anyhow::Result<Clock> {
    let school = config.schools.first().context("there is no school")?;
    let zone = school.calendar.zone.clone();
    Ok(Clock::set(now.to_zoned(zone)?.timestamp()))
}

/// Lines of a file to be written anew, by their numbers.
#[derive(Debug, Default)]
struct Rewrite {
    instead: BTreeMap<usize, Option<String>>,
    after: BTreeMap<usize, Vec<String>>,
}

impl Rewrite {
    fn apply(&self, source: &str) -> String {
        let mut lines: Vec<&str> = Vec::new();
        for (at, text) in source.lines().enumerate() {
            match self.instead.get(&(at + 1)) {
                Some(instead) => lines.extend(instead.as_deref()),
                None => lines.push(text),
            }
            let after = self.after.get(&(at + 1)).into_iter().flatten();
            lines.extend(after.map(String::as_str));
        }
        lines.join("\n") + "\n"
    }
}

/// What comes with a message, and its words: `[photo] is this right?`, `[voice]`.
fn with_media(words: &str) -> (Vec<Media>, &str) {
    let kinds = [("[photo]", "image/jpeg"), ("[voice]", "audio/ogg")];
    for (mark, content_type) in kinds {
        if let Some(words) = words.strip_prefix(mark) {
            let media = Media {
                content_type: content_type.to_owned(),
                reference: format!("test/{content_type}"),
            };
            return (vec![media], words.trim_start());
        }
    }
    (Vec::new(), words)
}

/// A text as a conversation file holds it: its lines joined.
fn on_one_line(body: &str) -> String {
    body.split('\n')
        .map(str::trim)
        .collect::<Vec<_>>()
        .join(" ")
}

struct Playing {
    rig: Rig,
    parent: String,
    seen: BTreeSet<Uuid>,
    /// The case each member of staff opened last.
    opened: BTreeMap<String, String>,
    any_more: bool,
    update: Option<Rewrite>,
    /// The last line that was no fact: what is said next stands after it.
    last: usize,
}

impl Playing {
    async fn line(&mut self, number: usize, says: &Says) -> anyhow::Result<()> {
        match says {
            Says::From { who, words } => {
                self.nothing_more().await?;
                let who = who.as_deref().unwrap_or(&self.parent).to_owned();
                let (media, words) = with_media(words);
                self.rig.hear_with(&who, words.as_bytes(), media).await
            }
            Says::To { who, words } => self.expect(number, who.as_deref(), words).await,
            Says::AnyMore => {
                self.any_more = true;
                Ok(())
            }
            Says::Time(time) => {
                self.nothing_more().await?;
                let now = self.rig.school().local(self.rig.d.clock.now());
                let to = transcript::resolve(time, now).map_err(|why| anyhow::anyhow!(why))?;
                self.rig.at(to).await
            }
            Says::Desk { who, words } => {
                self.nothing_more().await?;
                self.desk(who, words).await
            }
            Says::Fact(fact) => self.fact(fact).await,
        }
    }

    /// Everything sent to the parent so far was expected.
    async fn nothing_more(&mut self) -> anyhow::Result<()> {
        let parent = self.parent.clone();
        for row in self.rig.sent_to(&parent).await? {
            if self.seen.insert(row.id) && !self.any_more {
                if let Some(rewrite) = &mut self.update {
                    let new = rewrite.after.entry(self.last).or_default();
                    new.push(format!("< {}", on_one_line(&row.body)));
                    continue;
                }
                bail!("the parent was also told:\n< {}", row.body);
            }
        }
        self.any_more = false;
        Ok(())
    }

    async fn expect(
        &mut self,
        number: usize,
        who: Option<&str>,
        words: &str,
    ) -> anyhow::Result<()> {
        let address = who.unwrap_or(&self.parent).to_owned();
        let sent = self.rig.sent_to(&address).await?;
        let fresh: Vec<&OutboxRow> = sent.iter().filter(|r| !self.seen.contains(&r.id)).collect();
        let got = if who.is_some() {
            fresh.iter().find(|r| transcript::matches(words, &r.body))
        } else {
            fresh
                .first()
                .filter(|r| transcript::matches(words, &r.body))
        };
        let Some(row) = got else {
            if let (None, Some(rewrite)) = (who, &mut self.update) {
                let new = fresh.first().map(|r| format!("< {}", on_one_line(&r.body)));
                self.seen.extend(fresh.first().map(|r| r.id));
                rewrite.instead.insert(number, new);
                return Ok(());
            }
            let list: Vec<String> = fresh.iter().map(|r| format!("  < {}", r.body)).collect();
            bail!(
                "expected\n  < {words}\nand {address} was told\n{}",
                list.join("\n")
            );
        };
        self.seen.insert(row.id);
        Ok(())
    }

    async fn desk(&mut self, who: &str, words: &str) -> anyhow::Result<()> {
        let actor = self.rig.actor(who)?;
        let (verb, rest) = words.split_once(' ').unwrap_or((words, ""));
        let number = |reference: &str| {
            crate::school::case::number(reference)
                .with_context(|| format!("`{reference}` is no reference"))
        };
        let mut tx = self.rig.d.store.begin().await?;
        match verb {
            "opens" => {
                actor.open(&mut tx, number(rest)?).await?;
                self.opened.insert(who.to_owned(), rest.to_owned());
            }
            "cannot" => {
                let reference = rest
                    .strip_prefix("open ")
                    .context("write `cannot open C-1042`")?;
                ensure!(
                    actor.open(&mut tx, number(reference)?).await.is_err(),
                    "{who} could open {reference}"
                );
                return Ok(());
            }
            "acknowledges" => {
                let mut case = actor.case(&mut tx, number(rest)?).await?;
                actor.acknowledge(&mut tx, &mut case).await?;
            }
            "releases" | "refuses" => {
                let (reference, adult) = rest
                    .split_once(" as ")
                    .context("write `releases C-1042 as mark-reed`")?;
                let case = actor.case(&mut tx, number(reference)?).await?;
                let tasks = tx.open_tasks(&case.school_id).await?;
                let task = tasks
                    .iter()
                    .find(|t| t.kind == "two-questions" && t.case_id == Some(case.id))
                    .context("nobody is asked the two questions about it")?;
                actor
                    .answer_questions(&mut tx, task.id, Some(adult), true, verb == "refuses")
                    .await?;
            }
            _ => {
                let reference = self
                    .opened
                    .get(who)
                    .with_context(|| format!("{who} has opened nothing yet"))?;
                let mut case = actor.case(&mut tx, number(reference)?).await?;
                self.act(&actor, &mut tx, &mut case, words).await?;
            }
        }
        tx.save().await?;
        settle(&self.rig.d).await?;
        Ok(())
    }

    /// What is done to the case that is open on somebody's screen.
    async fn act(
        &self,
        actor: &Actor<'_>,
        tx: &mut Tx,
        case: &mut Case,
        words: &str,
    ) -> anyhow::Result<()> {
        if let Some(time) = words.strip_prefix("presses ring by ") {
            let at = transcript::resolve(
                time,
                self.rig.school().local(tx.now()).date().at(0, 0, 0, 0),
            )
            .map_err(|why| anyhow::anyhow!(why))?;
            actor.promise_ring(tx, case, at).await?;
        } else if let Some(words) = words.strip_prefix("replies: ") {
            actor.reply(tx, case, words).await?;
        } else if let Some(outcome) = words.strip_prefix("logs a talk: ") {
            actor.log_call(tx, case, outcome).await?;
            actor.after_call(tx, case).await?;
        } else if words == "asks about it" {
            actor.ask_about(tx, case).await?;
        } else if let Some(outcome) = words.strip_prefix("logs a call: ") {
            actor.log_call(tx, case, outcome).await?;
        } else if words == "marks it as safeguarding" {
            actor.mark_safeguarding(tx, case).await?;
        } else {
            bail!("`{words}` is nothing that is done at the desk here");
        }
        Ok(())
    }

    async fn fact(&mut self, fact: &str) -> anyhow::Result<()> {
        let (subject, rest) = fact.split_once(' ').unwrap_or((fact, ""));
        if let Some(address) = fact.strip_prefix("nothing to ") {
            let sent = self.rig.texts_to(address).await?;
            ensure!(sent.is_empty(), "{address} was told {sent:?}");
            return Ok(());
        }
        let school = self.rig.school();
        let mut tx = self.rig.d.store.read().await?;
        if fact == "every chain is whole" {
            let (_, breaks) = tx.verify().await?;
            ensure!(breaks.is_empty(), "{breaks:?}");
            return Ok(());
        }
        if let Some(kind) = fact.strip_prefix("task ") {
            let tasks = tx.open_tasks(&school.config.id).await?;
            let kinds: Vec<&str> = tasks.iter().map(|t| t.kind.as_str()).collect();
            ensure!(kinds.contains(&kind), "the tasks are {kinds:?}");
            return Ok(());
        }
        drop(tx);
        let case = self.rig.case(subject).await?;
        let mut tx = self.rig.d.store.read().await?;
        let local = |m: Moment| {
            school
                .local(m.timestamp())
                .strftime("%a %-d %b %H:%M")
                .to_string()
        };
        let facts = describe(&mut tx, school, &case, &local).await?;
        ensure!(
            facts.iter().any(|f| f == rest),
            "of {subject} this holds:\n  {}",
            facts.join("\n  ")
        );
        Ok(())
    }
}

/// Everything a `!` line may say of a case.
async fn describe(
    tx: &mut Tx,
    school: &School,
    case: &Case,
    local: &(dyn Fn(Moment) -> String + Sync),
) -> anyhow::Result<Vec<String>> {
    let name = |key: &str| school.name(key);
    let mut facts = vec![
        format!("is a {}", case.kind),
        format!("is {}", case.state),
        format!("is of tier {}", case.tier),
    ];
    match case.pupil.as_deref().and_then(|p| school.people.pupil(p)) {
        Some(pupil) => facts.push(format!("is for {}", pupil.first_name)),
        None => facts.push("is for no pupil yet".to_owned()),
    }
    facts.push(format!(
        "is owned by {}",
        case.owner.as_deref().map_or("nobody".to_owned(), name)
    ));
    facts.extend(case.wish.iter().map(|w| format!("wishes {w}")));
    for key in case.barred()? {
        facts.push(format!("is kept from {}", name(&key)));
    }
    for promise in tx.promises_of(case.id).await? {
        let who = promise.who()?;
        let who = if who.is_empty() {
            "the office".to_owned()
        } else {
            who.join(" or ")
        };
        let state = match (promise.kept_at, promise.broken_at) {
            (Some(_), _) => "kept",
            (None, Some(_)) => "broken",
            (None, None) => "open",
        };
        facts.push(format!(
            "promise {} by {who}, {} ({state})",
            promise.what,
            local(promise.due_at)
        ));
    }
    for notice in tx.notices_of(case.id).await? {
        let at = notice
            .sent_at
            .or(notice.next_at)
            .map_or("never".to_owned(), local);
        let state = match (notice.acknowledged_at, notice.sent_at) {
            (Some(_), _) => "acknowledged",
            (None, Some(_)) => "told",
            (None, None) => "due",
        };
        facts.push(format!(
            "notice {} to {}, {at} ({state})",
            notice.kind,
            name(&notice.staff)
        ));
    }
    for meeting in tx.meetings_of(case.id).await? {
        let who: Vec<String> = meeting.staff()?.iter().map(|k| name(k)).collect();
        facts.push(format!(
            "meeting {} with {}, {} ({})",
            local(meeting.starts_at),
            who.join(" and "),
            meeting.mode,
            meeting.state
        ));
    }
    for entry in tx.chronology(case.id).await? {
        facts.push(format!(
            "holds {} {}: {}",
            entry.kind,
            entry.author,
            entry.words().unwrap_or_default()
        ));
    }
    Ok(facts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_is_written_where_it_was_said() {
        let rewrite = Rewrite {
            instead: BTreeMap::from([(2, Some("< two".to_owned())), (4, None)]),
            after: BTreeMap::from([(2, vec!["< more".to_owned()])]),
        };
        let written = rewrite.apply("> hello\n< x\n! a fact\n< y\n# end\n");
        assert_eq!(written, "> hello\n< two\n< more\n! a fact\n# end\n");
    }
}
