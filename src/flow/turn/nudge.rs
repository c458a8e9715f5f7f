//! The one reminder of a question that nobody has answered.

use super::Work;
use crate::flow::conversation::Say;
use crate::flow::value::{Value, Values};

impl Work<'_> {
    /// Reminds the person of the open question, if its time has come: never twice, never beside a
    /// sealed message, and never while somebody at school is in touch with them.
    pub(super) fn nudge(&mut self) {
        let due = self.conv.nudges(self.bundle);
        if due.is_none_or(|at| at > self.now) {
            return;
        }
        if let Some(open) = &mut self.conv.open {
            open.nudged = true;
        }
        if self.facts.live_thread.is_some() || self.facts.sealed_case.is_some() {
            return;
        }
        let say = self.asking().and_then(|ask| ask.nudge.as_ref());
        let say = say.and_then(|nudge| nudge.it.say.as_ref());
        // What is in doubt is asked in its own words.
        let doubt = self
            .conv
            .open
            .as_ref()
            .is_some_and(|o| o.asked.over().is_some());
        match say.filter(|_| !doubt) {
            Some(text) => self.remind(&text.it),
            None => {
                self.say("nudge", &Values::new());
                self.say_open(None);
            }
        }
    }

    /// A text of the flow's own in place of the question; it shows the choices only where it says so.
    fn remind(&mut self, id: &str) {
        let (choices, buttons) = self.numbered();
        let choices = Value::Text(choices);
        let text = self.bundle.languages.say_with(self.tag(), id, &|name| {
            if name == "choices" {
                Some(&choices)
            } else {
                self.find(name)
            }
        });
        let placed = self.places_choices(id);
        self.conv.says.push(Say {
            id: id.to_owned(),
            text,
            buttons: if placed { buttons } else { Vec::new() },
        });
    }
}
