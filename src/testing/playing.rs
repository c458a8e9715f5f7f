//! Playing a conversation line by line: what comes in, what must go out, what must stand in the record.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};
use uuid::Uuid;

use super::Rig;
use super::heard::All;
use super::record::describe;
use crate::channel::Media;
use crate::desk::Actor;
use crate::flow::coverage::Coverage;
use crate::flow::transcript::{self, Says};
use crate::settle::settle;
use crate::store::{Case, Moment, OutboxRow, Tx};

/// Lines of a file to be written anew, by their numbers.
#[derive(Debug, Default)]
pub(super) struct Rewrite {
    instead: BTreeMap<usize, Option<String>>,
    after: BTreeMap<usize, Vec<String>>,
}

impl Rewrite {
    pub(super) fn apply(&self, source: &str) -> String {
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

/// A conversation on its way.
pub(super) struct Playing {
    pub(super) rig: Rig,
    parent: String,
    /// Everybody who writes and is not of the staff.
    families: BTreeSet<String>,
    pub(super) coverage: Arc<Coverage>,
    seen: BTreeSet<Uuid>,
    /// The case each member of staff opened last.
    opened: BTreeMap<String, String>,
    any_more: bool,
    pub(super) update: Option<Rewrite>,
    /// The last line that was no fact: what is said next stands after it.
    pub(super) last: usize,
    /// What was said to the families after each line.
    pub(super) heard: All,
    noted: BTreeSet<Uuid>,
}

impl Playing {
    pub(super) fn new(
        rig: Rig,
        parent: String,
        families: BTreeSet<String>,
        coverage: Arc<Coverage>,
    ) -> Self {
        Self {
            rig,
            parent,
            families,
            coverage,
            seen: BTreeSet::new(),
            opened: BTreeMap::new(),
            any_more: false,
            update: None,
            last: 0,
            heard: All::new(),
            noted: BTreeSet::new(),
        }
    }

    /// Plays one line.
    pub(super) async fn line(&mut self, number: usize, says: &Says) -> anyhow::Result<()> {
        self.step(number, says).await?;
        if matches!(says, Says::From { .. } | Says::Time(_) | Says::Desk { .. }) {
            self.note(number).await?;
        }
        Ok(())
    }

    /// Keeps what the families were told, for the same conversation in another language.
    async fn note(&mut self, number: usize) -> anyhow::Result<()> {
        for family in &self.families {
            for row in self.rig.sent_to(family).await? {
                if self.noted.insert(row.id) {
                    let heard = self.heard.entry((number, family.clone())).or_default();
                    heard.add(&row, &self.coverage);
                }
            }
        }
        Ok(())
    }

    /// Whatever the parent has been told is as expected.
    pub(super) async fn seen_all(&mut self) -> anyhow::Result<()> {
        self.any_more = true;
        self.nothing_more().await
    }

    async fn step(&mut self, number: usize, says: &Says) -> anyhow::Result<()> {
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
    pub(super) async fn nothing_more(&mut self) -> anyhow::Result<()> {
        let parent = self.parent.clone();
        for row in self.rig.sent_to(&parent).await? {
            if self.seen.insert(row.id) && !self.any_more {
                if let Some(rewrite) = &mut self.update {
                    let new = rewrite.after.entry(self.last).or_default();
                    new.push(format!("< {}", transcript::expected(&row.body)));
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
                let new = fresh
                    .first()
                    .map(|r| format!("< {}", transcript::expected(&r.body)));
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
        } else if let Some(lines) = words.strip_prefix("gives the head: ") {
            actor.release(tx, case, lines).await?;
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
