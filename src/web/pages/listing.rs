//! Cases a page at a time, of those that this person may open: how many others there are shows nowhere.

use std::collections::HashSet;

use uuid::Uuid;

use super::wording::{adult_name, kind_words, pupil_name, state_words};
use super::{Stamp, case};
use crate::deployment::School;
use crate::desk::may_open;
use crate::desk::sight::within;
use crate::store::{Case, CaseFilter, Moment, Result, Term, Tx};
use crate::text::fold::fold;
use crate::web::session::SignedIn;

/// Cases that are read at a time until a page is full.
const AT_ONCE: i64 = 200;

/// Characters shown before and after a word that was looked for.
const AROUND: usize = 100;

/// One case of a list.
pub(super) struct Row {
    pub number: i64,
    pub reference: String,
    pub kind: String,
    pub pupil: String,
    pub adult: String,
    pub owner: String,
    pub state: String,
    pub touched: Stamp,
}

impl Row {
    pub fn new(school: &School, case: &Case, now: Moment) -> Self {
        Self {
            number: case.number,
            reference: case.reference(),
            kind: kind_words(&case.kind),
            pupil: pupil_name(school, case),
            adult: adult_name(school, case),
            owner: case
                .owner
                .as_ref()
                .map_or_else(|| "nobody yet".to_owned(), |key| school.name(key)),
            state: state_words(&case.state),
            touched: Stamp::new(school, case.touched_at, now),
        }
    }
}

/// A page of cases.
#[derive(Default)]
pub(super) struct Listing {
    pub cases: Vec<Case>,
    /// Below which number the next page begins, if there is one.
    pub more: Option<i64>,
}

/// The newest cases of a filter that somebody may open, as many as a page holds.
pub(super) async fn openable(
    tx: &mut Tx,
    who: &SignedIn,
    filter: &CaseFilter,
    on_a_page: usize,
) -> Result<Listing> {
    let mut filter = CaseFilter {
        within: within(&who.school, who.staff()),
        ..filter.clone()
    };
    let mut cases: Vec<Case> = Vec::new();
    loop {
        let some = tx
            .some_cases(&who.school.config.id, &filter, AT_ONCE)
            .await?;
        let last = some.last().map(|c| c.number);
        let mine = some
            .into_iter()
            .filter(|c| may_open(&who.school, who.staff(), c));
        cases.extend(mine);
        match last {
            Some(last) if cases.len() <= on_a_page => filter.before = Some(last),
            _ => break,
        }
    }
    let full = cases.len() > on_a_page;
    cases.truncate(on_a_page);
    let more = cases.last().filter(|_| full).map(|c| c.number);
    Ok(Listing { cases, more })
}

/// Cases that somebody is paged about and nobody has opened. Their words show on their own page only,
/// where opening them stops the pages.
pub(super) async fn unopened(tx: &mut Tx, school: &str) -> Result<HashSet<Uuid>> {
    let alerts = tx.unread_alerts(school).await?;
    Ok(alerts.into_iter().map(|alert| alert.case_id).collect())
}

/// A few words of an entry: what stands before the word that was looked for, the word, what follows.
pub(super) struct Excerpt {
    pub before: String,
    pub word: String,
    pub after: String,
    pub title: String,
    pub when: Stamp,
}

/// The newest place in a case where one of the words stands.
pub(super) async fn excerpt(
    tx: &mut Tx,
    school: &School,
    case: &Case,
    terms: &[Term],
    now: Moment,
) -> Result<Option<Excerpt>> {
    let chronology = tx.chronology(case.id).await?;
    for entry in chronology.iter().rev() {
        let Some(words) = entry.words().map(|w| case::one_line(&w)) else {
            continue;
        };
        if let Some((before, word, after)) = around(&words, terms) {
            return Ok(Some(Excerpt {
                before,
                word,
                after,
                title: super::wording::entry_title(school, case, entry),
                when: Stamp::new(school, entry.happened_at, now),
            }));
        }
    }
    Ok(None)
}

/// A text cut around the first word that one of the terms finds.
fn around(text: &str, terms: &[Term]) -> Option<(String, String, String)> {
    let mut at = 0;
    for word in text.split(' ') {
        let folded = fold(word);
        if folded
            .split_whitespace()
            .any(|w| terms.iter().any(|t| t.finds(w)))
        {
            let before = text.get(..at)?;
            let after = text.get(at + word.len()..)?;
            let from = before.char_indices().rev().nth(AROUND).map(|(at, _)| at);
            let before = from.map_or_else(
                || before.to_owned(),
                |from| format!("…{}", before.get(from..).unwrap_or_default()),
            );
            let to = after.char_indices().nth(AROUND).map(|(at, _)| at);
            let after = to.map_or_else(
                || after.to_owned(),
                |to| format!("{}…", after.get(..to).unwrap_or_default()),
            );
            return Some((before, word.to_owned(), after));
        }
        at += word.len() + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_shown_with_what_stands_around_it() {
        let terms = Term::all("glasses");
        let found = around("he broke his GLASSES, again", &terms).unwrap();
        assert_eq!(
            found,
            (
                "he broke his ".to_owned(),
                "GLASSES,".to_owned(),
                " again".to_owned()
            )
        );
        let long = format!("{} glasses {}", "ż".repeat(300), "ó".repeat(300));
        let (before, _, after) = around(&long, &terms).unwrap();
        assert_eq!(before.chars().count(), AROUND + 2);
        assert_eq!(after.chars().count(), AROUND + 1);
        assert!(around("nothing of it", &terms).is_none());
    }
}
