//! The order of reading: what a message is, when it could be several things.
//!
//! What matters today first; then exact words that hold everywhere; then the answer to the open
//! question; then a person's thread, other wishes, and only then a misunderstanding. Words that fit
//! nothing are added to the case, or are kept for the flow or the person that comes next.

use super::answer::Found;
use super::run::words;
use super::{Why, Work};
use crate::flow::bundle::{MEETING, MENU, STATUS, TODAY};
use crate::flow::conversation::{Asked, Media, Open, Todo};
use crate::flow::definition::{Act, Expect};
use crate::flow::opening;
use crate::flow::value::{Item, Value, Values};
use crate::text::language::DEFAULT;
use crate::text::reading::{Choice, ChoiceWords, Global, HUMAN, Reading, Route};

/// A flow that a word names, with less than this score, is not what a message is about that plainly
/// asks for another.
const NAMED: f32 = 0.15;
/// More words than this are no answer to a menu that nobody sees.
const MENU_WORDS: usize = 3;

impl Work<'_> {
    pub(super) fn hear(
        &mut self,
        text: &str,
        sealed: bool,
        media: &[Media],
        before_question: bool,
    ) -> Result<(), Why> {
        let text = text.trim();
        self.free = before_question;
        self.conv.left.clear();
        if self.conv.is_idle() && !self.conv.handed_over && self.facts.open_case.is_none() {
            // The case of a conversation long over is not what these words belong to.
            self.conv.case = None;
        }
        if sealed {
            return self.hear_sealed(text);
        }
        let taken = self
            .conv
            .takes(self.bundle, media)
            .filter(|_| !before_question);
        match taken {
            Some(came) if text.is_empty() || self.expects_media() => {
                return self.accept_media(came, text);
            }
            None if text.is_empty() && !media.is_empty() => {
                return self.person_inside("media", "", None);
            }
            _ => {}
        }
        let wishes = opening::wishes(self.readings(), text);
        let routes = confident(&wishes);
        if routes.iter().any(|r| r.flow == TODAY) && !self.is_in(TODAY) {
            return self.start(routes, text);
        }
        if self.hear_exact_word(text)? {
            return Ok(());
        }
        match self.conv.open.clone() {
            Some(open) if before_question => self.hear_more(&open, text, routes),
            Some(open) => self.hear_answer(&open, text, routes),
            None => self.hear_fresh(text, &wishes),
        }
    }

    fn expects_media(&self) -> bool {
        let expect = self.asking().map(|ask| ask.expect);
        expect == Some(Expect::PhotoOrVoice)
    }

    /// A photo or a voice message answers the open question; words beside it are kept.
    fn accept_media(&mut self, came: Media, text: &str) -> Result<(), Why> {
        let text_id = format!("came-{}", came.word());
        let said_in = |tag: &str| self.bundle.languages.say(tag, &text_id, &Values::new());
        let value = if self.expects_media() {
            Value::Item(Item {
                id: came.word().to_owned(),
                label: said_in(self.tag()),
            })
        } else {
            // In the place of words, for whoever reads the record.
            Value::Text(said_in(DEFAULT))
        };
        let rest = Some(text.to_owned()).filter(|text| !text.is_empty());
        self.accept(Some(value), None, rest)
    }

    /// Confident routes, in the order of their risk.
    pub(super) fn routes(&self, text: &str) -> Vec<Route> {
        confident(&opening::wishes(self.readings(), text))
    }

    /// A message the screen took: the urgent reply is on its way. Only what is brief is answered,
    /// no question is asked again, and the words stay where the screen put them.
    fn hear_sealed(&mut self, text: &str) -> Result<(), Why> {
        self.conv.sealed = true;
        if self.facts.apart {
            // The case that was talked about may belong to whoever was named.
            self.conv.frames.clear();
            self.conv.open = None;
            self.conv.case = None;
        }
        let sealed = Values::from([("sealed".to_owned(), Value::Flag(true))]);
        if let Some(case) = self.case().filter(|_| !self.facts.apart) {
            let mut inputs = sealed.clone();
            inputs.insert("case".to_owned(), Value::Item(case));
            self.later("add-to-case", inputs, Some("also-added"));
        }
        let (brief, other): (Vec<Route>, Vec<Route>) = self
            .routes(text)
            .into_iter()
            .filter(|r| r.flow != MENU)
            .partition(|r| self.is_brief(&r.flow));
        // A worry beside it is what the screen took; anything else will be asked about by a person.
        let interrupts = |r: &Route| self.bundle.flows.get(&r.flow).is_some_and(|f| f.interrupts);
        let asked_more = !brief.is_empty() && !other.iter().all(interrupts);
        for route in brief {
            let mut with = sealed.clone();
            with.insert("digression".to_owned(), Value::Flag(true));
            if route.flow == TODAY {
                with.extend(words(text));
            }
            self.conv.todo.push_back(Todo::Begin {
                flow: route.flow,
                entry: route.entry,
                with,
            });
        }
        if asked_more {
            let say = Todo::Say("noted-will-ask".to_owned(), Values::new());
            self.conv.todo.push_back(say);
        }
        Ok(())
    }

    /// Words that mean the same everywhere: 0, back, menu, a language's own name, a reference,
    /// CHANGE. `true` when it was one.
    fn hear_exact_word(&mut self, text: &str) -> Result<bool, Why> {
        let expect = self.conv.open.as_ref().map(|open| self.expected(open));
        match self.readings().find_map(|r| r.global(text)) {
            Some(Global::Menu) => {
                if let Some(case) = self.case().filter(|_| !self.conv.frames.is_empty()) {
                    self.say(
                        "menu-kept",
                        &Values::from([("case".to_owned(), Value::Item(case))]),
                    );
                }
                self.begin(MENU, None, Values::new())?;
                return Ok(true);
            }
            Some(Global::Back) => {
                self.back()?;
                return Ok(true);
            }
            // "Call me" asks for a person, unless a call is among the choices. 0 never is.
            Some(Global::Person) if text == "0" || !self.is_a_choice(text) => {
                self.bring_a_person("person", None)?;
                return Ok(true);
            }
            Some(Global::Person) | None => {}
        }
        // "Po polsku" is also how a copy can be had.
        if expect != Some(Expect::Language)
            && let Some(tag) = self.readings().find_map(|r| r.language_named(text))
            && !(expect == Some(Expect::Choice) && self.is_a_choice(text))
        {
            self.set_language(tag, text);
            return Ok(true);
        }
        if expect != Some(Expect::Reference)
            && let Some(number) = self.readings().find_map(|r| r.reference(text))
            && self.bundle.flows.contains_key(STATUS)
        {
            let with = Values::from([("number".to_owned(), Value::Number(number.into()))]);
            self.begin_inside(STATUS, None, with)?;
            return Ok(true);
        }
        if self.readings().any(|r| r.is_change(text)) && !self.is_in(MEETING) {
            let change = Route {
                flow: MEETING.to_owned(),
                entry: Some("change".to_owned()),
                confident: true,
                score: 1.0,
                why: String::new(),
            };
            self.start(vec![change], text)?;
            return Ok(true);
        }
        Ok(false)
    }

    fn is_a_choice(&self, text: &str) -> bool {
        let found = self
            .conv
            .open
            .as_ref()
            .map(|open| self.answer_in(open, text));
        matches!(found, Some(Found::Taken { .. }))
    }

    fn back(&mut self) -> Result<(), Why> {
        match self.conv.history.pop() {
            Some(frames) => {
                self.conv.frames = frames;
                self.conv.open = None;
                Ok(())
            }
            None if self.conv.open.is_some() => {
                self.say("back-none", &Values::new());
                self.say_open(None);
                Ok(())
            }
            None => self.begin(MENU, None, Values::new()),
        }
    }

    fn set_language(&mut self, tag: String, named: &str) {
        let known = self.bundle.languages.best(&tag).is_some();
        self.conv.language = Some(tag);
        let id = if known {
            "language-set"
        } else {
            "language-none"
        };
        self.say(
            id,
            &Values::from([("named".to_owned(), Value::Text(named.to_owned()))]),
        );
        self.say_open(None);
    }

    /// A message that was sent before the question could be read: it belongs to what came before.
    fn hear_more(&mut self, open: &Open, text: &str, routes: Vec<Route>) -> Result<(), Why> {
        if self.readings().any(|r| r.asks_for_person(text)) {
            return self.bring_a_person("person", Some(text.to_owned()));
        }
        if let Some(case) = self.case() {
            self.act_add(case, text, None);
            return Ok(());
        }
        let earlier = self
            .conv
            .frames
            .last_mut()
            .and_then(|f| f.answers.get_mut("words"));
        if let Some(Value::Text(earlier)) = earlier {
            earlier.push('\n');
            earlier.push_str(text);
            return Ok(());
        }
        self.hear_answer(open, text, routes)
    }

    fn hear_answer(&mut self, open: &Open, text: &str, routes: Vec<Route>) -> Result<(), Why> {
        let expect = self.expected(open);
        let found = self.answer_in(open, text);
        let step_yields =
            matches!(open.asked, Asked::Step) && self.asking().is_some_and(|ask| ask.yields);
        let doubt = open.asked.over().cloned();
        let yields = step_yields || (doubt.is_none() && !matches!(open.asked, Asked::Step));
        if let Some(over) = &doubt
            && self.corrects(open, &found, text)
        {
            self.conv.open = Some(over.clone());
            return self.hear_answer(over, text, routes);
        }
        if let Found::Taken { value, then, rest } = found {
            // A sentence that only happens to hold a choice's word is about what it says.
            let sentence = rest.as_deref() == Some(text);
            if sentence && yields && (self.pass_to_thread(text) || self.elsewhere(text, &routes)?) {
                return Ok(());
            }
            if matches!(open.asked, Asked::Step) {
                self.keep_for_later(open, text, value.as_ref());
            }
            return self.accept(value, then, rest);
        }
        match found {
            Found::Told(value) => {
                self.read_back(open, value, text);
                return Ok(());
            }
            Found::Past => return self.not_understood(text, Some(gone_by(expect))),
            _ => {}
        }
        if let Some(mut over) = doubt {
            // What was in doubt is still theirs, whatever comes of the question.
            over.unheard.extend(open.unheard.iter().cloned());
            over.nudged |= open.nudged;
            self.conv.open = Some(over.clone());
            return self.hear_answer(&over, text, routes);
        }
        if self.readings().any(|r| r.asks_for_person(text)) {
            return self.bring_a_person("person", Some(text.to_owned()));
        }
        if expect != Expect::Text && self.pass_to_thread(text) {
            return Ok(());
        }
        if yields && self.elsewhere(text, &routes)? {
            return Ok(());
        }
        if expect == Expect::Text {
            if text.is_empty() {
                self.say_open(None);
            } else if !self.is_ack(text) {
                return self.accept(Some(Value::Text(text.to_owned())), None, None);
            }
            return Ok(());
        }
        if !routes.is_empty() {
            return self.start(routes, text);
        }
        if self.is_ack(text) {
            return Ok(());
        }
        if yields
            && matches!(
                open.asked,
                Asked::CarryOn | Asked::Offer(_) | Asked::Offers(_)
            )
        {
            self.conv.open = None;
            self.conv.late = None;
            let wishes = opening::wishes(self.readings(), text);
            return self.hear_fresh(text, &wishes);
        }
        if let Found::Near(near) = found {
            self.ask_which(open, &near, text);
            return Ok(());
        }
        self.not_understood(text, None)
    }

    /// What a person begins instead of answering a question that gives way: another flow, or a
    /// number of the menu. `true` when it was that.
    fn elsewhere(&mut self, text: &str, routes: &[Route]) -> Result<bool, Why> {
        let here = self.conv.frames.last().map(|f| f.flow.clone());
        let away: Vec<Route> = routes
            .iter()
            .filter(|r| Some(&r.flow) != here.as_ref())
            .cloned()
            .collect();
        if !away.is_empty() {
            self.conv.frames.clear();
            self.conv.open = None;
            self.start(away, text)?;
            return Ok(true);
        }
        self.menu_choice(text)
    }

    fn hear_fresh(&mut self, text: &str, wishes: &[Route]) -> Result<(), Why> {
        let routes = confident(wishes);
        if self.pass_to_thread(text) {
            return Ok(());
        }
        if !routes.is_empty() {
            // A worry that no pattern names is not lost beside a wish that one does.
            let named = |flow: &str| routes.iter().any(|route| route.flow == flow);
            let worry = |r: &Route| self.bundle.flows.get(&r.flow).is_some_and(|f| f.interrupts);
            let beside = likely_flows(wishes).into_iter();
            let beside: Vec<Route> = beside.filter(|r| worry(r) && !named(&r.flow)).collect();
            let routes = routes.into_iter().chain(beside).collect();
            return self.start(routes, text);
        }
        if self.readings().any(|r| r.asks_for_person(text)) {
            return self.bring_a_person("person", Some(text.to_owned()));
        }
        if self.is_ack(text) {
            return Ok(());
        }
        // Before the menu: a number is an answer to the question that has expired.
        if self.conv.late.is_some() {
            self.hear_late(text);
            return Ok(());
        }
        if self.menu_choice(text)? {
            return Ok(());
        }
        if let Some(flow) = self.flow_named(text) {
            return self.begin(&flow, None, Values::new());
        }
        if self.follows_sealed(text) {
            return Ok(());
        }
        let case = match (&self.facts.open_case, &self.conv.case) {
            (Some(case), _) => Some(case.clone()),
            (None, Some(case)) if self.conv.handed_over => Some(case.clone()),
            _ => None,
        };
        if let Some(case) = case.filter(|_| !text.is_empty()) {
            self.act_add(case, text, Some("also-added"));
            return Ok(());
        }
        if self.likely(text, wishes)? {
            return Ok(());
        }
        let mut maybe = self.perhaps(text);
        if maybe.len() > 1 {
            self.offer_several(maybe);
            return Ok(());
        }
        if let Some(maybe) = maybe.pop() {
            self.offer("meant", maybe);
            return Ok(());
        }
        self.begin(MENU, None, Values::new())?;
        self.ask_menu_again(text)
    }

    /// The menu, begun with words that were not understood: that was the first try.
    fn ask_menu_again(&mut self, text: &str) -> Result<(), Why> {
        let Act::Ask(ask) = &self.current()?.act else {
            return Ok(());
        };
        let says = self.conv.says.len();
        self.ask(ask)?;
        self.conv.says.truncate(says);
        self.not_understood(text, None)
    }

    /// A number or a name of the menu, although the menu does not stand open: texts say "reply 4".
    fn menu_choice(&mut self, text: &str) -> Result<bool, Why> {
        if text.split_whitespace().count() > MENU_WORDS {
            return Ok(false);
        }
        let Some(menu) = self.bundle.flows.get(MENU) else {
            return Ok(false);
        };
        let Some(Act::Ask(ask)) = menu.steps.get(&menu.start.it).map(|s| &s.act) else {
            return Ok(false);
        };
        let Some(reading) = self.readings().next() else {
            return Ok(false);
        };
        let choices: Vec<ChoiceWords> = ask
            .choices
            .iter()
            .map(|c| ChoiceWords {
                label: self
                    .bundle
                    .languages
                    .say(self.tag(), &c.label.it, &Values::new()),
                synonyms: reading.synonyms(&c.value.it),
            })
            .collect();
        let Choice::Exact(index) = reading.choice(text, &choices) else {
            return Ok(false);
        };
        let Some(choice) = ask.choices.get(index) else {
            return Ok(false);
        };
        self.begin(MENU, None, Values::new())?;
        let then = choice.then.as_ref().map(|t| t.it.clone());
        self.go_on(then)?;
        Ok(true)
    }

    /// A reply after the question had expired: told so, and offered to carry on from there.
    fn hear_late(&mut self, text: &str) {
        let Some(mut late) = self.conv.late.take() else {
            return;
        };
        let answers = late.frames.last().map(|f| &f.answers);
        let case = match answers.and_then(|a| a.get("case")) {
            Some(Value::Item(case)) => Some(case.clone()),
            _ => self.facts.open_case.clone(),
        };
        let flow = late.frames.first().map(|f| f.flow.clone());
        let since = late.open.since;
        if text.chars().any(char::is_alphabetic) {
            match case {
                Some(case) => self.act_add(case, text, None),
                None => late.words = Some(text.to_owned()),
            }
        }
        self.conv.late = Some(late);
        let topic = format!("topic-{}", flow.unwrap_or_default());
        let topic = self
            .bundle
            .languages
            .say(self.tag(), &topic, &Values::new());
        let choice = |label: &str, word: &str| crate::flow::conversation::Offered {
            label: crate::flow::conversation::Label::Message(label.to_owned()),
            value: Some(Value::Text(word.to_owned())),
            word: word.to_owned(),
            then: None,
        };
        self.conv.open = Some(Open {
            asked: Asked::CarryOn,
            text: "carry-on".to_owned(),
            values: Values::from([
                ("since".to_owned(), Value::When(since)),
                ("topic".to_owned(), Value::Text(topic)),
            ]),
            choices: vec![
                choice("choice-carry-on", "carry-on"),
                choice("choice-something-else", "new"),
            ],
            since: self.now,
            tries: 0,
            unheard: Vec::new(),
            nudged: false,
        });
        self.say_open(None);
    }

    /// The person's thread, where staff wrote last: it goes there, and they are told once to whom.
    fn pass_to_thread(&mut self, text: &str) -> bool {
        let Some(thread) = self.facts.live_thread.clone() else {
            return false;
        };
        if text.is_empty() {
            return false;
        }
        let told = self.conv.told.as_ref() == Some(&thread.case.id);
        self.act_add(thread.case.clone(), text, None);
        if !told && !self.is_ack(text) {
            let person = Values::from([("person".to_owned(), Value::Text(thread.person))]);
            let say = Todo::Say("passed-on".to_owned(), person);
            self.conv.todo.push_back(say);
            self.conv.told = Some(thread.case.id);
        }
        true
    }

    /// What fits nothing else, soon after a message that the screen took, belongs to that message:
    /// "please hurry" is for whoever was paged, not for the menu.
    pub(super) fn follows_sealed(&mut self, text: &str) -> bool {
        let Some(case) = self.facts.sealed_case.clone().filter(|_| !text.is_empty()) else {
            return false;
        };
        self.act_add(case, text, Some("sealed-added"));
        true
    }

    /// What is likely meant, when nothing else is going on that the words could belong to.
    fn likely(&mut self, text: &str, wishes: &[Route]) -> Result<bool, Why> {
        let wanted = opening::wanted(wishes);
        if wanted.iter().any(|r| r.flow == HUMAN && r.is_likely()) {
            self.bring_a_person("person", Some(text.to_owned()))?;
            return Ok(true);
        }
        let likely = likely_flows(wishes);
        if likely.is_empty() {
            return Ok(false);
        }
        self.start(likely, text)?;
        Ok(true)
    }

    pub(super) fn is_brief(&self, flow: &str) -> bool {
        self.bundle.flows.get(flow).is_some_and(|f| f.brief)
    }

    pub(super) fn is_ack(&self, text: &str) -> bool {
        self.readings().take(2).any(|r| r.ack(text))
    }
}

/// The routes that are confident. A word that names one does not stand against everything else in the
/// message where that plainly asks for another, which no word may name (a school's own flow has
/// examples and no patterns); but what matters today does.
fn confident(wishes: &[Route]) -> Vec<Route> {
    let plainly = |r: &Route| r.is_flow() && r.is_likely() && !r.confident;
    let plainly = wishes.iter().any(plainly);
    let named = |r: &&Route| r.score >= NAMED || !plainly || r.flow == TODAY;
    let confident = wishes.iter().filter(|r| r.confident && r.is_flow());
    confident.filter(named).cloned().collect()
}

/// The flows that are likely asked for, though no word need name them.
fn likely_flows(wishes: &[Route]) -> Vec<Route> {
    let wanted = opening::wanted(wishes).into_iter();
    let likely = wanted.filter(|r| r.is_flow() && r.is_likely());
    likely.cloned().collect()
}

/// What is said of a day or a time that has gone by.
const fn gone_by(expect: Expect) -> &'static str {
    match expect {
        Expect::Time => "gone-by-time",
        _ => "gone-by",
    }
}

/// Whether a text is a word that holds everywhere.
pub(super) fn is_global<'r>(mut readings: impl Iterator<Item = &'r Reading>, text: &str) -> bool {
    readings.any(|r| r.global(text).is_some())
}
