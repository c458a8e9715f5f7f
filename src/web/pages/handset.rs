//! The demo's handset: a phone on screen that texts the school as anybody of the demo.
//!
//! Served only in a demo: it asks nobody who they are.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use uuid::Uuid;

use super::health::status_words;
use super::{Frame, Stamp, clean, render};
use crate::channel::form::parse_form;
use crate::channel::{Channel, Inbound, Status};
use crate::deployment::{Endpoint, School};
use crate::inbox::accept;
use crate::phone::Phone;
use crate::school::people::titles;
use crate::store::{CaseFilter, Moment, Result, Tx};
use crate::web::error::{PageError, form_encoded};
use crate::web::{Shared, Web};

/// A number that belongs to nobody (Ofcom's drama range), to see what a stranger is told.
const NOBODY: &str = "+447700900999";

/// Texts shown, the newest.
const SHOWN: usize = 40;

/// The page.
#[derive(Template)]
#[template(path = "handset.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    /// The number chosen, E.164.
    number: String,
    name: String,
    /// Number, label, and whether it is the one chosen.
    people: Vec<(String, String, bool)>,
    thread: Vec<Text>,
    /// What the school has written and not sent: a phone does not show it.
    waits: Vec<Later>,
    /// How long the thread is, for a screen reader when it grows.
    summary: String,
}

/// One text of the thread.
struct Text {
    at: Moment,
    when: Stamp,
    /// From the phone to the school.
    out_of_phone: bool,
    words: String,
    status: &'static str,
}

/// One text that waits for its time.
struct Later {
    due: Stamp,
    words: String,
}

/// Whose phone it is.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// A number, E.164; a `+` in an address is a space, which is forgiven.
    #[serde(default, rename = "as")]
    number: String,
}

/// `GET /handset?as=+447700900101`
pub(crate) async fn show(
    State(web): State<Shared>,
    Query(asked): Query<Asked>,
) -> std::result::Result<Response, PageError> {
    let endpoint = endpoint(&web).ok_or(PageError::NotFound)?;
    let school = &endpoint.school;
    let people = people(school);
    let number = number(&asked.number)
        .or_else(|| people.keys().next().cloned())
        .unwrap_or_else(|| NOBODY.to_owned());
    let mut tx = web.d.store.read().await?;
    let (thread, waits) = thread(&mut tx, &endpoint, &number).await?;
    drop(tx);
    let name = people
        .get(&number)
        .cloned()
        .unwrap_or_else(|| "Nobody the school knows".to_owned());
    let page = Page {
        frame: Frame {
            school: school.config.name.clone(),
            ..Frame::bare("A phone that texts the school").live("/handset/events")
        },
        summary: format!("{} texts", thread.len()),
        people: people
            .into_iter()
            .map(|(n, label)| {
                let chosen = n == number;
                (n, label, chosen)
            })
            .collect(),
        number,
        name,
        thread,
        waits,
    };
    Ok(render(&page))
}

/// `POST /handset`: the words go in as a provider would bring them, byte for byte.
pub(crate) async fn send(
    State(web): State<Shared>,
    body: Bytes,
) -> std::result::Result<Response, PageError> {
    let form = parse_form(&body);
    let number = form.text("as").and_then(number).ok_or(PageError::Form)?;
    let endpoint = endpoint(&web).ok_or(PageError::NotFound)?;
    let inbound = Inbound {
        provider_id: format!("handset:{}", web.d.clock.id()),
        from: number.clone(),
        body: form.bytes("words").unwrap_or_default().to_vec(),
        sent_at: Some(web.d.clock.now()),
        ..Inbound::default()
    };
    accept(&web.d, &endpoint, &inbound, false).await?;
    let to = format!("/handset?{}", form_encoded(&[("as", number)]));
    Ok(Redirect::to(&to).into_response())
}

fn number(typed: &str) -> Option<String> {
    Phone::parse(typed.trim())
        .ok()
        .map(|phone| phone.e164().to_owned())
}

fn endpoint(web: &Web) -> Option<Arc<Endpoint>> {
    web.d
        .endpoints()
        .into_iter()
        .find(|e| matches!(*e.channel, Channel::Handset))
}

/// Everybody with a phone, by number: parents and carers, staff, and one that nobody knows.
fn people(school: &School) -> BTreeMap<String, String> {
    let mut people: BTreeMap<String, String> = BTreeMap::new();
    for adult in &school.people.adults {
        let children = adult.children.iter().filter_map(|child| {
            let pupil = school.people.pupil(&child.pupil)?;
            Some(format!(
                "{} of {}, {}",
                child.kind, pupil.first_name, pupil.class
            ))
        });
        let label = format!(
            "{} ({})",
            adult.name,
            children.collect::<Vec<_>>().join("; ")
        );
        for phone in &adult.phones {
            let there = people.entry(phone.e164().to_owned()).or_default();
            // One phone may be two people's.
            if !there.is_empty() {
                there.push_str(" and ");
            }
            there.push_str(&label);
        }
    }
    for staff in &school.people.staff {
        if let Some(phone) = &staff.phone {
            people.insert(
                phone.e164().to_owned(),
                format!("{} (staff: {})", staff.name, titles(&staff.roles)),
            );
        }
    }
    people
        .entry(NOBODY.to_owned())
        .or_insert_with(|| "Nobody the school knows".to_owned());
    people
}

/// What went to and fro, oldest first; and what is to go to the phone later.
async fn thread(tx: &mut Tx, endpoint: &Endpoint, number: &str) -> Result<(Vec<Text>, Vec<Later>)> {
    let school = &endpoint.school;
    let now = Moment::from(tx.now());
    let (mut texts, mut waits) = (Vec::new(), Vec::new());
    for (at, words) in received(tx, endpoint, number).await? {
        let when = Stamp::new(school, at, now);
        texts.push(Text {
            at,
            when,
            out_of_phone: true,
            words: clean(&words),
            status: "",
        });
    }
    for row in tx.written_to(&endpoint.id, number, Moment(0)).await? {
        match row.status() {
            Status::Queued if row.due_at > now => {
                waits.push(Later {
                    due: Stamp::new(school, row.due_at, now),
                    words: row.body,
                });
                continue;
            }
            Status::Queued | Status::Expired => continue,
            _ => {}
        }
        texts.push(Text {
            at: row.created_at,
            when: Stamp::new(school, row.created_at, now),
            out_of_phone: false,
            status: status_words(row.status()),
            words: row.body,
        });
    }
    texts.sort_by_key(|text| text.at);
    let older = texts.len().saturating_sub(SHOWN);
    Ok((texts.split_off(older), waits))
}

/// What came in from a number: what did not alert, and what stands in its sealed cases.
async fn received(tx: &mut Tx, endpoint: &Endpoint, number: &str) -> Result<Vec<(Moment, String)>> {
    let school = &endpoint.school.config.id;
    let is_theirs = |at: &str, address: &str| at == endpoint.id && address == number;
    // By id: a message that stands in a sealed case may be found in both places.
    let mut received: BTreeMap<Uuid, (Moment, String)> = tx
        .not_alerted(school, Moment(0))
        .await?
        .into_iter()
        .filter(|m| is_theirs(&m.endpoint, &m.address))
        .map(|m| (m.id, (m.received_at, m.words())))
        .collect();
    let sealed = CaseFilter {
        kind: Some("safeguarding".to_owned()),
        ..CaseFilter::default()
    };
    for case in tx.cases(school, &sealed).await? {
        if !is_theirs(&case.endpoint, &case.address) {
            continue;
        }
        for entry in tx.chronology(case.id).await? {
            if let Some(message) = entry.message {
                received.insert(
                    message,
                    (entry.happened_at, entry.words().unwrap_or_default()),
                );
            }
        }
    }
    Ok(received.into_values().collect())
}
