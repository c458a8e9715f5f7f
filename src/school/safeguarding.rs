//! The screen that every message passes first, before it is read for anything else.
//!
//! It applies the `[screen]` patterns of all languages to every message, because a family does not
//! write in one language. It never decides who is told and never sends: it says what it found, by
//! the names of the rules, and what it cannot read it says it cannot read. Missing a risk is its
//! worst fault; where a reading is doubtful, it raises both.

mod disguise;
mod language;
mod spelling;
mod vocabulary;
mod witness;

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::iter::{IntoParallelIterator as _, IntoParallelRefIterator as _, ParallelIterator as _};
use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::text::fold::{capitals, fold, is_emoji};
use crate::text::patterns::Vocabulary;
use crate::text::sheet::{Section, Sheet};
use crate::text::soon::Soon;
use language::Language;
use witness::Lines;

/// A language, the path of one of its files, and what stands in it.
type Source<'s> = (&'s str, &'s str, &'s str);

/// What a message may be about. Several hold at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// Somebody is in danger now.
    Urgent,
    /// Something was disclosed, or points to harm.
    Review,
    /// A member of staff is said to have done harm.
    Staff,
    /// The adult's own crisis.
    CrisisAdult,
    /// A pupil is writing, not a parent.
    YoungPerson,
    /// The screen cannot judge it: a language it has no words for, or no words at all.
    Unread,
}

impl Risk {
    /// The word in the database and on screens; the same as in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Urgent => "urgent",
            Self::Review => "review",
            Self::Staff => "staff",
            Self::CrisisAdult => "crisis_adult",
            Self::YoungPerson => "young_person",
            Self::Unread => "unread",
        }
    }

    /// The risk a word in the database stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        const ALL: [Risk; 6] = [
            Risk::Urgent,
            Risk::Review,
            Risk::Staff,
            Risk::CrisisAdult,
            Risk::YoungPerson,
            Risk::Unread,
        ];
        ALL.into_iter().find(|risk| risk.word() == word)
    }
}

/// What the screen found in one message.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Verdict {
    /// All that holds; empty when nothing was found.
    pub set: BTreeSet<Risk>,
    /// The rules that said so: `en urgent: weapon`. Names of rules, never the person's words.
    pub why: Vec<String>,
    /// Nothing alerted, but it holds words that a person should see on the skim page.
    pub near_miss: bool,
    /// What language a text is in that no screen can read, where that is beyond doubt: ISO 639-3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

impl Verdict {
    /// Whether a person is told at once because of this message.
    pub fn alerts(&self) -> bool {
        use Risk::{CrisisAdult, Review, Staff, Urgent, YoungPerson};
        [Urgent, Review, Staff, CrisisAdult, YoungPerson]
            .iter()
            .any(|risk| self.set.contains(risk))
    }

    /// The name of [`Self::language`] in the language itself, and in English.
    pub fn language_names(&self) -> Option<(&'static str, &'static str)> {
        let language = whatlang::Lang::from_code(self.language.as_deref()?)?;
        Some((language.name(), language.eng_name()))
    }

    /// The set as the database and a log keep it: `urgent+staff`, or `none`.
    pub fn words(&self) -> String {
        if self.set.is_empty() {
            return "none".to_owned();
        }
        let words: Vec<&str> = self.set.iter().map(|risk| risk.word()).collect();
        words.join("+")
    }
}

/// A member of staff as people write of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffName {
    /// With or without a title: `Mr Lewis`.
    pub name: String,
    /// What else they are called: `head teacher`, `class teacher`.
    pub role_words: Vec<String>,
}

/// A surname as texts are searched for it.
#[derive(Debug)]
struct Surname {
    folded: String,
    /// Some language has it as a word too: "park", "grant".
    word: bool,
}

impl Surname {
    /// Whether a folded word is this surname, or somebody's of this surname.
    fn is(&self, word: &str) -> bool {
        let owned = || word.strip_suffix('s') == Some(self.folded.as_str());
        !self.folded.is_empty() && (word == self.folded || owned())
    }
}

/// One language's screen, of its reading file and those of the files of examples that are in it.
fn read(
    (tag, path, source): &Source<'_>,
    examples: &[&Source<'_>],
) -> (Option<Language>, Vec<Fault>) {
    let (mut sheet, table) = Sheet::parse(path, source);
    let root = Section::root(&table);
    let vocabulary = Arc::new(Vocabulary::load(&root, &mut sheet));
    let Some(section) = root.section("screen", &mut sheet) else {
        return (None, sheet.into_faults());
    };
    // The patterns and the examples know nothing of each other.
    let ((lines, found), mut language) = rayon::join(
        || {
            let mut lines = Lines::default();
            let mut faults = Vec::new();
            for (_, path, source) in examples.iter().filter(|(in_, ..)| in_ == tag) {
                let of_screen = file_of(path).starts_with("screen-examples");
                if !of_screen && !file_of(path).starts_with("examples") {
                    continue;
                }
                let (mut sheet, table) = Sheet::parse(path, source);
                lines.read(&Section::root(&table), of_screen, &vocabulary, &mut sheet);
                faults.extend(sheet.into_faults());
            }
            (lines, faults)
        },
        || Language::load(tag, Arc::clone(&vocabulary), &root, &section, &mut sheet),
    );
    let mut faults = sheet.into_faults();
    faults.extend(found);
    language.taught = Soon::new(move || lines.teach(&vocabulary));
    (Some(language), faults)
}

/// The compiled patterns of all languages.
#[derive(Debug)]
pub struct Screen(Vec<Language>);

/// What brings the safeguarding leads; what is said of staff goes to the head alone.
const LEADS: [Risk; 3] = [Risk::Urgent, Risk::Review, Risk::CrisisAdult];

impl Screen {
    /// Compiles the `[screen]` tables of reading files and takes files of examples to learn from (see
    /// [`Self::learn_now`]), given as (language, path, source). Reports every fault of every file.
    pub fn load(sources: &[(&str, &str, &str)]) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut languages: Vec<Language> = Vec::new();
        let (readings, examples): (Vec<&Source<'_>>, Vec<&Source<'_>>) = sources
            .iter()
            .partition(|(_, path, _)| file_of(path) == "reading.toml");
        // Each language by itself, at the same time.
        let read: Vec<_> = readings
            .into_par_iter()
            .map(|reading| read(reading, &examples))
            .collect();
        for (language, found) in read {
            languages.extend(language);
            faults.extend(found);
        }
        if languages.is_empty() && faults.is_empty() {
            faults.push(Fault::error(
                "reading.toml",
                None,
                "no language has a safeguarding screen",
                "add a [screen] table to a reading.toml",
            ));
        }
        if faults.is_empty() {
            Ok(Self(languages))
        } else {
            Err(faults)
        }
    }

    /// Learns now from the files of examples, which else is done when the first message is judged.
    pub fn learn_now(&self) {
        self.0.par_iter().for_each(|language| {
            language.taught.now();
        });
    }

    /// What people call a post, in every language: `class-teacher` is "teacher", "nauczyciel"…
    pub fn post_words(&self, post: &str) -> Vec<String> {
        let posts = self.0.iter().flat_map(|language| &language.posts);
        posts
            .filter(|(named, _)| named == post)
            .flat_map(|(_, words)| words.iter().cloned())
            .collect()
    }

    /// Judges one message. `staff` are the people whose names may stand without a title.
    pub fn verdict(&self, text: &str, has_media: bool, staff: &[StaffName]) -> Verdict {
        let mut verdict = Verdict::default();
        let written = capitals(text);
        let surnames = self.surnames(staff);
        let mut near = false;
        // Disguises are taken off beside the text as it stands: what hides nothing is read as it is.
        let plain = disguise::undisguised(text);
        for text in [Some(text), plain.as_deref()].into_iter().flatten() {
            for language in &self.0 {
                near |= language.screen(text, &surnames, &written, &mut verdict);
            }
        }
        let mut said = BTreeSet::new();
        verdict.why.retain(|why| said.insert(why.clone()));
        let words = text.chars().any(|c| c.is_alphanumeric() || is_emoji(c));
        if !words && has_media {
            verdict.set.insert(Risk::Unread);
            verdict.why.push("no words".to_owned());
        } else if vocabulary::unread(text, self.0.iter()) {
            // What its few known words read like would be a guess about words nobody understood.
            verdict.set.insert(Risk::Unread);
            verdict.language = vocabulary::guessed(text, self.0.iter().map(|l| &l.known));
            verdict.why.push(match verdict.language_names() {
                Some((_, english)) => format!("no language known; it is {english}"),
                None => "no language known".to_owned(),
            });
        } else if !LEADS.iter().any(|risk| verdict.set.contains(risk)) {
            // Where a pattern brings the safeguarding leads already, it need not be said again.
            self.witnesses(text, &mut verdict);
        }
        verdict.near_miss = near && !verdict.alerts();
        verdict
    }

    /// Whoever knows most of the words is asked what the whole reads like.
    fn witnesses(&self, text: &str, verdict: &mut Verdict) {
        let known: Vec<usize> = self.0.iter().map(|language| language.knows(text)).collect();
        let most = known.iter().max().copied().unwrap_or_default();
        for (language, _) in self
            .0
            .iter()
            .zip(&known)
            .filter(|(_, known)| **known == most)
        {
            language.witness(text, verdict);
        }
    }

    /// Which members of staff a text names: by surname, or by words for their role. A surname that
    /// is a word too ("park") counts after a title or when written as a name; after a title, one slip
    /// in a longer surname is forgiven where nobody has exactly that name.
    pub fn staff_named(&self, text: &str, staff: &[StaffName]) -> Vec<usize> {
        let written = capitals(text);
        let surnames = self.surnames(staff);
        let named = staff.iter().zip(&surnames).enumerate();
        let named = named.filter(|(_, (member, surname))| {
            self.0.iter().any(|language| {
                let phrase = language.vocabulary.phrase(text);
                let padded = format!(" {phrase} ");
                let says = |words: &String| {
                    let role = language.vocabulary.phrase(words);
                    !role.is_empty() && padded.contains(&format!(" {role} "))
                };
                let words: Vec<&str> = phrase.split(' ').collect();
                member.role_words.iter().any(says)
                    || (0..words.len())
                        .any(|at| language.is_surname(&words, at, surname, &written).is_some())
                    || (0..words.len()).any(|at| {
                        !surnames.iter().any(|other| other.is(words[at]))
                            && language.is_nearly_surname(&words, at, surname)
                    })
            })
        });
        named.map(|(at, _)| at).collect()
    }

    fn surnames(&self, staff: &[StaffName]) -> Vec<Surname> {
        let surnames = staff.iter().map(|member| {
            let folded = fold(&member.name);
            let folded = folded.rsplit(' ').next().unwrap_or_default().to_owned();
            Surname {
                word: self.0.iter().any(|language| language.known.has(&folded)),
                folded,
            }
        });
        surnames.collect()
    }
}

/// The name of a file without its folders.
fn file_of(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, file)| file)
}

#[cfg(test)]
mod tests;
