//! What messages are about, learned when the program starts from `locales/<language>/examples*.toml`.
//!
//! A softmax regression over words, pairs of neighbouring words and beginnings of words. It is
//! small on purpose: it is learned in milliseconds from lines that a school can read and add to, the
//! same lines always give the same weights, and for every answer it can say which words weighed.
//! It decides nothing: [`super::route`] puts it together with the patterns.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasherDefault, DefaultHasher};

use crate::text::patterns::Vocabulary;
use crate::text::sheet::{Section, Sheet};

/// How often every example is gone through. More learns the examples by heart.
const ROUNDS: u8 = 12;
/// How far one example moves the weights at first; later rounds move them less.
const STEP: f32 = 6.0;
/// Beginnings of so many letters stand for words with other endings, and for slips in them.
const STEMS: [usize; 2] = [4, 5];
/// No more of a message is weighed than this many words: whoever writes more has said it by then.
const WORDS: usize = 120;
/// What an unknown word counts as; most are names.
const UNKNOWN: &str = "=name";

/// Places of features; a fixed hasher, so that learning is the same every time.
type Places = HashMap<String, usize, BuildHasherDefault<DefaultHasher>>;

/// The example messages of one language, before they are learned.
#[derive(Debug, Default)]
pub struct Examples {
    /// Words that count as one another: `day` for each day of the week.
    same: HashMap<String, String>,
    /// By route, each message as [`Vocabulary::sentences`] makes it.
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
        root.only(&["same", "examples"], sheet);
        if let Some(section) = root.section("same", sheet) {
            for (name, words, _) in section.texts(sheet) {
                for word in words.split_whitespace() {
                    self.same
                        .insert(vocabulary.phrase(word), format!("={name}"));
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

    fn learn_from(&self, messages: &[(usize, &str)]) -> Learned {
        let mut learned = Learned {
            routes: self.messages.keys().cloned().collect(),
            same: self.same.clone(),
            places: Places::default(),
            seldom: HashSet::new(),
            rarity: Vec::new(),
            weights: Vec::new(),
        };
        let mut seen: HashMap<&str, u32> = HashMap::new();
        for word in messages
            .iter()
            .flat_map(|(_, m)| words(&self.same, m, |_| Known::Well))
        {
            *seen.entry(word.0).or_default() += 1;
        }
        let often = |word: &str| match seen.get(word) {
            Some(2..) => Known::Well,
            _ => Known::Once,
        };
        let mut examples: Vec<(usize, Vec<usize>)> = Vec::with_capacity(messages.len());
        for (route, sentences) in messages {
            let mut places = Vec::new();
            let words = words(&self.same, sentences, often);
            features(&words, |feature| {
                let next = learned.places.len();
                places.push(match learned.places.get(feature) {
                    Some(place) => *place,
                    None => {
                        learned.places.insert(feature.to_owned(), next);
                        next
                    }
                });
            });
            examples.push((*route, places));
        }
        learned.seldom = seen
            .into_iter()
            .filter(|(_, n)| *n < 2)
            .map(|(w, _)| w.to_owned())
            .collect();
        learned.rarity = rarity(&examples, learned.places.len());
        let routes = learned.routes.len();
        learned.weights = vec![0.0; learned.places.len() * routes];
        let mut scores = vec![0.0; routes];
        for round in 0..ROUNDS {
            let step = STEP / 0.35f32.mul_add(f32::from(round), 1.0);
            for (route, places) in spread(&examples) {
                learned.weigh(places, &mut scores);
                softmax(&mut scores);
                let share = learned.share(places);
                for (at, score) in scores.iter_mut().enumerate() {
                    let target = if at == *route { 1.0 } else { 0.0 };
                    *score = (target - *score) * step * share;
                }
                for place in places {
                    let rarity = learned.rarity[*place];
                    let row = &mut learned.weights[place * routes..][..routes];
                    for (weight, change) in row.iter_mut().zip(&scores) {
                        *weight += change * rarity;
                    }
                }
            }
        }
        learned
    }
}

/// The examples in an order in which neighbours are of different routes: always the same one.
fn spread<T>(examples: &[T]) -> impl Iterator<Item = &T> {
    // A step that shares no factor with the length reaches each example once.
    let length = examples.len();
    let step = (length * 5 / 8..)
        .find(|step| coprime(*step, length))
        .unwrap_or(1);
    (0..length).map(move |at| &examples[at * step % length])
}

const fn coprime(mut a: usize, mut b: usize) -> bool {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a == 1
}

/// How much a feature counts: what stands in few messages says more than "the".
fn rarity(examples: &[(usize, Vec<usize>)], places: usize) -> Vec<f32> {
    let mut seen = vec![0.0f32; places];
    for place in examples.iter().flat_map(|(_, places)| places) {
        seen[*place] += 1.0;
    }
    let all: f32 = examples.iter().map(|_| 1.0).sum();
    let rarity = |seen: &f32| (all / seen).ln().max(0.1) / 4.0;
    seen.iter().map(rarity).collect()
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

/// Everything a message is weighed by: words, neighbours, beginnings of words, and its length.
fn features(words: &[Word<'_>], mut each: impl FnMut(&str)) {
    let mut pair = String::new();
    for (at, (word, paired)) in words.iter().enumerate() {
        // Who is named says nothing; that somebody is named after "is" does.
        if *word != UNKNOWN {
            each(word);
        }
        if let Some((_, next)) = words.get(at + 1) {
            pair.clear();
            pair.push_str(paired);
            pair.push('_');
            pair.push_str(next);
            each(&pair);
        }
        for length in STEMS {
            let end = word.char_indices().nth(length).map(|(end, _)| end);
            if let Some(stem) = end
                .filter(|_| !word.starts_with('='))
                .and_then(|end| word.get(..end))
            {
                pair.clear();
                pair.push_str(stem);
                pair.push('*');
                each(&pair);
            }
        }
    }
    each(match words.len() {
        0..=3 => "#1",
        4 => "#2",
        5..=7 => "#3",
        8..=14 => "#4",
        _ => "#5",
    });
}

/// What was learned from one language's examples.
#[derive(Debug, Default)]
pub struct Learned {
    routes: Vec<String>,
    same: HashMap<String, String>,
    places: Places,
    /// Words of one example only: in pairs they stand for any word, so that pairs with words that
    /// nobody has written yet are learned too.
    seldom: HashSet<String>,
    /// What each feature counts.
    rarity: Vec<f32>,
    /// A row of the routes for each feature.
    weights: Vec<f32>,
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
        match self.same.get(word) {
            Some(same) => same != UNKNOWN,
            None => self.places.contains_key(word),
        }
    }

    /// Weighs a text made by [`Vocabulary::sentences`].
    pub(super) fn guess(&self, sentences: &str) -> Guess {
        let mut known = (0u16, 0u16);
        let words = words(&self.same, sentences, |word| {
            let how = self.known(word);
            if word.starts_with(char::is_alphabetic) {
                known = (known.0 + u16::from(how != Known::Never), known.1 + 1);
            }
            how
        });
        let mut scores = vec![0.0; self.routes.len()];
        self.weigh(&self.places_of(&words), &mut scores);
        Guess {
            scores,
            known: f32::from(known.0) / f32::from(known.1.max(1)),
        }
    }

    /// The features that spoke most for a route against the others: words, `first_second`, `begin*`.
    pub(super) fn why(&self, sentences: &str, route: usize) -> Vec<String> {
        let words = words(&self.same, sentences, |word| self.known(word));
        let mut weighed: Vec<(f32, String)> = Vec::new();
        features(&words, |feature| {
            if let Some(row) = self.places.get(feature).and_then(|place| self.row(*place)) {
                let others: f32 = row.iter().sum();
                let count = u16::try_from(row.len().max(1)).unwrap_or(u16::MAX);
                let rarity = self.places.get(feature).map_or(1.0, |p| self.rarity[*p]);
                let lead = row.get(route).copied().unwrap_or_default() - others / f32::from(count);
                let lead = lead * rarity;
                if lead > 0.0 && !weighed.iter().any(|(_, known)| known == feature) {
                    weighed.push((lead, feature.to_owned()));
                }
            }
        });
        weighed.sort_by(|a, b| b.0.total_cmp(&a.0));
        weighed.into_iter().take(4).map(|(_, word)| word).collect()
    }

    fn known(&self, word: &str) -> Known {
        match self.places.contains_key(word) {
            true if self.seldom.contains(word) => Known::Once,
            true => Known::Well,
            false => Known::Never,
        }
    }

    fn row(&self, place: usize) -> Option<&[f32]> {
        let routes = self.routes.len();
        self.weights.get(place * routes..(place + 1) * routes)
    }

    fn places_of(&self, words: &[Word<'_>]) -> Vec<usize> {
        let mut places = Vec::new();
        features(words, |feature| places.extend(self.places.get(feature)));
        places
    }

    /// Brings a message to length one, so that long ones do not count for more.
    fn share(&self, places: &[usize]) -> f32 {
        let squares: f32 = places.iter().map(|place| self.rarity[*place].powi(2)).sum();
        1.0 / squares.max(0.25).sqrt()
    }

    fn weigh(&self, places: &[usize], scores: &mut [f32]) {
        scores.fill(0.0);
        for place in places {
            let row = self.row(*place).unwrap_or_default();
            let rarity = self.rarity[*place];
            for (score, weight) in scores.iter_mut().zip(row) {
                *score += weight * rarity;
            }
        }
        let share = self.share(places);
        for score in scores {
            *score *= share;
        }
    }
}

/// How well the examples know a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    Well,
    Once,
    Never,
}

/// A word by itself, and as it stands in pairs.
type Word<'w> = (&'w str, &'w str);

/// The words to weigh: those that count as one another are one, and those that are not known count
/// as a name.
fn words<'w>(
    same: &'w HashMap<String, String>,
    sentences: &'w str,
    mut known: impl FnMut(&str) -> Known,
) -> Vec<Word<'w>> {
    let words = sentences
        .split_ascii_whitespace()
        .filter(|word| *word != ".");
    let number = |word: &str| {
        word.bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'/'))
    };
    let both = |word| (word, word);
    words
        .take(WORDS)
        .map(|word| match same.get(word) {
            Some(same) => both(same.as_str()),
            None if number(word) && word.len() == 1 => both("=digit"),
            None if number(word) => both("=number"),
            None => match known(word) {
                Known::Well => both(word),
                Known::Once => (word, UNKNOWN),
                Known::Never => both(UNKNOWN),
            },
        })
        .collect()
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
        assert!(held_out("en") > 0.6);
        assert!(held_out("pl") > 0.5);
    }

    #[test]
    fn the_same_examples_teach_the_same() {
        let examples = examples("pl");
        assert_eq!(examples.learn().weights, examples.learn().weights);
    }

    #[test]
    fn a_school_adds_examples_of_its_own() {
        let mut reading = Reading::load("en", "reading.toml", &file("en", "reading.toml")).unwrap();
        let ours = file("en", "examples.toml");
        let text = "the walrus club list";
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
        let more = "[examples]\nevents = \"\"\"\nwalrus club\nthe walrus club please\nis walrus club on\n\"\"\"\n";
        assert_eq!(first(more).as_deref(), Some("events"));
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
