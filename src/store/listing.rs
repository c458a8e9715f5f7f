//! Lists of cases: narrowed by what they are, who has them, and the words that stand in them.

use super::words::{MOST_TERMS, Term};
use super::{Case, Result, Tx, all, one};

/// A word that stands in fewer cases is looked up first: the others are then few to look into.
const RARE: i64 = 500;

/// Which cases to list.
#[derive(Debug, Clone, Default)]
pub struct CaseFilter {
    /// Only those that are not closed.
    pub open_only: bool,
    /// Only this kind.
    pub kind: Option<String>,
    /// Only this owner.
    pub owner: Option<String>,
    /// Only this pupil.
    pub pupil: Option<String>,
    /// Only in this state.
    pub state: Option<String>,
    /// Only of whoever writes from this address.
    pub address: Option<String>,
    /// Only with all of these words somewhere in the chronology; three at most are looked for.
    pub words: Vec<Term>,
    /// Only with a lower number: those that come after it in the list.
    pub before: Option<i64>,
    /// Only among these.
    pub within: Option<Within>,
}

/// Where the cases of somebody who reads few of them are to be found, so that not all are looked
/// through. Whether they may read one that is, is asked of each.
#[derive(Debug, Clone, Default)]
pub struct Within {
    /// What they own or were copied into (staff key).
    pub staff: String,
    /// What is about these pupils, by key.
    pub pupils: Vec<String>,
    /// What is of these adults, by key.
    pub adults: Vec<String>,
}

impl Within {
    /// Keys as one text in which each can be found between commas.
    fn keys(all: &[String]) -> String {
        format!(",{},", all.join(","))
    }
}

impl Tx {
    /// Cases of a school, newest first; 500 at most.
    pub async fn cases(&mut self, school: &str, filter: &CaseFilter) -> Result<Vec<Case>> {
        self.some_cases(school, filter, 500).await
    }

    /// As many cases of a school at most, newest first.
    pub async fn some_cases(
        &mut self,
        school: &str,
        filter: &CaseFilter,
        most: i64,
    ) -> Result<Vec<Case>> {
        let terms = filter.words.get(..MOST_TERMS).unwrap_or(&filter.words);
        let rarest = self.rarest(school, terms).await?;
        if let Some((_, 0)) = rarest {
            return Ok(Vec::new());
        }
        let rare = rarest.filter(|(_, cases)| *cases < RARE);
        let (from, to) = rare.map_or((&b""[..], &b""[..]), |(term, _)| {
            (term.from.as_slice(), term.to.as_slice())
        });
        // Cases are looked through from the newest on, each by the key of its words, until there are
        // enough: of common words soon, and of a rare one among its own cases only.
        let range = |n: usize| {
            terms.get(n).map_or((&b""[..], &b""[..]), |t| {
                (t.from.as_slice(), t.to.as_slice())
            })
        };
        let ((from1, to1), (from2, to2), (from3, to3)) = (range(0), range(1), range(2));
        let nobody = Within::default();
        let within = filter.within.as_ref().unwrap_or(&nobody);
        Ok(all!(
            self,
            Case,
            "SELECT * FROM cases WHERE school_id = $1 AND number < $8
               AND ($17 = FALSE OR id IN (SELECT w.case_id FROM case_words AS w
                                          WHERE w.school_id = $1 AND w.word >= $18 AND w.word < $19))
               AND ((closed_at IS NULL AND note = FALSE) OR $2 = FALSE)
               AND ($3 = '' OR kind = $3) AND ($4 = '' OR owner = $4) AND ($5 = '' OR pupil = $5)
               AND ($6 = '' OR state = $6) AND ($7 = '' OR address = $7)
               AND ($20 = '' OR owner = $20 OR copied LIKE '%' || $20 || '%'
                    OR $21 LIKE '%,' || pupil || ',%' OR $22 LIKE '%,' || adult || ',%')
               AND ($9 < 1 OR EXISTS (SELECT 1 FROM case_words AS w WHERE w.case_id = cases.id
                                      AND w.word >= $10 AND w.word < $11))
               AND ($9 < 2 OR EXISTS (SELECT 1 FROM case_words AS w WHERE w.case_id = cases.id
                                      AND w.word >= $12 AND w.word < $13))
               AND ($9 < 3 OR EXISTS (SELECT 1 FROM case_words AS w WHERE w.case_id = cases.id
                                      AND w.word >= $14 AND w.word < $15))
             ORDER BY number DESC LIMIT $16",
            school,
            filter.open_only,
            filter.kind.as_deref().unwrap_or(""),
            filter.owner.as_deref().unwrap_or(""),
            filter.pupil.as_deref().unwrap_or(""),
            filter.state.as_deref().unwrap_or(""),
            filter.address.as_deref().unwrap_or(""),
            filter.before.unwrap_or(i64::MAX),
            i64::try_from(terms.len()).unwrap_or(0),
            from1,
            to1,
            from2,
            to2,
            from3,
            to3,
            most,
            rare.is_some(),
            from,
            to,
            within.staff.as_str(),
            Within::keys(&within.pupils),
            Within::keys(&within.adults),
        ))
    }

    /// The word that stands in the fewest cases, and in how many, counted up to [`RARE`] postings.
    async fn rarest<'t>(
        &mut self,
        school: &str,
        terms: &'t [Term],
    ) -> Result<Option<(&'t Term, i64)>> {
        let mut rarest: Option<(&Term, i64)> = None;
        for term in terms {
            let count = one!(
                self,
                (i64,),
                "SELECT COUNT(*) FROM (SELECT w.case_id FROM case_words AS w
                   WHERE w.school_id = $1 AND w.word >= $2 AND w.word < $3 LIMIT $4) AS few",
                school,
                term.from.as_slice(),
                term.to.as_slice(),
                RARE
            );
            let count = count.map_or(0, |(n,)| n);
            if rarest.is_none_or(|(_, least)| count < least) {
                rarest = Some((term, count));
            }
        }
        Ok(rarest)
    }
}
