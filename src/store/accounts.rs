//! How staff sign in: passwords, the second step, recovery codes and invitations.

use jiff::Timestamp;

use super::{Moment, Result, Token, Tx, all, exec, one};

/// The second step of somebody.
#[derive(Clone, sqlx::FromRow)]
pub struct SecondStep {
    /// Which member of staff.
    pub staff: String,
    /// What their app makes codes from.
    pub secret: Vec<u8>,
    /// When it was set up.
    pub set_at: Moment,
}

/// A link by which somebody may set their password, and which nobody has used.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Invitation {
    /// Whose staff.
    pub school_id: String,
    /// Which member of staff.
    pub staff: String,
    /// Until when it works.
    pub expires_at: Moment,
}

impl Tx {
    /// Sets the argon2id hash of a member of staff's password. It signs them out everywhere, and no
    /// link sets another.
    pub async fn set_password(&mut self, school: &str, staff: &str, hash: &str) -> Result<()> {
        exec!(
            self,
            "INSERT INTO accounts (school_id, staff, password_hash, set_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (school_id, staff) DO UPDATE SET password_hash = excluded.password_hash, set_at = excluded.set_at",
            school,
            staff,
            hash,
            Moment::from(self.now)
        );
        exec!(
            self,
            "DELETE FROM invitations WHERE school_id = $1 AND staff = $2",
            school,
            staff
        );
        self.end_sessions_of(school, staff).await
    }

    /// The hash, for signing in.
    pub async fn password_hash(&mut self, school: &str, staff: &str) -> Result<Option<String>> {
        Ok(one!(
            self,
            (String,),
            "SELECT password_hash FROM accounts WHERE school_id = $1 AND staff = $2",
            school,
            staff
        )
        .map(|r| r.0))
    }

    /// Who at a school has a password.
    pub async fn accounts(&mut self, school: &str) -> Result<Vec<String>> {
        Ok(all!(
            self,
            (String,),
            "SELECT staff FROM accounts WHERE school_id = $1 ORDER BY staff",
            school
        )
        .into_iter()
        .map(|r| r.0)
        .collect())
    }

    /// Somebody has signed in.
    pub async fn signed_in(&mut self, school: &str, staff: &str) -> Result<()> {
        exec!(
            self,
            "INSERT INTO sign_ins (school_id, staff, at) VALUES ($1, $2, $3)
             ON CONFLICT (school_id, staff) DO UPDATE SET at = excluded.at",
            school,
            staff,
            Moment::from(self.now)
        );
        Ok(())
    }

    /// When the staff of a school last signed in; nobody who never has.
    pub async fn last_sign_ins(&mut self, school: &str) -> Result<Vec<(String, Moment)>> {
        Ok(all!(
            self,
            (String, Moment),
            "SELECT staff, at FROM sign_ins WHERE school_id = $1 ORDER BY staff",
            school
        ))
    }

    /// Sets up the second step of somebody, or another in its place. The code of `step` has proved
    /// it and is used up; `codes` are the recovery codes from now on.
    pub async fn set_second_step(
        &mut self,
        school: &str,
        staff: &str,
        secret: &[u8],
        step: i64,
        codes: &[Token],
    ) -> Result<()> {
        self.forget_second_step(school, staff).await?;
        exec!(
            self,
            "INSERT INTO second_steps (school_id, staff, secret, last_step, set_at) VALUES ($1, $2, $3, $4, $5)",
            school,
            staff,
            secret,
            step,
            Moment::from(self.now)
        );
        for code in codes {
            exec!(
                self,
                "INSERT INTO recovery_codes (school_id, staff, code) VALUES ($1, $2, $3)",
                school,
                staff,
                code.digest()
            );
        }
        Ok(())
    }

    /// The second step of somebody, if they have set one up.
    pub async fn second_step(&mut self, school: &str, staff: &str) -> Result<Option<SecondStep>> {
        Ok(one!(
            self,
            SecondStep,
            "SELECT staff, secret, set_at FROM second_steps WHERE school_id = $1 AND staff = $2",
            school,
            staff
        ))
    }

    /// Everybody at a school who has set up a second step.
    pub async fn with_second_step(&mut self, school: &str) -> Result<Vec<String>> {
        Ok(all!(
            self,
            (String,),
            "SELECT staff FROM second_steps WHERE school_id = $1 ORDER BY staff",
            school
        )
        .into_iter()
        .map(|r| r.0)
        .collect())
    }

    /// Uses up the code of a step; false if it, or a later one, was used before.
    pub async fn use_step(&mut self, school: &str, staff: &str, step: i64) -> Result<bool> {
        let rows = exec!(
            self,
            "UPDATE second_steps SET last_step = $3 WHERE school_id = $1 AND staff = $2 AND last_step < $3",
            school,
            staff,
            step
        );
        Ok(rows == 1)
    }

    /// Uses up a recovery code; false if it is none, or none any more.
    pub async fn use_recovery_code(
        &mut self,
        school: &str,
        staff: &str,
        code: &Token,
    ) -> Result<bool> {
        let rows = exec!(
            self,
            "DELETE FROM recovery_codes WHERE school_id = $1 AND staff = $2 AND code = $3",
            school,
            staff,
            code.digest()
        );
        Ok(rows == 1)
    }

    /// How many recovery codes somebody has left.
    pub async fn recovery_codes_left(&mut self, school: &str, staff: &str) -> Result<i64> {
        Ok(one!(
            self,
            (i64,),
            "SELECT COUNT(*) FROM recovery_codes WHERE school_id = $1 AND staff = $2",
            school,
            staff
        )
        .map_or(0, |r| r.0))
    }

    /// Takes somebody's second step and recovery codes away: they set up another.
    pub async fn forget_second_step(&mut self, school: &str, staff: &str) -> Result<()> {
        exec!(
            self,
            "DELETE FROM second_steps WHERE school_id = $1 AND staff = $2",
            school,
            staff
        );
        exec!(
            self,
            "DELETE FROM recovery_codes WHERE school_id = $1 AND staff = $2",
            school,
            staff
        );
        Ok(())
    }

    /// Invites somebody; an earlier invitation of theirs stops working.
    pub async fn invite(
        &mut self,
        token: &Token,
        school: &str,
        staff: &str,
        by: &str,
        until: Timestamp,
    ) -> Result<()> {
        exec!(
            self,
            "INSERT INTO invitations (token, school_id, staff, made_by, made_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (school_id, staff) DO UPDATE SET token = excluded.token, made_by = excluded.made_by,
               made_at = excluded.made_at, expires_at = excluded.expires_at",
            token.digest(),
            school,
            staff,
            by,
            Moment::from(self.now),
            Moment::from(until)
        );
        Ok(())
    }

    /// The invitation of a link, while it works.
    pub async fn invitation(&mut self, token: &Token) -> Result<Option<Invitation>> {
        Ok(one!(
            self,
            Invitation,
            "SELECT school_id, staff, expires_at FROM invitations WHERE token = $1 AND expires_at > $2",
            token.digest(),
            Moment::from(self.now)
        ))
    }

    /// Uses up an invitation; false if it does not work, or not any more.
    pub async fn use_invitation(&mut self, token: &Token) -> Result<bool> {
        let rows = exec!(
            self,
            "DELETE FROM invitations WHERE token = $1 AND expires_at > $2",
            token.digest(),
            Moment::from(self.now)
        );
        Ok(rows == 1)
    }

    /// The invitations of a school that work.
    pub async fn invitations_of(&mut self, school: &str) -> Result<Vec<Invitation>> {
        Ok(all!(
            self,
            Invitation,
            "SELECT school_id, staff, expires_at FROM invitations WHERE school_id = $1 AND expires_at > $2
             ORDER BY staff",
            school,
            Moment::from(self.now)
        ))
    }
}
