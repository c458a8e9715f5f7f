//! One message, read: who wrote it, and whether it is a word to the machinery, a member of staff's,
//! a machine's, or for the flows.

use jiff::SignedDuration;

use super::mail::read_mail;
use super::play::{Played, play};
use super::{Failure, own_words};
use crate::channel::{Button, Channel, phone_of_address};
use crate::deployment::{Deployment, Endpoint};
use crate::desk::{Actor, by_text, share};
use crate::flow::turn::Input;
use crate::flow::value::Values;
use crate::inbox::perform::{Scene, question_case};
use crate::inbox::{facts, keyword, link, media};
use crate::store::{Lane, Message, Moment, Outgoing, Purpose, StoreError, Tx};

/// What the screen said of a message, as far as the turn must know.
pub(super) struct Read {
    pub hit: bool,
    pub unread: bool,
    pub young: bool,
}

pub(super) async fn read_message(
    d: &Deployment,
    tx: &mut Tx,
    endpoint: &Endpoint,
    lane: &mut Lane,
    message: &Message,
    read: &Read,
) -> Result<(), Failure> {
    // Written on a page of theirs: it belongs to that case, and no flow answers.
    if let Some(page) = share::page_of(&message.provider_id) {
        if !read.hit {
            share::answered(d, tx, endpoint, message, page).await?;
        }
        return Ok(());
    }
    if let Some(mail) = message.mail()?
        && read_mail(d, tx, endpoint, lane, message, &mail, read).await?
    {
        return Ok(());
    }
    let mut words = message.words();
    if let Some(phone) = &message.proved_phone {
        lane.proved_phone = Some(phone.clone());
        tx.keep_lane(lane).await?;
        if words.is_empty() {
            // The same thanks whoever it is: a number that is known must not be given away.
            let thanks = own_words(d, tx, endpoint, lane, "number-proved").await?;
            crate::desk::tell::answer(tx, lane, thanks).await?;
            return Ok(());
        }
    }
    // What Telegram sends by itself when somebody opens the chat.
    if matches!(*endpoint.channel, Channel::Telegram(_)) && words.starts_with("/start") {
        "menu".clone_into(&mut words);
    }
    let phone = facts::phone_of(Some(lane), &lane.address).map(str::to_owned);
    if let Some(staff) = phone
        .as_deref()
        .and_then(|p| endpoint.school.staff_with_phone(p))
    {
        let actor = Actor {
            d,
            school: &endpoint.school,
            staff,
        };
        if by_text::obey(&actor, tx, lane, &words).await? {
            return Ok(());
        }
        let parent_too = phone
            .as_deref()
            .and_then(|p| crate::phone::Phone::parse(p).ok());
        if parent_too.is_none_or(|p| endpoint.school.people.with_phone(&p).is_empty()) && !read.hit
        {
            let help = crate::desk::tell::say(d, "staff-help", &Values::new());
            crate::desk::tell::answer(tx, lane, help).await?;
            return Ok(());
        }
    }
    if !read.hit
        && (keyword::obey(d, tx, endpoint, lane, &words).await?
            || link::obey(d, tx, endpoint, lane, &words).await?)
    {
        return Ok(());
    }
    // A pupil gets a trusted adult and Childline, not the parents' flows; what the screen could not
    // judge was answered by the screen. Both stand in a case already.
    let media = media::of(message)?;
    let asked_for = words.trim().is_empty() && media::asked_for(d, tx, lane, &media).await?;
    if read.young || (read.unread && !asked_for) {
        return Ok(());
    }
    // Beside an allegation about staff no flow answers: what it would say could reach the accused.
    if let Some(case) = message.safeguarding_case
        && let Some(case) = tx.case(&message.school_id, case).await?
        && case.tier != "safeguarding"
    {
        // Nor is anything gone on with: the question that was open may be the accused's own case's.
        lane.conversation = None;
        lane.expires_at = None;
        lane.nudge_at = None;
        return Ok(());
    }
    // A machine, or this very number: nothing is answered, or two machines would talk for ever.
    if !is_a_person(endpoint, &lane.address) {
        let listed = format!("Not from a phone ({}): {words}", lane.address);
        tx.task(
            &message.school_id,
            "hand-over",
            "office",
            None,
            &lane.endpoint,
            &lane.address,
            &listed,
            None,
        )
        .await?;
        return Ok(());
    }
    let before_question = !tx
        .left_before(&lane.endpoint, &lane.address, message.received_at)
        .await?;
    let input = Input::Message {
        text: words.clone(),
        sealed: read.hit,
        media,
        before_question,
    };
    let mut scene = Scene::of_message(message, read.hit);
    if let Some(sealed) = message.safeguarding_case
        && let Some(sealed) = tx.case(&message.school_id, sealed).await?
    {
        scene.apart = !sealed.barred()?.is_empty();
    }
    let first = lane.conversation.is_none();
    if message.caught_up {
        let sorry = own_words(d, tx, endpoint, lane, "sorry-delay").await?;
        crate::desk::tell::answer(tx, lane, sorry).await?;
    }
    let played = play(d, tx, endpoint, lane, input, scene, Purpose::Answer).await?;
    if !read.hit {
        place_words(d, tx, endpoint, lane, message, &played).await?;
    }
    if first && matches!(*endpoint.channel, Channel::Telegram(_)) && lane.proved_phone.is_none() {
        ask_for_number(d, tx, endpoint, lane).await?;
    }
    Ok(())
}

/// Whether an address can be a person's phone: not a name, a short code or our own number.
fn is_a_person(endpoint: &Endpoint, address: &str) -> bool {
    let Some(own) = endpoint.config.kind.number() else {
        return true;
    };
    if matches!(*endpoint.channel, Channel::Handset) {
        return true;
    }
    phone_of_address(address).is_some_and(|number| number.len() > 8 && number != own.e164())
}

/// On Telegram nobody has a number until they share it. They are asked once, and may go on without.
async fn ask_for_number(
    d: &Deployment,
    tx: &mut Tx,
    endpoint: &Endpoint,
    lane: &Lane,
) -> Result<(), Failure> {
    let text = own_words(d, tx, endpoint, lane, "prove-number").await?;
    let label = own_words(d, tx, endpoint, lane, "prove-number-button").await?;
    let now = tx.now();
    tx.queue(&Outgoing {
        buttons: vec![Button {
            answer: label.clone(),
            label,
        }],
        ask_contact: true,
        ..Outgoing::text(
            &lane.school_id,
            &lane.endpoint,
            &lane.address,
            Purpose::Answer,
            text,
            now,
        )
    })
    .await?;
    Ok(())
}

/// Words that no flow put anywhere: they join the case that is open, and a sentence that was not
/// understood goes to a person at once. What a parent wrote first may be all they ever write.
async fn place_words(
    d: &Deployment,
    tx: &mut Tx,
    endpoint: &Endpoint,
    lane: &Lane,
    message: &Message,
    played: &Played,
) -> Result<(), StoreError> {
    if played.recorded || played.brief {
        return Ok(());
    }
    let school = &endpoint.school;
    let joins = Moment::from(tx.now() - join_within(d));
    let open = tx.open_cases_at(&lane.endpoint, &lane.address).await?;
    if let Some(case) = open.into_iter().find(|c| c.touched_at >= joins) {
        media::write_message(tx, case.id, message).await?;
        return Ok(());
    }
    let words = message.words();
    if !played.not_understood || words.split_whitespace().count() < 3 {
        return Ok(());
    }
    let why = "not understood";
    if let Some(case) = question_case(d, tx, endpoint, message, why).await? {
        let listed = format!("{}: {words}", case.reference());
        // The words of a complaint are its owner's only.
        if case.kind != "complaint" {
            tx.task(
                &school.config.id,
                "hand-over",
                "office",
                Some(case.id),
                &lane.endpoint,
                &lane.address,
                &listed,
                None,
            )
            .await?;
        }
        crate::desk::tell::owner(d, tx, school, &case, "owner").await?;
    }
    Ok(())
}

/// How long after its last words a case is joined by what is sent next.
fn join_within(d: &Deployment) -> SignedDuration {
    SignedDuration::try_from(d.config.timing.join_within).unwrap_or(SignedDuration::from_hours(24))
}
