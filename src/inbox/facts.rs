//! What a turn may know: the adult, their checked children, open cases, the school's people and hours.
//!
//! Everyone who has not been checked gets the same facts, whoever they are: the flows cannot tell an
//! unknown number from a restricted parent, because nothing that differs is handed to them.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::channel::phone_of_address;
use crate::deployment::{Deployment, School, Writer};
use crate::flow::turn::{Facts, Thread};
use crate::flow::value::{Item, Value, Values};
use crate::school::people::{Pupil, Role, Staff};
use crate::store::{Case, Lane, Moment, Result, Tx};

/// A live thread: staff have written to or rung this adult within so many school days.
const LIVE_SCHOOL_DAYS: usize = 10;

/// How long after its last words a case is joined by what is sent next.
const JOINS: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

/// The phone behind an address: itself for texts, the proved number for Telegram.
pub fn phone_of<'l>(lane: Option<&'l Lane>, address: &'l str) -> Option<&'l str> {
    lane.and_then(|l| l.proved_phone.as_deref())
        .or_else(|| phone_of_address(address))
}

/// Who writes from an address.
pub async fn writer<'s>(
    tx: &mut Tx,
    school: &'s School,
    endpoint: &str,
    address: &str,
) -> Result<Writer<'s>> {
    let lane = tx.lane(endpoint, address).await?;
    writer_in(tx, school, lane.as_ref(), address).await
}

/// Who writes in a lane.
pub async fn writer_in<'s>(
    tx: &mut Tx,
    school: &'s School,
    lane: Option<&Lane>,
    address: &str,
) -> Result<Writer<'s>> {
    let phone = phone_of(lane, address);
    let checks = match phone {
        Some(phone) => tx.checks(&school.config.id, phone).await?,
        None => Vec::new(),
    };
    // Whoever has a phone that is not whose we thought is nobody we know.
    if lane.is_some_and(|l| l.wrong_at.is_some()) {
        return Ok(Writer::default());
    }
    let today = school.local(tx.now()).date();
    let mut writer = Writer::new(school, phone, &checks, today);
    if let Some(adult) = writer.adult.filter(|_| writer.checked) {
        let passport = tx.passport(&school.config.id, &adult.key).await?;
        writer.passport = passport.map(|(.., passport)| passport);
    }
    Ok(writer)
}

/// The language somebody is answered in: chosen here, else on the record (of a checked adult only:
/// a language would give away that the number is known), else the school's.
pub fn language(school: &School, lane: Option<&Lane>, writer: &Writer<'_>) -> String {
    lane.and_then(|l| l.language.clone())
        .or_else(|| {
            writer
                .adult
                .filter(|_| writer.checked)
                .and_then(|a| a.language.clone())
        })
        .filter(|tag| school.config.languages.contains(tag))
        .unwrap_or_else(|| school.config.default_language.clone())
}

/// What is true for everybody who writes to a school now.
pub fn school_values(school: &School, now: Timestamp) -> Values {
    let local = school.local(now);
    let calendar = school.calendar();
    let mut values = Values::new();
    let mut put = |name: &str, value: Value| {
        values.insert(name.to_owned(), value);
    };
    put("school", Value::Text(school.config.short_name.clone()));
    put("office-phone", Value::Text(school.office_phone()));
    put("open", Value::Flag(calendar.is_open(local)));
    if let Some(opens) = calendar.next_opening(local) {
        put("opens", Value::Opens(opens));
    }
    if let Some(senco) = school.first_with(Role::Senco, &[]) {
        put("senco", Value::Text(senco.name.clone()));
        put(
            "senco-hours",
            Value::Hours {
                days: senco.work.days.numbers(),
                from: senco.work.from,
                to: senco.work.to,
            },
        );
    }
    if let Some(head) = school.first_with(Role::Head, &[]) {
        put("head", Value::Text(head.name.clone()));
    }
    let links = &school.config.links;
    for (name, link) in [
        ("complaints-link", &links.complaints),
        ("sen-report-link", &links.sen_report),
        ("local-offer-link", &links.local_offer),
        ("parent-view-link", &links.parent_view),
    ] {
        if let Some(link) = link {
            put(name, Value::Text(link.clone()));
        }
    }
    if let Some(phone) = &school.config.absence_phone {
        put("absence-phone", Value::Text(phone.national()));
    }
    if let Some(line) = &school.config.safeguarding.out_of_hours {
        put("out-of-hours-who", Value::Text(line.who.clone()));
        put("out-of-hours-phone", Value::Text(line.number.clone()));
    }
    values
}

/// A pupil as the flows know one: their key, and their first name only.
pub fn item(pupil: &Pupil) -> Item {
    Item {
        id: pupil.key.clone(),
        label: pupil.first_name.clone(),
    }
}

/// A case as the flows know one.
pub fn case_item(case: &Case) -> Item {
    Item {
        id: case.id.to_string(),
        label: case.reference(),
    }
}

/// Everything a turn may know about whoever writes in `lane`.
pub async fn facts(
    d: &Deployment,
    tx: &mut Tx,
    school: &School,
    lane: &Lane,
    writer: &Writer<'_>,
) -> Result<Facts> {
    let now = tx.now();
    let mut values = school_values(school, now);
    values.insert("checked".to_owned(), Value::Flag(writer.checked));
    values.insert("may-ring".to_owned(), Value::Flag(writer.may_ring()));
    let passport = writer.passport.as_ref();
    let interpreter = passport.is_some_and(|p| p.interpreter == Some(true));
    values.insert("interpreter".to_owned(), Value::Flag(interpreter));
    values.insert("has-passport".to_owned(), Value::Flag(passport.is_some()));
    if let Some(adult) = writer.adult.filter(|_| writer.checked) {
        if let Some(key) = &adult.key_worker {
            values.insert("key-worker".to_owned(), Value::Text(school.name(key)));
        }
        let language = passport.and_then(|p| p.language.as_ref());
        if let Some(tag) = language.or(adult.language.as_ref()) {
            let name = d.language_name(tag);
            values.insert("language-name".to_owned(), Value::Text(name));
        }
    }
    let children: Vec<Item> = writer.children.iter().map(|p| item(p)).collect();
    values.insert("children-listed".to_owned(), Value::Flag(writer.listed));
    // A child named in a message is read by the engine itself, from `children`.
    let child = match children.as_slice() {
        [only] if writer.listed => Some(only),
        _ => None,
    };
    if let Some(child) = child {
        values.insert("child".to_owned(), Value::Item(child.clone()));
        let pupil = school.people.pupil(&child.id);
        if let Some(pupil) = pupil.filter(|_| writer.checked) {
            // What the school's own system says of them: stages between are for staff to tell.
            let sen = Value::Text(pupil.sen.of_census().word().to_owned());
            values.insert("sen".to_owned(), sen);
        }
        if let Some(council) = pupil.and_then(|p| p.home_council.clone()) {
            values.insert("council".to_owned(), Value::Text(council));
        }
    }
    values.insert("children".to_owned(), Value::List(children));

    let mut cases = tx.open_cases_at(&lane.endpoint, &lane.address).await?;
    let sealed = tx.sealed_cases_at(&lane.endpoint, &lane.address).await?;
    // Whoever a sealed case names hears nothing more from this person through another.
    let named = named_in(&sealed)?;
    let mut apart = BTreeSet::new();
    for case in &cases {
        let mut hears = case.copied()?;
        hears.extend(case.owner.iter().chain(&case.staff_wrote).cloned());
        if hears.iter().any(|key| named.contains(key)) {
            apart.insert(case.id);
        }
    }
    cases.retain(|c| !apart.contains(&c.id));
    values.insert("staff".to_owned(), staff(school, writer, &named));
    let today = school.local(now).date();
    let mut written: Vec<&Case> = cases.iter().chain(&sealed).collect();
    written.sort_by_key(|c| std::cmp::Reverse(c.staff_wrote_at));
    let live_thread = written.iter().find_map(|case| live(school, case, today));
    let since = Moment::from(now - JOINS);
    let recent = cases.iter().find(|c| c.touched_at >= since);
    let sealed = sealed.iter().find(|c| c.touched_at >= since);
    Ok(Facts {
        values,
        language: language(school, Some(lane), writer),
        live_thread,
        open_case: recent.map(case_item),
        sealed_case: sealed.map(case_item),
        apart: false,
    })
}

/// The staff whom this person may know, by name: for somebody not checked, those whom anybody may
/// ask about; for a checked adult their children's too, unless that would say who the children are.
fn staff(school: &School, writer: &Writer<'_>, named: &BTreeSet<String>) -> Value {
    let mut all: Vec<&Staff> = Vec::new();
    if writer.checked && writer.listed {
        for child in &writer.children {
            all.extend(school.people.teachers_of(&child.class));
        }
    }
    all.extend(school.people.with_role(Role::Senco));
    if let Some(adult) = writer.adult.filter(|_| writer.checked) {
        let key_worker = adult.key_worker.as_deref();
        all.extend(key_worker.and_then(|key| school.people.staff(key)));
    }
    all.extend(school.people.with_role(Role::Head));
    let mut items: Vec<Item> = Vec::new();
    for staff in all {
        let known = items.iter().any(|item| item.id == staff.key);
        if !known && !named.contains(&staff.key) {
            items.push(Item {
                id: staff.key.clone(),
                label: staff.name.clone(),
            });
        }
    }
    Value::List(items)
}

/// Everybody whom these cases name.
fn named_in(cases: &[Case]) -> Result<BTreeSet<String>> {
    let mut named = BTreeSet::new();
    for case in cases {
        named.extend(case.barred()?);
    }
    Ok(named)
}

/// Staff about whom this person has made an allegation that is still open: no new case of theirs
/// goes to them.
pub async fn alleged(tx: &mut Tx, endpoint: &str, address: &str) -> Result<BTreeSet<String>> {
    let mut sealed = tx.sealed_cases_at(endpoint, address).await?;
    sealed.retain(|c| matches!(c.tier.as_str(), "staff" | "head"));
    named_in(&sealed)
}

/// The person who has written to or rung this adult within 10 school days, if the case is open.
fn live(school: &School, case: &Case, today: Date) -> Option<Thread> {
    let since = school.local(case.staff_wrote_at?.timestamp()).date();
    if school.calendar().school_days_between(since, today) > LIVE_SCHOOL_DAYS {
        return None;
    }
    let key = case.staff_wrote.as_deref()?;
    Some(Thread {
        case: case_item(case),
        person: school.name(key),
    })
}
