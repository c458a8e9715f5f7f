//! An interpreter is the office's to find, before whoever promised a call or a meeting needs one.

use jiff::Timestamp;

use crate::deployment::{Deployment, School};
use crate::school::passport::Passport;
use crate::store::{Case, Result, Tx};

/// Puts "Somali interpreter, phone, before Thu 16:00" on the office's list, once for a case: on the
/// safeguarding leads' where the case is sealed. Nothing where the passport asks for none.
pub async fn arrange(
    d: &Deployment,
    tx: &mut Tx,
    school: &School,
    case: &Case,
    passport: &Passport,
    how: &str,
    by: Timestamp,
) -> Result<()> {
    if passport.interpreter != Some(true)
        || tx.open_task_of("interpreter", case.id).await?.is_some()
    {
        return Ok(());
    }
    let language = passport.language.as_deref();
    let language = language.map_or_else(|| "An".to_owned(), |tag| d.language_name(tag));
    let what = format!(
        "{}: {language} interpreter, {how}, before {}.",
        case.reference(),
        school.local(by).strftime("%a %H:%M")
    );
    let role = if case.tier == "ordinary" {
        "office"
    } else {
        "dsl"
    };
    tx.task(
        &school.config.id,
        "interpreter",
        role,
        Some(case.id),
        &case.endpoint,
        &case.address,
        &what,
        Some(by),
    )
    .await?;
    Ok(())
}
