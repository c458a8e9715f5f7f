//! Signing in: a password, and for those who read across the school a second step.
//!
//! It never says whether an email address has an account: an unknown one takes as long, and is
//! answered alike. Each step opens a session of its own with a token of its own, so that a token
//! somebody planted or saw before is worth nothing after.

use std::net::IpAddr;
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue};
use jiff::SignedDuration;

use super::client::browser;
use super::session::{Halfway, IDLE, cookie, token};
use super::tries::Tried;
use super::{Web, second_step};
use crate::deployment::School;
use crate::desk::accounts::needs_second_step;
use crate::school::people::Staff;
use crate::store::{Moment, NewSession, Result, Stage, Token, Tx};

/// How a step of signing in went.
pub(crate) enum SignIn {
    /// It was right: the cookie to set, and what is still to come.
    Right(HeaderValue, Stage),
    /// It was not.
    Wrong,
    /// Too many wrong tries: how long to wait.
    Wait(SignedDuration),
}

impl Web {
    /// The first step: email and password.
    pub(crate) async fn sign_in(
        &self,
        email: &str,
        password: String,
        address: Option<IpAddr>,
        headers: &HeaderMap,
    ) -> Result<SignIn> {
        let email = email.trim().to_lowercase();
        let tried = Tried::Password(email.clone());
        if let Err(wait) = self.tries.begin(&tried, address, self.d.clock.now()) {
            count("wait");
            return Ok(SignIn::Wait(wait));
        }
        let account = self.account(&email).await?;
        let hash = account.as_ref().map(|(.., hash)| hash.clone());
        let right = self.verify(password, hash).await;
        let Some((school, key, _)) = account.filter(|_| right) else {
            count("wrong");
            return Ok(SignIn::Wrong);
        };
        self.tries.right(&tried, address);
        let mut tx = self.d.store.begin().await?;
        let (cookie, stage) = self.admit(&mut tx, &school, &key, headers).await?;
        tx.save().await?;
        Ok(SignIn::Right(cookie, stage))
    }

    /// Somebody has proved by a password, or by an invitation, who they are: signed in, or on to the
    /// second step.
    pub(crate) async fn admit(
        &self,
        tx: &mut Tx,
        school: &School,
        key: &str,
        headers: &HeaderMap,
    ) -> Result<(HeaderValue, Stage)> {
        let id = &school.config.id;
        let needs = school.people.staff(key).is_some_and(needs_second_step);
        let stage = if self.demo {
            Stage::In
        } else if tx.second_step(id, key).await?.is_some() {
            Stage::Code
        } else if needs {
            Stage::SetUp
        } else {
            Stage::In
        };
        let cookie = self.open(tx, id, key, stage, headers).await?;
        if stage == Stage::In {
            self.is_in(tx, id, key).await?;
        }
        Ok((cookie, stage))
    }

    /// Somebody has come to the end of signing in.
    pub(crate) async fn is_in(&self, tx: &mut Tx, school: &str, staff: &str) -> Result<()> {
        count("done");
        tx.signed_in(school, staff).await?;
        tx.audit(school, staff, "signed in", None).await
    }

    /// Opens the session of a stage, in the place of the one this browser was in.
    pub(crate) async fn open(
        &self,
        tx: &mut Tx,
        school: &str,
        staff: &str,
        stage: Stage,
        headers: &HeaderMap,
    ) -> Result<HeaderValue> {
        if let Some(before) = token(headers) {
            tx.end_session(&before).await?;
        }
        tx.forget_idle_sessions(Moment::from(tx.now() - IDLE))
            .await?;
        let token = Token::fresh(tx.clock());
        let browser = browser(headers);
        let session = NewSession {
            school,
            staff,
            stage,
            browser: &browser,
        };
        tx.open_session(&token, &session).await?;
        Ok(cookie(&token))
    }

    /// The second step: a code of their app, or one of their recovery codes.
    pub(crate) async fn second_step(
        &self,
        half: &Halfway,
        typed: &str,
        address: Option<IpAddr>,
        headers: &HeaderMap,
    ) -> Result<SignIn> {
        let (school, staff) = (&half.school.config.id, &half.staff().key);
        let tried = Tried::Code(school.clone(), staff.clone());
        if let Err(wait) = self.tries.begin(&tried, address, self.d.clock.now()) {
            count("wait");
            return Ok(SignIn::Wait(wait));
        }
        let mut tx = self.d.store.begin().await?;
        let Some(set) = tx.second_step(school, staff).await? else {
            return Ok(SignIn::Wrong);
        };
        let step = second_step::step_of(&set.secret, typed, tx.now());
        let how = match step {
            Some(step) => tx.use_step(school, staff, step).await?.then_some("a code"),
            None => {
                let code = second_step::recovery_token(typed);
                let known = tx.use_recovery_code(school, staff, &code).await?;
                known.then_some("a recovery code")
            }
        };
        let Some(how) = how else {
            count("wrong");
            // Whoever gets this far knows the password: the log has it.
            tx.audit(school, staff, "gave a wrong code after the password", None)
                .await?;
            tx.save().await?;
            return Ok(SignIn::Wrong);
        };
        self.tries.right(&tried, address);
        tx.audit(school, staff, &format!("gave {how}"), None)
            .await?;
        self.is_in(&mut tx, school, staff).await?;
        let cookie = self
            .open(&mut tx, school, staff, Stage::In, headers)
            .await?;
        tx.save().await?;
        Ok(SignIn::Right(cookie, Stage::In))
    }

    /// Whether somebody who is signed in gives their password again: what changes how they sign in
    /// asks for it, so that a screen left open is not enough. `Err` is how long to wait.
    pub(crate) async fn is_their_password(
        &self,
        school: &School,
        staff: &Staff,
        password: String,
        address: Option<IpAddr>,
    ) -> Result<std::result::Result<bool, SignedDuration>> {
        let email = staff.email.as_deref().unwrap_or_default().to_lowercase();
        let tried = Tried::Password(email);
        if let Err(wait) = self.tries.begin(&tried, address, self.d.clock.now()) {
            return Ok(Err(wait));
        }
        let mut tx = self.d.store.read().await?;
        let hash = tx.password_hash(&school.config.id, &staff.key).await?;
        drop(tx);
        let right = self.verify(password, hash).await;
        if right {
            self.tries.right(&tried, address);
        }
        Ok(Ok(right))
    }

    /// School, staff key and hash of the account behind an email address.
    async fn account(&self, email: &str) -> Result<Option<(Arc<School>, String, String)>> {
        let mut tx = self.d.store.read().await?;
        for (school, key) in self.members(email) {
            if let Some(hash) = tx.password_hash(&school.config.id, &key).await? {
                return Ok(Some((school, key, hash)));
            }
        }
        Ok(None)
    }

    /// Whoever has an email address, in small letters: their school and key. One address may be in
    /// the people files of several schools.
    pub(crate) fn members(&self, email: &str) -> impl Iterator<Item = (Arc<School>, String)> {
        self.d.schools().into_iter().flat_map(move |school| {
            let has = |staff: &&Staff| {
                let theirs = staff.email.as_ref();
                theirs.is_some_and(|e| e.to_lowercase() == email)
            };
            let staff = school.people.staff.iter().filter(has);
            let keys: Vec<String> = staff.map(|staff| staff.key.clone()).collect();
            keys.into_iter().map(move |key| (Arc::clone(&school), key))
        })
    }
}

fn count(outcome: &'static str) {
    metrics::counter!("schoolgate_sign_ins_total", "outcome" => outcome).increment(1);
}
