//! Which way a message takes: the lane's own endpoint, one that stands in for it while its provider
//! fails, and what is tried after a way has come to nothing.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::channel::email::is_endpoint as is_email;
use crate::channel::{Channel, Outbound, Status, phone_of_address};
use crate::deployment::{Deployment, Endpoint};
use crate::store::{Failing, Moment, OutboxRow, Outgoing, Purpose, Result, Tx};

/// Failures in a row after which a provider is set aside.
const PATIENCE: i64 = 2;

/// For how long, the first time; each further failure doubles it.
const REST: SignedDuration = SignedDuration::from_mins(1);

/// What a provider asks to wait with for no longer than this waits; for longer another takes over.
const BRIEF: SignedDuration = SignedDuration::from_mins(1);

/// And at most.
const LONGEST_REST: SignedDuration = SignedDuration::from_mins(30);

/// Ways tried for one message, at most.
const MOST_WAYS: usize = 6;

/// What carries messages: the channel of an endpoint, or a mail server.
pub(super) enum Carrier {
    Endpoint(Arc<Endpoint>),
    Email(Arc<Channel>),
}

impl std::ops::Deref for Carrier {
    type Target = Channel;

    fn deref(&self) -> &Channel {
        match self {
            Self::Endpoint(endpoint) => &endpoint.channel,
            Self::Email(channel) => channel,
        }
    }
}

/// What carries messages at an endpoint; `None` where it is not configured any more.
pub(super) fn channel(d: &Deployment, endpoint: &str) -> Option<Carrier> {
    if is_email(endpoint) {
        let server = d.mail_server(endpoint)?;
        return Some(Carrier::Email(Arc::clone(&server.channel)));
    }
    d.endpoint(endpoint).map(Carrier::Endpoint)
}

/// A message as its channel takes it. From another number than its person knows, it says which school it
/// is from; and that number texts, wherever they wrote.
pub(super) fn outbound(d: &Deployment, row: &OutboxRow) -> Result<Outbound> {
    let mut out = row.outbound()?;
    if is_email(&row.via) {
        if let Some(mailbox) = &row.mailbox {
            mailbox.clone_into(&mut out.to);
        }
        out.subject
            .get_or_insert_with(|| school_name(d, &row.school_id));
        return Ok(out);
    }
    if row.via != row.endpoint
        && let Some(phone) = phone_of_address(&row.address)
    {
        phone.clone_into(&mut out.to);
    }
    let unknown_to_them = row.via != row.planned || row.fixed;
    if unknown_to_them
        && row.via != row.endpoint
        && let Some(endpoint) = d.endpoint(&row.via)
    {
        let school = &endpoint.school.config.short_name;
        if !out.body.contains(school.as_str()) {
            out.body = format!("{school}: {}", out.body);
        }
    }
    Ok(out)
}

/// The school's other endpoints that reach the same phones, in the order of the configuration.
fn stand_ins<'d>(d: &'d Deployment, endpoint: &'d Endpoint) -> impl Iterator<Item = Arc<Endpoint>> {
    let texts = endpoint.config.kind.number().is_some();
    let channels = endpoint.school.config.channels.iter();
    channels
        .filter(move |c| texts && c.id != endpoint.id && c.kind.number().is_some())
        .filter_map(|c| d.endpoint(&c.id))
}

/// What is known of an endpoint that is set aside.
fn resting<'f>(failing: &'f [Failing], endpoint: &str, now: Timestamp) -> Option<&'f Failing> {
    let mut resting = failing.iter().filter(|f| f.rests(now.into()));
    resting.find(|f| f.endpoint == endpoint)
}

/// Whether an endpoint is set aside.
pub fn rests(failing: &[Failing], endpoint: &str, now: Timestamp) -> bool {
    resting(failing, endpoint, now).is_some()
}

/// Whether an endpoint's provider has asked to be left alone until later: nothing but alerts is tried.
pub(super) fn is_left_alone(failing: &[Failing], endpoint: &str, now: Timestamp) -> bool {
    resting(failing, endpoint, now).is_some_and(Failing::asked)
}

/// Whether another is to take over, where there is one.
fn is_away(failing: &[Failing], endpoint: &str, now: Timestamp) -> bool {
    resting(failing, endpoint, now).is_some_and(|f| !f.asked() || f.rest() > BRIEF)
}

/// The endpoint that a message planned for one leaves by now.
pub(super) fn chosen(d: &Deployment, planned: &str, failing: &[Failing], now: Timestamp) -> String {
    if is_away(failing, planned, now)
        && let Some(endpoint) = d.endpoint(planned)
        && let Some(other) = stand_ins(d, &endpoint).find(|e| !rests(failing, &e.id, now))
    {
        return other.id.clone();
    }
    planned.to_owned()
}

/// A provider has failed: counted, and after a few set aside. While it rests nothing more is counted,
/// since what was under way fails with it.
pub(super) async fn failed(
    d: &Deployment,
    tx: &mut Tx,
    failing: &mut Vec<Failing>,
    endpoint: &str,
    why: &str,
) -> Result<()> {
    let now = tx.now();
    if rests(failing, endpoint, now) {
        return Ok(());
    }
    let known = failing.iter().position(|f| f.endpoint == endpoint);
    let mut of = match known {
        Some(at) => failing.swap_remove(at),
        None => Failing {
            endpoint: endpoint.to_owned(),
            failures: 0,
            failing_since: now.into(),
            rests_until: None,
            why: String::new(),
        },
    };
    if of.asked() {
        of.failing_since = now.into();
        of.rests_until = None;
    }
    of.failures += 1;
    why.clone_into(&mut of.why);
    if of.failures >= PATIENCE {
        let doublings = u32::try_from(of.failures - PATIENCE).unwrap_or(0).min(5);
        let rest = (REST * 2_i32.pow(doublings)).min(LONGEST_REST);
        of.rests_until = Some((now + rest).into());
        metrics::counter!("schoolgate_set_aside_total", "endpoint" => endpoint.to_owned())
            .increment(1);
        tracing::error!(
            endpoint,
            why,
            failures = of.failures,
            "set aside: it keeps failing"
        );
    }
    let set_aside = of.rests_until.is_some();
    tx.keep_failing(&of).await?;
    failing.push(of);
    // What waits to be tried again need not wait where another stands in.
    if set_aside && chosen(d, endpoint, failing, now) != endpoint {
        tx.bring_forward(endpoint, false).await?;
    }
    Ok(())
}

/// A provider has said when to come back: it is left alone until then, and another takes over where it is
/// long. It works, so that it does not count as failing.
pub(super) async fn asked_to_wait(
    d: &Deployment,
    tx: &mut Tx,
    failing: &mut Vec<Failing>,
    endpoint: &str,
    why: &str,
    wait: SignedDuration,
) -> Result<()> {
    let now = tx.now();
    let until = Moment::from(now + wait);
    let known = failing.iter().position(|f| f.endpoint == endpoint);
    let known = known.map(|at| failing.swap_remove(at));
    // It may have asked for longer before; what it failed with is over, since it answers.
    let longest = known
        .filter(Failing::asked)
        .and_then(|f| f.rests_until)
        .map_or(until, |u| u.max(until));
    let of = Failing {
        endpoint: endpoint.to_owned(),
        failures: 0,
        failing_since: now.into(),
        rests_until: Some(longest),
        why: why.to_owned(),
    };
    tx.keep_failing(&of).await?;
    failing.push(of);
    // What it was asked to wait with need not wait where another takes over.
    if chosen(d, endpoint, failing, now) != endpoint {
        tracing::warn!(endpoint, why, "set aside: it asks to wait");
        tx.bring_forward(endpoint, true).await?;
    }
    Ok(())
}

/// A provider has answered a call of that moment. What was under way when it asked to wait says nothing of
/// what it takes from then on.
pub(super) async fn answered(
    tx: &mut Tx,
    failing: &mut Vec<Failing>,
    endpoint: &str,
    called: Timestamp,
) -> Result<()> {
    let since = |f: &Failing| f.failing_since.timestamp();
    let works = |f: &Failing| f.endpoint == endpoint && (!f.asked() || called > since(f));
    if let Some(at) = failing.iter().position(works) {
        failing.swap_remove(at);
        tracing::info!(endpoint, "it works again");
        tx.works_again(endpoint).await?;
        tx.bring_forward(endpoint, false).await?;
    }
    Ok(())
}

/// A way to reach somebody: the lane it belongs to, and the endpoint it leaves by.
struct Way {
    endpoint: String,
    address: String,
    via: String,
    /// By email: to whose mailbox.
    mailbox: Option<String>,
}

impl Way {
    /// Where it really goes.
    fn to(&self) -> (String, String) {
        let to = self.mailbox.as_ref().unwrap_or(&self.address);
        (self.via.clone(), to.clone())
    }
}

/// Chooses the first way of what nobody has just asked for: email where this person's passport asks for
/// it and the school has their address. Everything else leaves by what worked last. Answers go back the
/// way the question came, and safeguarding never waits for a choice.
pub(super) async fn choose(d: &Deployment, tx: &mut Tx) -> Result<usize> {
    let rows = tx.to_choose().await?;
    for row in &rows {
        match wish(d, tx, row).await? {
            Some(Wish::Email(server, email)) if !is_email(&row.planned) => {
                let subject = subject(d, tx, row).await?;
                tx.leaves_by_email(row, &server, &email, &subject).await?;
            }
            Some(Wish::Text) if is_email(&row.planned) => tx.leaves_by_lane(row.id).await?,
            _ => tx.chosen(row.id).await?,
        }
    }
    Ok(rows.len())
}

/// Queues a message again by the next way this person can be reached, if there is one. Whoever has
/// stopped texts is not followed elsewhere.
pub(super) async fn next(
    d: &Deployment,
    tx: &mut Tx,
    row: &OutboxRow,
    status: Status,
) -> Result<bool> {
    let tried = tried(tx, row).await?;
    if tried.len() >= MOST_WAYS {
        return Ok(false);
    }
    for way in ways(d, tx, row, status).await? {
        if tried.contains(&way.to()) {
            continue;
        }
        let lane = tx.lane(&way.endpoint, &way.address).await?;
        if lane.is_some_and(|l| l.stopped_at.is_some() || l.wrong_at.is_some()) {
            continue;
        }
        let school = &row.school_id;
        let subject = match is_email(&way.via) {
            true => Some(subject(d, tx, row).await?),
            false => None,
        };
        let (text, now) = (row.body.clone(), tx.now());
        tx.queue(&Outgoing {
            subject,
            buttons: row.outbound()?.buttons,
            case_id: row.case_id,
            meeting: row.meeting,
            staff: row.staff.clone(),
            stale: row.stale_at.map(Moment::timestamp),
            by: Some(way.via),
            mailbox: way.mailbox,
            instead_of: Some(row.id),
            ..Outgoing::text(
                school,
                &way.endpoint,
                &way.address,
                row.purpose(),
                text,
                now,
            )
        })
        .await?;
        return Ok(true);
    }
    Ok(false)
}

/// Where this message and those it takes the place of have been tried.
async fn tried(tx: &mut Tx, row: &OutboxRow) -> Result<Vec<(String, String)>> {
    let to = |row: &OutboxRow| row.mailbox.as_ref().unwrap_or(&row.address).clone();
    let mut tried = vec![(row.via.clone(), to(row))];
    let mut before = row.instead_of;
    while let Some(id) = before
        && let Some(earlier) = tx.outbox_row(id).await?
    {
        tried.push((earlier.via.clone(), to(&earlier)));
        before = earlier.instead_of;
    }
    Ok(tried)
}

/// The ways to reach the person a message is for, the best first: by any of the school's numbers,
/// on Telegram where they proved this phone, by email where their passport asks for it.
async fn ways(d: &Deployment, tx: &mut Tx, row: &OutboxRow, status: Status) -> Result<Vec<Way>> {
    let Some(own) = d.endpoint(&row.endpoint) else {
        return Ok(Vec::new());
    };
    let mut ways = Vec::new();
    let channels = own.school.config.channels.iter();
    let numbers: Vec<&str> = channels
        .filter(|c| c.kind.number().is_some())
        .map(|c| c.id.as_str())
        .collect();
    let by_text = own.config.kind.number().is_some();
    let phone = if by_text {
        phone_of_address(&row.address).map(str::to_owned)
    } else {
        let lane = tx.lane(&row.endpoint, &row.address).await?;
        lane.and_then(|l| l.proved_phone)
    };
    if let Some(phone) = phone {
        // What left and did not arrive would not arrive by another number either.
        if !by_text || status == Status::Failed {
            ways.extend(numbers.iter().map(|number| Way {
                endpoint: if by_text { &row.endpoint } else { *number }.to_owned(),
                address: if by_text { &row.address } else { &phone }.clone(),
                via: (*number).to_owned(),
                mailbox: None,
            }));
        }
        if let Some((bot, chat)) = tx.lane_of_phone(&row.school_id, &phone).await? {
            ways.push(Way {
                endpoint: bot.clone(),
                address: chat,
                via: bot,
                mailbox: None,
            });
        }
    }
    // Staff have had theirs beside the text.
    if let Some(Wish::Email(server, email)) = wish(d, tx, row).await? {
        // In their own lane: what they answer goes on with the same conversation.
        ways.push(Way {
            endpoint: row.endpoint.clone(),
            address: row.address.clone(),
            via: server,
            mailbox: Some(email),
        });
    }
    Ok(ways)
}

/// What an email to a parent is about: the school, and the case by its number alone.
async fn subject(d: &Deployment, tx: &mut Tx, row: &OutboxRow) -> Result<String> {
    let school = school_name(d, &row.school_id);
    let case = match row.case_id {
        Some(case) => tx.case(&row.school_id, case).await?,
        None => None,
    };
    Ok(match case {
        Some(case) => format!("{school} {}", case.reference()),
        None => school,
    })
}

fn school_name(d: &Deployment, id: &str) -> String {
    d.school(id)
        .map_or_else(|| id.to_owned(), |s| s.config.name.clone())
}

/// How the parent of a case wants to be reached.
enum Wish {
    /// By email: by which mail server, and at the address the school has on record.
    Email(String, String),
    /// Where they text from.
    Text,
}

async fn wish(d: &Deployment, tx: &mut Tx, row: &OutboxRow) -> Result<Option<Wish>> {
    if row.staff.is_some() || row.purpose() == Purpose::Safeguarding {
        return Ok(None);
    }
    let (Some(school), Some(case)) = (d.school(&row.school_id), row.case_id) else {
        return Ok(None);
    };
    let Some(case) = tx.case(&row.school_id, case).await? else {
        return Ok(None);
    };
    // A page of the case may be on its way to another adult than whose case it is.
    let theirs = case.endpoint == row.endpoint && case.address == row.address;
    // Nothing of a sealed case stands in an email but what the screen itself answers to one.
    if case.tier != "ordinary" {
        return Ok(Some(Wish::Text));
    }
    let Some(adult) = case.adult.filter(|_| theirs) else {
        return Ok(None);
    };
    let passport = tx.passport(&row.school_id, &adult).await?;
    let channel = passport.and_then(|(.., p)| p.channel);
    let email = school.people.adult(&adult).and_then(|a| a.email.clone());
    let server = d.mail_server_of(&row.school_id);
    Ok(match (channel.as_deref(), email, server) {
        (Some("email"), Some(email), Some(server)) => Some(Wish::Email(server.id.clone(), email)),
        (Some("text"), ..) => Some(Wish::Text),
        _ => None,
    })
}
