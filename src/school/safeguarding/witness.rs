//! What messages that must be seen have in common, learned from lines.
//!
//! Patterns find what their writer thought of. Parents hint: "her nan's boyfriend sleeps in her room".
//! This is a second witness: a softmax over words, neighbours and beginnings of words that says how
//! much a message reads like the lines of `screen-examples*.toml` a person must see. It only ever adds
//! an alert. The same lines always give the same weights, and it names the words that weighed.

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::text::patterns::Vocabulary;
use crate::text::sheet::{Section, Sheet};

use super::Risk;

/// What a line is an example of; the place is the place of its weights.
const KINDS: [(&str, Option<Risk>); 5] = [
    ("harmless", None),
    ("review", Some(Risk::Review)),
    ("urgent", Some(Risk::Urgent)),
    ("staff", Some(Risk::Staff)),
    ("crisis_adult", Some(Risk::CrisisAdult)),
];
/// Where the weights of a feature stand: a power of two. By now there are about as many features, and
/// some share a place; more places would change verdicts, which were measured with these.
const PLACES: usize = 1 << 17;
/// How often every line is gone through.
const ROUNDS: u8 = 6;
/// How far one line moves the weights at first; later rounds move them less.
const STEP: f32 = 6.0;
/// A line whose kind is at least so nearly certain teaches nothing in this round…
const LEARNED: f32 = 0.02;
/// …and is not looked at again for so many rounds.
const REST: u8 = 2;
/// Beginnings of so many letters stand for words with other endings, and for slips in them.
const STEMS: [usize; 2] = [4, 5];
/// So likely must it be that a message is no harmless one.
const SURE: f32 = 0.65;
/// The same of a few words, which may be the answer to anything.
const SURE_OF_FEW: f32 = 0.85;
const FEW: usize = 6;
/// So likely must one kind be to be named beside `review`.
const SURE_OF_KIND: f32 = 0.5;
/// How many words it names.
const NAMED: usize = 3;
/// No more of a message is weighed than this many words at a time.
const WORDS: usize = 60;

/// The lines of one language before they are learned.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// What a word counts as, beside being itself.
    same: FxHashMap<String, u32>,
    /// Each line's kind, and the line as it was written.
    lines: Vec<(usize, String)>,
}

impl Lines {
    /// Adds a file: `screen-examples*.toml` by kind, or `examples*.toml`, whose lines are harmless.
    pub(super) fn read(
        &mut self,
        root: &Section<'_, '_>,
        of_screen: bool,
        vocabulary: &Vocabulary,
        sheet: &mut Sheet<'_>,
    ) {
        if of_screen {
            root.only(&["same", "examples"], sheet);
            if let Some(section) = root.section("same", sheet) {
                for (name, words, _) in section.texts(sheet) {
                    for word in words.split_whitespace() {
                        self.same
                            .insert(vocabulary.phrase(word), hash(&[b"=", name.as_bytes()]));
                    }
                }
            }
        }
        let Some(section) = root.section("examples", sheet) else {
            return;
        };
        if of_screen {
            section.only(&KINDS.map(|(kind, _)| kind), sheet);
        }
        for (key, lines, _) in section.texts(sheet) {
            let kind = KINDS.iter().position(|(kind, _)| of_screen && *kind == key);
            let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
            let lines = lines.map(|line| (kind.unwrap_or(0), line.to_owned()));
            self.lines.extend(lines);
        }
    }

    /// What these lines teach.
    pub(super) fn teach(&self, vocabulary: &Vocabulary) -> Taught {
        let lines = self.sentences(vocabulary);
        let mut all = FxHashSet::default();
        for word in lines.iter().flat_map(|(_, line)| words(line)) {
            // Most words were met before.
            if !all.contains(word) {
                all.insert(word.to_owned());
            }
        }
        let risky = lines.iter().any(|(kind, _)| *kind > 0);
        Taught {
            witness: risky.then(|| Witness::learned(self.same.clone(), &lines)),
            words: all,
        }
    }

    /// Each line as [`Vocabulary::sentences`] makes it, with its kind.
    fn sentences(&self, vocabulary: &Vocabulary) -> Vec<(usize, String)> {
        let lines = self.lines.iter();
        lines
            .map(|(kind, line)| (*kind, vocabulary.sentences(line)))
            .collect()
    }
}

/// What the lines of one language teach.
#[derive(Debug, Default)]
pub(super) struct Taught {
    /// `None` where no line is about a risk.
    pub(super) witness: Option<Witness>,
    /// Every word of the lines: words of this language, but perhaps names.
    pub(super) words: FxHashSet<String>,
}

/// What is said of each kind.
type Scores = [f32; KINDS.len()];

/// What a feature says of each kind, while it is learned. It lies within one line of the processor's
/// cache: learning goes through all of them in no order.
#[derive(Debug, Clone, Default)]
#[repr(align(32))]
struct Row(Scores);

fn add(scores: &mut Scores, weights: &Scores, counts: f32) {
    for (score, weight) in scores.iter_mut().zip(weights) {
        *score += weight * counts;
    }
}

/// Makes of what was said of each kind how likely it is.
fn likely(scores: &mut Scores) {
    let most = scores.iter().copied().fold(f32::MIN, f32::max);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = (*score - most).exp();
        sum += *score;
    }
    for score in scores {
        *score /= sum;
    }
}

/// A line that is learned from.
struct Example {
    kind: usize,
    /// Its features, in the list of those of all lines.
    weighed: Range<usize>,
    /// The round in which it is looked at next.
    next: u8,
}

/// The weights of the features that lines have, while they are learned: the frequent ones are met
/// first and stand together.
struct Rows {
    /// Of each place, where its row stands and one more; 0 is none.
    of: Vec<u32>,
    places: Vec<u32>,
    all: Vec<Row>,
}

impl Rows {
    fn new() -> Self {
        Self {
            of: vec![0; PLACES],
            places: Vec::new(),
            all: Vec::new(),
        }
    }

    fn of(&mut self, place: u32) -> u32 {
        let at = &mut self.of[place as usize];
        if *at == 0 {
            self.places.push(place);
            self.all.push(Row::default());
            *at = self.all.len() as u32;
        }
        *at - 1
    }

    /// Moves the weights towards an example; `false` where it is judged rightly without.
    fn adjust(&mut self, prior: &Scores, kind: usize, weighed: &[(u32, f32)], step: f32) -> bool {
        let mut scores = *prior;
        for (at, counts) in weighed {
            add(&mut scores, &self.all[*at as usize].0, *counts);
        }
        likely(&mut scores);
        for (at, score) in scores.iter_mut().enumerate() {
            let target = if at == kind { 1.0 } else { 0.0 };
            *score = (target - *score) * step;
        }
        if scores[kind] < step * LEARNED {
            return false;
        }
        for (at, counts) in weighed {
            let row = &mut self.all[*at as usize].0;
            for (own, change) in row.iter_mut().zip(&scores) {
                *own += change * counts;
            }
        }
        true
    }
}

/// What was learned from one language's lines.
#[derive(Debug)]
pub(super) struct Witness {
    same: FxHashMap<String, u32>,
    /// How much a feature counts: what stands in few lines says more than "the".
    rarity: Vec<f32>,
    /// How often each kind stands among the lines: what is said of a message whose words are unknown.
    prior: Scores,
    weights: Vec<Scores>,
}

/// What a message reads like.
#[derive(Debug)]
pub(super) struct Reading {
    /// `review`, or another kind where it is plainly that.
    pub(super) risks: Vec<Risk>,
    /// The words that weighed most, the heaviest first.
    pub(super) words: Vec<String>,
}

impl Witness {
    fn learned(same: FxHashMap<String, u32>, lines: &[(usize, String)]) -> Self {
        let mut witness = Self {
            same,
            rarity: Vec::new(),
            prior: prior(lines),
            weights: vec![Scores::default(); PLACES],
        };
        // In the order in which they are learned, so that memory is gone through from end to end.
        let mut weighed: Vec<(u32, f32)> = Vec::with_capacity(lines.len() * 64);
        let mut examples: Vec<Example> = Vec::with_capacity(lines.len());
        let mut rarity = vec![0.0; PLACES];
        for at in spread(lines.len()) {
            let (kind, line) = &lines[at];
            let begin = weighed.len();
            let words: Vec<&str> = words(line).collect();
            witness.features(&words, |place, _| {
                rarity[place as usize] += 1.0;
                weighed.push((place, 0.0));
            });
            examples.push(Example {
                kind: *kind,
                weighed: begin..weighed.len(),
                next: 0,
            });
        }
        let all: f32 = lines.iter().map(|_| 1.0).sum();
        for seen in rarity.iter_mut().filter(|seen| **seen > 0.0) {
            *seen = (all / *seen).ln().max(0.1) / 4.0;
        }
        witness.rarity = rarity;
        let mut rows = Rows::new();
        for example in &examples {
            let features = &mut weighed[example.weighed.clone()];
            let share = witness.share(features.iter().map(|(place, _)| *place));
            for (place, counts) in features {
                *counts = witness.rarity[*place as usize] * share;
                *place = rows.of(*place);
            }
        }
        for round in 0..ROUNDS {
            let step = STEP / 0.35f32.mul_add(f32::from(round), 1.0);
            for example in &mut examples {
                let weighed = &weighed[example.weighed.clone()];
                if example.next <= round
                    && !rows.adjust(&witness.prior, example.kind, weighed, step)
                {
                    example.next = round + REST;
                }
            }
        }
        for (place, row) in rows.places.iter().zip(rows.all) {
            witness.weights[*place as usize] = row.0;
        }
        witness
    }

    /// What the rarity of each of these features is multiplied by, so that long and short messages
    /// count alike.
    fn share(&self, places: impl Iterator<Item = u32>) -> f32 {
        let square: f32 = places
            .map(|place| self.rarity[place as usize].powi(2))
            .sum();
        1.0 / square.max(f32::MIN_POSITIVE).sqrt()
    }

    /// How likely each kind is.
    fn scores(&self, places: &[u32]) -> Scores {
        let share = self.share(places.iter().copied());
        let mut scores = self.prior;
        for place in places.iter().map(|place| *place as usize) {
            add(
                &mut scores,
                &self.weights[place],
                self.rarity[place] * share,
            );
        }
        likely(&mut scores);
        scores
    }

    /// What a text made by [`Vocabulary::sentences`] reads like: the whole of it, and each of its
    /// sentences, so that much that is harmless does not drown a little that is not.
    pub(super) fn reads(&self, sentences: &str) -> Option<Reading> {
        let all: Vec<&str> = words(sentences).collect();
        let (scores, words) = self.worst(&all).filter(|(scores, words)| {
            let few = words.len() < FEW;
            1.0 - scores[0] >= if few { SURE_OF_FEW } else { SURE }
        })?;
        let kinds = KINDS.iter().zip(scores).skip(2);
        let sure = kinds.filter(|(_, score)| *score >= SURE_OF_KIND);
        let mut risks: Vec<Risk> = sure.filter_map(|((_, risk), _)| *risk).collect();
        // What is said of staff is kept from nobody who may have to act on it: this is no certainty.
        if risks.is_empty() || risks.contains(&Risk::Staff) {
            risks.push(Risk::Review);
        }
        Some(Reading {
            risks,
            words: self.heaviest(words),
        })
    }

    /// The part that reads least like a harmless message, and how likely each kind is of it.
    fn worst<'w, 's>(&self, all: &'w [&'s str]) -> Option<(Scores, &'w [&'s str])> {
        let mut worst: Option<(Scores, &[&str])> = None;
        let whole = all.chunks(WORDS);
        let parts = all.split(|word| *word == ".");
        for words in whole.chain(parts).filter(|words| words.len() > 1) {
            let mut places = Vec::with_capacity(words.len() * 6);
            self.features(words, |place, _| places.push(place));
            let scores = self.scores(&places);
            if worst.as_ref().is_none_or(|(least, _)| scores[0] < least[0]) {
                worst = Some((scores, words));
            }
        }
        worst
    }

    fn heaviest(&self, words: &[&str]) -> Vec<String> {
        let mut weighed = vec![0.0f32; words.len()];
        self.features(words, |place, at| {
            let row = &self.weights[place as usize];
            let for_it = row[1..].iter().copied().fold(f32::MIN, f32::max);
            weighed[at] += (for_it - row[0]) * self.rarity[place as usize];
        });
        let mut order: Vec<usize> = (0..words.len()).collect();
        order.sort_by(|a, b| weighed[*b].total_cmp(&weighed[*a]));
        let heavy = order.iter().filter(|at| weighed[**at] > 0.0);
        heavy.take(NAMED).map(|at| words[*at].to_owned()).collect()
    }

    /// Gives each feature's place, and the word it stands at: words, neighbours, beginnings, and
    /// the same of what words count as.
    fn features(&self, words: &[&str], mut each: impl FnMut(u32, usize)) {
        // What each word is by itself, and what it counts as.
        let known: Vec<(u32, u32)> = words
            .iter()
            .map(|word| {
                let own = hash(&[word.as_bytes()]);
                (own, self.same.get(*word).copied().unwrap_or(own))
            })
            .collect();
        // Places are a power of two, and fit.
        let mut put = |hash: u32, at: usize| each(hash % PLACES as u32, at);
        for (at, (word, (own, kind))) in words.iter().zip(&known).enumerate() {
            let bytes = word.as_bytes();
            put(*own, at);
            if kind != own {
                put(*kind, at);
            }
            let kind = kind.to_le_bytes();
            if let (Some(next), Some((_, beside))) = (words.get(at + 1), known.get(at + 1)) {
                put(hash_on(hash_on(*own, b"_"), next.as_bytes()), at);
                put(hash(&[b"2", &kind, &beside.to_le_bytes()]), at);
            }
            if let Some((_, over)) = known.get(at + 2) {
                put(hash(&[b"3", &kind, &over.to_le_bytes()]), at);
            }
            for length in STEMS {
                if bytes.len() > length {
                    put(hash(&[&bytes[..length], b"*"]), at);
                }
            }
        }
    }
}

/// The logarithm of each kind's share of the lines.
fn prior(lines: &[(usize, String)]) -> Scores {
    let mut prior = [1.0f32; KINDS.len()];
    for (kind, _) in lines {
        prior[*kind] += 1.0;
    }
    let all: f32 = prior.iter().sum();
    prior.map(|count| (count / all).ln())
}

/// The words of a text, without the marks of its beginning and end.
fn words(sentences: &str) -> impl Iterator<Item = &str> {
    sentences
        .split_ascii_whitespace()
        .filter(|word| !matches!(*word, "«" | "»"))
}

/// FNV-1a: the same on every machine, so that the same lines always teach the same.
fn hash(parts: &[&[u8]]) -> u32 {
    parts
        .iter()
        .fold(0x811c_9dc5, |hash, part| hash_on(hash, part))
}

/// The hash of what was hashed and more behind it.
fn hash_on(hash: u32, more: &[u8]) -> u32 {
    more.iter().fold(hash, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    })
}

/// So many lines in an order in which neighbours are of different kinds: always the same one.
fn spread(length: usize) -> impl Iterator<Item = usize> {
    // A step that shares no factor with the length reaches each line once.
    let step = (length * 5 / 8..)
        .find(|step| coprime(*step, length))
        .unwrap_or(1);
    (0..length).map(move |at| at * step % length)
}

const fn coprime(mut a: usize, mut b: usize) -> bool {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a == 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn lines(tag: &str) -> (Lines, Vocabulary) {
        let read = |file: &str| {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("locales/{tag}/{file}"));
            std::fs::read_to_string(path).unwrap()
        };
        let source = read("reading.toml");
        let (mut sheet, table) = Sheet::parse("reading.toml", &source);
        let vocabulary = Vocabulary::load(&Section::root(&table), &mut sheet);
        let mut lines = Lines::default();
        for file in ["examples.toml", "screen-examples.toml"] {
            let source = read(file);
            let (mut sheet, table) = Sheet::parse(file, &source);
            let of_screen = file.starts_with("screen-");
            lines.read(&Section::root(&table), of_screen, &vocabulary, &mut sheet);
            assert!(sheet.into_faults().is_empty());
        }
        (lines, vocabulary)
    }

    /// Each line judged by what the other four fifths teach: how likely it is to be about a risk.
    fn held_out(tag: &str) -> Vec<(bool, f32)> {
        const FOLDS: usize = 5;
        let (all, vocabulary) = lines(tag);
        let lines = all.sentences(&vocabulary);
        let mut out = Vec::new();
        for fold in 0..FOLDS {
            let kept = lines
                .iter()
                .enumerate()
                .filter(|(at, _)| at % FOLDS != fold);
            let kept: Vec<(usize, String)> = kept.map(|(_, line)| line.clone()).collect();
            let witness = Witness::learned(all.same.clone(), &kept);
            for (_, (kind, line)) in lines
                .iter()
                .enumerate()
                .filter(|(at, _)| at % FOLDS == fold)
            {
                let all: Vec<&str> = words(line).collect();
                let likely = witness
                    .worst(&all)
                    .map_or(0.0, |(scores, _)| 1.0 - scores[0]);
                out.push((*kind > 0, likely));
            }
        }
        out
    }

    /// What the witness is worth by itself, on lines it was not taught. Every line that a pattern
    /// finds already comes on top, so what matters is that it finds many and cries wolf seldom.
    #[test]
    fn lines_that_were_held_out_are_judged_by_the_others() {
        for tag in ["en", "pl"] {
            let judged = held_out(tag);
            let share = |risky: bool, sure: f32| {
                let of = judged.iter().filter(|(is_risky, _)| *is_risky == risky);
                let over = of.clone().filter(|(_, likely)| *likely >= sure);
                let share = over.count() as f64 / of.count() as f64;
                println!(
                    "{tag} at {sure}: {share:.3} of {}",
                    if risky {
                        "risks found"
                    } else {
                        "the harmless raised"
                    },
                );
                share
            };
            for sure in [0.4, 0.5] {
                share(true, sure);
                share(false, sure);
            }
            assert!(share(true, SURE) > 0.38, "{tag}");
            assert!(share(false, SURE) < 0.03, "{tag}");
        }
    }
}
