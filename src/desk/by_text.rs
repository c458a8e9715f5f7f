//! Staff answer from their own phones: `OK 7294`, `7294 <words>`, `SAFE 7294`, and `7` to confirm.
//!
//! A code belongs to one notice and one person. Before anything goes to a family, the family's name
//! is echoed and confirmed: a slip in a code must not send one child's news to another home.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Actor, DeskError, LONGEST, alert, tell};
use crate::flow::value::{Value, Values};
use crate::store::{Case, Lane, Result, Tx};

/// What a member of staff wrote.
#[derive(Debug, PartialEq, Eq)]
enum Command<'t> {
    /// `OK 7294`
    Have(i64),
    /// `SAFE 7294`, and why
    Safe(i64, &'t str),
    /// `7294 I will ring at 3`
    Reply(i64, &'t str),
    /// `7`
    Confirm,
    /// `STOP`
    Stop,
}

/// A reply that waits for its `7`.
#[derive(Debug, Serialize, Deserialize)]
struct Draft {
    case: Uuid,
    words: String,
}

/// Whether a text from a staff phone is a command rather than a parent's message.
pub fn is_command(text: &str) -> bool {
    parse(text).is_some()
}

/// What was written under a notice by email, as it would have been texted with the notice's code.
pub fn under_notice(words: &str, code: Option<i64>) -> String {
    let words = words.trim();
    let Some(code) = code.filter(|_| !words.is_empty() && parse(words).is_none()) else {
        return words.to_owned();
    };
    let bare = words.trim_matches(|c: char| !c.is_alphanumeric());
    if bare.eq_ignore_ascii_case("ok") {
        return format!("OK {code}");
    }
    // In capitals, or alone: "Safe journey" is no alarm.
    let (first, why) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
    let first = first.trim_matches(|c: char| !c.is_alphanumeric());
    if first == "SAFE" || bare.eq_ignore_ascii_case("safe") {
        return format!("SAFE {code} {why}");
    }
    format!("{code} {words}")
}

fn parse(text: &str) -> Option<Command<'_>> {
    let text = text.trim();
    let (first, rest) = text
        .split_once(|c: char| c.is_whitespace())
        .unwrap_or((text, ""));
    let word = first.trim_matches(|c: char| !c.is_alphanumeric());
    let rest = rest.trim();
    if word.eq_ignore_ascii_case("stop") && rest.is_empty() {
        return Some(Command::Stop);
    }
    if word == "7" && rest.is_empty() {
        return Some(Command::Confirm);
    }
    if let Some(code) = code(word) {
        return match rest {
            "" => None,
            words => Some(Command::Reply(code, words)),
        };
    }
    let upper = word.to_ascii_uppercase();
    let joined = upper.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let verb = &upper[..upper.len() - joined.len()];
    // `OK 7294`, `ok7294`; words behind the code belong to SAFE only.
    let (digits, why) = if joined.is_empty() {
        rest.split_once(|c: char| c.is_whitespace())
            .unwrap_or((rest, ""))
    } else {
        (joined, rest)
    };
    let code = code(digits.trim_matches(|c: char| !c.is_ascii_digit()))?;
    match verb {
        "OK" => Some(Command::Have(code)),
        "SAFE" => Some(Command::Safe(code, why)),
        _ => None,
    }
}

fn code(word: &str) -> Option<i64> {
    (word.len() == 4 && word.bytes().all(|b| b.is_ascii_digit()))
        .then(|| word.parse().ok())
        .flatten()
}

/// Does what a member of staff texted; false when it was no command at all.
pub async fn obey(actor: &Actor<'_>, tx: &mut Tx, lane: &mut Lane, text: &str) -> Result<bool> {
    let Some(command) = parse(text) else {
        return Ok(false);
    };
    let answer = match command {
        Command::Stop => {
            let what = format!(
                "{} texted STOP. Staff cannot stop alerts: talk to them.",
                actor.staff.name
            );
            tx.task(
                &actor.school.config.id,
                "phone",
                "office",
                None,
                &lane.endpoint,
                &lane.address,
                &what,
                None,
            )
            .await?;
            tell::say(actor.d, "staff-cannot-stop", &Values::new())
        }
        Command::Confirm => confirm(actor, tx, lane).await?,
        Command::Have(code) => have(actor, tx, code).await?,
        Command::Safe(code, why) => safe(actor, tx, code, why).await?,
        Command::Reply(code, words) => draft(actor, tx, lane, code, words).await?,
    };
    tell::answer(tx, lane, answer).await?;
    Ok(true)
}

async fn case_of(actor: &Actor<'_>, tx: &mut Tx, code: i64) -> Result<Option<Case>> {
    let school = &actor.school.config.id;
    match tx.notice_by_code(school, &actor.staff.key, code).await? {
        Some(notice) => tx.hold_case(school, notice.case_id).await,
        None => Ok(None),
    }
}

fn no_such_code(actor: &Actor<'_>, code: i64) -> String {
    tell::say(actor.d, "staff-no-code", &with("code", &code.to_string()))
}

fn with(name: &str, value: &str) -> Values {
    Values::from([(name.to_owned(), Value::Text(value.to_owned()))])
}

async fn have(actor: &Actor<'_>, tx: &mut Tx, code: i64) -> Result<String> {
    let Some(mut case) = case_of(actor, tx, code).await? else {
        return Ok(no_such_code(actor, code));
    };
    let mut values = with("reference", &case.reference());
    values.insert("link".to_owned(), Value::Text(tell::link(actor.d, &case)));
    if tx
        .alert(case.id)
        .await?
        .is_some_and(|a| a.read_at.is_none())
    {
        alert::delay(tx, &case).await?;
        return Ok(tell::say(actor.d, "staff-page-delayed", &values));
    }
    match actor.acknowledge(tx, &mut case).await {
        Ok(()) => Ok(tell::say(actor.d, "staff-have", &values)),
        Err(e) => refused(e),
    }
}

async fn safe(actor: &Actor<'_>, tx: &mut Tx, code: i64, why: &str) -> Result<String> {
    let Some(mut case) = case_of(actor, tx, code).await? else {
        return Ok(no_such_code(actor, code));
    };
    let marked = actor.mark_safeguarding(tx, &mut case).await;
    if !why.trim().is_empty()
        && let Err(e) = actor.note(tx, &case, why).await
    {
        return refused(e);
    }
    match marked {
        Ok(()) | Err(DeskError::Done) => Ok(tell::say(
            actor.d,
            "staff-safe",
            &with("reference", &case.reference()),
        )),
        Err(e) => refused(e),
    }
}

async fn draft(
    actor: &Actor<'_>,
    tx: &mut Tx,
    lane: &mut Lane,
    code: i64,
    words: &str,
) -> Result<String> {
    let Some(case) = case_of(actor, tx, code).await? else {
        return Ok(no_such_code(actor, code));
    };
    if case.tier != "ordinary" {
        return Ok(tell::say(
            actor.d,
            "staff-sealed",
            &with("link", &tell::link(actor.d, &case)),
        ));
    }
    let length = words.chars().count();
    if length > LONGEST {
        return refused(DeskError::TooLong(length));
    }
    let draft = Draft {
        case: case.id,
        words: words.to_owned(),
    };
    lane.draft = Some(crate::store::to_json("a draft", &draft)?);
    let people = &actor.school.people;
    let pupil = case.pupil.as_deref().and_then(|p| people.pupil(p));
    let adult = case.adult.as_deref().and_then(|a| people.adult(a));
    let family = match (adult, pupil) {
        (Some(a), Some(p)) => format!("{} ({}, {})", a.name, p.first_name, p.class),
        (Some(a), None) => a.name.clone(),
        _ => format!("the person of {}", case.reference()),
    };
    let mut values = with("family", &family);
    values.insert("words".to_owned(), Value::Text(words.to_owned()));
    values.insert("reference".to_owned(), Value::Text(case.reference()));
    Ok(tell::say(actor.d, "staff-echo", &values))
}

async fn confirm(actor: &Actor<'_>, tx: &mut Tx, lane: &mut Lane) -> Result<String> {
    let Some(text) = lane.draft.take() else {
        return Ok(tell::say(actor.d, "staff-nothing-to-send", &Values::new()));
    };
    let draft: Draft = crate::store::from_json("a draft", &text)?;
    let Some(mut case) = tx.hold_case(&actor.school.config.id, draft.case).await? else {
        return Ok(tell::say(actor.d, "staff-nothing-to-send", &Values::new()));
    };
    match actor.reply(tx, &mut case, &draft.words).await {
        Ok(()) => Ok(tell::say(
            actor.d,
            "staff-sent",
            &with("reference", &case.reference()),
        )),
        Err(e) => refused(e),
    }
}

fn refused(error: DeskError) -> Result<String> {
    match error {
        DeskError::Store(e) => Err(e),
        said => Ok(format!("Not done: {said}.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn under_a_notice_the_code_need_not_be_repeated() {
        let table = [
            ("OK", "OK 7294"),
            ("ok.", "OK 7294"),
            (
                "SAFE he told me his dad hits him",
                "SAFE 7294 he told me his dad hits him",
            ),
            ("Safe", "SAFE 7294 "),
            (
                "Safe journey, see you at 3",
                "7294 Safe journey, see you at 3",
            ),
            ("I will ring at 3", "7294 I will ring at 3"),
            ("OK thanks, see you", "7294 OK thanks, see you"),
            ("7", "7"),
            ("OK 7301", "OK 7301"),
            ("STOP", "STOP"),
            ("", ""),
        ];
        for (words, texted) in table {
            assert_eq!(under_notice(words, Some(7294)), texted, "{words}");
        }
        assert_eq!(under_notice("OK", None), "OK");
    }

    #[test]
    fn what_staff_text_is_read_as_they_write_it() {
        assert_eq!(parse("OK 7294"), Some(Command::Have(7294)));
        assert_eq!(parse("ok7294."), Some(Command::Have(7294)));
        assert_eq!(parse("Safe 7294"), Some(Command::Safe(7294, "")));
        assert_eq!(
            parse("SAFE 7294 he told me his dad hits him"),
            Some(Command::Safe(7294, "he told me his dad hits him"))
        );
        assert_eq!(
            parse("7294 I will ring at 3"),
            Some(Command::Reply(7294, "I will ring at 3"))
        );
        assert_eq!(
            parse("7294: on my way"),
            Some(Command::Reply(7294, "on my way"))
        );
        assert_eq!(parse(" 7 "), Some(Command::Confirm));
        assert_eq!(parse("STOP"), Some(Command::Stop));
        assert_eq!(parse("7294"), None, "a code alone says nothing");
        assert_eq!(parse("ok thanks"), None);
        assert_eq!(parse("im worried about max"), None);
        assert_eq!(parse(""), None);
        assert_eq!(parse("٣٤٥٦ hello"), None);
    }
}
