//! The formal letter about SEN support: made for one adult in their language, printed, and written down
//! as sent (Children and Families Act 2014, section 68; SEND Code of Practice 6.48).

use super::share::language_of;
use super::stage::audience;
use super::{Actor, DeskError, Result};
use crate::flow::value::{Value, Values};
use crate::school::people::{Adult, Pupil, Role, Sen};
use crate::school::service::{Found, Kind};
use crate::store::{FormalNotice, NewEntry, StageChange, Tx};

/// How a letter is sent: the word, and what it is called.
pub const WAYS: [(&str, &str); 3] = [
    ("post", "by post"),
    ("hand", "by hand"),
    ("email", "by email"),
];

/// The paragraphs of a letter, in order; what staff write about this child stands after the first two.
const BEFORE: [&str; 2] = ["letter-dear", "letter-decided"];
const AFTER: [&str; 6] = [
    "letter-means",
    "letter-together",
    "letter-talk",
    "letter-sendiass",
    "letter-otherwise",
    "letter-close",
];

/// How a letter was sent, in words.
pub fn way_words(how: &str) -> &'static str {
    let found = WAYS.iter().find(|(word, _)| *word == how);
    found.map_or("another way", |(_, called)| called)
}

impl Actor<'_> {
    /// Makes the letter to an adult: its text is kept as it is printed. Made again, it replaces one that
    /// was not sent.
    pub async fn make_letter(
        &self,
        tx: &mut Tx,
        change: &StageChange,
        adult: &str,
        words: &str,
    ) -> Result<()> {
        let standing = self.standing(tx, change, adult).await?;
        if change.stage() != Sen::Support {
            return Err(DeskError::NoLetter);
        }
        if let Some(why) = standing.not {
            return Err(DeskError::NotShared(why));
        }
        let pupil = self.pupil(&change.pupil)?;
        let adult = standing.adult;
        let text = self.letter(tx, change, pupil, adult, words.trim()).await?;
        let record = self.record_of(tx, pupil).await?;
        let entry = NewEntry::new("letter-made", &self.staff.key, &text);
        let seq = tx.append(record.id, &entry).await?;
        let id = &self.school.config.id;
        let made = (record.id, seq);
        if !tx
            .letter_made_to(id, change.id, &adult.key, made, &self.staff.key)
            .await?
        {
            return Err(DeskError::Done);
        }
        let did = "made a formal letter";
        tx.audit(id, &self.staff.key, did, Some(record.id)).await?;
        Ok(())
    }

    async fn letter(
        &self,
        tx: &mut Tx,
        change: &StageChange,
        pupil: &Pupil,
        adult: &Adult,
        words: &str,
    ) -> Result<String> {
        let school = self.school;
        let way = self.by_phone(adult);
        let language = language_of(tx, school, adult, way.as_ref()).await?;
        let bundle = self.d.bundle();
        let languages = &bundle.languages;
        let in_full = |day: jiff::civil::Date| {
            format!(
                "{} {}",
                languages.value(&language, &Value::Day(day)),
                day.year()
            )
        };
        let senco = school.first_with(Role::Senco, &[]);
        let parts = self.d.parts();
        let council = pupil.home_council.as_deref();
        let council = council.unwrap_or(&school.config.authority);
        let advice = parts.directory.find(Kind::Sendiass, council);
        let (service, reach) = match advice {
            Some(Found::Local(service) | Found::National(service)) => {
                (service.name.clone(), service.reach())
            }
            None => ("SENDIASS".to_owned(), council.to_owned()),
        };
        let today = school.local(tx.now()).date();
        let values = Values::from(
            [
                ("school", school.config.name.clone()),
                ("child", pupil.full_name()),
                ("adult", adult.name.clone()),
                ("since", in_full(change.since())),
                (
                    "who",
                    senco.map_or_else(|| self.staff.name.clone(), |s| s.name.clone()),
                ),
                ("office-phone", school.office_phone()),
                ("service", service),
                ("reach", reach),
            ]
            .map(|(name, said)| (name.to_owned(), Value::Text(said))),
        );
        let say = |id: &str| languages.say(&language, id, &values);
        let mut paragraphs = vec![
            school.config.name.clone(),
            in_full(today),
            say("letter-heading"),
        ];
        paragraphs.extend(BEFORE.map(say));
        paragraphs.extend(Some(words.to_owned()).filter(|w| !w.is_empty()));
        paragraphs.extend(AFTER.map(say));
        paragraphs.push(self.staff.name.clone());
        Ok(paragraphs.join("\n\n"))
    }

    /// The text of a letter as it was made; `None` where the law had it erased.
    pub async fn letter_text(&self, tx: &mut Tx, notice: &FormalNotice) -> Result<Option<String>> {
        let entries = tx.chronology(notice.case_id).await?;
        let entry = entries.iter().find(|e| e.seq == notice.made_seq);
        Ok(entry.and_then(|e| e.words()))
    }

    /// Writes down that a letter was sent: the formal notice, which that adult can be shown.
    pub async fn letter_sent(
        &self,
        tx: &mut Tx,
        change: &StageChange,
        adult: &str,
        how: &str,
        on: &str,
    ) -> Result<()> {
        let standing = self.standing(tx, change, adult).await?;
        if let Some(why) = standing.not {
            return Err(DeskError::NotShared(why));
        }
        let notice = standing.notice.ok_or(DeskError::NoLetter)?;
        let called = WAYS.iter().find(|(word, _)| *word == how);
        let (how, called) = called.ok_or(DeskError::NotSentHow)?;
        let on = self.day(tx, on)?;
        let adult = standing.adult;
        if !tx
            .letter_sent_to(change.id, &notice.adult, how, on, &self.staff.key)
            .await?
        {
            return Err(DeskError::Done);
        }
        let text = self.letter_text(tx, &notice).await?.unwrap_or_default();
        let record = self.record_of(tx, self.pupil(&change.pupil)?).await?;
        let words = format!(
            "Letter to {}, sent {called} on {} by {}.\n\n{text}",
            adult.name,
            on.strftime("%-d %B %Y"),
            self.staff.name
        );
        let audience = audience(&record, adult);
        tx.append(
            record.id,
            &NewEntry {
                audience: &audience,
                ..NewEntry::new("formal-notice", &self.staff.key, &words)
            },
        )
        .await?;
        let did = "sent a formal letter";
        let id = &self.school.config.id;
        tx.audit(id, &self.staff.key, did, Some(record.id)).await?;
        self.settle(tx, change).await
    }
}
