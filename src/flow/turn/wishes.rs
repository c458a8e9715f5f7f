//! What a person asks for: several wishes of one message, wishes in the middle of something else,
//! and words said beside an answer.

use super::doubt::NEAR;
use super::run::words;
use super::{Why, Work};
use crate::flow::bundle::{HAND_OVER, MENU, TODAY};
use crate::flow::conversation::{Intent, Todo};
use crate::flow::opening;
use crate::flow::value::{Value, Values};
use crate::text::reading::{Choice, ChoiceWords, Route};

/// How many wishes are remembered; more than these are one muddled message, and its words are kept.
const REMEMBERED: usize = 4;

/// A message with more words than this says more than a flow's name.
const NAME_WORDS: usize = 3;

impl Work<'_> {
    /// Begins what the person asked for: the riskiest now, brief answers beside it, the rest after.
    pub(super) fn start(&mut self, mut routes: Vec<Route>, text: &str) -> Result<(), Why> {
        if routes.len() > 1 {
            routes.retain(|r| r.flow != MENU);
        }
        let first = |r: &Route| match self.bundle.flows.get(&r.flow) {
            _ if r.flow == TODAY => 0,
            Some(flow) if flow.interrupts => 1,
            Some(_) => 2,
            // What there is no flow for goes to a person, beside what can be answered.
            None => 3,
        };
        routes.sort_by_key(first);
        routes.dedup_by(|a, b| a.flow == b.flow);
        let mut routes = routes.into_iter();
        let fresh = self.conv.open.is_none();
        if fresh && let Some(main) = routes.next() {
            self.start_fresh(&main, text)?;
            let also = routes.as_slice().first().map(|r| r.flow.clone());
            if let (Some(also), Some(frame)) = (also, self.conv.frames.last_mut()) {
                frame.answers.insert("also".to_owned(), Value::Text(also));
            }
        }
        for route in routes {
            if fresh && !self.bundle.flows.contains_key(&route.flow) {
                self.act_hand_over(text.to_owned(), "no-flow", Some(&route.flow));
            } else {
                self.start_beside(route, text)?;
            }
        }
        Ok(())
    }

    fn start_fresh(&mut self, route: &Route, text: &str) -> Result<(), Why> {
        if route.flow == HAND_OVER {
            return self.bring_a_person("person", Some(text.to_owned()));
        }
        if route.flow == MENU {
            return self.begin(MENU, None, Values::new());
        }
        if self.bundle.flows.contains_key(&route.flow) {
            let with = if self.only_names(&route.flow, text) {
                Values::new()
            } else {
                words(text)
            };
            return self.begin(&route.flow, route.entry.as_deref(), with);
        }
        self.bring_a_person("no-flow", Some(text.to_owned()))?;
        if let Some(frame) = self.conv.frames.last_mut() {
            let about = Value::Text(route.flow.clone());
            frame.answers.insert("about".to_owned(), about);
        }
        Ok(())
    }

    /// Whether a message is nothing but the flow's name, as a menu's choice has it: "homework" says
    /// nothing yet that belongs in a record.
    fn only_names(&self, flow: &str, text: &str) -> bool {
        self.readings().take(2).any(|reading| {
            let named = ChoiceWords {
                label: flow.to_owned(),
                synonyms: reading.synonyms(flow),
            };
            text.split_whitespace().count() <= NAME_WORDS
                && reading.choice(text, &[named]) == Choice::Exact(0)
        })
    }

    /// The flow whose name is the whole message, wherever it stands in the menus.
    pub(super) fn flow_named(&self, text: &str) -> Option<String> {
        let anybodys = |name: &&String| self.bundle.flows.get(*name).is_some_and(|f| !f.desk);
        let mut names = self.bundle.flows.keys().filter(anybodys);
        names.find(|name| self.only_names(name, text)).cloned()
    }

    /// A wish beside something that is under way.
    fn start_beside(&mut self, route: Route, text: &str) -> Result<(), Why> {
        let Some(flow) = self.bundle.flows.get(&route.flow) else {
            return self.person_inside("no-flow", text, Some(&route.flow));
        };
        if route.flow == HAND_OVER {
            return self.bring_a_person("person", Some(text.to_owned()));
        }
        if route.flow == MENU {
            self.conv.todo.push_back(Todo::AskAgain);
        } else if self.is_in(&route.flow) {
            // More of the same: it joins what is there, and they are told so.
            match self.case() {
                Some(case) => self.act_add(case, text, Some("also-added")),
                None => self.conv.todo.push_back(Todo::Keep(text.to_owned())),
            }
            self.conv.todo.push_back(Todo::AskAgain);
        } else if flow.brief || flow.interrupts {
            let mut with = words(text);
            with.insert("digression".to_owned(), Value::Flag(true));
            self.conv.todo.push_back(Todo::Begin {
                flow: route.flow,
                entry: route.entry,
                with,
            });
        } else {
            let known = self.conv.remembered.iter().any(|i| i.flow == route.flow);
            if !known && self.conv.remembered.len() < REMEMBERED {
                self.conv.remembered.push(Intent {
                    flow: route.flow,
                    entry: route.entry,
                    words: text.to_owned(),
                });
            }
            if self.conv.open.is_some() {
                if let Some(case) = self.case() {
                    self.act_add(case, text, None);
                }
                self.say("offer-later", &Values::new());
                self.conv.todo.push_back(Todo::AskAgain);
            }
        }
        Ok(())
    }

    /// Passes words to a person and goes on with what is under way.
    pub(super) fn person_inside(
        &mut self,
        reason: &str,
        text: &str,
        about: Option<&str>,
    ) -> Result<(), Why> {
        let mut with = Values::from([("reason".to_owned(), Value::Text(reason.to_owned()))]);
        if !text.is_empty() {
            with.extend(words(text));
        }
        with.extend(
            self.case()
                .map(|case| ("case".to_owned(), Value::Item(case))),
        );
        with.extend(about.map(|about| ("about".to_owned(), Value::Text(about.to_owned()))));
        self.conv.todo.push_back(Todo::Begin {
            flow: HAND_OVER.to_owned(),
            entry: None,
            with,
        });
        Ok(())
    }

    /// The flows the words may be about, the likeliest first, when none is certain.
    pub(super) fn perhaps(&self, text: &str) -> Vec<Intent> {
        let mut routes = opening::wishes(self.readings(), text);
        routes.sort_by(|a, b| b.score.total_cmp(&a.score));
        if routes
            .first()
            .is_some_and(|r| !r.is_flow() && r.is_likely())
        {
            return Vec::new();
        }
        let known = |r: &Route| {
            let topic = format!("topic-{}", r.flow);
            let named = self.bundle.languages.said(self.tag(), &topic).is_some();
            let flow = self.bundle.flows.get(&r.flow);
            named && flow.is_some_and(|f| !f.desk) && r.flow != MENU && r.flow != HAND_OVER
        };
        let intent = |route: Route| Intent {
            flow: route.flow,
            entry: route.entry,
            words: text.to_owned(),
        };
        let routes = routes.into_iter().filter(known);
        routes.map(intent).take(NEAR).collect()
    }

    /// Words said beside an answer: a brief question is answered, and they go to the case, or are
    /// offered later, or go to a person.
    pub(super) fn keep(&mut self, text: &str) {
        if text.trim().is_empty() || self.is_ack(text) {
            return;
        }
        let routes = self.routes(text);
        let mut placed = false;
        if let Some(case) = self.case() {
            self.act_add(case, text, None);
            placed = true;
        }
        for route in routes {
            if self.is_brief(&route.flow) {
                let mut with = words(text);
                with.insert("digression".to_owned(), Value::Flag(true));
                self.conv.todo.push_back(Todo::Begin {
                    flow: route.flow,
                    entry: route.entry,
                    with,
                });
                placed = true;
            } else if self.bundle.flows.contains_key(&route.flow)
                && !self.is_in(&route.flow)
                && route.flow != MENU
            {
                self.conv.remembered.push(Intent {
                    flow: route.flow,
                    entry: route.entry,
                    words: text.to_owned(),
                });
                placed = true;
            }
        }
        if !placed {
            self.act_hand_over(text.to_owned(), "more-words", None);
        }
    }
}
