//! What a text asks for: the flows it leads to.
//!
//! Two witnesses are heard. Patterns of `reading.toml` know what is said in so many words; what was
//! learned from `examples*.toml` weighs everything else. A pattern adds to the weight of its route,
//! so that neither alone has the last word. A school without examples in a language has the patterns.

use std::ops::Range;
use std::sync::Arc;

use super::learned::{Examples, Guess, Learned};
use crate::fault::did_you_mean;
use crate::text::patterns::{Pattern, Rule, Vocabulary, patterns};
use crate::text::sheet::{Section, Sheet};
use crate::text::sieve::Sieve;
use crate::text::soon::Soon;

/// What the words may be beside a wish: no flow is begun for it.
pub const HUMAN: &str = "human";
/// Thanks and the like.
pub const ACK: &str = "ack";
/// An answer, to a question that is not open.
pub const CONTEXT_REPLY: &str = "context-reply";
/// None of the flows.
pub const FALLBACK: &str = "fallback";
/// These have examples and no `[routes]`.
const ASIDE: [&str; 4] = [HUMAN, ACK, CONTEXT_REPLY, FALLBACK];

/// What a `sure` pattern adds to the logarithm of how likely its route is, and a `perhaps`.
const SURE: f32 = 2.0;
const PERHAPS: f32 = 0.6;
/// From here a route is worth asking about; below, nobody should be bothered with it.
const FLOOR: f32 = 0.15;
/// From here it is begun when nothing else is going on.
const LIKELY: f32 = 0.6;
/// What a `sure` pattern named is certain enough to leave an open question for, unless everything
/// else in the message speaks against it.
const CERTAIN: f32 = 0.03;
/// From here what matters today needs no pattern: to ring the office for nothing costs little.
const CERTAIN_TODAY: f32 = 0.9;
/// How likely a second wish must be, judged by its own part of the message.
const BESIDE: f32 = 0.85;
/// From here a part of a message says where in it a wish is named.
const HINT: f32 = 0.4;
/// With fewer of its words known, a message is hardly in this language.
const KNOWN: f32 = 0.6;
/// The risk of what matters today.
const TODAY: u8 = 9;
/// Fewer words are no wish of their own beside another.
const FEW: usize = 2;

/// One thing a text asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// The flow's name; a school may not have it.
    pub flow: String,
    /// Another way into the flow than its start: `change`, `cancel`.
    pub entry: Option<String>,
    /// Certain enough to leave an open question for.
    pub confident: bool,
    /// How likely it is that this is asked for, from 0 to 1.
    pub score: f32,
    /// The words that said so, folded. For the record, not for logs.
    pub why: String,
}

impl Route {
    /// Whether a flow is meant, and not what words may be beside a wish.
    pub fn is_flow(&self) -> bool {
        !ASIDE.contains(&self.flow.as_str())
    }

    /// Likely enough to be begun when nothing else is going on.
    pub fn is_likely(&self) -> bool {
        self.score >= LIKELY
    }
}

/// The `[routes]` of one language, and what its examples teach.
#[derive(Debug, Default)]
pub struct Routes {
    known: Vec<Known>,
    /// Tables of what is [`NAMED`], [`PERHAPS_NAMED`] and [`UNLESS`]; in each, every route that the
    /// file has is a rule, in the order of `known`.
    patterns: Sieve,
    learned: Soon<Learned>,
    /// The routes that have examples.
    taught: Vec<String>,
    /// Words that stand between two wishes: "and", "also".
    joins: Vec<String>,
}

/// The tables of patterns.
const NAMED: usize = 0;
const PERHAPS_NAMED: usize = 1;
const UNLESS: usize = 2;

#[derive(Debug)]
struct Known {
    /// Where it stands in the file: its flow or entry where one is named, else its own name.
    place: Range<usize>,
    flow: String,
    entry: Option<String>,
    /// Higher goes first when a text asks for several things.
    risk: u8,
    /// Some pattern leads to it.
    named: bool,
}

/// A pattern's word for a route.
struct Hit<'r> {
    known: &'r Known,
    sure: bool,
    start: usize,
    words: String,
}

impl Routes {
    pub(super) fn load(
        root: &Section<'_, '_>,
        vocabulary: &Vocabulary,
        sheet: &mut Sheet<'_>,
    ) -> Self {
        let mut routes = Self::default();
        let Some(section) = root.section("routes", sheet) else {
            return routes;
        };
        let mut tables: [Vec<Rule>; 3] = Default::default();
        for name in section.keys() {
            if name == "joins" {
                let joins = section.words(&name, sheet).into_iter();
                routes.joins = joins.map(|(join, _)| vocabulary.phrase(&join)).collect();
                continue;
            }
            let Some(route) = section.section(&name, sheet) else {
                continue;
            };
            let known = ["flow", "entry", "risk", "sure", "perhaps", "unless"];
            route.only(&known, sheet);
            let words = |key: &str, sheet: &mut Sheet<'_>| -> Vec<Pattern> {
                patterns(route.words(key, sheet))
            };
            let all = ["sure", "perhaps", "unless"].map(|key| words(key, sheet));
            let named = |key: &str, sheet: &mut Sheet<'_>| route.text(key, sheet);
            let written = named("entry", sheet).or_else(|| named("flow", sheet));
            let place = written.map(|(_, place)| place).or(section.place(&name));
            routes.known.push(Known {
                place: place.unwrap_or_default(),
                named: !all[NAMED].is_empty() || !all[PERHAPS_NAMED].is_empty(),
                risk: route.number("risk", sheet).unwrap_or(0),
                entry: route.text("entry", sheet).map(|(entry, _)| entry),
                flow: route.text("flow", sheet).map_or(name, |(flow, _)| flow),
            });
            for (table, patterns) in tables.iter_mut().zip(all) {
                table.push(Rule::of(patterns));
            }
        }
        routes.patterns = Sieve::new(&tables, vocabulary, sheet);
        routes
    }

    /// Adds flows that no pattern leads to; their examples may.
    pub(super) fn lead_to<'f>(&mut self, flows: impl Iterator<Item = &'f str>) {
        for flow in flows {
            if !self.known.iter().any(|known| known.flow == flow) {
                self.known.push(Known {
                    flow: flow.to_owned(),
                    place: 0..0,
                    entry: None,
                    risk: 0,
                    named: false,
                });
            }
        }
    }

    /// Where the routes lead: flow and entry, with their place in the file.
    pub(super) fn targets(&self) -> impl Iterator<Item = (&str, Option<&str>, Range<usize>)> {
        // What has neither pattern nor example is led to by nothing.
        let leads = |k: &&Known| k.named || self.taught.contains(&k.flow);
        let known = self.known.iter().filter(leads);
        known.map(move |k| (k.flow.as_str(), k.entry.as_deref(), k.place.clone()))
    }

    /// Takes examples to learn from, in the place of those it had before.
    pub(super) fn learn(&mut self, examples: Examples, vocabulary: Arc<Vocabulary>) {
        self.taught = examples.routes().cloned().collect();
        self.learned = Soon::new(move || examples.learn(&vocabulary));
    }

    pub(super) fn learn_now(&self) {
        self.learned.now();
    }

    /// Whether the examples have the word, other than as a name.
    pub(super) fn knows(&self, word: &str) -> bool {
        self.learned.knows(word)
    }

    /// What is wrong with a route that has examples; `None` when nothing is.
    pub(super) fn unknown(&self, route: &str) -> Option<String> {
        let flows = self.known.iter().map(|known| known.flow.as_str());
        let names: Vec<&str> = flows.chain(ASIDE).collect();
        (!names.contains(&route)).then(|| did_you_mean(route, names))
    }

    /// What a text asks for, as flows: likely before unlikely, riskier before less, first named first.
    pub(super) fn read(&self, text: &str, vocabulary: &Vocabulary) -> Vec<Route> {
        let mut routes = self.opening(text, vocabulary);
        routes.retain(Route::is_flow);
        routes
    }

    /// No route of a text has a higher score than this: it is cheap to ask beforehand.
    pub(super) fn at_most(&self, text: &str, vocabulary: &Vocabulary) -> f32 {
        let sentences = vocabulary.sentences(text);
        // What has no examples is known by its patterns alone, in whatever words.
        let all = self.known.iter().enumerate();
        let unlearned = all.filter(|(_, k)| k.named && !self.taught.contains(&k.flow));
        let unlearned: Vec<usize> = unlearned.map(|(at, _)| at).collect();
        if !unlearned.is_empty() {
            let sifted = self.patterns.sift(sentences.as_str());
            let named = |at: &usize| sifted.holds(NAMED, *at) || sifted.holds(PERHAPS_NAMED, *at);
            if unlearned.iter().any(named) {
                return 1.0;
            }
        }
        sure_of(self.learned.known(&sentences))
    }

    /// As [`Self::read`], with what is no wish beside the flows.
    pub(super) fn opening(&self, text: &str, vocabulary: &Vocabulary) -> Vec<Route> {
        let sentences = vocabulary.sentences(text);
        let hits = self.hits(&sentences);
        let guess = self.learned.guess(&sentences);
        let likely = self.likely(&guess, &hits);
        let mut found: Vec<Route> = Vec::new();
        for (at, score) in likely.iter().enumerate() {
            let flow = &self.learned.routes()[at];
            let hit = hits.iter().find(|hit| hit.known.flow == *flow && hit.sure);
            let urgent = *score >= CERTAIN_TODAY && self.risk(flow) >= TODAY;
            let named = hit.is_some() && *score >= CERTAIN;
            if *score >= FLOOR || named {
                found.push(Route {
                    flow: flow.clone(),
                    entry: entry(flow, &hits),
                    confident: named || urgent,
                    score: *score,
                    why: self.why(&sentences, at, &hits),
                });
            }
        }
        let named = self.beside(text, vocabulary, guess.known, &hits, &mut found);
        // What has no examples is known by its patterns alone.
        for hit in &hits {
            if self.taught.contains(&hit.known.flow) {
                continue;
            }
            found.push(Route {
                flow: hit.known.flow.clone(),
                entry: hit.known.entry.clone(),
                confident: hit.sure,
                score: if hit.sure { 0.9 } else { 0.5 },
                why: hit.words.clone(),
            });
        }
        self.sorted(found, &named, &hits)
    }

    fn hits(&self, sentences: &str) -> Vec<Hit<'_>> {
        let sifted = self.patterns.sift(sentences);
        let hits = self.known.iter().enumerate().filter_map(|(at, known)| {
            let (hit, sure) = match sifted.find(NAMED, at) {
                Some(hit) => (hit, true),
                None => (sifted.find(PERHAPS_NAMED, at)?, false),
            };
            (!sifted.holds(UNLESS, at)).then(|| Hit {
                known,
                sure,
                start: hit.start,
                words: sentences
                    .get(hit)
                    .unwrap_or_default()
                    .trim_matches([' ', '«', '»'])
                    .to_owned(),
            })
        });
        hits.collect()
    }

    /// How likely each of the learned routes is.
    fn likely(&self, guess: &Guess, hits: &[Hit<'_>]) -> Vec<f32> {
        let mut scores = guess.scores.clone();
        for (score, flow) in scores.iter_mut().zip(self.learned.routes()) {
            let ours = hits.iter().filter(|hit| hit.known.flow == *flow);
            *score += ours
                .map(|hit| if hit.sure { SURE } else { PERHAPS })
                .fold(0.0, f32::max);
        }
        super::learned::softmax(&mut scores);
        let sure = sure_of(guess.known);
        scores.iter().map(|score| score * sure).collect()
    }

    /// Other wishes of the same message: a part of it that by itself asks for something else. Says
    /// what the parts are about, in their order.
    fn beside(
        &self,
        text: &str,
        vocabulary: &Vocabulary,
        known: f32,
        hits: &[Hit<'_>],
        found: &mut Vec<Route>,
    ) -> Vec<String> {
        let mut named = Vec::new();
        let parts = self.parts(text, vocabulary);
        if parts.len() < 2 {
            return named;
        }
        for part in &parts {
            let mut guess = self.learned.guess(part);
            // A part is in the language of the whole.
            guess.known = guess.known.min(known);
            let likely = self.likely(&guess, &self.hits(part));
            let best = likely.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
            let Some((at, score)) = best else {
                continue;
            };
            let flow = &self.learned.routes()[at];
            if *score >= HINT {
                named.push(flow.clone());
            }
            if *score < BESIDE || ASIDE.contains(&flow.as_str()) {
                continue;
            }
            match found.iter_mut().find(|route| route.flow == *flow) {
                Some(route) => route.score = route.score.max(*score),
                None => found.push(Route {
                    flow: flow.clone(),
                    entry: entry(flow, hits),
                    confident: hits.iter().any(|hit| hit.sure && hit.known.flow == *flow),
                    score: *score,
                    why: self.why(part, at, hits),
                }),
            }
        }
        named
    }

    /// The parts of a text that could each be a wish.
    fn parts(&self, text: &str, vocabulary: &Vocabulary) -> Vec<String> {
        let mut parts = Vec::new();
        for part in text.split([',', '.', '!', '?', ';', '\n']).take(20) {
            let phrase = vocabulary.phrase(part);
            let mut words: Vec<&str> = Vec::new();
            for word in phrase.split_ascii_whitespace() {
                if words.len() >= FEW && self.joins.iter().any(|join| join == word) {
                    parts.push(format!(" « {} » ", words.join(" ")));
                    words.clear();
                }
                words.push(word);
            }
            if words.len() >= FEW {
                parts.push(format!(" « {} » ", words.join(" ")));
            }
        }
        parts
    }

    fn why(&self, sentences: &str, at: usize, hits: &[Hit<'_>]) -> String {
        let flow = &self.learned.routes()[at];
        let ours = hits.iter().find(|hit| hit.known.flow == *flow);
        match ours {
            Some(hit) => hit.words.clone(),
            None => self.learned.why(sentences, at).join(" "),
        }
    }

    fn risk(&self, flow: &str) -> u8 {
        let known = self.known.iter().find(|known| known.flow == flow);
        known.map_or(0, |known| known.risk)
    }

    fn sorted(&self, mut found: Vec<Route>, named: &[String], hits: &[Hit<'_>]) -> Vec<Route> {
        let at = |flow: &str| match named.iter().position(|name| name == flow) {
            Some(at) => (at, 0),
            None => {
                let hit = hits.iter().find(|hit| hit.known.flow == flow);
                (named.len(), hit.map_or(0, |hit| hit.start))
            }
        };
        found.sort_by(|a, b| {
            let order = |r: &Route| {
                let likely = r.confident || r.is_likely();
                (!likely, u8::MAX - self.risk(&r.flow), at(&r.flow))
            };
            order(a).cmp(&order(b)).then(b.score.total_cmp(&a.score))
        });
        let mut routes: Vec<Route> = Vec::new();
        for route in found {
            if !routes.iter().any(|known| known.flow == route.flow) {
                routes.push(route);
            }
        }
        routes
    }
}

/// What a score is scaled by where this share of the words is known.
fn sure_of(known: f32) -> f32 {
    (known / KNOWN).min(1.0)
}

/// "Move the meeting" is also about a meeting: the way in that was named is the one meant.
fn entry(flow: &str, hits: &[Hit<'_>]) -> Option<String> {
    let mut named = hits.iter().filter(|hit| hit.known.flow == flow);
    named.find_map(|hit| hit.known.entry.clone())
}
