//! What families said of themselves: passports, what they asked to be told of, who comes to what.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{Moment, Result, Tx, all, exec, from_json, one, to_json};
use crate::school::passport::Passport;

/// Whether somebody comes to an event.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Rsvp {
    /// Ours.
    pub id: Uuid,
    /// `coming`, `quietly`, `not-coming` or `waiting`.
    pub answer: String,
    /// What they need, in their words.
    pub needs: Option<String>,
}

/// What came of an answer to an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attending {
    /// They have a place, or need none.
    Noted(Uuid),
    /// Every place is taken: they wait.
    Full(Uuid),
    /// They do not come; a place came free if they had one.
    Not(Uuid),
}

/// Who wrote a version of a passport down for an adult, and how they were told.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// Who, by key.
    pub staff: &'a str,
    /// How, in their words: "on the phone on 1 December".
    pub how: &'a str,
}

/// One version of an adult's passport.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct PassportVersion {
    /// Which, from 1.
    pub version: i64,
    /// When it was kept.
    pub at: Moment,
    fields: String,
    /// Who at school wrote it down; `None` where they wrote it themselves, by text.
    pub staff: Option<String>,
    /// How that person was told.
    pub told: Option<String>,
}

impl PassportVersion {
    /// What it says.
    pub fn passport(&self) -> Result<Passport> {
        from_json("a passport", &self.fields)
    }
}

impl Tx {
    /// The newest passport of an adult, with its version and its date.
    pub async fn passport(
        &mut self,
        school: &str,
        adult: &str,
    ) -> Result<Option<(i64, Moment, Passport)>> {
        let row = one!(
            self,
            (i64, Moment, String),
            "SELECT version, at, fields FROM passports WHERE school_id = $1 AND adult = $2
             ORDER BY version DESC LIMIT 1",
            school,
            adult
        );
        row.map(|(version, at, fields)| Ok((version, at, from_json("a passport", &fields)?)))
            .transpose()
    }

    /// Keeps a new version of an adult's passport; its number.
    pub async fn keep_passport(
        &mut self,
        school: &str,
        adult: &str,
        passport: &Passport,
        case_id: Uuid,
        told: Option<Told<'_>>,
    ) -> Result<i64> {
        let last = self.passport(school, adult).await?;
        let version = last.map_or(1, |(version, ..)| version + 1);
        let fields = to_json("a passport", passport)?;
        exec!(
            self,
            "INSERT INTO passports (school_id, adult, version, at, case_id, fields, staff, told)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            school,
            adult,
            version,
            Moment::from(self.now),
            case_id,
            fields.as_str(),
            told.map(|t| t.staff),
            told.map(|t| t.how.replace('\0', "\u{fffd}")),
        );
        Ok(version)
    }

    /// Every version of an adult's passport, the newest first.
    pub async fn passports_of(
        &mut self,
        school: &str,
        adult: &str,
    ) -> Result<Vec<PassportVersion>> {
        Ok(all!(
            self,
            PassportVersion,
            "SELECT version, at, fields, staff, told FROM passports WHERE school_id = $1 AND adult = $2
             ORDER BY version DESC",
            school,
            adult
        ))
    }

    /// Puts an address on the list of a topic, or takes it off.
    pub async fn subscribe(
        &mut self,
        school: &str,
        endpoint: &str,
        address: &str,
        topic: &str,
        on: bool,
    ) -> Result<()> {
        if on {
            exec!(
                self,
                "INSERT INTO subscriptions (school_id, endpoint, address, topic, since) VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (endpoint, address, topic) DO NOTHING",
                school,
                endpoint,
                address,
                topic,
                Moment::from(self.now),
            );
        } else {
            exec!(
                self,
                "DELETE FROM subscriptions WHERE endpoint = $1 AND address = $2 AND topic = $3",
                endpoint,
                address,
                topic,
            );
        }
        Ok(())
    }

    /// What an address asked to be told of.
    pub async fn subscriptions(&mut self, endpoint: &str, address: &str) -> Result<Vec<String>> {
        let rows = all!(
            self,
            (String,),
            "SELECT topic FROM subscriptions WHERE endpoint = $1 AND address = $2 ORDER BY topic",
            endpoint,
            address
        );
        Ok(rows.into_iter().map(|r| r.0).collect())
    }

    /// Nothing more is sent to this address by itself: its lists end, and what waits to be sent that
    /// answers nothing is withdrawn. What keeps a child safe is left.
    pub async fn forget_address(&mut self, endpoint: &str, address: &str) -> Result<()> {
        exec!(
            self,
            "DELETE FROM subscriptions WHERE endpoint = $1 AND address = $2",
            endpoint,
            address
        );
        exec!(
            self,
            "UPDATE outbox SET status = 'expired', settled_at = $3
             WHERE endpoint = $1 AND address = $2 AND status = 'queued' AND purpose IN ('school', 'reminder')",
            endpoint,
            address,
            Moment::from(self.now),
        );
        exec!(
            self,
            "UPDATE cues SET done_at = $3 WHERE endpoint = $1 AND address = $2 AND done_at IS NULL",
            endpoint,
            address,
            Moment::from(self.now),
        );
        Ok(())
    }

    /// Writes down whether somebody comes. With a `capacity` each who comes takes a place, and the
    /// database decides between two who want the last.
    #[expect(
        clippy::too_many_arguments,
        reason = "one call a row, each column once"
    )]
    pub async fn attend(
        &mut self,
        school: &str,
        event: &str,
        endpoint: &str,
        address: &str,
        adult: Option<&str>,
        answer: &str,
        needs: Option<&str>,
        capacity: Option<u32>,
    ) -> Result<Attending> {
        let id = self.clock.id();
        let now = Moment::from(self.now);
        exec!(
            self,
            "INSERT INTO rsvps (id, school_id, event, endpoint, address, adult, answer, needs, at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (school_id, event, endpoint, address)
             DO UPDATE SET answer = excluded.answer, needs = excluded.needs, adult = excluded.adult, at = excluded.at",
            id,
            school,
            event,
            endpoint,
            address,
            adult,
            answer,
            needs,
            now,
        );
        let (id,) = one!(
            self,
            (Uuid,),
            "SELECT id FROM rsvps WHERE school_id = $1 AND event = $2 AND endpoint = $3 AND address = $4",
            school,
            event,
            endpoint,
            address
        )
        .ok_or(sqlx::Error::RowNotFound)?;
        if answer == "not-coming" {
            exec!(self, "DELETE FROM seats WHERE rsvp = $1", id);
            return Ok(Attending::Not(id));
        }
        let Some(capacity) = capacity else {
            return Ok(Attending::Noted(id));
        };
        if self.take_seat(school, event, id, capacity).await? {
            return Ok(Attending::Noted(id));
        }
        exec!(
            self,
            "UPDATE rsvps SET answer = 'waiting' WHERE id = $1",
            id
        );
        Ok(Attending::Full(id))
    }

    /// Takes a place if one is free, or keeps the one they have.
    async fn take_seat(
        &mut self,
        school: &str,
        event: &str,
        rsvp: Uuid,
        capacity: u32,
    ) -> Result<bool> {
        let seats = all!(
            self,
            (i64, Uuid),
            "SELECT seat, rsvp FROM seats WHERE school_id = $1 AND event = $2",
            school,
            event
        );
        if seats.iter().any(|(_, who)| *who == rsvp) {
            return Ok(true);
        }
        let taken: BTreeSet<i64> = seats.into_iter().map(|(seat, _)| seat).collect();
        for seat in (1..=i64::from(capacity)).filter(|s| !taken.contains(s)) {
            let rows = exec!(
                self,
                "INSERT INTO seats (school_id, event, seat, rsvp) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (school_id, event, seat) DO NOTHING",
                school,
                event,
                seat,
                rsvp
            );
            if rows == 1 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Who has answered an invitation, in the order they did.
    pub async fn rsvps(&mut self, school: &str, event: &str) -> Result<Vec<Rsvp>> {
        Ok(all!(
            self,
            Rsvp,
            "SELECT id, answer, needs FROM rsvps WHERE school_id = $1 AND event = $2 ORDER BY at, id",
            school,
            event
        ))
    }
}
