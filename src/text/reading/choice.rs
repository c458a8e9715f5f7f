//! Which of the offered choices a text takes: by number, by words, by place in the row.

mod refusal;

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use super::Reading;
use super::whole::longest;
use crate::text::fold::fold;
use crate::text::patterns::Vocabulary;
use crate::text::sheet::{Section, Sheet};

/// A choice as it was offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChoiceWords {
    /// What the person was shown.
    pub label: String,
    /// Other words for it: [`Reading::synonyms`].
    pub synonyms: Vec<String>,
}

/// How a text answers a question with choices. Places count from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// This one.
    Exact(usize),
    /// This one, and more words that must not be lost.
    ExactWithMore(usize, String),
    /// Perhaps one of these: ask.
    Near(Vec<usize>),
    /// None of them.
    None,
}

/// `[choices]` and `[choosing]` of one language.
#[derive(Debug, Default)]
pub struct Choices {
    synonyms: BTreeMap<String, Vec<String>>,
    /// "one", "two" and on, folded.
    numbers: Vec<Vec<String>>,
    /// "first", "second" and on.
    ordinals: Vec<Vec<String>>,
    last: Vec<String>,
    before_last: Vec<String>,
    /// Of an odd number of choices.
    middle: Vec<String>,
    /// "None of these".
    none: Vec<String>,
    /// Words around a choice that say nothing: "option", "the", "one", "I want".
    fillers: Vec<String>,
    /// Words that turn the next one down: "not", "do not".
    not: HashSet<String>,
    /// The same in several words: "anything but".
    not_before: Vec<String>,
    /// What turns down the choice before it: "is broken".
    not_after: Vec<String>,
    /// What tells of something: "you said", "I rang". A choice's word beside it chooses nothing.
    telling: Vec<String>,
    /// Words that join two choices: "or", "and".
    joins: HashSet<String>,
    /// Words that make a number before them a count and no choice: "days", "times", "Dec".
    units: HashSet<String>,
}

/// The most choices that a person is asked between; beyond that nothing was understood.
const NEAR: usize = 3;

/// More words than this around a place in the row are about something else.
const FEW: usize = 5;

const TABLE: [&str; 14] = [
    "numbers",
    "tens",
    "ordinals",
    "last",
    "before-last",
    "middle",
    "none",
    "fillers",
    "not",
    "not-before",
    "not-after",
    "telling",
    "joins",
    "units",
];

impl Choices {
    pub(super) fn load(
        root: &Section<'_, '_>,
        vocabulary: &Vocabulary,
        sheet: &mut Sheet<'_>,
    ) -> Self {
        let mut choices = Self::default();
        if let Some(section) = root.section("choices", sheet) {
            for value in section.keys() {
                let words = section.words(&value, sheet).into_iter();
                let words = words.map(|(word, _)| word).collect();
                choices.synonyms.insert(value, words);
            }
        }
        if let Some(section) = root.section("choosing", sheet) {
            section.only(&TABLE, sheet);
            let words = |key: &str, sheet: &mut Sheet<'_>| -> Vec<String> {
                let words = section.words(key, sheet).into_iter();
                words.map(|(word, _)| vocabulary.phrase(&word)).collect()
            };
            let rows = |key: &str, sheet: &mut Sheet<'_>| -> Vec<Vec<String>> {
                let rows = section.lists(key, sheet).into_iter();
                rows.map(|row| {
                    row.iter()
                        .map(|(word, _)| vocabulary.phrase(word))
                        .collect()
                })
                .collect()
            };
            choices.numbers = rows("numbers", sheet);
            choices.ordinals = rows("ordinals", sheet);
            choices.last = words("last", sheet);
            choices.before_last = words("before-last", sheet);
            choices.middle = words("middle", sheet);
            choices.none = words("none", sheet);
            choices.fillers = words("fillers", sheet);
            choices.not = words("not", sheet).into_iter().collect();
            choices.not_before = words("not-before", sheet);
            choices.not_after = words("not-after", sheet);
            choices.telling = words("telling", sheet);
            choices.joins = words("joins", sheet).into_iter().collect();
            choices.units = words("units", sheet).into_iter().collect();
        }
        choices
    }

    pub(super) fn synonyms(&self, value: &str) -> Vec<String> {
        self.synonyms.get(value).cloned().unwrap_or_default()
    }

    /// The other words of every value that a label is a word for: "by phone" has those of `phone`.
    /// A value that another of the labels is a word for too tells them apart by nothing.
    pub(super) fn kin(&self, label: &str, offered: &[&str], reading: &Reading) -> Vec<String> {
        let label = reading.phrase(label);
        if label.is_empty() {
            return Vec::new();
        }
        let others: Vec<String> = offered.iter().map(|other| reading.phrase(other)).collect();
        let others: Vec<&String> = others.iter().filter(|other| **other != label).collect();
        let kin = self.synonyms.values().filter(|words| {
            let words: Vec<String> = words.iter().map(|word| reading.phrase(word)).collect();
            words.contains(&label) && !others.iter().any(|other| words.contains(other))
        });
        kin.flatten().cloned().collect()
    }

    /// Whether a word turns the next one down.
    pub(super) fn refuses(&self, word: &str) -> bool {
        self.not.contains(word)
    }

    /// Whether the text wants none of what was offered.
    pub(super) fn is_none(&self, text: &str, reading: &Reading) -> bool {
        let phrase = reading.phrase(text);
        let plain = self.bare(reading.whole.plain(&phrase));
        let padded = format!(" {phrase} ");
        let holds = |known: &String| {
            known.contains(' ')
                && padded.split(' ').count() <= FEW + 4
                && padded.contains(&format!(" {known} "))
        };
        let whole = |known: &String| known == plain || *known == phrase;
        self.none.iter().any(|known| whole(known) || holds(known))
    }

    pub(super) fn number(&self, plain: &str) -> Option<i64> {
        let mut digits = plain.split(' ').filter_map(|word| word.parse().ok());
        match (digits.next(), digits.next()) {
            (Some(number), None) => Some(number),
            (Some(_), Some(_)) => None,
            (None, _) => {
                let at = self.row_of(&self.numbers, self.bare(plain))?;
                i64::try_from(at + 1).ok()
            }
        }
    }

    pub(super) fn read(&self, text: &str, labels: &[ChoiceWords], reading: &Reading) -> Choice {
        match self.any_of(text, labels, reading) {
            Choice::Near(some) if some.len() > NEAR || some.is_empty() => Choice::None,
            choice => choice,
        }
    }

    /// A number by itself, as most people answer: it means what it is, whatever is offered.
    pub(super) fn by_number(&self, text: &str, count: usize, reading: &Reading) -> Option<usize> {
        let phrase = reading.phrase(text);
        self.place_of(self.bare(reading.whole.plain(&phrase)), count)
    }

    fn any_of(&self, text: &str, labels: &[ChoiceWords], reading: &Reading) -> Choice {
        let phrase = reading.phrase(text);
        let plain = self.bare(reading.whole.plain(&phrase));
        if plain.is_empty() || labels.is_empty() {
            return Choice::None;
        }
        if let Some(at) = self.place_of(plain, labels.len()) {
            return Choice::Exact(at);
        }
        let offered = Offered::new(labels, reading);
        if let Some(one) = offered.without_spaces(plain) {
            return Choice::Exact(one);
        }
        if let Some(choice) = self.numbered(text, plain, &offered, reading) {
            return choice;
        }
        if let Some(at) = self.placed_from_end(&phrase, labels.len()) {
            return Choice::Exact(at);
        }
        if let Some(at) = self.placed(plain, labels.len()) {
            return Choice::Exact(at);
        }
        let same = offered.which(|phrases| phrases.iter().any(|known| known == plain));
        match same.as_slice() {
            [] => {}
            [one] => return Choice::Exact(*one),
            _ => return Choice::Near(same),
        }
        if let Some(one) = offered.beginning(plain, reading) {
            return Choice::Exact(one);
        }
        if self.tells(&phrase) {
            return Choice::None;
        }
        match self.within(&offered.days(plain, reading), &offered, reading) {
            Choice::None => self.among(plain, &offered, reading),
            choice => choice,
        }
    }

    /// One number or one place in the row among few other words: "could we do number 2".
    fn among(&self, plain: &str, offered: &Offered, reading: &Reading) -> Choice {
        let words: Vec<&str> = plain.split(' ').collect();
        if words.len() > FEW {
            return Choice::None;
        }
        let mut places: Vec<(usize, usize)> = Vec::new();
        for (at, word) in words.iter().enumerate() {
            let digits = word.bytes().all(|b| b.is_ascii_digit());
            let number = digits
                .then(|| self.place_of(word, offered.count()))
                .flatten();
            let place = number.or_else(|| self.placed(word, offered.count()));
            if digits && number.is_none() {
                return Choice::None;
            }
            places.extend(
                place
                    .filter(|_| !self.counts(&words, at, reading))
                    .map(|place| (at, place)),
            );
        }
        let chosen: Vec<Range<usize>> = places.iter().map(|(at, _)| *at..at + 1).collect();
        let unsure = reading.whole.answers().unsure(&words);
        let down = |at: usize| self.turns_down(&words, &(at..at + 1), &chosen, &unsure);
        let (down, kept): (Vec<_>, Vec<_>) = places.iter().partition(|(at, _)| down(*at));
        let mut kept: Vec<usize> = kept.into_iter().map(|(_, place)| place).collect();
        if kept.is_empty() && !down.is_empty() {
            // "Not 2": one of the others.
            kept = (0..offered.count())
                .filter(|at| !down.iter().any(|(_, place)| place == at))
                .collect();
        }
        kept.sort_unstable();
        kept.dedup();
        match kept.as_slice() {
            [] => Choice::None,
            // "2 please, not 1".
            [one] if !down.is_empty() && offered.count() > 2 => Choice::Exact(*one),
            _ => Choice::Near(kept),
        }
    }

    /// Without the words around a choice that say nothing.
    fn bare<'p>(&self, phrase: &'p str) -> &'p str {
        let mut rest = phrase;
        loop {
            let before = longest(rest, &self.fillers).filter(|left| !left.is_empty());
            let after = || {
                self.fillers
                    .iter()
                    .find_map(|filler| rest.strip_suffix(filler.as_str())?.strip_suffix(' '))
            };
            match before.or_else(after) {
                Some(next) => rest = next,
                None => return rest,
            }
        }
    }

    /// A number first: alone, with the label it stands for, or with more to say.
    fn numbered(
        &self,
        text: &str,
        plain: &str,
        offered: &Offered,
        reading: &Reading,
    ) -> Option<Choice> {
        let said: Vec<&str> = plain.split(' ').collect();
        let (first, rest) = said.split_first()?;
        let at = self.place_of(first, offered.count())?;
        if rest.is_empty() {
            return Some(Choice::Exact(at));
        }
        // "1 or 2 whichever", "1 and 3": they have not chosen.
        let mut all = vec![at];
        let mut others = rest.iter();
        while let Some(word) = others.next() {
            let other = if self.joins.contains(*word) {
                others.next().copied()
            } else {
                Some(*word)
            };
            match other.and_then(|word| self.place_of(word, offered.count())) {
                Some(other) => all.push(other),
                None => break,
            }
        }
        // "2 no good", "1 or 3 not 2".
        let number = |at: &usize| self.place_of(said[*at], offered.count()).is_some();
        if (0..said.len())
            .filter(number)
            .any(|at| self.is_refused(&said, &(at..at + 1), &[]))
        {
            return None;
        }
        if all.len() > 1 {
            all.sort_unstable();
            all.dedup();
            return Some(match all.as_slice() {
                [one] => Choice::Exact(*one),
                _ => Choice::Near(all),
            });
        }
        if [0, 1]
            .into_iter()
            .any(|before| self.counts(&said, before, reading))
        {
            return None;
        }
        let rest = rest.join(" ");
        let rest = self.bare(reading.whole.plain(&rest));
        if reading.whole.is_ack(rest) || offered.phrases[at].iter().any(|known| known == rest) {
            return Some(Choice::Exact(at));
        }
        // "one thing I wanted to say": a number in words is a choice only by itself.
        let digits = plain.starts_with(|c: char| c.is_ascii_digit());
        digits.then(|| Choice::ExactWithMore(at, after_number(text)))
    }

    fn place_of(&self, word: &str, count: usize) -> Option<usize> {
        let number = if word.bytes().all(|b| b.is_ascii_digit()) {
            word.parse::<usize>().ok()?
        } else {
            1 + self.row_of(&self.numbers, word)?
        };
        (1..=count).contains(&number).then(|| number - 1)
    }

    /// "the second one", "the last".
    fn placed(&self, plain: &str, count: usize) -> Option<usize> {
        let is = |list: &[String]| list.iter().any(|word| word == plain);
        if is(&self.last) {
            return count.checked_sub(1);
        }
        if is(&self.middle) {
            return (count % 2 == 1).then_some(count / 2);
        }
        self.row_of(&self.ordinals, plain).filter(|at| *at < count)
    }

    /// "The last but one", which holds "last" and "one".
    fn placed_from_end(&self, phrase: &str, count: usize) -> Option<usize> {
        let padded = format!(" {phrase} ");
        let holds = |known: &String| padded.contains(&format!(" {known} "));
        let few = phrase.split(' ').count() <= 2 * FEW;
        (few && self.before_last.iter().any(holds))
            .then(|| count.checked_sub(2))
            .flatten()
    }

    fn row_of(&self, rows: &[Vec<String>], word: &str) -> Option<usize> {
        rows.iter()
            .position(|row| row.iter().any(|known| known == word))
    }

    /// Labels, synonyms or words of only one label, somewhere in the text and not turned down.
    fn within(&self, plain: &str, offered: &Offered, reading: &Reading) -> Choice {
        let words: Vec<&str> = plain.split(' ').collect();
        // "Not sure, phone or text" turns nothing down.
        let unsure = reading.whole.answers().unsure(&words);
        let places = |phrase: &String| -> Vec<Range<usize>> {
            let parts: Vec<&str> = phrase.split(' ').collect();
            let windows = words.windows(parts.len()).enumerate();
            let same = windows.filter(|(_, window)| *window == parts);
            same.map(|(at, _)| at..at + parts.len()).collect()
        };
        let chosen: Vec<Range<usize>> = offered.phrases.iter().flatten().flat_map(places).collect();
        let turned_down = |place: &Range<usize>| self.turns_down(&words, place, &chosen, &unsure);
        // "Not a phone call" turns the call down with the phone.
        let down: Vec<&Range<usize>> = chosen.iter().filter(|place| turned_down(place)).collect();
        let is_down = |place: &Range<usize>| {
            let inside =
                |whole: &&Range<usize>| whole.start <= place.start && place.end <= whole.end;
            turned_down(place) || down.iter().any(inside)
        };
        // Whether it stands there, and whether it is turned down wherever it does.
        let stands = |phrase: &String| -> Option<bool> {
            let all = places(phrase);
            (!all.is_empty()).then(|| all.iter().all(is_down))
        };
        let holds = |phrase: &String| stands(phrase) == Some(false);
        let mut found = offered.which(|phrases| phrases.iter().any(holds));
        if found.is_empty() {
            found = offered.with_own(holds);
        }
        match found.as_slice() {
            [one] if words.len() <= 8 => Choice::Exact(*one),
            [] => {
                let refused = |phrase: &String| stands(phrase) == Some(true);
                let mut down = offered.which(|phrases| phrases.iter().any(refused));
                down.extend(offered.with_own(refused));
                if !down.is_empty() && words.len() <= 8 {
                    // "Not phone": one of the others.
                    let others = (0..offered.count()).filter(|at| !down.contains(at));
                    return Choice::Near(others.collect());
                }
                self.nearly(&words, offered, reading)
            }
            _ => Choice::Near(found),
        }
    }

    /// A word of several labels, or one slip of the thumb, in a short answer.
    fn nearly(&self, words: &[&str], offered: &Offered, reading: &Reading) -> Choice {
        if words.len() > 3 {
            return Choice::None;
        }
        // "3.30" when two of the slots are at that time.
        let shared = offered.which(|phrases| {
            let label = phrases.first().map(String::as_str).unwrap_or_default();
            let mut label = label.split(' ').filter(|word| word.chars().count() > 2);
            label.any(|word| words.contains(&word))
        });
        if !shared.is_empty() {
            return Choice::Near(shared);
        }
        let near = offered.misspelt(words, reading);
        if near.is_empty() {
            Choice::None
        } else {
            Choice::Near(near)
        }
    }
}

/// The choices as they are compared: folded phrases, and words that only one of them has.
struct Offered {
    phrases: Vec<Vec<String>>,
    own: Vec<Vec<String>>,
}

impl Offered {
    fn new(labels: &[ChoiceWords], reading: &Reading) -> Self {
        let phrases: Vec<Vec<String>> = labels
            .iter()
            .map(|choice| {
                let all = std::iter::once(&choice.label).chain(&choice.synonyms);
                let phrases = all.map(|words| reading.almanac.canonical(&reading.phrase(words)));
                phrases.filter(|phrase| !phrase.is_empty()).collect()
            })
            .collect();
        let own = phrases
            .iter()
            .enumerate()
            .map(|(at, mine)| {
                let label = mine.first().map(String::as_str).unwrap_or_default();
                let words = label.split(' ').filter(|word| word.chars().count() > 2);
                let alone = words.filter(|word| {
                    let mut others = phrases.iter().enumerate().filter(|(other, _)| *other != at);
                    !others.any(|(_, other)| {
                        other
                            .iter()
                            .any(|phrase| phrase.split(' ').any(|w| w == *word))
                    })
                });
                alone.map(str::to_owned).collect()
            })
            .collect();
        Self { phrases, own }
    }

    fn count(&self) -> usize {
        self.phrases.len()
    }

    fn which(&self, holds: impl Fn(&[String]) -> bool) -> Vec<usize> {
        (0..self.count())
            .filter(|at| holds(&self.phrases[*at]))
            .collect()
    }

    fn with_own(&self, holds: impl Fn(&String) -> bool) -> Vec<usize> {
        (0..self.count())
            .filter(|at| self.own[*at].iter().any(&holds))
            .collect()
    }

    /// "3 H" for "3H".
    fn without_spaces(&self, plain: &str) -> Option<usize> {
        let joined = |phrase: &str| phrase.replace(' ', "");
        if !plain.contains(' ') || plain.split(' ').count() > 3 {
            return None;
        }
        let same = self.which(|phrases| {
            let label = phrases.first();
            label.is_some_and(|label| !label.contains(' ') && *label == joined(plain))
        });
        match same.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }

    /// The one choice of which a single word is the beginning: "tex". A word that people write for
    /// its own sake is no beginning of another.
    fn beginning(&self, plain: &str, reading: &Reading) -> Option<usize> {
        if plain.contains(' ') || plain.chars().count() < 3 || reading.knows(plain) {
            return None;
        }
        let some = self.which(|phrases| {
            let mut words = phrases.iter().enumerate().flat_map(|(at, phrase)| {
                // All the words of the label; of its other names those of one word.
                let words = phrase.split(' ').collect::<Vec<_>>();
                if at == 0 || words.len() == 1 {
                    words
                } else {
                    Vec::new()
                }
            });
            words.any(|word| word.starts_with(plain))
        });
        match some.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }

    /// The choices of which a word is a slip of the thumb, the nearest only. Short words are not
    /// tried, nor what people write for its own sake: "test" is not "text".
    fn misspelt(&self, words: &[&str], reading: &Reading) -> Vec<usize> {
        let far = |known: &str, word: &str| -> Option<usize> {
            let (letters, typed) = (known.chars().count(), word.chars().count());
            let allowed = match letters {
                0..=3 => return None,
                4..=7 => 1,
                _ => 2,
            };
            if typed.abs_diff(letters) > allowed || known.contains(' ') {
                return None;
            }
            let far = strsim::osa_distance(word, known);
            (far <= allowed && !reading.knows(word)).then_some(far)
        };
        let nearest = (0..self.count()).filter_map(|at| {
            let known = self.own[at].iter().chain(&self.phrases[at]);
            let far = known.flat_map(|known| words.iter().filter_map(move |word| far(known, word)));
            Some((at, far.min()?))
        });
        let nearest: Vec<(usize, usize)> = nearest.collect();
        let least = nearest.iter().map(|(_, far)| *far).min();
        let near = nearest.iter().filter(|(_, far)| Some(*far) == least);
        near.map(|(at, _)| *at).collect()
    }

    /// A text with its days and times written as labels write them.
    fn days(&self, plain: &str, reading: &Reading) -> String {
        reading.almanac.canonical(plain)
    }
}

/// What the person wrote after the number, as they wrote it: "3.whats that" → "whats that".
fn after_number(text: &str) -> String {
    let digit =
        |c: char| fold(c.encode_utf8(&mut [0; 4])).starts_with(|c: char| c.is_ascii_digit());
    let from = text.find(digit).unwrap_or(0);
    let rest = text[from..].trim_start_matches(digit);
    // The rest of "1️⃣" and "1.)".
    rest.trim_start_matches(|c: char| !c.is_alphanumeric())
        .to_owned()
}
