//! What a text turns down, and what in it chooses nothing: "not 2", "don't text, call", "you said you would
//! ring".

use std::ops::Range;

use super::Choices;
use crate::text::reading::Reading;
use crate::text::reading::whole::longest;

impl Choices {
    /// Whether a text tells of something, so that a choice's word in it chooses nothing.
    pub(super) fn tells(&self, phrase: &str) -> bool {
        let padded = format!(" {phrase} ");
        let stands = |known: &String| padded.contains(&format!(" {known} "));
        self.telling.iter().any(stands)
    }

    /// Whether this language hears that a text chooses nothing, or turns something down. One that knows
    /// none of these words must not choose then. A word that says something else in the person's own
    /// language (`own`) refuses nothing: the Polish "no".
    pub(in crate::text::reading) fn holds_back(
        &self,
        text: &str,
        reading: &Reading,
        own: &Reading,
    ) -> bool {
        let means_else =
            |word: &str| own.language() != reading.language() && own.whole.answers().knows(word);
        let phrase = reading.phrase(text);
        let words: Vec<&str> = phrase.split(' ').collect();
        let counts = |(at, word): (usize, &&str)| {
            word.bytes().all(|b| b.is_ascii_digit()) && self.counts(&words, at, reading)
        };
        self.tells(&phrase)
            || self.refuses_any(&phrase, reading, &means_else)
            || words.iter().enumerate().any(counts)
    }

    /// Whether anything is turned down, by this language's words for it.
    fn refuses_any(
        &self,
        phrase: &str,
        reading: &Reading,
        means_else: &dyn Fn(&str) -> bool,
    ) -> bool {
        let words: Vec<&str> = phrase.split(' ').collect();
        let unsure = reading.whole.answers().unsure(&words);
        let not = |(at, word): (usize, &&str)| {
            self.not.contains(*word)
                && !means_else(word)
                && !unsure.iter().any(|place| place.contains(&at))
        };
        let padded = format!(" {phrase} ");
        let stands = |known: &String| padded.contains(&format!(" {known} "));
        words.iter().enumerate().any(not)
            || self.not_before.iter().chain(&self.not_after).any(stands)
    }

    /// Whether the number at this place is one of something: "2 boys", "3 pm", "3 Dec".
    pub(super) fn counts(&self, words: &[&str], at: usize, reading: &Reading) -> bool {
        words
            .get(at + 1)
            .is_some_and(|next| self.units.contains(*next) || reading.almanac.is_month(next))
    }

    /// Whether what stands at a place is turned down by what stands next to it; words that say nothing
    /// may stand between. In "not sure" (`unsure`) nothing is refused.
    pub(super) fn is_refused(
        &self,
        words: &[&str],
        place: &Range<usize>,
        unsure: &[Range<usize>],
    ) -> bool {
        let refuses = |at: usize| {
            self.not.contains(words[at]) && !unsure.iter().any(|some| some.contains(&at))
        };
        let says_nothing =
            |word: &str| !self.not.contains(word) && self.fillers.iter().any(|f| f == word);
        let mut start = place.start;
        while start > 0 && says_nothing(words[start - 1]) {
            start -= 1;
        }
        let before = [place.start, start].map(|end| words[..end].join(" "));
        let after = words[place.end..].join(" ");
        (start > 0 && refuses(start - 1))
            || self
                .not_before
                .iter()
                .any(|not| before.iter().any(|before| ends(before, not)))
            || longest(&after, &self.not_after).is_some()
    }

    /// As [`Self::is_refused`], where a word of refusal reaches over one other word, but not over another
    /// choice (`chosen`): "don't text, call".
    pub(super) fn turns_down(
        &self,
        words: &[&str],
        place: &Range<usize>,
        chosen: &[Range<usize>],
        unsure: &[Range<usize>],
    ) -> bool {
        let apart = |other: &Range<usize>| other.end <= place.start || place.end <= other.start;
        let another = |at: usize| chosen.iter().any(|c| apart(c) && c.contains(&at));
        let mut near = (0..place.start)
            .rev()
            .take(2)
            .take_while(|at| !another(*at));
        let not = |at: usize| {
            self.not.contains(words[at]) && !unsure.iter().any(|place| place.contains(&at))
        };
        near.any(not) || self.is_refused(words, place, unsure)
    }
}

/// Whether a text ends with these whole words.
fn ends(text: &str, words: &str) -> bool {
    let before = text.strip_suffix(words);
    before.is_some_and(|before| before.is_empty() || before.ends_with(' '))
}
