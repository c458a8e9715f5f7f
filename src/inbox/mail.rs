//! Email that comes in: whose answer it is, what of it is theirs, and into which lane it goes.
//!
//! Who it says it is from proves nothing. What proves it is the address it was sent to, which holds a
//! token that one reader was given with one email; and then it must come from that reader's own
//! mailbox, because an email is easily passed on.

use uuid::Uuid;

use crate::channel::email::mime::{self, Attached, Mail as Parsed};
use crate::channel::{Media, Receipt};
use crate::deployment::{Deployment, MailServer, School, mail_endpoint};
use crate::school::attachment::FileKind;
use crate::store::{Mail, MailThread, NewMail, Result, Tx};
use crate::text::quoted::own_words;

/// The most that one file may hold, in bytes.
const LARGEST: usize = 10 * 1024 * 1024;

/// What is said of an email that is too large to be taken whole.
const TOO_LARGE: &str = "\n[This email is too large to be read here: the rest is in the mailbox.]";

/// An email, as it was handed to us.
#[derive(Debug, Clone, Copy)]
pub struct Arrived<'a> {
    /// Its bytes.
    pub raw: &'a [u8],
    /// Whom it was delivered to, where that is known apart from it.
    pub to: &'a [String],
    /// Whether this is all of it.
    pub whole: bool,
}

/// What came of an email.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// It was stored, and not before.
    pub stored: Option<Uuid>,
    /// What it says became of emails of ours.
    pub reports: Vec<Receipt>,
}

/// Stores an email in its lane. After this returns, the mailbox or the provider may be told that we
/// have it: nothing that happens later can lose it.
pub async fn take_mail(d: &Deployment, server: &MailServer, arrived: Arrived<'_>) -> Result<Taken> {
    let Some(mail_in) = &server.mail_in else {
        return Ok(Taken::default());
    };
    let mut mail = mime::read(arrived.raw, arrived.to);
    if mail.is_report {
        count(server, "report");
        return Ok(Taken {
            stored: None,
            reports: mail.reports,
        });
    }
    if !arrived.whole {
        mail.text.push_str(TOO_LARGE);
    }
    // Our own would be answered by ourselves.
    mail.automatic |= mail_in.address.is(&mail.from);
    let mut tx = d.store.begin().await?;
    let tokens = mail_in.address.tokens(&mail.to);
    let found = reader(d, &mut tx, server, &mail, tokens).await?;
    let stored = match found {
        Found::Thread(school, thread) => {
            keep(&mut tx, server, &school.config.id, Some(&thread), &mail).await?
        }
        Found::Nobody(Some(school)) => keep(&mut tx, server, &school, None, &mail).await?,
        Found::Nobody(None) => None,
    };
    tx.save().await?;
    let outcome = if stored.is_some() {
        "stored"
    } else {
        "repeated"
    };
    count(server, outcome);
    Ok(Taken {
        stored,
        reports: Vec::new(),
    })
}

fn count(server: &MailServer, outcome: &'static str) {
    let endpoint = server.id.clone();
    metrics::counter!("schoolgate_received_total", "endpoint" => endpoint, "outcome" => outcome)
        .increment(1);
}

/// Whose an email is.
enum Found {
    /// The answer of one reader of ours.
    Thread(std::sync::Arc<School>, MailThread),
    /// Not proved: the school whose office reads it.
    Nobody(Option<String>),
}

async fn reader(
    d: &Deployment,
    tx: &mut Tx,
    server: &MailServer,
    mail: &Parsed,
    tokens: Vec<&str>,
) -> Result<Found> {
    let served = |school: &str| d.mail_server_of(school).is_some_and(|s| s.id == server.id);
    let mut of_school = None;
    for token in tokens {
        let Some(thread) = tx.mail_thread(token).await? else {
            continue;
        };
        let Some(school) = d.school(&thread.school_id) else {
            continue;
        };
        // What comes to a school's own mailbox is nobody else's.
        if server
            .school
            .as_ref()
            .is_some_and(|own| *own != thread.school_id)
        {
            continue;
        }
        of_school = Some(thread.school_id.clone());
        // An address of ours that was sent from elsewhere proves nothing here: its school's office reads it.
        if !served(&thread.school_id) {
            continue;
        }
        let theirs = thread.mailbox.eq_ignore_ascii_case(&mail.from);
        if theirs && thread.is_open(tx.now()) && still_has(&school, &thread) {
            return Ok(Found::Thread(school, thread));
        }
    }
    // A guess whose office reads it, and nothing more.
    let mut schools = d.schools();
    schools.retain(|s| served(&s.config.id));
    let known = schools.iter().find(|s| on_record(s, &mail.from));
    let school = known.or(schools.first()).map(|s| s.config.id.clone());
    // A mailbox that no school's email leaves by any more may still hold an answer.
    let first = d.config.schools.first().map(|s| s.id.clone());
    Ok(Found::Nobody(of_school.or(school).or(first)))
}

/// Whether the mailbox is still on record for whoever the thread is with.
fn still_has(school: &School, thread: &MailThread) -> bool {
    let same = |email: &Option<String>| {
        email
            .as_deref()
            .is_some_and(|e| e.eq_ignore_ascii_case(&thread.mailbox))
    };
    match &thread.staff {
        Some(key) => school.people.staff(key).is_some_and(|s| same(&s.email)),
        None => school.people.adults.iter().any(|a| same(&a.email)),
    }
}

/// Whether anybody of a school has this address on record.
pub(super) fn on_record(school: &School, address: &str) -> bool {
    let same = |email: &Option<String>| {
        email
            .as_deref()
            .is_some_and(|e| e.eq_ignore_ascii_case(address))
    };
    let people = &school.people;
    !address.is_empty()
        && (people.staff.iter().any(|s| same(&s.email))
            || people.adults.iter().any(|a| same(&a.email)))
}

async fn keep(
    tx: &mut Tx,
    server: &MailServer,
    school: &str,
    thread: Option<&MailThread>,
    mail: &Parsed,
) -> Result<Option<Uuid>> {
    let own_lane = mail_endpoint(school);
    let (endpoint, address) = match thread {
        Some(thread) if thread.staff.is_none() => {
            (thread.endpoint.as_str(), thread.address.as_str())
        }
        _ if mail.from.is_empty() => (own_lane.as_str(), "somebody"),
        _ => (own_lane.as_str(), mail.from.as_str()),
    };
    let known = match thread {
        Some(thread) => {
            tx.said_before(endpoint, address, &server.id, &thread.mailbox)
                .await?
        }
        None => Vec::new(),
    };
    let own = own_words(&mail.text, &known);
    let staff = thread.is_some_and(|t| t.staff.is_some());
    let words = with_subject(own.words, &mail.subject, &known, staff);
    let mut files: Vec<(Media, Option<&'static str>, &[u8])> = Vec::new();
    // What is something to see stands first: entries of a case name it by its place.
    for ornament in [false, true] {
        for file in mail.files.iter().filter(|f| f.ornament == ornament) {
            let media = Media {
                content_type: file.content_type.clone(),
                reference: String::new(),
            };
            files.push((media, kind_of(file), &file.content));
        }
    }
    let stored = Mail {
        thread: thread.map(|t| t.id),
        from: mail.from.clone(),
        subject: mail.subject.clone(),
        message_id: mail.message_id.clone(),
        automatic: mail.automatic,
        whole: own.shortened.then(|| mail.text.clone()),
        rest: own.rest,
    };
    let late = mail
        .sent_at
        .is_some_and(|at| tx.now().duration_since(at) > jiff::SignedDuration::from_hours(1));
    tx.accept_mail(&NewMail {
        school,
        endpoint,
        address,
        via: &server.id,
        key: &mail.key,
        words: &words,
        mail: &stored,
        shown: mail.files.iter().filter(|f| !f.ornament).count(),
        files: &files,
        sent_at: mail.sent_at,
        caught_up: late,
    })
    .await
}

fn kind_of(file: &Attached) -> Option<&'static str> {
    let kind = FileKind::of(&file.content).filter(|_| file.content.len() <= LARGEST);
    kind.map(|kind| kind.mime)
}

/// The words, below a subject that says something of its own. Staff answer under notices: their
/// subject counts only where it is all they wrote.
fn with_subject(words: String, subject: &str, known: &[String], staff: bool) -> String {
    const AGAIN: [&str; 7] = ["re:", "fwd:", "fw:", "odp:", "aw:", "pd:", "re :"];
    let mut bare = subject.trim();
    while let Some(again) = AGAIN.iter().find(|a| {
        bare.get(..a.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(a))
    }) {
        bare = bare.get(again.len()..).unwrap_or_default().trim_start();
    }
    let said = bare.is_empty() || known.iter().any(|text| text.contains(bare));
    match (said, words.is_empty()) {
        (true, _) => words,
        (false, true) => bare.to_owned(),
        (false, false) if staff => words,
        (false, false) => format!("{bare}\n{words}"),
    }
}
