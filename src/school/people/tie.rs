//! What stands between an adult and a child, and who may change it.
//!
//! A restriction stops everything outgoing about a child to an adult. It is set in a hurry and ended
//! with care: whatever lets somebody be told more than before is for the safeguarding leads and the
//! head, and has a reason.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Adult, Known, Relationship, Restriction, Role, Staff, from_word, word_of};

/// What a restriction rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// A court's order.
    Order,
    /// A safeguarding lead's or the head's decision.
    Decision,
}

impl Basis {
    /// Every basis with its word.
    pub const WORDS: &'static [(&'static str, Self)] =
        &[("order", Self::Order), ("decision", Self::Decision)];

    /// The word in files and in forms.
    pub fn word(self) -> &'static str {
        word_of(Self::WORDS, self)
    }

    /// The basis a word stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        from_word(Self::WORDS, word)
    }

    /// What it is called in a sentence.
    pub const fn called(self) -> &'static str {
        match self {
            Self::Order => "a court order",
            Self::Decision => "a decision of the school",
        }
    }
}

/// Whether somebody ends a restriction, or changes one that stands.
pub fn may_lift(staff: &Staff) -> bool {
    [Role::Dsl, Role::DeputyDsl, Role::Head]
        .into_iter()
        .any(|role| staff.is(role))
}

/// Whether somebody sets a restriction: a safeguarding lead or the head any, and the office records an
/// order of which it holds a copy. What an order says is nobody's decision, and must not wait for one.
pub fn may_restrict(staff: &Staff, basis: Basis) -> bool {
    may_lift(staff) || (basis == Basis::Order && staff.is(Role::Office))
}

/// A restriction as it is typed.
#[derive(Debug, Clone, Copy)]
pub struct Restricting<'a> {
    /// What it rests on, if somebody chose.
    pub basis: Option<Basis>,
    /// Who decided it or holds the order, by key.
    pub by: &'a str,
    /// From this day, as typed.
    pub since: &'a str,
    /// Until this day, as typed; nothing: until somebody ends it.
    pub until: &'a str,
    /// What the order says, or why it was decided.
    pub why: &'a str,
    /// What to say if they make contact.
    pub say: &'a str,
}

/// What is wrong with a restriction that somebody typed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadRestriction {
    /// Nobody chose.
    #[error("choose whether it is a court order or a decision of the school")]
    NoBasis,
    /// Nobody said why.
    #[error(
        "write what the order says, or why it was decided: only the office, the safeguarding leads and the head see it"
    )]
    NoReason,
    /// No day.
    #[error("`{0}` is not a day: write one such as 2026-12-01")]
    Since(String),
    /// It would begin later.
    #[error(
        "`{0}` is still to come, and what is saved counts at once: write the day of the order or decision, or today"
    )]
    ToCome(Date),
    /// No day.
    #[error("`{0}` is not a day: write one such as 2027-07-31, or leave it empty")]
    Until(String),
    /// It would be over already.
    #[error("`{0}` is over: leave the last day empty, or write one from today on")]
    Over(Date),
}

impl BadRestriction {
    /// The field that it is about.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::NoBasis => "basis",
            Self::NoReason => "why",
            Self::Since(_) | Self::ToCome(_) => "since",
            Self::Until(_) | Self::Over(_) => "until",
        }
    }
}

impl Restricting<'_> {
    /// The restriction that was meant.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn read(&self, today: Date) -> Result<Restriction, BadRestriction> {
        let basis = self.basis.ok_or(BadRestriction::NoBasis)?;
        let written = |text: &str| {
            let text = text.trim();
            (!text.is_empty()).then(|| text.to_owned())
        };
        let why = written(self.why).ok_or(BadRestriction::NoReason)?;
        let since: Date = self
            .since
            .trim()
            .parse()
            .map_err(|_| BadRestriction::Since(self.since.trim().to_owned()))?;
        if since > today {
            return Err(BadRestriction::ToCome(since));
        }
        let until = match written(self.until) {
            None => None,
            Some(text) => Some(text.parse().map_err(|_| BadRestriction::Until(text))?),
        };
        if let Some(over) = until.filter(|until| *until < today) {
            return Err(BadRestriction::Over(over));
        }
        Ok(Restriction {
            basis: Some(basis),
            by: self.by.to_owned(),
            since,
            until,
            why: Some(why),
            say: written(self.say),
        })
    }
}

impl Restriction {
    /// What it is, without its reason: for everybody who may see that there is one.
    pub fn in_words(&self, by: &str) -> String {
        let basis = self.basis.map_or("", |b| match b {
            Basis::Order => "by a court order, ",
            Basis::Decision => "by a decision, ",
        });
        let until = self.until.map_or_else(
            || "until somebody ends it".to_owned(),
            |day| format!("until {}", day.strftime("%-d %b %Y")),
        );
        let since = self.since.strftime("%-d %b %Y");
        let by = if by.is_empty() {
            String::new()
        } else {
            format!(" ({by})")
        };
        format!("{basis}since {since}{by}, {until}")
    }
}

impl Relationship {
    /// What stood against telling this adult of the child and stands no more, were the record
    /// `after`; `None` for one without it.
    pub fn lifted_in(&self, after: Option<&Self>) -> Option<&'static str> {
        let restriction = after.and_then(|a| a.restriction.as_ref());
        let order = after.map_or(Known::Unknown, |a| a.court_order);
        if self.restriction.is_some() && self.restriction.as_ref() != restriction {
            Some("the restriction")
        } else if self.court_order == Known::Yes && order != Known::Yes {
            Some("the court order")
        } else {
            None
        }
    }

    /// Whether more may be said to this adult by this record than by `before`, or by none.
    pub fn tells_more_than(&self, before: Option<&Self>, today: Date) -> bool {
        let was_kept = before.is_none_or(|b| b.is_unchecked(today));
        let lifted = before.is_some_and(|b| b.lifted_in(Some(self)).is_some());
        lifted || (was_kept && !self.is_unchecked(today))
    }
}

impl Adult {
    /// The same of all their children here, also of those whose contact they are no longer.
    pub fn lifted_in(&self, after: &Self) -> Option<&'static str> {
        let mut children = self.children.iter();
        children.find_map(|was| {
            let is = after.children.iter().find(|c| c.pupil == was.pupil);
            was.lifted_in(is)
        })
    }

    /// What stands between them and a child.
    pub fn tie(&self, pupil: &str) -> Option<&Relationship> {
        self.children.iter().find(|c| c.pupil == pupil)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::school::fixture::kingfisher;

    const TODAY: Date = date(2026, 12, 1);

    fn typed() -> Restricting<'static> {
        Restricting {
            basis: Some(Basis::Order),
            by: "mrs-adeyemi",
            since: "2026-11-30",
            until: "",
            why: "Family Court, 30 November: no contact",
            say: " ",
        }
    }

    #[test]
    fn a_restriction_stands_from_today_at_the_latest_and_is_not_over() {
        let read = typed().read(TODAY).unwrap();
        assert_eq!(
            (read.since, read.until, read.say),
            (date(2026, 11, 30), None, None)
        );
        let field = |typed: Restricting<'_>| typed.read(TODAY).unwrap_err().field();
        assert_eq!(
            field(Restricting {
                basis: None,
                ..typed()
            }),
            "basis"
        );
        assert_eq!(
            field(Restricting {
                why: "  ",
                ..typed()
            }),
            "why"
        );
        assert_eq!(
            field(Restricting {
                since: "soon",
                ..typed()
            }),
            "since"
        );
        assert_eq!(
            field(Restricting {
                since: "2026-12-02",
                ..typed()
            }),
            "since"
        );
        assert_eq!(
            field(Restricting {
                until: "2026-11-30",
                ..typed()
            }),
            "until"
        );
        let ends_today = Restricting {
            until: "2026-12-01",
            ..typed()
        };
        assert_eq!(ends_today.read(TODAY).unwrap().until, Some(TODAY));
    }

    #[test]
    fn the_office_records_an_order_and_only_leads_and_the_head_decide_or_end() {
        let people = &kingfisher().people;
        let may = |key: &str| {
            let staff = people.staff(key).unwrap();
            let set = |basis| may_restrict(staff, basis);
            (set(Basis::Order), set(Basis::Decision), may_lift(staff))
        };
        for lead in ["mrs-adeyemi", "mr-grant", "mr-wright"] {
            assert_eq!(may(lead), (true, true, true), "{lead}");
        }
        assert_eq!(may("ms-park"), (true, false, false));
        for other in ["mrs-cole", "mr-hughes", "mr-baker", "it-support"] {
            assert_eq!(may(other), (false, false, false), "{other}");
        }
    }

    #[test]
    fn what_lets_somebody_be_told_more_is_seen() {
        let people = &kingfisher().people;
        let dean = people.adult("dean-price").unwrap();
        let ola = dean.tie("ola").unwrap();
        let free = Relationship {
            restriction: None,
            ..ola.clone()
        };
        assert_eq!(ola.lifted_in(Some(&free)), Some("the restriction"));
        assert_eq!(free.lifted_in(None), Some("the court order"));
        assert_eq!(ola.lifted_in(Some(ola)), None);
        assert!(free.tells_more_than(Some(ola), TODAY));
        let mark = people.adult("mark-reed").unwrap().tie("leo").unwrap();
        let asked = Relationship {
            court_order: Known::No,
            ..mark.clone()
        };
        assert!(
            asked.tells_more_than(Some(mark), TODAY),
            "he was not checked"
        );
        assert!(!mark.tells_more_than(Some(&asked), TODAY));
        assert!(!mark.tells_more_than(None, TODAY));
        assert!(asked.tells_more_than(None, TODAY));
    }
}
