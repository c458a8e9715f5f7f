//! Who is signed in, and who is on the way.

use uuid::Uuid;

use super::{Moment, Result, Token, Tx, all, exec, one};

/// How far somebody has come in signing in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The password was right; the code of the second step is still to come.
    Code,
    /// The password was right; a second step is asked of them, and they have not set one up.
    SetUp,
    /// Signed in.
    In,
}

impl Stage {
    const fn word(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::SetUp => "set-up",
            Self::In => "in",
        }
    }
}

/// Somebody who is signed in, or on the way.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Session {
    /// What it is called on screens' addresses; it opens nothing.
    pub id: Uuid,
    /// Whose staff.
    pub school_id: String,
    /// Which member of staff.
    pub staff: String,
    stage: String,
    /// The browser, roughly: "Firefox on Windows".
    pub browser: String,
    /// When it was opened.
    pub created_at: Moment,
    /// When they last did anything.
    pub seen_at: Moment,
}

impl Session {
    /// How far they have come. A word that is not known is not far.
    pub fn stage(&self) -> Stage {
        match self.stage.as_str() {
            "in" => Stage::In,
            "set-up" => Stage::SetUp,
            _ => Stage::Code,
        }
    }
}

/// A session to open.
#[derive(Debug, Clone, Copy)]
pub struct NewSession<'a> {
    /// Whose staff.
    pub school: &'a str,
    /// Which member of staff.
    pub staff: &'a str,
    /// How far they have come.
    pub stage: Stage,
    /// The browser, roughly.
    pub browser: &'a str,
}

impl Tx {
    /// Opens a session, which the browser that holds `token` is in from now on.
    pub async fn open_session(&mut self, token: &Token, new: &NewSession<'_>) -> Result<()> {
        let id = self.clock.id();
        exec!(
            self,
            "INSERT INTO sessions (token, id, school_id, staff, stage, browser, created_at, seen_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
            token.digest(),
            id,
            new.school,
            new.staff,
            new.stage.word(),
            new.browser,
            Moment::from(self.now)
        );
        Ok(())
    }

    /// The session a token stands for, if anything was done in it since `idle`.
    pub async fn session(&mut self, token: &Token, idle: Moment) -> Result<Option<Session>> {
        Ok(one!(
            self,
            Session,
            "SELECT id, school_id, staff, stage, browser, created_at, seen_at FROM sessions
             WHERE token = $1 AND seen_at >= $2",
            token.digest(),
            idle
        ))
    }

    /// The sessions in which somebody is signed in, the newest first: those opened since `opened`
    /// and used since `idle`.
    pub async fn sessions_of(
        &mut self,
        school: &str,
        staff: &str,
        opened: Moment,
        idle: Moment,
    ) -> Result<Vec<Session>> {
        Ok(all!(
            self,
            Session,
            "SELECT id, school_id, staff, stage, browser, created_at, seen_at FROM sessions
             WHERE school_id = $1 AND staff = $2 AND stage = 'in' AND created_at > $3 AND seen_at >= $4
             ORDER BY created_at DESC, id DESC",
            school,
            staff,
            opened,
            idle
        ))
    }

    /// Whoever is signed in has done something.
    pub async fn touch_session(&mut self, id: Uuid) -> Result<()> {
        exec!(
            self,
            "UPDATE sessions SET seen_at = $2 WHERE id = $1",
            id,
            Moment::from(self.now)
        );
        Ok(())
    }

    /// Ends the session that a token stands for.
    pub async fn end_session(&mut self, token: &Token) -> Result<()> {
        exec!(
            self,
            "DELETE FROM sessions WHERE token = $1",
            token.digest()
        );
        Ok(())
    }

    /// Ends one session of somebody's; false if they have none of that id.
    pub async fn end_session_of(&mut self, school: &str, staff: &str, id: Uuid) -> Result<bool> {
        let rows = exec!(
            self,
            "DELETE FROM sessions WHERE school_id = $1 AND staff = $2 AND id = $3",
            school,
            staff,
            id
        );
        Ok(rows == 1)
    }

    /// Ends all sessions of somebody's.
    pub async fn end_sessions_of(&mut self, school: &str, staff: &str) -> Result<()> {
        exec!(
            self,
            "DELETE FROM sessions WHERE school_id = $1 AND staff = $2",
            school,
            staff
        );
        Ok(())
    }

    /// Ends all of somebody's sessions but one.
    pub async fn end_other_sessions(&mut self, school: &str, staff: &str, but: Uuid) -> Result<()> {
        exec!(
            self,
            "DELETE FROM sessions WHERE school_id = $1 AND staff = $2 AND id <> $3",
            school,
            staff,
            but
        );
        Ok(())
    }

    /// Forgets sessions in which nothing was done since `idle`: they open nothing any more.
    pub async fn forget_idle_sessions(&mut self, idle: Moment) -> Result<()> {
        exec!(self, "DELETE FROM sessions WHERE seen_at < $1", idle);
        Ok(())
    }

    /// Remembers the secret of a second step that a session was shown.
    pub async fn offer_secret(&mut self, session: Uuid, secret: &[u8]) -> Result<()> {
        exec!(
            self,
            "UPDATE sessions SET offered = $2 WHERE id = $1",
            session,
            secret
        );
        Ok(())
    }

    /// The secret of a second step that a session was shown, if any.
    pub async fn offered_secret(&mut self, session: Uuid) -> Result<Option<Vec<u8>>> {
        Ok(one!(
            self,
            (Option<Vec<u8>>,),
            "SELECT offered FROM sessions WHERE id = $1",
            session
        )
        .and_then(|row| row.0))
    }
}
