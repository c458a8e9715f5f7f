//! Who can sign in: what is asked of whom, and invitations by a link that works once.
//!
//! A link is as good as a password until it is used. It is handed to whoever asked for it, and kept
//! nowhere: not in the outbox, not in a log.

use jiff::SignedDuration;

use crate::school::people::{Role, Staff};
use crate::store::{Result, Token, Tx};

/// How long an invitation works.
pub const INVITED_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Whether a second step is asked of somebody: of all who read across the school or could change who
/// does.
pub fn needs_second_step(staff: &Staff) -> bool {
    const ROLES: [Role; 6] = [
        Role::Senco,
        Role::Dsl,
        Role::DeputyDsl,
        Role::Head,
        Role::It,
        Role::CouncilOperator,
    ];
    staff.roles.iter().any(|role| ROLES.contains(role))
}

/// Whether somebody looks after who can sign in.
pub fn keeps_accounts(staff: &Staff) -> bool {
    const ROLES: [Role; 3] = [Role::Senco, Role::Head, Role::It];
    staff.roles.iter().any(|role| ROLES.contains(role))
}

/// Invites somebody to set their password, at the address `public` of the console: the link, which
/// nothing can show again. An earlier link of theirs stops working. `by` is who invites, for the
/// audit log.
pub async fn invite(
    tx: &mut Tx,
    public: &str,
    school: &str,
    staff: &Staff,
    by: &str,
) -> Result<String> {
    let token = Token::fresh(tx.clock());
    let until = tx.now() + INVITED_FOR;
    tx.invite(&token, school, &staff.key, by, until).await?;
    tx.audit(school, by, &format!("invited {}", staff.key), None)
        .await?;
    Ok(format!("{public}/invitation/{}", token.text()))
}

/// Sets the password of whoever an invitation is for, which uses it up: their school and key, or
/// `None` if the link does not work, or not any more.
pub async fn accept(tx: &mut Tx, token: &Token, hash: &str) -> Result<Option<(String, String)>> {
    let Some(invitation) = tx.invitation(token).await? else {
        return Ok(None);
    };
    if !tx.use_invitation(token).await? {
        return Ok(None);
    }
    let (school, staff) = (invitation.school_id, invitation.staff);
    tx.set_password(&school, &staff, hash).await?;
    tx.audit(&school, &staff, "password set by invitation", None)
        .await?;
    Ok(Some((school, staff)))
}
