//! Case records and their append-only chronology.
//!
//! Each entry's hash covers the one before it; the case row, locked on append, keeps head and count,
//! so that a changed, missing or added entry is found wherever it stands, the last one included.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Moment, Result, Tx, all, exec, from_json, lock, one, to_json};
use crate::school::case::chain::{BEFORE_THE_FIRST, Hash, body_digest, entry_hash};

/// A case record, without its chronology.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Case {
    /// Ours.
    pub id: Uuid,
    /// Whose.
    pub school_id: String,
    /// What people say on the phone: `C-1042` is number 1042.
    pub number: i64,
    /// `concern`, `meeting`, `safeguarding`…
    pub kind: String,
    /// Who may read it: `ordinary`, `safeguarding`, `staff` (the head), `head` (the chair).
    pub tier: String,
    /// Where in its life: received, acknowledged, discussed…
    pub state: String,
    /// The endpoint the parent writes to.
    pub endpoint: String,
    /// The parent's address there.
    pub address: String,
    /// The adult, when they are known and checked.
    pub adult: Option<String>,
    /// The pupil, when it is known.
    pub pupil: Option<String>,
    /// The member of staff whose case it is.
    pub owner: Option<String>,
    copied: String,
    barred: String,
    /// What the parent wished for: `call`, `meet`, `text`.
    pub wish: Option<String>,
    /// What it is about in a word, for staff: `targets`, `money`.
    pub about: Option<String>,
    /// In the record only: nobody has to answer, and no later words join it by themselves.
    pub note: bool,
    /// When its first words came.
    pub opened_at: Moment,
    /// When it last grew.
    pub touched_at: Moment,
    /// When a person acknowledged it.
    pub acknowledged_at: Option<Moment>,
    /// Who did.
    pub acknowledged_by: Option<String>,
    /// When staff last wrote to or rang this adult about it: a live thread for 10 school days.
    pub staff_wrote_at: Option<Moment>,
    /// Who did.
    pub staff_wrote: Option<String>,
    /// When an outcome was told to the parent; it cannot close before.
    pub told_at: Option<Moment>,
    /// When it goes up if nobody has acknowledged it.
    pub escalate_at: Option<Moment>,
    /// How often it has gone up.
    pub escalations: i64,
    /// When school and family look at it again.
    pub review_at: Option<Moment>,
    /// When it was closed.
    pub closed_at: Option<Moment>,
    /// How many entries its chronology has.
    pub entries: i64,
    /// The hash of the last one.
    pub head: Vec<u8>,
}

impl Case {
    /// `C-1042`.
    pub fn reference(&self) -> String {
        format!("C-{}", self.number)
    }

    /// Staff keys told of it besides the owner.
    pub fn copied(&self) -> Result<Vec<String>> {
        from_json("a case's copied staff", &self.copied)
    }

    /// From now on this member of staff is told of it, and may read it.
    pub fn copy_to(&mut self, key: &str) -> Result<()> {
        let mut copied = self.copied()?;
        if !copied.iter().any(|k| k == key) {
            copied.push(key.to_owned());
            self.copied = to_json("a case's copied staff", &copied)?;
        }
        Ok(())
    }

    /// Nobody but its owner has it any more: what is sealed is for those whom the seal lets in.
    pub fn copy_to_nobody(&mut self) {
        "[]".clone_into(&mut self.copied);
    }

    /// Staff keys who are written about in it, and never receive, own or read it.
    pub fn barred(&self) -> Result<Vec<String>> {
        from_json("a case's barred staff", &self.barred)
    }
}

/// A case to open.
#[derive(Debug, Clone)]
pub struct NewCase<'a> {
    /// Whose.
    pub school_id: &'a str,
    /// `concern`, `meeting`…
    pub kind: &'a str,
    /// `ordinary`, `safeguarding`, `staff`, `head`.
    pub tier: &'a str,
    /// The endpoint.
    pub endpoint: &'a str,
    /// The address.
    pub address: &'a str,
    /// The adult, when checked.
    pub adult: Option<&'a str>,
    /// The pupil, when known.
    pub pupil: Option<&'a str>,
    /// The first owner.
    pub owner: Option<&'a str>,
    /// Copied staff.
    pub copied: &'a [String],
    /// Staff written about.
    pub barred: &'a [String],
    /// When it goes up unacknowledged.
    pub escalate_at: Option<Timestamp>,
}

/// One entry of a chronology.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Entry {
    /// Which case.
    pub case_id: Uuid,
    /// From 1, without gaps.
    pub seq: i64,
    /// `message-in`, `message-out`, `note`, `call`, `acknowledged`…
    pub kind: String,
    /// `parent`, `schoolgate`, or a staff key.
    pub author: String,
    /// Who may be shown it: `adult` (the one who said or was told it), `school`, `parents`.
    pub audience: String,
    /// When it happened.
    pub happened_at: Moment,
    /// When it was written down.
    pub entered_at: Moment,
    /// The message it holds, if it holds one.
    pub message: Option<Uuid>,
    /// The entry it corrects.
    pub corrects: Option<i64>,
    salt: Option<Vec<u8>>,
    body: Option<Vec<u8>>,
    digest: Vec<u8>,
    hash: Vec<u8>,
}

impl Entry {
    /// The words; `None` after lawful erasure.
    pub fn words(&self) -> Option<String> {
        self.body
            .as_deref()
            .map(|b| String::from_utf8_lossy(b).into_owned())
    }

    fn computed(&self, previous: Hash) -> Hash {
        let seq = u64::try_from(self.seq).unwrap_or(0);
        let happened = self.happened_at.0.to_be_bytes();
        let entered = self.entered_at.0.to_be_bytes();
        let corrects = self.corrects.unwrap_or(0).to_be_bytes();
        let message = self.message.unwrap_or_default();
        entry_hash(
            previous,
            seq,
            &[
                self.case_id.as_bytes(),
                self.kind.as_bytes(),
                self.author.as_bytes(),
                self.audience.as_bytes(),
                &happened,
                &entered,
                message.as_bytes(),
                &corrects,
            ],
            hash_of(&self.digest),
        )
    }
}

/// What to write into a chronology.
#[derive(Debug, Clone)]
pub struct NewEntry<'a> {
    /// `message-in`, `note`…
    pub kind: &'a str,
    /// `parent`, `schoolgate`, or a staff key.
    pub author: &'a str,
    /// `adult`, `school`, `parents`.
    pub audience: &'a str,
    /// The words, exactly.
    pub body: &'a [u8],
    /// When it happened; now when `None`.
    pub happened: Option<Moment>,
    /// The message it holds.
    pub message: Option<Uuid>,
    /// The entry it corrects.
    pub corrects: Option<i64>,
}

impl<'a> NewEntry<'a> {
    /// An entry of now, by `author`, for the school's eyes.
    pub fn new(kind: &'a str, author: &'a str, body: &'a str) -> Self {
        Self {
            kind,
            author,
            audience: "school",
            body: body.as_bytes(),
            happened: None,
            message: None,
            corrects: None,
        }
    }

    /// The same, for the adult it was said to or by.
    pub fn to_adult(self) -> Self {
        Self {
            audience: "adult",
            ..self
        }
    }
}

/// The first place where a chronology is not what was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Break {
    /// `C-1042`.
    pub reference: String,
    /// The entry, or one past the last when entries are missing at the end.
    pub seq: i64,
    /// What is wrong there.
    pub what: String,
}

impl Tx {
    /// Makes sure a school has its row; its first case gets `first_case`.
    pub async fn keep_school(&mut self, id: &str, name: &str, first_case: i64) -> Result<()> {
        exec!(
            self,
            "INSERT INTO schools (id, name, next_case) VALUES ($1, $2, $3)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name",
            id,
            name,
            first_case
        );
        Ok(())
    }

    /// Opens a case and gives it the school's next number.
    pub async fn open_case(&mut self, new: &NewCase<'_>) -> Result<Case> {
        let (number,) = one!(
            self,
            (i64,),
            "UPDATE schools SET next_case = next_case + 1 WHERE id = $1 RETURNING next_case - 1",
            new.school_id
        )
        .ok_or(sqlx::Error::RowNotFound)?;
        let id = self.clock.id();
        let now = Moment::from(self.now);
        let copied = to_json("a case's copied staff", &new.copied)?;
        let barred = to_json("a case's barred staff", &new.barred)?;
        exec!(
            self,
            "INSERT INTO cases (id, school_id, number, kind, tier, state, endpoint, address, adult, pupil, owner,
             copied, barred, note, opened_at, touched_at, escalate_at, escalations, entries, head)
             VALUES ($1, $2, $3, $4, $5, 'received', $6, $7, $8, $9, $10, $11, $12, FALSE, $13, $13, $14, 0, 0, $15)",
            id,
            new.school_id,
            number,
            new.kind,
            new.tier,
            new.endpoint,
            new.address,
            new.adult,
            new.pupil,
            new.owner,
            copied.as_str(),
            barred.as_str(),
            now,
            new.escalate_at.map(Moment::from),
            BEFORE_THE_FIRST.as_slice(),
        );
        let case = one!(self, Case, "SELECT * FROM cases WHERE id = $1", id);
        Ok(case.ok_or(sqlx::Error::RowNotFound)?)
    }

    /// Adds to a chronology. The case row is held until the transaction ends, so entries have one order.
    pub async fn append(&mut self, case_id: Uuid, new: &NewEntry<'_>) -> Result<i64> {
        let (entries, head) = lock!(
            self,
            (i64, Vec<u8>),
            "SELECT entries, head FROM cases WHERE id = $1",
            case_id
        )
        .ok_or(sqlx::Error::RowNotFound)?;
        let salt = self.clock.secret().to_vec();
        let mut entry = Entry {
            case_id,
            seq: entries + 1,
            kind: new.kind.to_owned(),
            author: new.author.to_owned(),
            audience: new.audience.to_owned(),
            happened_at: new.happened.unwrap_or_else(|| Moment::from(self.now)),
            entered_at: Moment::from(self.now),
            message: new.message,
            corrects: new.corrects,
            digest: body_digest(&salt, new.body).to_vec(),
            salt: Some(salt),
            body: Some(new.body.to_vec()),
            hash: Vec::new(),
        };
        entry.hash = entry.computed(hash_of(&head)).to_vec();
        exec!(
            self,
            "INSERT INTO entries (case_id, seq, kind, author, audience, happened_at, entered_at, message, corrects,
             salt, body, digest, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            entry.case_id,
            entry.seq,
            entry.kind.as_str(),
            entry.author.as_str(),
            entry.audience.as_str(),
            entry.happened_at,
            entry.entered_at,
            entry.message,
            entry.corrects,
            entry.salt.as_deref(),
            entry.body.as_deref(),
            entry.digest.as_slice(),
            entry.hash.as_slice(),
        );
        self.keep_words(case_id, new.body).await?;
        exec!(
            self,
            "UPDATE cases SET entries = $2, head = $3, touched_at = $4 WHERE id = $1",
            case_id,
            entry.seq,
            entry.hash.as_slice(),
            entry.entered_at
        );
        Ok(entry.seq)
    }

    /// A case by id.
    pub async fn case(&mut self, school: &str, id: Uuid) -> Result<Option<Case>> {
        Ok(one!(
            self,
            Case,
            "SELECT * FROM cases WHERE id = $1 AND school_id = $2",
            id,
            school
        ))
    }

    /// A case by the number people say.
    pub async fn case_by_number(&mut self, school: &str, number: i64) -> Result<Option<Case>> {
        Ok(one!(
            self,
            Case,
            "SELECT * FROM cases WHERE school_id = $1 AND number = $2",
            school,
            number
        ))
    }

    /// A case held for change until the transaction ends.
    pub async fn hold_case(&mut self, school: &str, id: Uuid) -> Result<Option<Case>> {
        Ok(lock!(
            self,
            Case,
            "SELECT * FROM cases WHERE id = $1 AND school_id = $2",
            id,
            school
        ))
    }

    /// Cases of people nobody knows yet, newest first; never a sealed one.
    pub async fn cases_of_nobody(&mut self, school: &str, most: i64) -> Result<Vec<Case>> {
        Ok(all!(
            self,
            Case,
            "SELECT * FROM cases WHERE school_id = $1 AND adult IS NULL AND tier = 'ordinary'
             ORDER BY number DESC LIMIT $2",
            school,
            most
        ))
    }

    /// This person's open cases at an endpoint, the last touched first; never a sealed one, nor a note.
    pub async fn open_cases_at(&mut self, endpoint: &str, address: &str) -> Result<Vec<Case>> {
        Ok(all!(
            self,
            Case,
            "SELECT * FROM cases WHERE endpoint = $1 AND address = $2 AND closed_at IS NULL AND tier = 'ordinary'
               AND note = FALSE ORDER BY touched_at DESC, number DESC LIMIT 20",
            endpoint,
            address
        ))
    }

    /// This person's notes of some kinds since a moment, the newest first.
    pub async fn notes_since(
        &mut self,
        endpoint: &str,
        address: &str,
        kinds: [&str; 2],
        since: Moment,
    ) -> Result<Vec<Case>> {
        Ok(all!(
            self,
            Case,
            "SELECT * FROM cases WHERE endpoint = $1 AND address = $2 AND kind IN ($3, $4) AND opened_at >= $5
               AND note = TRUE AND tier = 'ordinary' ORDER BY number DESC LIMIT 20",
            endpoint,
            address,
            kinds[0],
            kinds[1],
            since
        ))
    }

    /// This person's open sealed cases at an endpoint, the last touched first.
    pub async fn sealed_cases_at(&mut self, endpoint: &str, address: &str) -> Result<Vec<Case>> {
        Ok(all!(
            self,
            Case,
            "SELECT * FROM cases WHERE endpoint = $1 AND address = $2 AND closed_at IS NULL AND tier <> 'ordinary'
             ORDER BY touched_at DESC, number DESC LIMIT 20",
            endpoint,
            address
        ))
    }

    /// The chronology, in order.
    pub async fn chronology(&mut self, case_id: Uuid) -> Result<Vec<Entry>> {
        Ok(all!(
            self,
            Entry,
            "SELECT * FROM entries WHERE case_id = $1 ORDER BY seq",
            case_id
        ))
    }

    /// Whether a message stands in this case.
    pub async fn holds(&mut self, case_id: Uuid, message: Uuid) -> Result<bool> {
        Ok(one!(
            self,
            (i64,),
            "SELECT seq FROM entries WHERE case_id = $1 AND message = $2 LIMIT 1",
            case_id,
            message
        )
        .is_some())
    }

    /// Whether a message already stands in a case.
    pub async fn stands_in_a_case(&mut self, message: Uuid) -> Result<bool> {
        Ok(one!(
            self,
            (i64,),
            "SELECT COUNT(*) FROM entries WHERE message = $1",
            message
        )
        .is_some_and(|r| r.0 > 0))
    }

    /// Writes back what may change of a case: everything but its identity and its chain.
    pub async fn keep_case(&mut self, case: &Case) -> Result<()> {
        exec!(
            self,
            "UPDATE cases SET kind = $2, tier = $3, state = $4, adult = $5, pupil = $6, owner = $7, wish = $8,
             acknowledged_at = $9, acknowledged_by = $10, staff_wrote_at = $11, staff_wrote = $12, told_at = $13,
             escalate_at = $14, escalations = $15, closed_at = $16, copied = $17, about = $18, note = $19,
             review_at = $20 WHERE id = $1",
            case.id,
            case.kind.as_str(),
            case.tier.as_str(),
            case.state.as_str(),
            case.adult.as_deref(),
            case.pupil.as_deref(),
            case.owner.as_deref(),
            case.wish.as_deref(),
            case.acknowledged_at,
            case.acknowledged_by.as_deref(),
            case.staff_wrote_at,
            case.staff_wrote.as_deref(),
            case.told_at,
            case.escalate_at,
            case.escalations,
            case.closed_at,
            case.copied.as_str(),
            case.about.as_deref(),
            case.note,
            case.review_at,
        );
        Ok(())
    }

    /// Cases of a school that are to be looked at again by `until`, the nearest first.
    pub async fn cases_to_review(&mut self, school: &str, until: Moment) -> Result<Vec<Case>> {
        Ok(all!(
            self,
            Case,
            "SELECT * FROM cases WHERE school_id = $1 AND review_at <= $2 AND closed_at IS NULL
             ORDER BY review_at, number",
            school,
            until
        ))
    }

    /// Cases that go up because nobody has acknowledged them in time.
    pub async fn cases_to_escalate(&mut self) -> Result<Vec<Case>> {
        Ok(all!(
            self,
            Case,
            "SELECT * FROM cases WHERE escalate_at <= $1 AND closed_at IS NULL ORDER BY escalate_at LIMIT 50",
            Moment::from(self.now)
        ))
    }

    /// Walks every chain of every school; how many entries hold, and the first break of each case.
    pub async fn verify(&mut self) -> Result<(u64, Vec<Break>)> {
        let cases = all!(self, Case, "SELECT * FROM cases ORDER BY school_id, number");
        let mut sound = 0;
        let mut breaks = Vec::new();
        for case in cases {
            match first_break(&case, &self.chronology(case.id).await?) {
                None => sound += u64::try_from(case.entries).unwrap_or(0),
                Some((seq, what)) => breaks.push(Break {
                    reference: case.reference(),
                    seq,
                    what,
                }),
            }
        }
        Ok((sound, breaks))
    }
}

/// A hash out of a column; one of the wrong length is no hash we made, and breaks the chain.
fn hash_of(bytes: &[u8]) -> Hash {
    bytes.try_into().unwrap_or(BEFORE_THE_FIRST)
}

fn first_break(case: &Case, chronology: &[Entry]) -> Option<(i64, String)> {
    let mut previous = BEFORE_THE_FIRST;
    for (at, entry) in (1_i64..).zip(chronology) {
        if entry.seq != at {
            return Some((at, format!("entry {at} is missing")));
        }
        if let (Some(salt), Some(body)) = (&entry.salt, &entry.body)
            && body_digest(salt, body).as_slice() != entry.digest.as_slice()
        {
            return Some((at, "its words were changed".to_owned()));
        }
        if entry.computed(previous).as_slice() != entry.hash.as_slice() {
            return Some((at, "it, or the one before it, was changed".to_owned()));
        }
        previous = hash_of(&entry.hash);
    }
    let count = i64::try_from(chronology.len()).unwrap_or(i64::MAX);
    if count < case.entries {
        return Some((
            count + 1,
            format!(
                "{} of {} entries are missing at the end",
                case.entries - count,
                case.entries
            ),
        ));
    }
    if count > case.entries || previous.as_slice() != case.head.as_slice() {
        return Some((
            count,
            "the last entry is not the one the case remembers".to_owned(),
        ));
    }
    None
}
