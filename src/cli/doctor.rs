//! `schoolgate doctor`: what is missing for a school to go live, and what to do about it.

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::Args;
use jiff::SignedDuration;

use super::{Where, as_they_stand};
use crate::channel::Channel;
use crate::clock::Clock;
use crate::config::{Config, School};
use crate::deployment::{Deployment, MailServer, people_of};
use crate::school::people::{People, Role};
use crate::school::report::pushes::{OTHERS_A_YEAR, SUPPORTED_A_YEAR, expected};
use crate::store::Store;

/// Looks at everything a school needs, asks each provider, sends nothing.
#[derive(Debug, Args)]
pub struct Doctor {
    #[command(flatten)]
    place: Where,
}

/// What was sent is looked at over so many weeks.
const WEEKS: i64 = 4;

#[derive(Default)]
struct Findings {
    missing: usize,
}

impl Findings {
    fn good(&self, what: &str) {
        println!("  ok       {what}");
    }

    fn missing(&mut self, what: &str, remedy: &str) {
        self.missing += 1;
        println!("  MISSING  {what}\n           {remedy}");
    }
}

impl Doctor {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let mut config = self.place.config()?;
        let clock = Clock::real();
        let mut found = Findings::default();
        println!("The machine");
        for secret in config.missing_secrets() {
            found.missing(&secret.to_string(), "set it, then start the service again");
        }
        match &config.public_url {
            Some(url) if url.starts_with("https://") => {
                found.good(&format!("public address {url}"))
            }
            Some(url) => found.missing(
                &format!("{url} is not https"),
                "providers and browsers need https: put a proxy with a certificate in front",
            ),
            None => found.missing(
                "no public_url",
                "set public_url, or inbound = \"poll\" for every channel",
            ),
        }
        if config.metrics_listen.is_none() {
            found.missing(
                "no metrics_listen",
                "set it, so that somebody can watch the service",
            );
        }
        let store = match Store::open(&self.place.database(&config)?, clock.clone()).await {
            Ok(store) => match store.ping().await {
                Ok(()) => {
                    found.good("the database answers and is migrated");
                    Some(store)
                }
                Err(_) => {
                    found.missing("the database has no tables yet", "run `schoolgate migrate`");
                    None
                }
            },
            Err(e) => {
                found.missing(
                    &format!("the database cannot be opened: {e}"),
                    "check `database`",
                );
                None
            }
        };
        // What it looks at is what answers: people as imported, settings as staff have made them.
        if let Some(store) = &store
            && let Err(why) = as_they_stand(store, &mut config).await
        {
            let remedy = "run `schoolgate migrate`; `schoolgate config reset` goes back to what the file says";
            found.missing(&why.to_string(), remedy);
        }
        for school in &config.schools {
            println!("\n{}", school.name);
            let Some(store) = &store else {
                look_at(school, &school.people, &config, &clock, &mut found);
                tell_pushes(school, &school.people, &BTreeMap::new());
                continue;
            };
            let mut tx = store.read().await?;
            let (_, people) = people_of(&mut tx, school).await?;
            look_at(school, &people, &config, &clock, &mut found);
            let can = tx.accounts(&school.id).await?;
            for role in [Role::Senco, Role::Dsl, Role::Head] {
                let someone = people.with_role(role).any(|s| can.contains(&s.key));
                if !someone {
                    let what = format!("nobody with the role {} can sign in", role.word());
                    found.missing(&what, "schoolgate staff invite <their email>");
                }
            }
            let since = clock.now() - SignedDuration::from_hours(24 * 7 * WEEKS);
            let sent = tx.sent_to_staff(&school.id, since.into()).await?;
            tell_pushes(school, &people, &sent);
        }
        if let (Some(store), true) = (store, config.missing_secrets().is_empty()) {
            println!("\nThe providers");
            let d = Deployment::new(config, store, clock).await?;
            let endpoints = d.endpoints();
            let channels = endpoints.iter().map(|e| (e.id.as_str(), &*e.channel));
            let servers = d.mail_servers.iter();
            let email = servers.map(|s| (s.id.as_str(), &*s.channel));
            for server in &d.mail_servers {
                look_at_mailbox(&d, server, &mut found).await;
            }
            for (id, channel) in channels.chain(email) {
                match channel.probe().await {
                    Ok(what) => found.good(&format!("{id}: {what}")),
                    Err(why) => {
                        found.missing(&format!("{id}: {why}"), "mend it, then run doctor again")
                    }
                }
                if matches!(channel, Channel::Twilio(_)) {
                    println!(
                        "           At Twilio, set the number's fallback reply to: \"This number is not working. Ring the school.\""
                    );
                }
            }
        }
        if found.missing == 0 {
            println!("\nNothing is missing.");
            return Ok(ExitCode::SUCCESS);
        }
        println!(
            "\n{} things are missing before this goes live.",
            found.missing
        );
        Ok(ExitCode::FAILURE)
    }
}

/// Whether answers to email come back.
async fn look_at_mailbox(d: &Deployment, server: &MailServer, found: &mut Findings) {
    let id = &server.id;
    let Some(mail_in) = &server.mail_in else {
        println!(
            "           {id}: answers are not read; `inbound` reads them (docs/channels/email.md)"
        );
        return;
    };
    let address = &mail_in.address;
    if let Some(imap) = &mail_in.imap {
        match imap.probe().await {
            Ok(what) => found.good(&format!("{id} in: {what}")),
            Err(why) => found.missing(&format!("{id} in: {why}"), "mend it, then run doctor again"),
        }
    }
    if mail_in.secret.is_some() {
        found.good(&format!(
            "{id} in: a provider may post to {}{}",
            d.public_url(),
            server.hook()
        ));
    }
    println!(
        "           Send an email to {}: it must arrive in the mailbox of {address}",
        address.with("test")
    );
}

/// How often each member of staff may expect to hear of something in a school week, and how often they
/// did of late: whoever is told too often stops looking.
fn tell_pushes(school: &School, people: &People, sent: &BTreeMap<String, i64>) {
    println!("\n  What each will be sent in a school week");
    println!(
        "           new cases: an estimate, {SUPPORTED_A_YEAR} a school year for a child with SEN support or a \
         plan and {OTHERS_A_YEAR} for any other;\n           digests: only when there is something in them"
    );
    for staff in people.staff.iter().filter(|s| s.reachable()) {
        let expected = expected(people, &school.promises, staff);
        let of_late = sent.get(&staff.key).map_or_else(String::new, |sent| {
            let a_week = *sent as f64 / WEEKS as f64;
            format!("; {a_week:.1} a week in the last {WEEKS} weeks")
        });
        println!(
            "           {}: {:.1} new cases, up to {} digests{of_late}",
            staff.name,
            // No child at all would be `-0.0`.
            expected.cases.abs(),
            expected.digests
        );
    }
}

fn look_at(school: &School, people: &People, config: &Config, clock: &Clock, found: &mut Findings) {
    if school.channels.is_empty() {
        found.missing("no channel", "add a [[school.channel]]");
    }
    if config.mail_server_of(school).is_none() {
        found.missing(
            "no email to staff",
            "add [email]: the SENCO gets the words there",
        );
    }
    for (role, what) in [
        (Role::Senco, "SENCO"),
        (Role::Dsl, "designated safeguarding lead"),
        (Role::Head, "head"),
    ] {
        match people.with_role(role).find(|s| s.reachable()) {
            Some(staff) => found.good(&format!("{what}: {}", staff.name)),
            None => found.missing(
                &format!("no {what} with a phone or email"),
                "import one with the staff file, or add one to the people file",
            ),
        }
    }
    let rota = &school.safeguarding.rota;
    match (rota.first_gap(), rota.not_staffed) {
        (None, _) => found.good("the safeguarding rota covers every hour"),
        (Some(_), true) => {
            found.good("the safeguarding rota has gaps, and says so to parents (not_staffed)")
        }
        (Some((day, at)), false) => found.missing(
            &format!("nobody is on the safeguarding rota on {day} at {at}"),
            "add a shift, or say not_staffed = true, which changes what parents are told",
        ),
    }
    if school.safeguarding.out_of_hours.is_none() {
        found.missing(
            "no out-of-hours line of the council",
            "set out_of_hours and out_of_hours_who",
        );
    }
    let soon = school
        .calendar
        .local(clock.now() + SignedDuration::from_hours(24 * 60))
        .date();
    match school.calendar.last_school_day() {
        Some(last) if last >= soon => found.good(&format!("term dates until {last}")),
        Some(last) => found.missing(
            &format!("term dates end on {last}"),
            "add the next terms: without them nothing can be promised",
        ),
        None => found.missing(
            "no term dates",
            "add [[school.term]]: without them nothing can be promised",
        ),
    }
    if people.pupils.is_empty() {
        found.missing(
            "no pupils or parents",
            "import them (`schoolgate import`): until then every number is unknown, and only the office is named",
        );
    }
}
