//! Notes: words that go into the record without a promise. News from home, absence, how a task went,
//! how somebody wants to be reached.

use super::{Doing, Outcome, Scene, open, outcome, own};
use crate::desk::{interpreter, promises, tell};
use crate::flow::value::Value;
use crate::inbox::facts::{self, case_item};
use crate::school::case::Kind;
use crate::school::case::access::Owners;
use crate::school::passport::Passport;
use crate::school::people::{Role, Staff};
use crate::store::{Case, Message, NewCase, NewEntry, Result, Tx};

impl Scene<'_> {
    /// Into the record, and whoever the kind says is told when it says.
    pub(super) async fn add_note(&mut self, tx: &mut Tx, doing: &mut Doing<'_>) -> Result<Outcome> {
        let kind = doing
            .text("kind")
            .and_then(Kind::from_word)
            .filter(|k| k.is_note())
            .unwrap_or(Kind::News);
        let (case, told) = self.note(tx, doing, kind, None).await?;
        let words = doing.text("words").map(str::to_owned);
        self.put_words(tx, doing, &case, words.as_deref()).await?;
        tell::owner(doing.d, tx, &doing.endpoint.school, &case, told).await?;
        Ok(outcome("noted", [("case", Value::Item(case_item(&case)))]))
    }

    /// This adult's note of a kind of today, or a new one; and how whoever has it is told: `owner` of
    /// what is new to them, `waiting` of more. Somebody given as `owner` has it instead of whom the
    /// kind says; the office has what comes from an adult who has not been checked.
    pub(super) async fn note(
        &mut self,
        tx: &mut Tx,
        doing: &Doing<'_>,
        kind: Kind,
        owner: Option<&Staff>,
    ) -> Result<(Case, &'static str)> {
        let school = &doing.endpoint.school;
        let (endpoint, address) = (&doing.lane.endpoint, &doing.lane.address);
        let pupil = doing.pupil("pupil");
        let day = school.local(tx.now()).date();
        let begins = school.instant(day.to_datetime(jiff::civil::Time::midnight()));
        // News that turns out to be about health is the same news.
        let grows = match kind {
            Kind::NewsHealth => Kind::News.word(),
            other => other.word(),
        };
        let words = self.message.map(Message::words).unwrap_or_default();
        let mut named = if open::is_complaint(doing.d, &words) {
            school.named_in(&doing.d.parts().screen, &words, doing.writer)
        } else {
            Vec::new()
        };
        named.extend(facts::alleged(tx, endpoint, address).await?);
        let owners = |pupil: Option<&str>| {
            if !doing.writer.checked {
                return Owners {
                    owner: school.first_with(Role::Office, &named),
                    copied: Vec::new(),
                };
            }
            if let Some(owner) = owner.filter(|o| !named.contains(&o.key)) {
                return Owners {
                    owner: Some(owner),
                    copied: Vec::new(),
                };
            }
            let record = pupil.and_then(|p| school.people.pupil(p));
            open::first_owner(school, kind, doing.writer, record, &named)
        };
        let notes = tx
            .notes_since(endpoint, address, [kind.word(), grows], begins.into())
            .await?;
        let today = notes.into_iter().find(|c| {
            let same = pupil.is_none() || c.pupil.is_none() || c.pupil.as_deref() == pupil;
            same && !c.owner.as_ref().is_some_and(|o| named.contains(o))
        });
        if let Some(mut case) = today {
            self.case = Some(case.id);
            case.pupil = case.pupil.or_else(|| pupil.map(str::to_owned));
            let grown = case.kind != kind.word();
            if grown {
                kind.word().clone_into(&mut case.kind);
                let Owners { owner, copied } = owners(case.pupil.as_deref());
                case.owner = owner.map(|s| s.key.clone());
                for staff in copied {
                    case.copy_to(&staff.key)?;
                }
            }
            tx.keep_case(&case).await?;
            return Ok((case, if grown { "owner" } else { "waiting" }));
        }
        let Owners { owner, copied } = owners(pupil);
        let copied: Vec<String> = copied.iter().map(|s| s.key.clone()).collect();
        let mut case = tx
            .open_case(&NewCase {
                school_id: &school.config.id,
                kind: kind.word(),
                tier: "ordinary",
                endpoint,
                address,
                adult: doing.writer.adult.map(|a| a.key.as_str()),
                pupil,
                owner: owner.map(|s| s.key.as_str()),
                copied: &copied,
                barred: &named,
                escalate_at: None,
            })
            .await?;
        case.note = true;
        tx.keep_case(&case).await?;
        self.case = Some(case.id);
        Ok((case, "owner"))
    }

    /// How this adult wants to be reached: a new version, and whoever works with them is told.
    pub(super) async fn save_passport(
        &mut self,
        tx: &mut Tx,
        doing: &mut Doing<'_>,
    ) -> Result<Outcome> {
        let school = &doing.endpoint.school;
        let text = |name: &str| doing.text(name).map(str::to_owned);
        let yes_no = |name: &str| {
            let flag = doing.flag(name).map(|f| if f { "yes" } else { "no" });
            flag.map(str::to_owned).or_else(|| text(name))
        };
        let said = Passport {
            language: text("language"),
            // A flow that did not ask passes the fact of that name on, which is false then: only
            // beside a language is a "no" an answer.
            interpreter: doing
                .flag("interpreter")
                .filter(|yes| *yes || doing.text("language").is_some()),
            channel: text("channel"),
            times: text("times"),
            needs: text("needs"),
            reading: text("reading"),
            people: text("people"),
            matters: text("matters"),
            duplicates: yes_no("duplicates"),
        };
        let name = |tag: &str| doing.d.language_name(tag);
        let Some(adult) = doing.writer.adult.filter(|_| doing.writer.checked) else {
            let lines = said.lines(name).join("; ");
            return self.passport_of_nobody(tx, doing, &lines).await;
        };
        let (mut case, told) = self.note(tx, doing, Kind::Passport, None).await?;
        self.put_words(tx, doing, &case, None).await?;
        let before = tx.passport(&school.config.id, &adult.key).await?;
        let before = before.map(|(.., p)| p).unwrap_or_default();
        let stood = before.lines(name);
        let passport = before.with(said);
        let mut new = passport.lines(name);
        new.retain(|line| !stood.contains(line));
        let version = tx
            .keep_passport(&school.config.id, &adult.key, &passport, case.id, None)
            .await?;
        let what = format!("Version {version}: {}", new.join("; "));
        tx.append(case.id, &NewEntry::new("passport", "schoolgate", &what))
            .await?;
        // The teachers of all their children work with them.
        for pupil in &doing.writer.children {
            for teacher in school.people.teachers_of(&pupil.class) {
                if !case.barred()?.contains(&teacher.key) {
                    case.copy_to(&teacher.key)?;
                }
            }
        }
        tx.keep_case(&case).await?;
        tell::owner(doing.d, tx, school, &case, told).await?;
        if let Some(tag) = &passport.language
            && school.config.languages.contains(tag)
        {
            doing.lane.language = Some(tag.clone());
        }
        let open = tx
            .open_cases_at(&doing.lane.endpoint, &doing.lane.address)
            .await?;
        for case in open {
            if let Some(promise) = open::open_promise(tx, &case).await? {
                let by = promise.due_at.timestamp();
                interpreter::arrange(doing.d, tx, school, &case, &passport, "phone", by).await?;
            }
        }
        Ok(outcome("saved", [("version", Value::Number(version))]))
    }

    /// Nobody knows whose passport it is: the office has the words, and asks.
    async fn passport_of_nobody(
        &mut self,
        tx: &mut Tx,
        doing: &Doing<'_>,
        lines: &str,
    ) -> Result<Outcome> {
        let school = &doing.endpoint.school;
        let now = tx.now();
        let due = promises::office_by(school, now);
        let since = now - doing.d.config.timing.join_within;
        let recent = own::open_since(tx, doing, since).await?;
        let (case, told) = match recent.into_iter().find(|c| c.kind == "passport") {
            Some(case) => (case, "waiting"),
            None => {
                let (mut case, told) = self.note(tx, doing, Kind::Passport, None).await?;
                // Somebody is owed an answer.
                case.note = false;
                case.escalate_at = Some(promises::acknowledge_by(school, now).into());
                tx.keep_case(&case).await?;
                tx.promise(&school.config.id, case.id, "contact", &[], due)
                    .await?;
                (case, told)
            }
        };
        self.case = Some(case.id);
        self.put_words(tx, doing, &case, None).await?;
        if !self.sealed {
            tx.append(case.id, &NewEntry::new("passport", "schoolgate", lines))
                .await?;
        }
        tell::owner(doing.d, tx, school, &case, told).await?;
        if !doing.writer.checked {
            open::two_questions(tx, doing, &case, due).await?;
        }
        Ok(outcome(
            "office",
            [
                ("case", Value::Item(case_item(&case))),
                ("by", Value::When(school.local(due))),
            ],
        ))
    }
}
