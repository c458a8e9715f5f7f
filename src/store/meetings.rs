//! Meetings, and the rows that make a double booking impossible.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Moment, Result, Tx, all, exec, from_json, one, to_json};

/// A meeting.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Meeting {
    /// Ours; with the school it is the stable UID of the calendar entry.
    pub id: Uuid,
    /// Whose.
    pub school_id: String,
    /// The case it belongs to.
    pub case_id: Uuid,
    /// The parent's endpoint.
    pub endpoint: String,
    /// The parent's address.
    pub address: String,
    /// The adult, when checked.
    pub adult: Option<String>,
    /// The pupil it is about.
    pub pupil: Option<String>,
    staff: String,
    /// When it starts.
    pub starts_at: Moment,
    /// How long, in minutes.
    pub minutes: i64,
    /// `school`, `phone`, `video`.
    pub mode: String,
    /// `booked`, `cancelled`.
    pub state: String,
    /// Raised by one at every change, as a calendar wants it.
    pub sequence: i64,
}

impl Meeting {
    /// Keys of the staff who attend.
    pub fn staff(&self) -> Result<Vec<String>> {
        from_json("a meeting's staff", &self.staff)
    }
}

/// A meeting to book.
#[derive(Debug, Clone)]
pub struct NewMeeting<'a> {
    /// Whose.
    pub school_id: &'a str,
    /// The case it belongs to.
    pub case_id: Uuid,
    /// The parent's endpoint.
    pub endpoint: &'a str,
    /// The parent's address.
    pub address: &'a str,
    /// The adult.
    pub adult: Option<&'a str>,
    /// The pupil.
    pub pupil: Option<&'a str>,
    /// Staff keys.
    pub staff: &'a [String],
    /// When.
    pub starts_at: Timestamp,
    /// How long.
    pub minutes: i64,
    /// How.
    pub mode: &'a str,
    /// Five-minute quanta it takes, sorted: unsorted inserts deadlock on PostgreSQL.
    pub quanta: &'a [i64],
}

/// How a booking went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Booking {
    /// It stands.
    Booked(Uuid),
    /// Somebody has that time already; nothing changed.
    Gone,
}

impl Tx {
    /// Books, or moves `replaces` to a new time; all or nothing.
    pub async fn book(&mut self, new: &NewMeeting<'_>, replaces: Option<Uuid>) -> Result<Booking> {
        self.savepoint().await?;
        let staff = to_json("a meeting's staff", &new.staff)?;
        let now = Moment::from(self.now);
        let id = match replaces {
            Some(id) => {
                exec!(self, "DELETE FROM taken WHERE meeting = $1", id);
                let moved = exec!(
                    self,
                    "UPDATE meetings SET starts_at = $2, minutes = $3, mode = $4, staff = $5, sequence = sequence + 1,
                     changed_at = $6 WHERE id = $1 AND state = 'booked'",
                    id,
                    Moment::from(new.starts_at),
                    new.minutes,
                    new.mode,
                    staff.as_str(),
                    now,
                );
                if moved == 0 {
                    self.back_to_savepoint().await?;
                    return Ok(Booking::Gone);
                }
                id
            }
            None => {
                let id = self.clock.id();
                exec!(
                    self,
                    "INSERT INTO meetings (id, school_id, case_id, endpoint, address, adult, pupil, staff, starts_at,
                     minutes, mode, state, sequence, booked_at, changed_at)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'booked', 0, $12, $12)",
                    id,
                    new.school_id,
                    new.case_id,
                    new.endpoint,
                    new.address,
                    new.adult,
                    new.pupil,
                    staff.as_str(),
                    Moment::from(new.starts_at),
                    new.minutes,
                    new.mode,
                    now,
                );
                id
            }
        };
        let mut resources: Vec<&String> = new.staff.iter().collect();
        resources.sort();
        for resource in resources {
            for quantum in new.quanta {
                let rows = exec!(
                    self,
                    "INSERT INTO taken (school_id, resource, quantum, meeting) VALUES ($1, $2, $3, $4)
                     ON CONFLICT (school_id, resource, quantum) DO NOTHING",
                    new.school_id,
                    resource.as_str(),
                    quantum,
                    id
                );
                if rows == 0 {
                    self.back_to_savepoint().await?;
                    return Ok(Booking::Gone);
                }
            }
        }
        self.release_savepoint().await?;
        Ok(Booking::Booked(id))
    }

    /// Cancels a meeting and frees its time; false when it was not booked any more.
    pub async fn cancel_meeting(&mut self, id: Uuid) -> Result<bool> {
        let rows = exec!(
            self,
            "UPDATE meetings SET state = 'cancelled', sequence = sequence + 1, changed_at = $2
             WHERE id = $1 AND state = 'booked'",
            id,
            Moment::from(self.now)
        );
        exec!(self, "DELETE FROM taken WHERE meeting = $1", id);
        Ok(rows == 1)
    }

    /// One meeting.
    pub async fn meeting(&mut self, school: &str, id: Uuid) -> Result<Option<Meeting>> {
        Ok(one!(
            self,
            Meeting,
            "SELECT * FROM meetings WHERE id = $1 AND school_id = $2",
            id,
            school
        ))
    }

    /// The meetings ahead of one person, the next first.
    pub async fn meetings_ahead(&mut self, endpoint: &str, address: &str) -> Result<Vec<Meeting>> {
        Ok(all!(
            self,
            Meeting,
            "SELECT * FROM meetings WHERE endpoint = $1 AND address = $2 AND state = 'booked' AND starts_at > $3
             ORDER BY starts_at LIMIT 9",
            endpoint,
            address,
            Moment::from(self.now)
        ))
    }

    /// A school's meetings in a span of time.
    pub async fn meetings_between(
        &mut self,
        school: &str,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Meeting>> {
        Ok(all!(
            self,
            Meeting,
            "SELECT * FROM meetings WHERE school_id = $1 AND starts_at >= $2 AND starts_at < $3 AND state = 'booked'
             ORDER BY starts_at",
            school,
            Moment::from(from),
            Moment::from(to)
        ))
    }

    /// The meetings of a case, in the order they were booked.
    pub async fn meetings_of(&mut self, case_id: Uuid) -> Result<Vec<Meeting>> {
        Ok(all!(
            self,
            Meeting,
            "SELECT * FROM meetings WHERE case_id = $1 ORDER BY booked_at, id",
            case_id
        ))
    }

    /// Which five minutes of whom are taken, from `from` on.
    pub async fn taken_from(&mut self, school: &str, from: i64) -> Result<Vec<(String, i64)>> {
        Ok(all!(
            self,
            (String, i64),
            "SELECT resource, quantum FROM taken WHERE school_id = $1 AND quantum >= $2",
            school,
            from
        ))
    }

    /// Slots offered to others since `since`: they are offered last.
    pub async fn offered_to_others(
        &mut self,
        school: &str,
        endpoint: &str,
        address: &str,
        since: Timestamp,
    ) -> Result<Vec<String>> {
        Ok(all!(
            self,
            (String,),
            "SELECT slot FROM offers WHERE school_id = $1 AND offered_at >= $2 AND NOT (endpoint = $3 AND address = $4)",
            school,
            Moment::from(since),
            endpoint,
            address
        )
        .into_iter()
        .map(|r| r.0)
        .collect())
    }

    /// Slots offered to this person since `since`.
    pub async fn offered_to(
        &mut self,
        school: &str,
        endpoint: &str,
        address: &str,
        since: Timestamp,
    ) -> Result<Vec<String>> {
        Ok(all!(
            self,
            (String,),
            "SELECT slot FROM offers WHERE school_id = $1 AND offered_at >= $2 AND endpoint = $3 AND address = $4",
            school,
            Moment::from(since),
            endpoint,
            address
        )
        .into_iter()
        .map(|r| r.0)
        .collect())
    }

    /// Remembers that a slot was offered to this person.
    pub async fn offered(
        &mut self,
        school: &str,
        slot: &str,
        endpoint: &str,
        address: &str,
    ) -> Result<()> {
        exec!(
            self,
            "INSERT INTO offers (school_id, slot, endpoint, address, offered_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (school_id, slot, endpoint, address) DO UPDATE SET offered_at = excluded.offered_at",
            school,
            slot,
            endpoint,
            address,
            Moment::from(self.now)
        );
        Ok(())
    }
}
