//! What messages are about, learned when the program starts from `locales/<language>/examples*.toml`.
//!
//! Naive Bayes over words, beginnings of words, what words are alike to, and pairs of all these.
//! Each counts by how seldom it stands in a message (tf-idf). Learning is counting: it takes
//! milliseconds, the same lines always give the same weights, a school can read and add to them,
//! and for every answer it can say which words weighed. `docs/routing.md` says what else was tried.
//! It decides nothing: [`super::route`] puts it together with the patterns.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::text::patterns::Vocabulary;
use crate::text::sheet::{Section, Sheet};

/// What is added to every count, so that what was never seen in a route does not rule it out.
const SMOOTH: f32 = 0.05;
/// Beginnings of so many letters stand for words with other endings, and for slips in them.
const STEMS: [usize; 2] = [4, 5];
/// A beginning in `[alike]` has at least so many letters.
const BEGINNING: usize = 3;
/// No more of a message is weighed than this many words: whoever writes more has said it by then.
const WORDS: usize = 120;
/// What counts as one of the names in `[same]`.
const NAME: &str = "=name";

/// The example messages of one language, before they are learned.
#[derive(Debug, Default)]
pub struct Examples {
    meanings: Meanings,
    /// By route, each message as [`Vocabulary::sentences`] makes it.
    messages: BTreeMap<String, Vec<String>>,
}

/// What the words of one language stand for, beside themselves.
#[derive(Debug, Default, Clone)]
struct Meanings {
    /// Words that count as one another: `=day` for each day of the week.
    same: FxHashMap<String, String>,
    /// Words that have something in common: `~ill` for "poorly" and "fever".
    alike: FxHashMap<String, Vec<String>>,
    /// The same, for all words that begin so.
    beginnings: FxHashMap<String, Vec<String>>,
}

impl Meanings {
    /// What a word has in common with others. The longest beginning that is known speaks.
    fn of(&self, word: &str) -> &[String] {
        if let Some(alike) = self.alike.get(word) {
            return alike;
        }
        let ends = word.char_indices().map(|(at, c)| at + c.len_utf8());
        let mut ends: Vec<usize> = ends.skip(BEGINNING - 1).collect();
        ends.reverse();
        let known = ends
            .into_iter()
            .find_map(|end| self.beginnings.get(word.get(..end)?));
        known.map_or(&[], Vec::as_slice)
    }
}

impl Examples {
    /// Adds a file of examples to those of other files.
    pub(super) fn read(
        &mut self,
        root: &Section<'_, '_>,
        vocabulary: &Vocabulary,
        wrong: &dyn Fn(&str) -> Option<String>,
        sheet: &mut Sheet<'_>,
    ) {
        root.only(&["same", "alike", "examples"], sheet);
        if let Some(section) = root.section("same", sheet) {
            for (name, words, _) in section.texts(sheet) {
                for word in words.split_whitespace() {
                    let word = vocabulary.phrase(word);
                    self.meanings.same.insert(word, format!("={name}"));
                }
            }
        }
        if let Some(section) = root.section("alike", sheet) {
            for (name, words, _) in section.texts(sheet) {
                for word in words.split_whitespace() {
                    let meanings = match word.strip_suffix('*') {
                        Some(start) if start.chars().count() >= BEGINNING => self
                            .meanings
                            .beginnings
                            .entry(vocabulary.phrase(start))
                            .or_default(),
                        _ => {
                            let word = vocabulary.phrase(word);
                            self.meanings.alike.entry(word).or_default()
                        }
                    };
                    meanings.push(format!("~{name}"));
                }
            }
        }
        if let Some(section) = root.section("examples", sheet) {
            for (route, lines, place) in section.texts(sheet) {
                if let Some(remedy) = wrong(&route) {
                    sheet.error(place, format!("there is no route `{route}`"), remedy);
                    continue;
                }
                let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
                let messages = lines.map(|line| vocabulary.sentences(line));
                self.messages.entry(route).or_default().extend(messages);
            }
        }
    }

    /// The weights of these examples.
    pub(super) fn learn(&self) -> Learned {
        let all = self.messages.iter().enumerate();
        let messages: Vec<(usize, &str)> = all
            .flat_map(|(route, (_, lines))| lines.iter().map(move |line| (route, line.as_str())))
            .collect();
        self.learn_from(&messages)
    }

    /// The messages stand in the order of their routes.
    fn learn_from(&self, messages: &[(usize, &str)]) -> Learned {
        let mut learned = Learned {
            routes: self.messages.keys().cloned().collect(),
            meanings: self.meanings.clone(),
            ..Learned::default()
        };
        let mut numbers: FxHashMap<&str, usize> = FxHashMap::default();
        let mut distinct: Vec<Word> = Vec::new();
        let mut examples: Vec<(usize, Vec<Weighed>)> = Vec::with_capacity(messages.len());
        let mut seen: Vec<u32> = Vec::new();
        for (route, sentences) in messages {
            let words = split(&self.meanings.same, sentences).map(|word| {
                *numbers.entry(word).or_insert_with(|| {
                    let form = |form: &str| Some(learned.forms.add(form));
                    distinct.push(Word::of(word, &self.meanings, form));
                    distinct.len() - 1
                })
            });
            let words: Vec<usize> = words.collect();
            let words: Vec<&Word> = words.iter().map(|at| &distinct[*at]).collect();
            let length = learned.forms.add(length(words.len()));
            let mut places = Vec::new();
            features(&words, Some(length), |feature| {
                let next = u32::try_from(learned.places.len()).unwrap_or(u32::MAX);
                places.push(*learned.places.entry(feature.key()).or_insert(next));
            });
            let counted = counted(places);
            seen.resize(learned.places.len(), 0);
            for (place, _) in &counted {
                seen[*place] += 1;
            }
            examples.push((*route, counted));
        }
        let all: f32 = examples.iter().map(|_| 1.0).sum();
        let rarity = |seen: &u32| ((1.0 + all) / (1.0 + *seen as f32)).ln() + 1.0;
        learned.rarity = seen.iter().map(rarity).collect();
        learned.count(examples, &seen);
        learned
    }
}

/// A feature's place, and how much it weighs in one message.
type Weighed = (usize, f32);

/// Each place once, with how often it came: a second time says less than the first.
fn counted(mut places: Vec<u32>) -> Vec<Weighed> {
    places.sort_unstable();
    let mut counted: Vec<Weighed> = Vec::with_capacity(places.len());
    for same in places.chunk_by(|a, b| a == b) {
        let often: f32 = same.iter().map(|_| 1.0).sum();
        counted.push((same[0] as usize, 1.0 + often.ln()));
    }
    counted
}

pub(super) fn softmax(scores: &mut [f32]) {
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

/// Every form that was seen: words, beginnings, what words are alike to, lengths.
#[derive(Debug, Default)]
struct Forms {
    known: FxHashMap<Arc<str>, u32>,
    /// Each by its number, to say why.
    names: Vec<Arc<str>>,
}

impl Forms {
    fn add(&mut self, form: &str) -> u32 {
        if let Some(known) = self.known.get(form) {
            return *known;
        }
        let next = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        let form: Arc<str> = Arc::from(form);
        self.names.push(Arc::clone(&form));
        self.known.insert(form, next);
        next
    }

    fn find(&self, form: &str) -> Option<u32> {
        self.known.get(form).copied()
    }
}

/// The forms of a word that the examples have.
#[derive(Debug, Default)]
struct Word {
    itself: Option<u32>,
    stems: [Option<u32>; 2],
    alike: Vec<u32>,
}

impl Word {
    fn of(word: &str, meanings: &Meanings, mut form: impl FnMut(&str) -> Option<u32>) -> Self {
        let mut found = Self {
            itself: form(word),
            ..Self::default()
        };
        if word.starts_with('=') {
            return found;
        }
        for (length, stem) in STEMS.into_iter().zip(&mut found.stems) {
            let end = word.char_indices().nth(length).map(|(end, _)| end);
            if let Some(start) = end.and_then(|end| word.get(..end)) {
                *stem = form(&format!("{start}*"));
            }
        }
        let alike = meanings.of(word).iter();
        found.alike = alike.filter_map(|alike| form(alike)).collect();
        found
    }
}

/// One thing that a message is weighed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Feature {
    One(u32),
    First(u32),
    Pair(u32, u32),
    /// A word stands between.
    Apart(u32, u32),
}

impl Feature {
    fn key(self) -> u64 {
        let (kind, a, b) = match self {
            Self::One(a) => (0, a, 0),
            Self::First(a) => (1, a, 0),
            Self::Pair(a, b) => (2, a, b),
            Self::Apart(a, b) => (3, a, b),
        };
        (kind << 60) | (u64::from(a) << 30) | u64::from(b)
    }
}

/// Everything a message is weighed by.
fn features(words: &[&Word], length: Option<u32>, mut each: impl FnMut(Feature)) {
    for (at, word) in words.iter().enumerate() {
        let stems = word.stems.iter().copied().flatten();
        for one in word.itself.into_iter().chain(stems) {
            each(Feature::One(one));
        }
        word.alike.iter().for_each(|one| each(Feature::One(*one)));
        if let Some(first) = word.itself.filter(|_| at == 0) {
            each(Feature::First(first));
        }
        if let Some(next) = words.get(at + 1) {
            if let (Some(a), Some(b)) = (word.itself, next.itself) {
                each(Feature::Pair(a, b));
            }
            for a in &word.alike {
                next.meanings().for_each(|b| each(Feature::Pair(*a, b)));
            }
            if let (Some(a), true) = (word.itself, word.alike.is_empty()) {
                next.alike.iter().for_each(|b| each(Feature::Pair(a, *b)));
            }
        }
        if let Some(next) = words.get(at + 2)
            && let (Some(a), Some(b)) = (word.itself, next.itself)
        {
            each(Feature::Apart(a, b));
        }
    }
    length.into_iter().for_each(|one| each(Feature::One(one)));
}

impl Word {
    /// What it is alike to, or else the word itself.
    fn meanings(&self) -> impl Iterator<Item = u32> + '_ {
        let itself = self.itself.filter(|_| self.alike.is_empty());
        self.alike.iter().copied().chain(itself)
    }
}

const fn length(words: usize) -> &'static str {
    match words {
        0..=3 => "#1",
        4 => "#2",
        5..=7 => "#3",
        8..=14 => "#4",
        _ => "#5",
    }
}

/// What was learned from one language's examples.
#[derive(Debug, Default)]
pub struct Learned {
    routes: Vec<String>,
    meanings: Meanings,
    forms: Forms,
    /// Where each feature stands in what follows.
    places: FxHashMap<u64, u32>,
    /// What each feature counts: what stands in few messages says more than "the".
    rarity: Vec<f32>,
    /// What a feature that was never seen in a route says of it: the logarithm of how much of the
    /// route it is.
    unseen: Vec<f32>,
    /// For each feature, where its part of `seen` begins; the next one's beginning is its end.
    begins: Vec<usize>,
    /// The routes a feature was seen in, and by how much it says more of them than if it had not
    /// been. Most features were seen in one route only.
    seen: Vec<(usize, f32)>,
}

/// What was learned says this of one message.
#[derive(Debug, Default)]
pub struct Guess {
    /// How likely each route is, before anything else is known: the logarithm, up to a constant.
    pub scores: Vec<f32>,
    /// The share of its words that the examples have.
    pub known: f32,
}

impl Learned {
    /// The routes, in the order of [`Guess::scores`].
    pub(super) fn routes(&self) -> &[String] {
        &self.routes
    }

    /// Whether a folded word is among the examples' words, other than as a name.
    pub(super) fn knows(&self, word: &str) -> bool {
        match self.meanings.same.get(word) {
            Some(same) => same != NAME,
            None => self.forms.find(word).is_some(),
        }
    }

    /// The share of a text's words that the examples have.
    pub(super) fn known(&self, sentences: &str) -> f32 {
        let words = split(&self.meanings.same, sentences);
        let words = words.filter(|word| word.starts_with(char::is_alphabetic));
        let (mut known, mut all) = (0u16, 0u16);
        for word in words {
            known += u16::from(self.forms.find(word).is_some());
            all += 1;
        }
        // Digits, names and days are in any language.
        if all == 0 {
            1.0
        } else {
            f32::from(known) / f32::from(all)
        }
    }

    /// Weighs a text made by [`Vocabulary::sentences`].
    pub(super) fn guess(&self, sentences: &str) -> Guess {
        let words = split(&self.meanings.same, sentences).map(|word| self.word(word));
        let words: Vec<Word> = words.collect();
        let words: Vec<&Word> = words.iter().collect();
        let weighed = self.weighed(&words);
        let all: f32 = weighed.iter().map(|(_, weight)| weight).sum();
        let mut scores: Vec<f32> = self.unseen.iter().map(|log| all * log).collect();
        for (place, weight) in weighed {
            for (route, more) in self.seen(place) {
                scores[*route] += weight * more;
            }
        }
        Guess {
            scores,
            known: self.known(sentences),
        }
    }

    /// The features that spoke most for a route against the others: words, `first_second`,
    /// `begin*`, `~alike`.
    pub(super) fn why(&self, sentences: &str, route: usize) -> Vec<String> {
        let words: Vec<&str> = split(&self.meanings.same, sentences).collect();
        let found: Vec<Word> = words.iter().map(|word| self.word(word)).collect();
        let found: Vec<&Word> = found.iter().collect();
        let weighed: FxHashMap<usize, f32> = self.weighed(&found).into_iter().collect();
        let mut leads: Vec<(f32, Feature)> = Vec::new();
        features(&found, self.forms.find(length(words.len())), |feature| {
            let Some(place) = self.place(feature) else {
                return;
            };
            let row = self.row(place);
            let others = row.iter().sum::<f32>() / row.len().max(1) as f32;
            let lead = row.get(route).copied().unwrap_or_default() - others;
            let lead = lead * weighed.get(&place).copied().unwrap_or_default();
            if lead > 0.0 && !leads.iter().any(|(_, known)| *known == feature) {
                leads.push((lead, feature));
            }
        });
        leads.sort_by(|a, b| b.0.total_cmp(&a.0));
        leads.truncate(4);
        leads
            .iter()
            .map(|(_, feature)| self.named(*feature))
            .collect()
    }

    /// A feature as `--why` prints it.
    fn named(&self, feature: Feature) -> String {
        let name = |form: u32| {
            let name = self.forms.names.get(form as usize);
            name.map_or("", |name| name.as_ref())
        };
        match feature {
            Feature::One(a) => name(a).to_owned(),
            Feature::First(a) => format!("«_{}", name(a)),
            Feature::Pair(a, b) => format!("{}_{}", name(a), name(b)),
            Feature::Apart(a, b) => format!("{}__{}", name(a), name(b)),
        }
    }

    fn word(&self, word: &str) -> Word {
        Word::of(word, &self.meanings, |form| self.forms.find(form))
    }

    fn place(&self, feature: Feature) -> Option<usize> {
        self.places.get(&feature.key()).map(|place| *place as usize)
    }

    /// What a feature says of each route.
    fn row(&self, place: usize) -> Vec<f32> {
        let mut row = self.unseen.clone();
        for (route, more) in self.seen(place) {
            row[*route] += more;
        }
        row
    }

    /// The routes a feature was seen in.
    fn seen(&self, place: usize) -> &[(usize, f32)] {
        let end = self.begins.get(place + 1).copied().unwrap_or_default();
        let begin = self.begins.get(place).copied().unwrap_or_default();
        self.seen.get(begin..end).unwrap_or_default()
    }

    /// The features of a message that the examples have, brought to length one together, so that
    /// long messages do not count for more.
    fn weighed(&self, words: &[&Word]) -> Vec<Weighed> {
        let mut places = Vec::new();
        let length = self.forms.find(length(words.len()));
        features(words, length, |feature| {
            places.extend(self.places.get(&feature.key()).copied());
        });
        let mut counted = counted(places);
        self.rare(&mut counted);
        counted
    }

    fn rare(&self, counted: &mut [Weighed]) {
        for (place, weight) in counted.iter_mut() {
            *weight *= self.rarity[*place];
        }
        let squares: f32 = counted.iter().map(|(_, weight)| weight.powi(2)).sum();
        let share = 1.0 / squares.max(f32::MIN_POSITIVE).sqrt();
        for (_, weight) in counted.iter_mut() {
            *weight *= share;
        }
    }

    /// Counts the features of each route, each of which was seen in so many examples.
    fn count(&mut self, examples: Vec<(usize, Vec<Weighed>)>, often: &[u32]) {
        // Every feature's own part of one list; within it the routes come in their order.
        let mut next = Vec::with_capacity(often.len());
        let mut all = 0;
        for often in often {
            next.push(all);
            all += *often as usize;
        }
        let begins = next.clone();
        let mut counts = vec![(0, 0.0f32); all];
        let mut sums = vec![SMOOTH * often.len() as f32; self.routes.len()];
        for (route, mut counted) in examples {
            self.rare(&mut counted);
            for (place, weight) in counted {
                counts[next[place]] = (route, weight);
                next[place] += 1;
                sums[route] += weight;
            }
        }
        self.unseen = sums.iter().map(|sum| SMOOTH.ln() - sum.ln()).collect();
        self.begins = Vec::with_capacity(often.len() + 1);
        for (begin, end) in begins.into_iter().zip(next) {
            self.begins.push(self.seen.len());
            for same in counts[begin..end].chunk_by(|a, b| a.0 == b.0) {
                let count: f32 = same.iter().map(|(_, weight)| weight).sum();
                self.seen.push((same[0].0, (count / SMOOTH).ln_1p()));
            }
        }
        self.begins.push(self.seen.len());
    }
}

/// The words to weigh: those that count as one another are one.
fn split<'w>(
    same: &'w FxHashMap<String, String>,
    sentences: &'w str,
) -> impl Iterator<Item = &'w str> {
    let number = |word: &str| {
        word.bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'/'))
    };
    let words = sentences
        .split_ascii_whitespace()
        .filter(|word| !matches!(*word, "." | "«" | "»"));
    words.take(WORDS).map(move |word| match same.get(word) {
        Some(same) => same.as_str(),
        None if number(word) && word.len() == 1 => "=digit",
        None if number(word) => "=number",
        None => word,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::reading::Reading;

    fn file(language: &str, name: &str) -> String {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(root.join(format!("locales/{language}/{name}"))).unwrap()
    }

    fn examples(language: &str) -> Examples {
        let reading = file(language, "reading.toml");
        let source = file(language, "examples.toml");
        let (mut sheet, table) = Sheet::parse("reading.toml", &reading);
        let vocabulary = Vocabulary::load(&Section::root(&table), &mut sheet);
        let (mut sheet, table) = Sheet::parse("examples.toml", &source);
        let mut examples = Examples::default();
        examples.read(&Section::root(&table), &vocabulary, &|_| None, &mut sheet);
        examples
    }

    /// Five times, a fifth of the examples is held out, and read by what the others teach.
    fn held_out(language: &str) -> f32 {
        let examples = examples(language);
        let all = examples.messages.iter().enumerate();
        let all: Vec<(usize, &str)> = all
            .flat_map(|(route, (_, lines))| lines.iter().map(move |line| (route, line.as_str())))
            .collect();
        let (mut right, mut of) = (0.0, 0.0);
        for fold in 0..5 {
            let part = |held: bool| {
                let rows = all.iter().enumerate();
                rows.filter(move |(at, _)| (at % 5 == fold) == held)
                    .map(|(_, row)| *row)
            };
            let learned = examples.learn_from(&part(false).collect::<Vec<_>>());
            for (route, message) in part(true) {
                let scores = learned.guess(message).scores;
                let best = scores.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
                of += 1.0;
                if best.is_some_and(|(at, _)| at == route) {
                    right += 1.0;
                }
            }
        }
        println!(
            "{language}: {right} of {of} held out read rightly: {:.3}",
            right / of
        );
        right / of
    }

    #[test]
    fn examples_that_were_held_out_are_read_by_the_others() {
        assert!(held_out("en") > 0.7);
        assert!(held_out("pl") > 0.63);
    }

    #[test]
    fn the_same_examples_teach_the_same() {
        let examples = examples("pl");
        assert_eq!(examples.learn().seen, examples.learn().seen);
    }

    #[test]
    fn a_school_adds_examples_of_its_own() {
        let mut reading = Reading::load("en", "reading.toml", &file("en", "reading.toml")).unwrap();
        let ours = file("en", "examples.toml");
        let text = "the walrus list";
        let mut first = |more: &str| {
            let files = [
                ("examples.toml", ours.as_str()),
                ("examples-ours.toml", more),
            ];
            let faults = reading.learn(&files);
            assert!(faults.is_empty(), "{faults:?}");
            let routes = reading.opening(text);
            let best = routes
                .into_iter()
                .max_by(|a, b| a.score.total_cmp(&b.score));
            best.map(|route| route.flow)
        };
        assert_ne!(first("").as_deref(), Some("events"));
        let more = "[examples]\nevents = \"\"\"\nwalrus list\nthe walrus list please\nis the walrus list up\n\"\"\"\n";
        assert_eq!(first(more).as_deref(), Some("events"));
    }

    #[test]
    fn a_line_about_one_word_teaches_about_those_alike() {
        let mut reading = Reading::load("en", "reading.toml", &file("en", "reading.toml")).unwrap();
        let mut first = |alike: &str| {
            let source = format!(
                "[alike]\n{alike}\n[examples]\nabsence = \"she is poorly\"\nnews = \"she is happy\"\n"
            );
            let faults = reading.learn(&[("examples.toml", source.as_str())]);
            assert!(faults.is_empty(), "{faults:?}");
            let routes = reading.opening("she is feverish");
            let score = |flow| {
                routes
                    .iter()
                    .find(|r| r.flow == flow)
                    .map_or(0.0, |r| r.score)
            };
            score("absence") - score("news")
        };
        let apart = first("");
        assert!(first("ill = \"poorly fever*\"") > apart + 0.1);
    }

    #[test]
    fn a_fault_in_examples_has_its_place_and_a_remedy() {
        let mut reading = Reading::load("en", "reading.toml", &file("en", "reading.toml")).unwrap();
        for (source, wrong) in [
            ("[examples]\nconcrn = \"x\"\n", "there is no route `concrn`"),
            (
                "[examples]\nconcern = 3\n",
                "`examples.concern` is not a text",
            ),
            ("[exmples]\n", "there is no key `exmples`"),
            ("[examples\n", ""),
        ] {
            let faults = reading.learn(&[("examples.toml", source)]);
            assert!(!faults.is_empty(), "{source}");
            assert!(faults[0].message.contains(wrong), "{faults:?}");
        }
    }

    #[test]
    fn anything_can_be_weighed() {
        let learned = examples("en").learn();
        let long = "word ".repeat(4000);
        for text in ["", " ", "\0", "😡", "« »", ". . .", long.as_str()] {
            assert!(
                learned
                    .guess(text)
                    .scores
                    .iter()
                    .all(|score| score.is_finite())
            );
            learned.why(text, 0);
        }
        let nothing = Examples::default().learn();
        assert!(nothing.guess("hello").scores.is_empty());
    }
}
