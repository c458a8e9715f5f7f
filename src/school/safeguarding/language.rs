//! One language's screen: its rules, and how a text is made ready for them.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use super::spelling::{RiskWords, slip};
use super::vocabulary::Known;
use super::witness::Taught;
use super::{Risk, Surname, Verdict};
use crate::school::people::Role;
use crate::text::patterns::{Pattern, Rule, Vocabulary, patterns, rules};
use crate::text::sheet::{Section, Sheet};
use crate::text::sieve::{Sieve, Sifted};
use crate::text::soon::Soon;

/// The `[screen]` of one language.
#[derive(Debug)]
pub(super) struct Language {
    pub(super) tag: String,
    /// What people call a post (`head`, `class-teacher`), of `[posts]`.
    pub(super) posts: Vec<(String, Vec<String>)>,
    pub(super) vocabulary: Arc<Vocabulary>,
    pub(super) known: Known,
    risk_words: RiskWords,
    titles: Vec<String>,
    /// The tables of [`RULES`], in their order.
    rules: Sieve,
    /// What its lines of examples teach.
    pub(super) taught: Soon<Taught>,
}

const RULES: [&str; 8] = [
    "urgent",
    "review",
    "staff",
    "staff-said",
    "staff-unsure",
    "crisis",
    "pupil",
    "near-miss",
];
const URGENT: usize = 0;
const REVIEW: usize = 1;
const STAFF: usize = 2;
/// What staff say that is itself the harm; tried where they are said to have said it.
const STAFF_SAID: usize = 3;
const STAFF_UNSURE: usize = 4;
const CRISIS: usize = 5;
const PUPIL: usize = 6;
const NEAR_MISS: usize = 7;
/// Beside the tables of [`RULES`]: what is taken out of a text before they are tried.
const IDIOMS: usize = 8;
const REPORTING: usize = 9;
const KEYS: [&str; 8] = [
    "whatlang",
    "foreign",
    "spelling",
    "titles",
    "idioms",
    "reporting",
    "known",
    "known-endings",
];
/// What a surname without its title becomes, for the patterns about staff.
const STAFF_NAME: &str = "staffname";
/// What an unknown word becomes, for patterns that expect a name.
const NAME: &str = "namex";
/// A surname shorter than this is too near to others: Lee, Bell, Ball.
const SHORTEST_SURNAME: usize = 5;

impl Language {
    pub(super) fn load(
        tag: &str,
        vocabulary: Arc<Vocabulary>,
        root: &Section<'_, '_>,
        section: &Section<'_, '_>,
        sheet: &mut Sheet<'_>,
    ) -> Self {
        section.only(&[&KEYS[..], &RULES[..]].concat(), sheet);
        let tables = RULES.map(|key| {
            let table = section.section(key, sheet);
            table.map_or_else(Vec::new, |table| rules(&table, sheet))
        });
        let mut tables = tables.to_vec();
        for key in ["idioms", "reporting"] {
            tables.push(vec![Rule::of(patterns(section.words(key, sheet)))]);
        }
        let rules = tables.iter().flatten();
        let literal = rules.flat_map(|rule| rule.patterns().iter().chain(rule.exceptions()));
        let literal: Vec<&Pattern> = literal.collect();
        let mut posts = Vec::new();
        if let Some(section) = root.section("posts", sheet) {
            let roles: Vec<&str> = Role::WORDS.iter().map(|(word, _)| *word).collect();
            section.only(&roles, sheet);
            for post in section.keys() {
                let words = section.words(&post, sheet).into_iter();
                posts.push((post, words.map(|(word, _)| word).collect()));
            }
        }
        let titles = section.words("titles", sheet).into_iter();
        let titles = titles.map(|(title, _)| vocabulary.phrase(&title)).collect();
        Self {
            tag: tag.to_owned(),
            posts,
            known: Known::load(root, section, &vocabulary, &literal, sheet),
            risk_words: RiskWords::load(section, sheet),
            titles,
            rules: Sieve::new(&tables, &vocabulary, sheet),
            taught: Soon::default(),
            vocabulary,
        }
    }

    /// Adds what this language's rules find; says whether the text is a near miss.
    pub(super) fn screen(
        &self,
        text: &str,
        surnames: &[Surname],
        written: &HashSet<String>,
        verdict: &mut Verdict,
    ) -> bool {
        let whole = self.respelled(&self.vocabulary.sentences(text), surnames);
        let plain = self.with_staff(&whole, surnames, written);
        let whole = self.rules.sift(whole);
        let plain = if plain == whole.text() {
            whole.clone()
        } else {
            self.rules.sift(plain)
        };
        let plain = plain.without(IDIOMS);
        let about_named_staff = plain.text().contains(STAFF_NAME);
        let named = self.with_names(plain.text());
        // Where no word became a name there is one text, not two.
        let named = (named != plain.text()).then(|| self.rules.sift(named));
        let both: Vec<Sifted<'_>> = std::iter::once(plain).chain(named).collect();
        let mut find = |texts: &[Sifted<'_>], table: usize, risks: &[Risk]| {
            let held: BTreeSet<&str> = texts.iter().flat_map(|text| text.holding(table)).collect();
            for name in &held {
                verdict.set.extend(risks);
                verdict
                    .why
                    .push(format!("{} {}: {name}", self.tag, RULES[table]));
            }
            !held.is_empty()
        };
        find(&both, URGENT, &[Risk::Urgent]);
        find(&both, CRISIS, &[Risk::CrisisAdult]);
        find(&both, PUPIL, &[Risk::YoungPerson]);
        // Where staff only hear, see or say something, the harm is somebody else's.
        let quiet: Vec<_> = both.iter().map(|text| text.without(REPORTING)).collect();
        let about_staff =
            find(&quiet, STAFF, &[Risk::Staff]) | find(&both, STAFF_SAID, &[Risk::Staff]);
        if !about_staff {
            find(&quiet, STAFF_UNSURE, &[Risk::Staff, Risk::Review]);
        }
        // "Mr Grant slapped him" is about Mr Grant alone; "… and his dad hits him" is review too,
        // and so is a bare "Grant slapped him": Grant may be a child.
        if about_staff && !about_named_staff {
            let rest: Vec<_> = both.iter().map(|text| text.without(STAFF)).collect();
            find(&rest, REVIEW, &[Risk::Review]);
        } else {
            find(&both, REVIEW, &[Risk::Review]);
        }
        !whole.holding(NEAR_MISS).is_empty()
    }

    /// How many words of a text are this language's.
    pub(super) fn knows(&self, text: &str) -> usize {
        let sentences = self.vocabulary.sentences(text);
        let words = sentences.split_ascii_whitespace();
        words.filter(|word| self.known.has(word)).count()
    }

    /// Adds what the text reads like, sayings apart, to one who has learned from this language's lines.
    pub(super) fn witness(&self, text: &str, verdict: &mut Verdict) {
        let Some(witness) = &self.taught.witness else {
            return;
        };
        let sentences = self.vocabulary.sentences(text);
        let plain = self.rules.sift(sentences).without(IDIOMS);
        if let Some(reading) = witness.reads(plain.text()) {
            verdict.set.extend(reading.risks);
            let words = reading.words.join(" ");
            verdict
                .why
                .push(format!("{} reads like: {words}", self.tag));
        }
    }

    /// Unknown words that are words about risk but for a slip, as those words.
    fn respelled(&self, sentences: &str, surnames: &[Surname]) -> String {
        let words = sentences.split(' ').map(|word| {
            let name = || surnames.iter().any(|surname| surname.folded == word);
            if self.known.lists(word) || name() {
                return word;
            }
            let meant = self.risk_words.meant(word, self.known.has(word));
            meant.unwrap_or(word)
        });
        words.collect::<Vec<_>>().join(" ")
    }

    /// Surnames of staff that stand without a title, as one word that patterns know.
    fn with_staff(
        &self,
        sentences: &str,
        surnames: &[Surname],
        written: &HashSet<String>,
    ) -> String {
        let words: Vec<&str> = sentences.split(' ').collect();
        let out: Vec<&str> = (0..words.len())
            .map(|at| {
                let titled = surnames
                    .iter()
                    .find_map(|surname| self.is_surname(&words, at, surname, written));
                if titled == Some(false) {
                    STAFF_NAME
                } else {
                    words[at]
                }
            })
            .collect();
        out.join(" ")
    }

    /// Whether the word at a place is this person's surname, and if so whether a title is before it.
    pub(super) fn is_surname(
        &self,
        words: &[&str],
        at: usize,
        surname: &Surname,
        written: &HashSet<String>,
    ) -> Option<bool> {
        let word = words[at];
        if !surname.is(word) {
            return None;
        }
        let titled = at > 0 && self.titles.iter().any(|title| title == words[at - 1]);
        let plainly = titled || !surname.word || written.contains(word);
        plainly.then_some(titled)
    }

    /// Whether the word at a place stands after a title and is this surname but for a slip. Who is
    /// accused must not be told of it because a parent cannot spell their name.
    pub(super) fn is_nearly_surname(&self, words: &[&str], at: usize, surname: &Surname) -> bool {
        let name = surname.folded.as_str();
        let titled = at > 0 && self.titles.iter().any(|title| title == words[at - 1]);
        let like = |name: &str| slip(words[at], name).is_some();
        // "Hugh" for Hughes, "Wrights" for Wright: the ending is heard as a possessive.
        let owner = name.strip_suffix('s').unwrap_or(name);
        let owned = words[at].strip_suffix('s').unwrap_or(words[at]);
        titled
            && name.chars().count() >= SHORTEST_SURNAME
            && (like(name) || like(owner) || slip(owned, name).is_some())
    }

    /// Words that the language does not know, as one word that stands for a name.
    fn with_names(&self, sentences: &str) -> String {
        let words = sentences.split(' ').map(|word| {
            let name = word.len() > 1
                && word != STAFF_NAME
                && word.chars().all(char::is_alphabetic)
                && !self.known.has(word)
                && !self.titles.iter().any(|title| title == word);
            if name { NAME } else { word }
        });
        words.collect::<Vec<_>>().join(" ")
    }
}
