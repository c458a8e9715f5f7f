//! Proving a phone number on Telegram without the button that shares it: a code is texted to the
//! number, and whoever types it here has that phone.
//!
//! Nothing tells whether the school knows the number. A code is good once, for ten minutes and five
//! tries; a chat, and a number, gets three a day, since each is a text to somebody who may not want it. All
//! chats of a school get no more together than a school has new families in a day.

use jiff::SignedDuration;
use subtle::ConstantTimeEq as _;

use crate::channel::Channel;
use crate::deployment::{Deployment, Endpoint};
use crate::flow::value::Value;
use crate::phone::Phone;
use crate::store::{Lane, LinkCode, Outgoing, Purpose, Result, Tx};

/// How long a code is good for.
const GOOD_FOR: SignedDuration = SignedDuration::from_mins(10);

/// Wrong tries that a code stands.
const TRIES: i64 = 5;

/// Codes a day for one chat, and for one number.
const A_DAY: i64 = 3;

/// Codes a day for all chats of one school.
const A_DAY_AT_A_SCHOOL: i64 = 60;

/// Takes a message that is only a phone number, or only a code that was texted; false for any other.
pub(super) async fn obey(
    d: &Deployment,
    tx: &mut Tx,
    endpoint: &Endpoint,
    lane: &mut Lane,
    words: &str,
) -> Result<bool> {
    if !matches!(*endpoint.channel, Channel::Telegram(_)) || lane.proved_phone.is_some() {
        return Ok(false);
    }
    let digits: String = words.chars().filter(char::is_ascii_digit).collect();
    let only = words
        .chars()
        .all(|c| c.is_ascii_digit() || " +-().".contains(c));
    if !only {
        return Ok(false);
    }
    if digits.len() == 6
        && let Some(code) = tx.link_code(&lane.endpoint, &lane.address).await?
    {
        let said = typed(tx, lane, code, &digits).await?;
        return answer(d, tx, endpoint, lane, said).await;
    }
    let (Ok(phone), true) = (Phone::parse(words), digits.len() >= 9) else {
        return Ok(false);
    };
    let Some(texts) = d.staff_endpoint(&endpoint.school.config.id) else {
        return Ok(false);
    };
    let since = tx.now() - SignedDuration::from_hours(24);
    let (of_lane, of_phone, of_school) = tx.link_codes_since(lane, phone.e164(), since).await?;
    if of_lane >= A_DAY || of_phone >= A_DAY || of_school >= A_DAY_AT_A_SCHOOL {
        return answer(d, tx, endpoint, lane, "link-enough").await;
    }
    let code = d.clock.six_digits();
    tx.keep_link_code(lane, phone.e164(), &code).await?;
    let (language, mut values) = super::lane::own_values(tx, endpoint, lane).await?;
    values.insert("code".to_owned(), Value::Text(code));
    let text = d.bundle().languages.say(&language, "link-code", &values);
    let (school, now) = (&lane.school_id, tx.now());
    let to = phone.e164();
    tx.queue(&Outgoing::text(
        school,
        &texts.id,
        to,
        Purpose::Answer,
        text,
        now,
    ))
    .await?;
    answer(d, tx, endpoint, lane, "link-sent").await
}

/// Somebody typed six digits while a code is or was open; what they are told.
async fn typed(tx: &mut Tx, lane: &mut Lane, code: LinkCode, digits: &str) -> Result<&'static str> {
    let fresh = tx.now().duration_since(code.sent_at.timestamp()) <= GOOD_FOR;
    if code.over || !fresh || code.tries >= TRIES {
        return Ok("link-over");
    }
    let right = bool::from(code.code.as_bytes().ct_eq(digits.as_bytes()));
    tx.link_code_tried(code.id, right).await?;
    if right {
        lane.proved_phone = Some(code.phone);
        tx.keep_lane(lane).await?;
        return Ok("number-proved");
    }
    Ok(if code.tries + 1 < TRIES {
        "link-wrong"
    } else {
        "link-over"
    })
}

async fn answer(
    d: &Deployment,
    tx: &mut Tx,
    endpoint: &Endpoint,
    lane: &Lane,
    id: &str,
) -> Result<bool> {
    let words = super::lane::own_words(d, tx, endpoint, lane, id).await?;
    crate::desk::tell::answer(tx, lane, words).await?;
    Ok(true)
}
