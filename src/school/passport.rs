//! How an adult wants to be reached, in their own words: a communication passport.
//!
//! It is asked before anything goes wrong, kept with its date, and only ever added to by a new
//! version. Whoever sees the adult's cases sees it.

use serde::{Deserialize, Serialize};

/// One version. What was never said is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passport {
    /// The language they read and speak, as a tag (`so`), or as they named it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Whether an interpreter comes when they talk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interpreter: Option<bool>,
    /// `text`, `ring`, `email` or `face-to-face`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Good times, in their words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<String>,
    /// What makes reading, hearing or seeing hard, in their words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs: Option<String>,
    /// How they like to read: large print, read aloud.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading: Option<String>,
    /// The important people for the child.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people: Option<String>,
    /// What matters to the family.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matters: Option<String>,
    /// Whether another home gets its own copies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicates: Option<String>,
}

impl Passport {
    /// This one with what `said` says laid over it.
    pub fn with(self, said: Self) -> Self {
        Self {
            language: said.language.or(self.language),
            interpreter: said.interpreter.or(self.interpreter),
            channel: said.channel.or(self.channel),
            times: said.times.or(self.times),
            needs: said.needs.or(self.needs),
            reading: said.reading.or(self.reading),
            people: said.people.or(self.people),
            matters: said.matters.or(self.matters),
            duplicates: said.duplicates.or(self.duplicates),
        }
    }

    /// Whether they may be rung; `None` where they have not said.
    pub fn may_ring(&self) -> Option<bool> {
        match self.channel.as_deref()? {
            "ring" => Some(true),
            "text" | "email" => Some(false),
            _ => None,
        }
    }

    /// What it says, a line of words each, for staff. `name` gives the language's name.
    pub fn lines(&self, name: impl Fn(&str) -> String) -> Vec<String> {
        let channel = self.channel.as_deref().map(|c| match c {
            "text" => "by text: do not ring".to_owned(),
            "ring" => "by a call".to_owned(),
            "email" => "by email: do not ring".to_owned(),
            other => other.replace('-', " "),
        });
        let interpreter = self.interpreter.map(|yes| if yes { "yes" } else { "no" });
        [
            ("language", self.language.as_deref().map(name)),
            ("interpreter", interpreter.map(str::to_owned)),
            ("reach them", channel),
            ("good times", self.times.clone()),
            ("needs", self.needs.clone()),
            ("reading", self.reading.clone()),
            ("important people", self.people.clone()),
            ("what matters", self.matters.clone()),
            ("copies to another home", self.duplicates.clone()),
        ]
        .into_iter()
        .filter_map(|(what, said)| Some(format!("{what}: {}", said?)))
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_version_keeps_what_was_said_before() {
        let first = Passport {
            language: Some("so".to_owned()),
            interpreter: Some(true),
            channel: Some("ring".to_owned()),
            ..Passport::default()
        };
        let second = first.clone().with(Passport {
            channel: Some("text".to_owned()),
            needs: Some("big print".to_owned()),
            ..Passport::default()
        });
        assert_eq!(first.may_ring(), Some(true));
        assert_eq!(second.may_ring(), Some(false));
        assert_eq!(
            second.lines(|_| "Somali".to_owned()),
            [
                "language: Somali",
                "interpreter: yes",
                "reach them: by text: do not ring",
                "needs: big print"
            ]
        );
    }
}
