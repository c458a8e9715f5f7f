//! What messages are about, learned from `locales/<language>/examples*.toml`.
//!
//! Naive Bayes over words, beginnings of words, what words are alike to, and pairs of all these.
//! Each counts by how seldom it stands in a message (tf-idf). Learning is counting: it takes
//! milliseconds, the same lines always give the same weights, a school can read and add to them,
//! and for every answer it can say which words weighed. `docs/routing.md` says what else was tried.
//! It decides nothing: [`super::route`] puts it together with the patterns.

mod features;

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::text::patterns::Vocabulary;
use crate::text::sheet::{Section, Sheet};
use features::{BEGINNING, Feature, Form, Forms, Meanings, Places, Word, features, length, split};

/// What is added to every count, so that what was never seen in a route does not rule it out.
const SMOOTH: f32 = 0.05;
/// What counts as one of the names in `[same]`.
const NAME: &str = "=name";

/// The example messages of one language, before they are learned.
#[derive(Debug, Default)]
pub struct Examples {
    meanings: Meanings,
    /// By route, each message as it was written.
    messages: BTreeMap<String, Vec<String>>,
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
                let messages = self.messages.entry(route).or_default();
                messages.extend(lines.map(str::to_owned));
            }
        }
    }

    /// The routes that have some.
    pub(super) fn routes(&self) -> impl Iterator<Item = &String> {
        self.messages.keys()
    }

    /// The weights of these examples.
    pub(super) fn learn(&self, vocabulary: &Vocabulary) -> Learned {
        self.learn_from(&self.sentences(vocabulary))
    }

    /// Each message as [`Vocabulary::sentences`] makes it, with its route.
    fn sentences(&self, vocabulary: &Vocabulary) -> Vec<(usize, String)> {
        let all = self.messages.values().enumerate();
        let all = all.flat_map(|(route, lines)| lines.iter().map(move |line| (route, line)));
        all.map(|(route, line)| (route, vocabulary.sentences(line)))
            .collect()
    }

    /// The messages stand in the order of their routes.
    fn learn_from(&self, messages: &[(usize, String)]) -> Learned {
        let mut learned = Learned {
            routes: self.messages.keys().cloned().collect(),
            meanings: self.meanings.clone(),
            ..Learned::default()
        };
        let mut numbers: FxHashMap<&str, usize> = FxHashMap::default();
        let mut distinct: Vec<Word> = Vec::new();
        // Every message's features, one message behind the other.
        let mut weighed: Vec<Weighed> = Vec::with_capacity(messages.len() * 64);
        let mut ends = Vec::with_capacity(messages.len());
        let mut seen: Vec<u32> = Vec::new();
        let mut places = Vec::new();
        learned.places.reserve(messages.len() * 16);
        for (_, sentences) in messages {
            let words = split(&self.meanings.same, sentences).map(|word| {
                *numbers.entry(word).or_insert_with(|| {
                    let form = |form: Form<'_>| Some(learned.forms.add(form));
                    distinct.push(Word::of(word, &self.meanings, form));
                    distinct.len() - 1
                })
            });
            let words: Vec<usize> = words.collect();
            let words: Vec<&Word> = words.iter().map(|at| &distinct[*at]).collect();
            let length = learned.forms.add(Form::Whole(length(words.len())));
            places.clear();
            features(&words, Some(length), |feature| {
                places.push(learned.places.add(feature));
            });
            seen.resize(learned.places.len(), 0);
            for (place, weight) in counted(&mut places) {
                seen[place as usize] += 1;
                weighed.push((place, weight));
            }
            ends.push(weighed.len());
        }
        let all: f32 = messages.iter().map(|_| 1.0).sum();
        let rarity = |seen: &u32| ((1.0 + all) / (1.0 + *seen as f32)).ln() + 1.0;
        learned.rarity = seen.iter().map(rarity).collect();
        let mut rest = weighed.as_mut_slice();
        let mut begin = 0;
        let mut examples = Vec::with_capacity(messages.len());
        for ((route, _), end) in messages.iter().zip(ends) {
            let (example, behind) = rest.split_at_mut(end - begin);
            examples.push((*route, example));
            (rest, begin) = (behind, end);
        }
        learned.count(examples, &seen);
        learned.places.shrink();
        learned
    }
}

/// A feature's place, and how much it weighs in one message.
type Weighed = (u32, f32);

/// Each place once, with how often it came: a second time says less than the first.
fn counted(places: &mut [u32]) -> impl Iterator<Item = Weighed> {
    places.sort_unstable();
    let same = places.chunk_by(|a, b| a == b);
    same.map(|same| match same {
        [once] => (*once, 1.0),
        _ => {
            let often: f32 = same.iter().map(|_| 1.0).sum();
            (same[0], 1.0 + often.ln())
        }
    })
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

/// What was learned from one language's examples.
#[derive(Debug, Default)]
pub struct Learned {
    routes: Vec<String>,
    meanings: Meanings,
    forms: Forms,
    /// Where each feature stands in what follows.
    places: Places,
    /// What each feature counts: what stands in few messages says more than "the".
    rarity: Vec<f32>,
    /// What a feature that was never seen in a route says of it: the logarithm of how much of the
    /// route it is.
    unseen: Vec<f32>,
    /// For each feature, where its part of `seen` begins; the next one's beginning is its end.
    begins: Vec<u32>,
    /// The routes a feature was seen in, and by how much it says more of them than if it had not
    /// been. Most features were seen in one route only.
    seen: Vec<(u32, f32)>,
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
            None => self.forms.find(Form::Whole(word)).is_some(),
        }
    }

    /// The share of a text's words that the examples have.
    pub(super) fn known(&self, sentences: &str) -> f32 {
        let words = split(&self.meanings.same, sentences);
        let words = words.filter(|word| word.starts_with(char::is_alphabetic));
        let (mut known, mut all) = (0u16, 0u16);
        for word in words {
            known += u16::from(self.forms.find(Form::Whole(word)).is_some());
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
                scores[*route as usize] += weight * more;
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
        let weighed: FxHashMap<u32, f32> = self.weighed(&found).into_iter().collect();
        let mut leads: Vec<(f32, Feature)> = Vec::new();
        let length = self.forms.find(Form::Whole(length(words.len())));
        features(&found, length, |feature| {
            let Some(place) = self.places.find(feature) else {
                return;
            };
            let lead = self.lead(place, route);
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
        let name = |form: u32| self.forms.name(form);
        match feature {
            Feature::One(a) => name(a),
            Feature::First(a) => format!("«_{}", name(a)),
            Feature::Pair(a, b) => format!("{}_{}", name(a), name(b)),
            Feature::Apart(a, b) => format!("{}__{}", name(a), name(b)),
        }
    }

    fn word(&self, word: &str) -> Word {
        Word::of(word, &self.meanings, |form| self.forms.find(form))
    }

    /// By how much a feature says more of a route than of all of them on average.
    fn lead(&self, place: u32, route: usize) -> f32 {
        let unseen = self.unseen.get(route).copied().unwrap_or_default();
        let (mut ours, mut all) = (unseen, self.unseen.iter().sum::<f32>());
        for (seen, more) in self.seen(place) {
            all += more;
            ours += if *seen as usize == route { *more } else { 0.0 };
        }
        ours - all / self.unseen.len().max(1) as f32
    }

    /// The routes a feature was seen in.
    fn seen(&self, place: u32) -> &[(u32, f32)] {
        let at = |place: u32| self.begins.get(place as usize).copied().unwrap_or_default();
        let seen = at(place) as usize..at(place + 1) as usize;
        self.seen.get(seen).unwrap_or_default()
    }

    /// The features of a message that the examples have, brought to length one together, so that
    /// long messages do not count for more.
    fn weighed(&self, words: &[&Word]) -> Vec<Weighed> {
        let mut places = Vec::new();
        let length = self.forms.find(Form::Whole(length(words.len())));
        features(words, length, |feature| {
            places.extend(self.places.find(feature));
        });
        let mut counted: Vec<Weighed> = counted(&mut places).collect();
        self.rare(&mut counted);
        counted
    }

    fn rare(&self, counted: &mut [Weighed]) {
        for (place, weight) in counted.iter_mut() {
            *weight *= self.rarity[*place as usize];
        }
        let squares: f32 = counted.iter().map(|(_, weight)| weight.powi(2)).sum();
        let share = 1.0 / squares.max(f32::MIN_POSITIVE).sqrt();
        for (_, weight) in counted.iter_mut() {
            *weight *= share;
        }
    }

    /// Counts the features of each route, each of which was seen in so many examples.
    fn count(&mut self, examples: Vec<(usize, &mut [Weighed])>, often: &[u32]) {
        // Every feature's own part of one list; within it the routes come in their order.
        let mut next = Vec::with_capacity(often.len());
        let mut all = 0;
        for often in often {
            next.push(all);
            all += *often;
        }
        let begins = next.clone();
        let mut counts = vec![(0, 0.0f32); all as usize];
        let mut sums = vec![SMOOTH * often.len() as f32; self.routes.len()];
        for (route, counted) in examples {
            self.rare(counted);
            for (place, weight) in counted {
                let next = &mut next[*place as usize];
                counts[*next as usize] = (route as u32, *weight);
                *next += 1;
                sums[route] += *weight;
            }
        }
        self.unseen = sums.iter().map(|sum| SMOOTH.ln() - sum.ln()).collect();
        self.begins = Vec::with_capacity(often.len() + 1);
        self.seen = Vec::with_capacity(counts.len());
        for (begin, end) in begins.into_iter().zip(next) {
            self.begins.push(self.seen.len() as u32);
            for same in counts[begin as usize..end as usize].chunk_by(|a, b| a.0 == b.0) {
                let count: f32 = same.iter().map(|(_, weight)| weight).sum();
                self.seen.push((same[0].0, (count / SMOOTH).ln_1p()));
            }
        }
        self.begins.push(self.seen.len() as u32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::reading::Reading;

    fn file(language: &str, name: &str) -> String {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(root.join(format!("locales/{language}/{name}"))).unwrap()
    }

    fn examples(language: &str) -> (Examples, Vocabulary) {
        let reading = file(language, "reading.toml");
        let source = file(language, "examples.toml");
        let (mut sheet, table) = Sheet::parse("reading.toml", &reading);
        let vocabulary = Vocabulary::load(&Section::root(&table), &mut sheet);
        let (mut sheet, table) = Sheet::parse("examples.toml", &source);
        let mut examples = Examples::default();
        examples.read(&Section::root(&table), &vocabulary, &|_| None, &mut sheet);
        (examples, vocabulary)
    }

    /// Five times, a fifth of the examples is held out, and read by what the others teach.
    fn held_out(language: &str) -> f32 {
        let (examples, vocabulary) = examples(language);
        let all = examples.sentences(&vocabulary);
        let (mut right, mut of) = (0.0, 0.0);
        for fold in 0..5 {
            let part = |held: bool| {
                let rows = all.iter().enumerate();
                rows.filter(move |(at, _)| (at % 5 == fold) == held)
                    .map(|(_, row)| row)
            };
            let learned = examples.learn_from(&part(false).cloned().collect::<Vec<_>>());
            for (route, message) in part(true) {
                let scores = learned.guess(message).scores;
                let best = scores.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
                of += 1.0;
                if best.is_some_and(|(at, _)| at == *route) {
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
        let (examples, vocabulary) = examples("pl");
        let learn = || examples.learn(&vocabulary).seen;
        assert_eq!(learn(), learn());
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
        let (examples, vocabulary) = examples("en");
        let learned = examples.learn(&vocabulary);
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
        let nothing = Examples::default().learn(&vocabulary);
        assert!(nothing.guess("hello").scores.is_empty());
    }
}
