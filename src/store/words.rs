//! What the console searches: the folded words of each case's chronology, each once.
//!
//! Neither database's own full text is in the other, and bodies are bytes that can be erased. A row
//! for each word of a case is found by both through the same key, is forgotten with the words it came
//! from, and grows with what people say rather than with how often they say it.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{Result, Tx, all, exec};
use crate::text::fold::fold;

/// Words longer than this, in bytes, are nobody's search.
const LONGEST: usize = 40;

/// Rows that go to the database at a time.
const AT_ONCE: usize = 8;

/// Words of a search that are looked for: the longest ones.
pub(super) const MOST_TERMS: usize = 3;

/// Letters from which on the beginning of a word is enough.
const LEAST_BEGINNING: usize = 3;

/// One word of a search, as the range of stored words that it finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The first word it finds.
    pub(super) from: Vec<u8>,
    /// The first one after those.
    pub(super) to: Vec<u8>,
}

impl Term {
    fn new(word: &str) -> Self {
        let from = word.as_bytes().to_vec();
        let mut to = from.clone();
        // No word holds 0xFF, which is no UTF-8; and none that goes on comes before a 0.
        let begins = word.chars().count() >= LEAST_BEGINNING;
        to.push(if begins { 0xFF } else { 0 });
        Self { from, to }
    }

    /// The words of a search that are looked for, the longest three. Three letters and more find
    /// whatever begins with them.
    pub fn all(said: &str) -> Vec<Self> {
        let mut words: Vec<String> = words_of(said).into_iter().collect();
        words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
        words
            .iter()
            .take(MOST_TERMS)
            .map(|w| Self::new(w))
            .collect()
    }

    /// Whether it finds a folded word.
    pub fn finds(&self, folded: &str) -> bool {
        let word = folded.as_bytes();
        self.from.as_slice() <= word && word < self.to.as_slice()
    }
}

/// The words by which a text is found.
fn words_of(text: &str) -> BTreeSet<String> {
    let folded = fold(text);
    let words = folded.split_whitespace();
    words
        .filter(|w| w.len() <= LONGEST)
        .map(str::to_owned)
        .collect()
}

impl Tx {
    /// Makes a case found by the words of a text.
    pub(super) async fn keep_words(&mut self, case_id: Uuid, body: &[u8]) -> Result<()> {
        let words: Vec<String> = words_of(&String::from_utf8_lossy(body))
            .into_iter()
            .collect();
        for some in words.chunks(AT_ONCE) {
            // A row that is there already is passed over, so the first stands in for those too few.
            let word = |n: usize| {
                some.get(n)
                    .or(some.first())
                    .map_or(&b""[..], |w| w.as_bytes())
            };
            exec!(
                self,
                "INSERT INTO case_words (case_id, school_id, word)
                 SELECT c.id, c.school_id, w.word FROM cases AS c CROSS JOIN (
                   SELECT $2 AS word UNION SELECT $3 UNION SELECT $4 UNION SELECT $5
                   UNION SELECT $6 UNION SELECT $7 UNION SELECT $8 UNION SELECT $9) AS w
                 WHERE c.id = $1
                 ON CONFLICT (case_id, word) DO NOTHING",
                case_id,
                word(0),
                word(1),
                word(2),
                word(3),
                word(4),
                word(5),
                word(6),
                word(7),
            );
        }
        Ok(())
    }

    /// Makes a case found by the words it still has, and by no others: to be called after words of
    /// it were erased.
    pub async fn renew_words(&mut self, case_id: Uuid) -> Result<()> {
        exec!(self, "DELETE FROM case_words WHERE case_id = $1", case_id);
        let bodies = all!(
            self,
            (Vec<u8>,),
            "SELECT body FROM entries WHERE case_id = $1 AND body IS NOT NULL",
            case_id
        );
        for (body,) in bodies {
            self.keep_words(case_id, &body).await?;
        }
        Ok(())
    }

    /// The next cases, after one of them, that no word finds yet.
    pub(super) async fn cases_without_words(&mut self, after: Uuid) -> Result<Vec<Uuid>> {
        let cases = all!(
            self,
            (Uuid,),
            "SELECT id FROM cases AS c WHERE id > $1
               AND NOT EXISTS (SELECT 1 FROM case_words AS w WHERE w.case_id = c.id)
             ORDER BY id LIMIT 100",
            after
        );
        Ok(cases.into_iter().map(|(id,)| id).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_letters_find_what_begins_with_them_and_fewer_only_themselves() {
        let found = |said: &str, word: &str| Term::all(said).iter().all(|t| t.finds(word));
        assert!(found("SLEEP", "sleeping"));
        assert!(found("sleep", "sleep"));
        assert!(!found("sleeping", "sleep"));
        assert!(found("PE", "pe"));
        assert!(!found("pe", "people"));
        assert!(found("żół", "zolty"));
    }

    #[test]
    fn the_longest_three_words_are_looked_for() {
        let terms = Term::all("is he not sleeping through the nights");
        assert_eq!(terms.len(), MOST_TERMS);
        assert!(terms.iter().any(|t| t.finds("sleeping")));
        assert!(!terms.iter().any(|t| t.finds("is")));
        assert!(Term::all("  ").is_empty());
    }
}
