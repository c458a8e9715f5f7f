//! Everything that is held about one person, for them: UK GDPR article 15.
//!
//! What another adult said or was told is that adult's alone; other people's names are taken out; a
//! safeguarding record is in it only if a safeguarding lead puts it there. What was left out, and why,
//! is a page for the school: the person is told that there may be such things, never which.

use jiff::civil::Date;
use serde::Serialize;

use super::redact::Redaction;
use crate::deployment::School;
use crate::desk::may_open;
use crate::desk::young::alone_since;
use crate::school::case::Kind;
use crate::school::case::share::shows;
use crate::school::people::{Adult, Known, Pupil, Staff};
use crate::school::stage::Decided;
use crate::store::{Case, Entry, Moment, Result, Tx};

/// Whom everything is about.
#[derive(Debug, Clone, Copy)]
pub enum Subject<'s> {
    /// A child.
    Pupil(&'s Pupil),
    /// A parent or carer.
    Adult(&'s Adult),
}

impl<'s> Subject<'s> {
    /// The person of a kind (`pupil` or `adult`) and key.
    pub fn find(school: &'s School, about: &str, key: &str) -> Option<Self> {
        let people = &school.people;
        match about {
            "pupil" => people.pupil(key).map(Self::Pupil),
            "adult" => people.adult(key).map(Self::Adult),
            _ => None,
        }
    }

    /// Their key.
    pub fn key(self) -> &'s str {
        match self {
            Self::Pupil(pupil) => &pupil.key,
            Self::Adult(adult) => &adult.key,
        }
    }

    /// Their name.
    pub fn name(self) -> String {
        match self {
            Self::Pupil(pupil) => format!("{} {}", pupil.first_name, pupil.last_name),
            Self::Adult(adult) => adult.name.clone(),
        }
    }
}

/// What is wanted, by whom.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'s> {
    /// About whom.
    pub subject: Subject<'s>,
    /// The adult whom it goes to, where it is about their child.
    pub to: Option<&'s Adult>,
    /// A safeguarding lead puts the safeguarding records in.
    pub safeguarding: bool,
    /// Who takes it out: only what they may open is in it. `None` is somebody at the machine, who can
    /// read the database anyway.
    pub by: Option<&'s Staff>,
}

/// Everything about one person, as it goes to them.
#[derive(Debug, Clone, Serialize)]
pub struct Record {
    /// The school.
    pub school: String,
    /// Whom it is about.
    pub about: String,
    /// The day it was put together.
    pub day: String,
    /// What the school's records say of them.
    pub held: Vec<Fact>,
    /// Their cases.
    pub cases: Vec<CasePart>,
    /// What they wrote and were sent that stands in no case.
    pub messages: Vec<EntryPart>,
    /// For the school alone, so in no file that goes out.
    #[serde(skip)]
    pub left_out: Vec<LeftOut>,
}

/// One thing on record.
#[derive(Debug, Clone, Serialize)]
pub struct Fact {
    /// What.
    pub what: String,
    /// What it says.
    pub says: String,
}

/// One case.
#[derive(Debug, Clone, Serialize)]
pub struct CasePart {
    /// `C-1042`.
    pub reference: String,
    /// What it is about.
    pub kind: String,
    /// When it began.
    pub opened: String,
    /// Its chronology, as far as it is theirs.
    pub entries: Vec<EntryPart>,
    /// What they were promised, and their meetings.
    pub further: Vec<String>,
}

/// One entry or message.
#[derive(Debug, Clone, Serialize)]
pub struct EntryPart {
    /// When.
    pub when: String,
    /// What it is and whose.
    pub what: String,
    /// The words.
    pub words: String,
}

/// Something that is not in it.
#[derive(Debug, Clone, Serialize)]
pub struct LeftOut {
    /// What.
    pub what: String,
    /// Why, with the law where there is one.
    pub why: &'static str,
}

/// Why nothing is put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The adult has nothing to do with the child.
    #[error("this adult is not on the pupil's record: choose one who is, or the pupil themself")]
    NotTheirs,
    /// Something stands against telling the adult.
    #[error(
        "a restriction stands against this adult, or nobody has recorded whether a court order does: a \
         safeguarding lead decides first, and the record is put right"
    )]
    Restricted,
    /// The young person decides.
    #[error(
        "the young person decides for themselves now, and wants only themselves told: the copy goes to them, \
         or to this adult once the young person has agreed in writing and that is on their page"
    )]
    YoungPerson,
}

const OTHERS_WORDS: &str = "What another person said or was told: it is theirs (Data Protection Act 2018, \
     schedule 2, paragraph 16). Ask them, or judge whether it is reasonable without";
const SAFEGUARDING: &str = "A safeguarding record: a safeguarding lead decides, and may put it in (Data \
     Protection Act 2018, schedule 3, parts 4 and 5). Do not tell anybody that it is there";
const FILES: &str = "A photo, recording or document: look at it on the case's page, and send a copy if only \
     this person can be seen or heard in it";
const SHARED_PHONE: &str = "More than one person uses this phone: who wrote what is not known";
const RESTRICTED: &str = "About a child of whom nothing goes to this adult: a restriction stands, or nobody \
     has recorded whether a court order does. A safeguarding lead decides";
const PRIVATE: &str = "A case that is between another adult and the school's leaders (Data Protection Act \
     2018, schedule 2, paragraph 16)";

/// Entries that tell of a sealed case or of how it was screened, wherever they stand.
const OF_SAFEGUARDING: &[&str] = &[
    "screen",
    "sealed",
    "sealed-elsewhere",
    "page",
    "level",
    "released",
    "release",
];

/// Puts together everything that is held about a person.
///
/// # Errors
/// [`Refused`] inside; outside, the database.
pub async fn everything(
    tx: &mut Tx,
    school: &School,
    wanted: &Wanted<'_>,
) -> Result<std::result::Result<Record, Refused>> {
    let today = school.local(tx.now()).date();
    if let (Subject::Pupil(pupil), Some(to)) = (wanted.subject, wanted.to) {
        let Some(child) = to.children.iter().find(|c| c.pupil == pupil.key) else {
            return Ok(Err(Refused::NotTheirs));
        };
        if child.is_unchecked(today) {
            return Ok(Err(Refused::Restricted));
        }
        let alone = alone_since(tx, school, &pupil.key).await?;
        if alone.is_some_and(|from| from <= today) {
            return Ok(Err(Refused::YoungPerson));
        }
    }
    let mut gathering = Gathering::new(tx, school, wanted);
    let held = gathering.held().await?;
    let cases = gathering.cases().await?;
    let messages = match wanted.subject {
        Subject::Adult(adult) => gathering.messages(adult).await?,
        Subject::Pupil(_) => Vec::new(),
    };
    Ok(Ok(Record {
        school: school.config.name.clone(),
        about: wanted.subject.name(),
        day: today.strftime("%-d %B %Y").to_string(),
        held,
        cases,
        messages,
        left_out: gathering.left_out,
    }))
}

struct Gathering<'a, 's> {
    tx: &'a mut Tx,
    school: &'s School,
    wanted: &'a Wanted<'s>,
    redaction: Redaction,
    today: Date,
    left_out: Vec<LeftOut>,
}

impl<'a, 's> Gathering<'a, 's> {
    fn new(tx: &'a mut Tx, school: &'s School, wanted: &'a Wanted<'s>) -> Self {
        let mut stay = vec![wanted.subject.key()];
        stay.extend(wanted.to.map(|a| a.key.as_str()));
        let today = school.local(tx.now()).date();
        // An adult knows their own children, but for those of whom nothing goes to them.
        if let Subject::Adult(adult) = wanted.subject {
            let known = adult.children.iter().filter(|c| !c.is_unchecked(today));
            stay.extend(known.map(|c| c.pupil.as_str()));
        }
        Self {
            redaction: Redaction::of(&school.people, &stay),
            today,
            tx,
            school,
            wanted,
            left_out: Vec::new(),
        }
    }

    fn leave_out(&mut self, what: String, why: &'static str) {
        self.left_out.push(LeftOut { what, why });
    }

    /// Words as they may go out.
    fn words(&self, words: &str) -> String {
        self.redaction.apply(words).0
    }

    fn when(&self, at: Moment) -> String {
        let at = self.school.local(at.timestamp());
        at.strftime("%-d %b %Y, %H:%M").to_string()
    }

    async fn held(&mut self) -> Result<Vec<Fact>> {
        let today = self.today;
        let mut held = Vec::new();
        let mut fact = |what: &str, says: Option<String>| {
            held.extend(says.map(|says| Fact {
                what: what.to_owned(),
                says,
            }));
        };
        fact("Name", Some(self.wanted.subject.name()));
        match self.wanted.subject {
            Subject::Pupil(pupil) => {
                fact("Class", Some(pupil.class.clone()));
                fact("Year", pupil.year.map(|y| y.to_string()));
                let born = pupil.date_of_birth;
                fact(
                    "Date of birth",
                    born.map(|d| d.strftime("%-d %B %Y").to_string()),
                );
                let stage = pupil.stage().to_owned();
                fact("Special educational needs", Some(stage));
                fact("Home council", pupil.home_council.clone());
                let school = &self.school.config.id;
                for change in self.tx.stages_of(school, &pupil.key).await? {
                    let since = change.since().strftime("%-d %B %Y");
                    fact(
                        "Stage of support",
                        Some(format!("{} since {since}", change.called())),
                    );
                }
                if let Some(last) = self.tx.young_decision(school, &pupil.key).await? {
                    let decided = Decided::from_word(&last.decided);
                    let since = last.since().strftime("%-d %B %Y");
                    let says = decided.map(|d| format!("{}, from {since}", d.called()));
                    fact("Who decides", says);
                }
            }
            Subject::Adult(adult) => {
                for phone in &adult.phones {
                    fact("Phone", Some(phone.national()));
                }
                fact("Email", adult.email.clone());
                fact("Language", adult.language.clone());
                let prefers = adult.prefers.map(|p| p.word().to_owned());
                fact("How they want to be reached", prefers);
                let worker = adult.key_worker.as_deref();
                fact("Key worker", worker.map(|key| self.school.name(key)));
                fact(
                    "What staff should know before they write",
                    adult.note.as_deref().map(|n| self.redaction.apply(n).0),
                );
                for child in &adult.children {
                    if child.is_unchecked(today) {
                        let what = format!("what links them to {}", child.pupil);
                        self.left_out.push(LeftOut {
                            what,
                            why: RESTRICTED,
                        });
                        continue;
                    }
                    let pupil = self.school.people.pupil(&child.pupil);
                    let name = pupil.map_or_else(String::new, |p| p.first_name.clone());
                    let known = |known: Known| match known {
                        Known::Yes => "yes",
                        Known::No => "no",
                        Known::Unknown => "not recorded",
                    };
                    let says = format!(
                        "{} of {name}. Parental responsibility: {}. Lives together: {}. Court order: {}",
                        child.kind,
                        known(child.parental_responsibility),
                        known(child.lives_with),
                        known(child.court_order)
                    );
                    fact("Child here", Some(says));
                }
                let school = &self.school.config.id;
                let passport = self.tx.passport(school, &adult.key).await?;
                if let Some((version, at, passport)) = passport {
                    let at = self.school.local(at.timestamp());
                    let what = format!(
                        "Communication passport, version {version} of {}",
                        at.strftime("%-d %b %Y")
                    );
                    let lines = passport.lines(str::to_owned).join("; ");
                    fact(&what, Some(self.redaction.apply(&lines).0));
                }
                for (at, current) in self.tx.checks_of(school, &adult.key).await? {
                    let at = self.school.local(at.timestamp());
                    let what = format!("Checked by the office on {}", at.strftime("%-d %b %Y"));
                    let says = if current {
                        "a current contact"
                    } else {
                        "not a current contact"
                    };
                    fact(&what, Some(says.to_owned()));
                }
            }
        }
        Ok(held)
    }

    async fn cases(&mut self) -> Result<Vec<CasePart>> {
        let (pupil, adult) = match self.wanted.subject {
            Subject::Pupil(pupil) => (pupil.key.as_str(), ""),
            Subject::Adult(adult) => ("", adult.key.as_str()),
        };
        let school = &self.school.config.id;
        let found = self.tx.cases_about(school, pupil, adult).await?;
        let mut parts = Vec::new();
        for case in found {
            // Whoever may not open a case is not told of it here either.
            let by = self.wanted.by;
            if by.is_some_and(|staff| !may_open(self.school, staff, &case)) {
                continue;
            }
            if case.tier != "ordinary" && !self.wanted.safeguarding {
                self.leave_out(case.reference(), SAFEGUARDING);
                continue;
            }
            let private = Kind::rule_of(&case.kind).private;
            if private && case.adult.as_ref() != self.goes_to().map(|a| &a.key) {
                self.leave_out(case.reference(), PRIVATE);
                continue;
            }
            parts.push(self.case(&case).await?);
        }
        Ok(parts)
    }

    async fn case(&mut self, case: &Case) -> Result<CasePart> {
        let mut entries = Vec::new();
        let chronology = self.tx.chronology(case.id).await?;
        // Only what is in the copy too: what is left out is not pointed at.
        let theirs = chronology
            .iter()
            .filter(|e| self.is_theirs(case, e).is_ok());
        let put_right: Vec<i64> = theirs.filter_map(|e| e.corrects).collect();
        for entry in &chronology {
            let place = || format!("{}, entry {}", case.reference(), entry.seq);
            let Some(words) = entry.words() else { continue };
            let of_safeguarding = OF_SAFEGUARDING.contains(&entry.kind.as_str());
            if of_safeguarding && !self.wanted.safeguarding {
                self.leave_out(place(), SAFEGUARDING);
            } else if let Err(why) = self.is_theirs(case, entry) {
                self.leave_out(place(), why);
            } else {
                if entry.kind == "attachment" {
                    self.leave_out(place(), FILES);
                }
                entries.push(EntryPart {
                    when: self.when(entry.happened_at),
                    what: format!(
                        "{} (entry {}{}{})",
                        self.title(case, entry),
                        entry.seq,
                        entry
                            .corrects
                            .map_or_else(String::new, |seq| format!(", about entry {seq}")),
                        if put_right.contains(&entry.seq) {
                            ", put right or added to below"
                        } else {
                            ""
                        },
                    ),
                    words: self.words(&words),
                });
            }
        }
        let mut further = Vec::new();
        for promise in self.tx.promises_of(case.id).await? {
            further.push(format!(
                "Promised: {} by {}, due {}{}",
                promise.what.replace('-', " "),
                promise.who()?.join(" or "),
                self.when(promise.due_at),
                match promise.kept_at {
                    Some(at) => format!("; kept {}", self.when(at)),
                    None => String::new(),
                }
            ));
        }
        for meeting in self.tx.meetings_of(case.id).await? {
            let with: Vec<String> = meeting
                .staff()?
                .iter()
                .map(|k| self.school.name(k))
                .collect();
            further.push(format!(
                "Meeting: {} with {} ({})",
                self.when(meeting.starts_at),
                with.join(" and "),
                meeting.state
            ));
        }
        Ok(CasePart {
            reference: case.reference(),
            kind: Kind::from_word(&case.kind)
                .map_or_else(|| case.kind.replace('-', " "), |k| k.called().to_owned()),
            opened: self.when(case.opened_at),
            entries,
            further,
        })
    }

    /// The adult whom all of this goes to, if it goes to one.
    fn goes_to(&self) -> Option<&'s Adult> {
        match self.wanted.subject {
            Subject::Adult(adult) => Some(adult),
            Subject::Pupil(_) => self.wanted.to,
        }
    }

    /// Whether an entry is for whom all of this goes to, or why not. What one adult said or was told is
    /// that adult's, and so is what the service wrote down of it; what staff did, decided and agreed is
    /// the child's and each parent's, unless nothing of the child goes to this one.
    fn is_theirs(&self, case: &Case, entry: &Entry) -> std::result::Result<(), &'static str> {
        let goes_to = self.goes_to();
        let their_case = goes_to.is_some_and(|a| case.adult.as_ref() == Some(&a.key));
        let by_staff = !matches!(entry.author.as_str(), "parent" | "schoolgate");
        let schools = entry.audience == "parents" || (entry.audience == "school" && by_staff);
        let child = goes_to.and_then(|a| {
            let mut children = a.children.iter();
            children.find(|c| Some(&c.pupil) == case.pupil.as_ref())
        });
        let told_them = goes_to.is_some_and(|a| shows(&entry.audience, &a.key, false));
        let their_case = their_case || told_them;
        match (schools, their_case) {
            (true, _) if child.is_some_and(|c| c.is_unchecked(self.today)) => Err(RESTRICTED),
            (true, _) | (false, true) => Ok(()),
            (false, false) => Err(OTHERS_WORDS),
        }
    }

    fn title(&self, case: &Case, entry: &Entry) -> String {
        let author = match entry.author.as_str() {
            "parent" => {
                let adult = case.adult.as_deref();
                let mut adults = self.school.people.adults.iter();
                let adult = adult.and_then(|key| adults.find(|a| a.key == key));
                adult.map_or_else(|| "A parent or carer".to_owned(), |a| a.name.clone())
            }
            "schoolgate" => "The school's text service".to_owned(),
            key => self.school.name(key),
        };
        match entry.kind.as_str() {
            "message-in" => format!("{author} wrote"),
            "message-out" => format!("{author} wrote back"),
            other => format!("{author}: {}", other.replace('-', " ")),
        }
    }

    async fn messages(&mut self, adult: &Adult) -> Result<Vec<EntryPart>> {
        let school = self.school.config.id.clone();
        let mut said: Vec<(Moment, EntryPart)> = Vec::new();
        for phone in &adult.phones {
            if self.school.people.with_phone(phone).len() > 1 {
                let what = format!("messages of {} in no case", phone.national());
                self.leave_out(what, SHARED_PHONE);
                continue;
            }
            for one in self.tx.wrote_in_no_case(&school, phone.e164()).await? {
                if one.sealed {
                    let what = format!("a message of {}", self.when(one.at));
                    self.leave_out(what, SAFEGUARDING);
                    continue;
                }
                let words = String::from_utf8_lossy(&one.body);
                let part = EntryPart {
                    when: self.when(one.at),
                    what: format!("{} wrote", adult.name),
                    words: self.words(&words),
                };
                said.push((one.at, part));
            }
            for (at, body) in self.tx.sent_in_no_case(&school, phone.e164()).await? {
                let part = EntryPart {
                    when: self.when(at),
                    what: "The school's text service wrote".to_owned(),
                    words: self.words(&body),
                };
                said.push((at, part));
            }
        }
        said.sort_by_key(|(at, _)| *at);
        Ok(said.into_iter().map(|(_, part)| part).collect())
    }
}
