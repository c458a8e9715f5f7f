//! What a text asks for: the flows it leads to, by patterns.

use crate::text::patterns::{Matcher, Vocabulary, patterns};
use crate::text::sheet::{Section, Sheet};

/// One thing a text asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The flow's name; a school may not have it.
    pub flow: String,
    /// Another way into the flow than its start: `change`, `cancel`.
    pub entry: Option<String>,
    /// Certain enough to leave an open question for.
    pub confident: bool,
    /// The words that said so, folded. For the record, not for logs.
    pub why: String,
}

/// The `[routes]` of one language.
#[derive(Debug, Default)]
pub struct Routes(Vec<Known>);

#[derive(Debug)]
struct Known {
    flow: String,
    entry: Option<String>,
    /// Higher goes first when a text asks for several things.
    risk: u8,
    sure: Option<Matcher>,
    perhaps: Option<Matcher>,
    unless: Option<Matcher>,
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
        for name in section.keys() {
            let Some(route) = section.section(&name, sheet) else {
                continue;
            };
            let known = ["flow", "entry", "risk", "sure", "perhaps", "unless"];
            route.only(&known, sheet);
            let matcher = |key: &str, sheet: &mut Sheet<'_>| {
                let listed = patterns(route.words(key, sheet));
                vocabulary.any(&listed, sheet)
            };
            routes.0.push(Known {
                sure: matcher("sure", sheet),
                perhaps: matcher("perhaps", sheet),
                unless: matcher("unless", sheet),
                risk: route.number("risk", sheet).unwrap_or(0),
                entry: route.text("entry", sheet).map(|(entry, _)| entry),
                flow: route.text("flow", sheet).map_or(name, |(flow, _)| flow),
            });
        }
        routes
    }

    pub(super) fn read(&self, sentences: &str) -> Vec<Route> {
        let mut found: Vec<((bool, u8, usize), Route)> = Vec::new();
        for known in &self.0 {
            let find = |matcher: &Option<Matcher>| matcher.as_ref()?.find(sentences);
            let (hit, confident) = match (find(&known.sure), find(&known.perhaps)) {
                (Some(hit), _) => (hit, true),
                (None, Some(hit)) => (hit, false),
                (None, None) => continue,
            };
            if find(&known.unless).is_some() {
                continue;
            }
            let route = Route {
                flow: known.flow.clone(),
                entry: known.entry.clone(),
                confident,
                why: sentences
                    .get(hit.clone())
                    .unwrap_or_default()
                    .trim_matches([' ', '«', '»'])
                    .to_owned(),
            };
            found.push(((!confident, u8::MAX - known.risk, hit.start), route));
        }
        found.sort_by_key(|(order, _)| *order);
        // "move the meeting" is also about a meeting: the way in that was named is the one meant.
        let entries: Vec<String> = found
            .iter()
            .filter(|(_, route)| route.entry.is_some())
            .map(|(_, route)| route.flow.clone())
            .collect();
        let mut routes: Vec<Route> = Vec::new();
        for (_, route) in found {
            let general = route.entry.is_none() && entries.contains(&route.flow);
            if !general && !routes.iter().any(|known| known.flow == route.flow) {
                routes.push(route);
            }
        }
        routes
    }
}
