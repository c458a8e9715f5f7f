//! Pages of a case given to adults: links, PINs, what is kept from whom, and who is given copies.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Case, Moment, Result, Token, Tx, all, exec, one};

/// A page of a case, given to one adult.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Share {
    /// Ours.
    pub id: Uuid,
    /// Whose.
    pub school_id: String,
    /// The case.
    pub case_id: Uuid,
    /// The adult, by key.
    pub adult: String,
    /// Where the link was texted to: what they answer on the page belongs to this lane.
    pub endpoint: String,
    /// Their address there.
    pub address: String,
    /// Who gave it to them.
    pub staff: String,
    /// When.
    pub at: Moment,
    /// Until when it opens.
    pub expires_at: Moment,
    /// Wrong PINs so far.
    pub wrong: i64,
    /// When it was first opened.
    pub opened_at: Option<Moment>,
    session: Option<Vec<u8>>,
    /// Until when that cookie opens it.
    pub session_until: Option<Moment>,
    /// When they answered on it.
    pub answered_at: Option<Moment>,
    /// When it was ended: by too many wrong PINs, or by a newer link.
    pub ended_at: Option<Moment>,
}

impl Share {
    /// Whether this is the cookie of whoever has it open.
    pub fn is_open_for(&self, cookie: &Token) -> bool {
        self.session.as_ref() == Some(&cookie.digest())
    }
}

/// A page to give to an adult.
#[derive(Debug, Clone, Copy)]
pub struct NewShare<'a> {
    /// The case.
    pub case: &'a Case,
    /// The adult, by key.
    pub adult: &'a str,
    /// Where the link is texted to.
    pub endpoint: &'a str,
    /// Their address there.
    pub address: &'a str,
    /// What the link holds.
    pub token: &'a Token,
    /// Who gives it.
    pub staff: &'a str,
    /// Until when it opens.
    pub until: Timestamp,
}

/// An entry that is kept from an adult.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Withheld {
    /// The entry.
    pub seq: i64,
    /// From whom, by key.
    pub adult: String,
    /// Why.
    pub why: String,
    /// Who decided it.
    pub staff: String,
    /// When.
    pub at: Moment,
}

impl Tx {
    /// Gives an adult a page of a case; one that they had of it before is ended.
    pub async fn share(&mut self, new: &NewShare<'_>) -> Result<Uuid> {
        let id = self.clock.id();
        let now = Moment::from(self.now);
        exec!(
            self,
            "UPDATE shares SET ended_at = $3 WHERE case_id = $1 AND adult = $2 AND ended_at IS NULL",
            new.case.id,
            new.adult,
            now
        );
        exec!(
            self,
            "INSERT INTO shares (id, school_id, case_id, adult, endpoint, address, token, staff, at, expires_at, wrong)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0)",
            id,
            new.case.school_id.as_str(),
            new.case.id,
            new.adult,
            new.endpoint,
            new.address,
            new.token.digest(),
            new.staff,
            now,
            Moment::from(new.until)
        );
        Ok(id)
    }

    /// The page a link opens, whatever became of it.
    pub async fn share_by_token(&mut self, token: &Token) -> Result<Option<Share>> {
        Ok(one!(
            self,
            Share,
            "SELECT * FROM shares WHERE token = $1",
            token.digest()
        ))
    }

    /// A page by its id, for what was answered on it.
    pub async fn share_by_id(&mut self, school: &str, id: Uuid) -> Result<Option<Share>> {
        Ok(one!(
            self,
            Share,
            "SELECT * FROM shares WHERE school_id = $1 AND id = $2",
            school,
            id
        ))
    }

    /// The pages given of a case, newest first.
    pub async fn shares_of(&mut self, case: Uuid) -> Result<Vec<Share>> {
        Ok(all!(
            self,
            Share,
            "SELECT * FROM shares WHERE case_id = $1 ORDER BY at DESC, id DESC",
            case
        ))
    }

    /// Counts a PIN before it is looked at, so that many at once are no way round it; how many there
    /// were with this one.
    pub async fn pin_tried(&mut self, id: Uuid) -> Result<i64> {
        let row = one!(
            self,
            (i64,),
            "UPDATE shares SET wrong = wrong + 1 WHERE id = $1 RETURNING wrong",
            id
        );
        Ok(row.map_or(i64::MAX, |(wrong,)| wrong))
    }

    /// A page is opened for whoever holds `session`, until a time.
    pub async fn open_share(&mut self, id: Uuid, session: &Token, until: Timestamp) -> Result<()> {
        let now = Moment::from(self.now);
        exec!(
            self,
            "UPDATE shares SET wrong = 0, opened_at = COALESCE(opened_at, $2), session = $3, session_until = $4
             WHERE id = $1",
            id,
            now,
            session.digest(),
            Moment::from(until)
        );
        Ok(())
    }

    /// They answered on a page.
    pub async fn share_answered(&mut self, id: Uuid) -> Result<()> {
        exec!(
            self,
            "UPDATE shares SET answered_at = $2 WHERE id = $1",
            id,
            Moment::from(self.now)
        );
        Ok(())
    }

    /// A page opens no more.
    pub async fn end_share(&mut self, id: Uuid) -> Result<()> {
        exec!(
            self,
            "UPDATE shares SET ended_at = $2, session = NULL WHERE id = $1 AND ended_at IS NULL",
            id,
            Moment::from(self.now)
        );
        Ok(())
    }

    /// Keeps an entry from an adult who would see it.
    pub async fn withhold(
        &mut self,
        case: &Case,
        seq: i64,
        adult: &str,
        why: &str,
        staff: &str,
    ) -> Result<()> {
        exec!(
            self,
            "INSERT INTO withheld (case_id, seq, adult, school_id, why, staff, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (case_id, seq, adult) DO NOTHING",
            case.id,
            seq,
            adult,
            case.school_id.as_str(),
            why,
            staff,
            Moment::from(self.now)
        );
        Ok(())
    }

    /// An entry is kept from them no longer.
    pub async fn show_again(&mut self, case: Uuid, seq: i64, adult: &str) -> Result<()> {
        exec!(
            self,
            "DELETE FROM withheld WHERE case_id = $1 AND seq = $2 AND adult = $3",
            case,
            seq,
            adult
        );
        Ok(())
    }

    /// The entries of a case that are kept from somebody.
    pub async fn withheld(&mut self, case: Uuid) -> Result<Vec<Withheld>> {
        Ok(all!(
            self,
            Withheld,
            "SELECT seq, adult, why, staff, at FROM withheld WHERE case_id = $1 ORDER BY seq, adult",
            case
        ))
    }

    /// Decides whether an adult is given copies of what concerns a pupil.
    pub async fn decide_duplicates(
        &mut self,
        school: &str,
        pupil: &str,
        adult: &str,
        given: bool,
        staff: &str,
    ) -> Result<()> {
        exec!(
            self,
            "INSERT INTO duplicates (school_id, pupil, adult, given, staff, at) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (school_id, pupil, adult) DO UPDATE SET given = excluded.given, staff = excluded.staff,
               at = excluded.at",
            school,
            pupil,
            adult,
            given,
            staff,
            Moment::from(self.now)
        );
        Ok(())
    }

    /// Whether an adult is given copies of what concerns a pupil; `None` while nobody has decided.
    pub async fn duplicates(
        &mut self,
        school: &str,
        pupil: &str,
        adult: &str,
    ) -> Result<Option<bool>> {
        let row = one!(
            self,
            (bool,),
            "SELECT given FROM duplicates WHERE school_id = $1 AND pupil = $2 AND adult = $3",
            school,
            pupil,
            adult
        );
        Ok(row.map(|(given,)| given))
    }

    /// Sets the PIN (its argon2id hash) with which an adult opens pages. The one they had goes.
    pub async fn set_pin(
        &mut self,
        school: &str,
        adult: &str,
        hash: &str,
        staff: &str,
    ) -> Result<()> {
        exec!(
            self,
            "INSERT INTO pins (school_id, adult, hash, staff, set_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (school_id, adult) DO UPDATE SET hash = excluded.hash, staff = excluded.staff,
               set_at = excluded.set_at",
            school,
            adult,
            hash,
            staff,
            Moment::from(self.now)
        );
        Ok(())
    }

    /// The hash of an adult's PIN.
    pub async fn pin(&mut self, school: &str, adult: &str) -> Result<Option<String>> {
        let row = one!(
            self,
            (String,),
            "SELECT hash FROM pins WHERE school_id = $1 AND adult = $2",
            school,
            adult
        );
        Ok(row.map(|(hash,)| hash))
    }
}
