//! The people file: TOML to [`People`], with every fault at once.
//!
//! Beyond spelling, it sees that a school could work with these people: somebody to page, somebody
//! to answer for special needs, a teacher for every class. A parent's concern must never be taken in
//! by a school that has nobody to give it to.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::civil::Date;
use unic_langid::LanguageIdentifier;

use super::{
    Adult, Basis, Known, People, Prefers, Pupil, Relationship, Restriction, Role, Sen, Staff, Upn,
    Who,
};
use crate::document::{Document, Placed, Table};
use crate::fault::{Fault, Severity, did_you_mean};
use crate::phone::Phone;
use crate::school::calendar::{Days, Period, Work};
use crate::school::meeting::{Availability, Mode};

/// Where things that others refer to stand in the file.
#[derive(Default)]
struct Places {
    staff: Vec<Range<usize>>,
    adults: Vec<Range<usize>>,
    /// References to staff (key worker, cover, who set a restriction) and to pupils.
    to_staff: Vec<(&'static str, Placed<String>)>,
    to_pupils: Vec<Placed<String>>,
    classes: Vec<Placed<String>>,
    councils: Vec<Placed<String>>,
}

impl People {
    /// Reads a people file. `hours` are the school's own days and hours, for staff whose line says
    /// none. The result carries warnings; an error carries every fault and warning.
    pub fn parse(file: &str, text: &str, hours: &Work) -> Result<(Self, Vec<Fault>), Vec<Fault>> {
        let document = Document::parse(file, text);
        let root = document.root();
        let mut places = Places::default();
        let mut people = Self::default();
        for table in root.tables("staff") {
            people.staff.extend(staff(table, hours, &mut places));
        }
        for table in root.tables("pupil") {
            people.pupils.extend(pupil(table, &mut places));
        }
        for table in root.tables("adult") {
            people.adults.extend(adult(table, &mut places));
        }
        root.no_more();
        keys_are_unique(&document, &people, &places);
        references_are_known(&document, &people, &places);
        flaws(&document, &people, &places);
        if document.has_errors() {
            Err(document.into_faults())
        } else {
            people.home_councils = places.councils;
            Ok((people, document.into_faults()))
        }
    }
}

fn staff(table: Table<'_>, hours: &Work, places: &mut Places) -> Option<Staff> {
    let key = key_of(&table);
    let name = table.need_text("name");
    let mut roles = Vec::new();
    for word in table.texts("roles") {
        match Role::from_word(&word.value) {
            Some(role) => roles.push(role),
            None => table.document().fault(
                word.span,
                format!("there is no role `{}`", word.value),
                did_you_mean(&word.value, Role::WORDS.iter().map(|(w, _)| *w)),
            ),
        }
    }
    if !table.has("roles") {
        table.missing("roles", "[\"class-teacher\"]");
    }
    let work = work(&table, hours);
    let cover = table.text("cover");
    places.to_staff.extend(cover.clone().map(|c| ("cover", c)));
    let classes = table.texts("classes");
    let read = Staff {
        key: key?.value,
        name: name?.value,
        roles,
        phone: phone(&table, "phone"),
        email: email(&table),
        classes: classes.into_iter().map(|c| c.value).collect(),
        leads: table.text("leads").map(|t| t.value),
        work,
        cover: cover.map(|c| c.value),
        available: table
            .tables("available")
            .into_iter()
            .filter_map(availability)
            .collect(),
    };
    places.staff.push(table.span().unwrap_or_default());
    table.no_more();
    Some(read)
}

/// When a member of staff works: `days`, `from`, `to`, `[[absent]]`; what is not written is as `hours` has it.
fn work(table: &Table<'_>, hours: &Work) -> Work {
    let from = table.time("from").unwrap_or(hours.from);
    let to = table.time("to").unwrap_or(hours.to);
    if from >= to {
        table.document().fault(
            table.span_of("to"),
            "the working day ends before it begins",
            "put `from` before `to`",
        );
    }
    Work {
        days: days(table).unwrap_or(hours.days),
        from,
        to,
        absent: table
            .tables("absent")
            .into_iter()
            .filter_map(period)
            .collect(),
    }
}

impl Work {
    /// Reads when somebody works as the people file would have it, from where nothing else stands.
    ///
    /// # Errors
    /// Every fault.
    pub fn parse(text: &str, hours: &Self) -> Result<Self, Vec<Fault>> {
        let document = Document::parse("work", text);
        let root = document.root();
        let read = work(&root, hours);
        root.no_more();
        if document.has_errors() {
            Err(document.into_faults())
        } else {
            Ok(read)
        }
    }
}

fn availability(table: Table<'_>) -> Option<Availability> {
    let days = days(&table);
    if !table.has("days") {
        table.missing("days", "\"mon-fri\"");
    }
    let from = table.time("from");
    let to = table.time("to");
    for key in ["from", "to"] {
        if !table.has(key) {
            table.missing(key, "\"15:30\"");
        }
    }
    let mut modes = Vec::new();
    for word in table.texts("modes") {
        match Mode::from_word(&word.value) {
            Some(mode) => modes.push(mode),
            None => table.document().fault(
                word.span,
                format!("there is no way to meet called `{}`", word.value),
                did_you_mean(&word.value, Mode::WORDS.iter().map(|(w, _)| *w)),
            ),
        }
    }
    if modes.is_empty() {
        modes = vec![Mode::School, Mode::Phone];
    }
    if let (Some(from), Some(to)) = (from, to)
        && (from >= to || from.minute() % 5 != 0 || to.minute() % 5 != 0)
    {
        table.document().fault(
            table.span(),
            "these times cannot be offered",
            "put `from` before `to`, both on a multiple of five minutes",
        );
    }
    table.no_more();
    Some(Availability {
        days: days?,
        from: from?,
        to: to?,
        modes,
    })
}

fn pupil(table: Table<'_>, places: &mut Places) -> Option<Pupil> {
    let key = key_of(&table);
    let first_name = table.need_text("first_name");
    let last_name = table.need_text("last_name");
    let class = table.need_text("class");
    places.classes.extend(class.clone());
    let home_council = table.text("home_council");
    places.councils.extend(home_council.clone());
    let read = Pupil {
        year: table.number("year").map(|n| n.value),
        home_council: home_council.map(|t| t.value),
        sen: table.one_of("sen", Sen::WORDS).unwrap_or(Sen::None),
        set_here: None,
        date_of_birth: table.date("date_of_birth"),
        upn: table.parsed(
            "upn",
            "a unique pupil number whose check letter fits",
            |text| Upn::parse(text).ok(),
        ),
        admission_number: table.text("admission_number").map(|t| t.value),
        key: key?.value,
        first_name: first_name?.value,
        last_name: last_name?.value,
        class: class?.value,
    };
    table.no_more();
    Some(read)
}

fn adult(table: Table<'_>, places: &mut Places) -> Option<Adult> {
    let key = key_of(&table);
    let name = table.need_text("name");
    let mut phones = Vec::new();
    for written in table.texts("phones") {
        match Phone::parse(&written.value) {
            Ok(phone) => phones.push(phone),
            Err(_) => table.document().fault(
                written.span,
                format!("`{}` is not a phone number", written.value),
                "write it as +447700900101 or 07700 900101",
            ),
        }
    }
    let language = table.parsed("language", "a language tag, such as \"pl\"", |tag| {
        let tag: LanguageIdentifier = tag.parse().ok()?;
        Some(tag.to_string())
    });
    let key_worker = table.text("key_worker");
    places
        .to_staff
        .extend(key_worker.clone().map(|k| ("key_worker", k)));
    let children = table
        .tables("children")
        .into_iter()
        .filter_map(|child| relationship(child, places))
        .collect();
    let read = Adult {
        phones,
        matched: Vec::new(),
        lost: Vec::new(),
        ended: Vec::new(),
        merged: Vec::new(),
        contact_id: table.text("contact_id").map(|t| t.value),
        email: email(&table),
        language,
        key_worker: key_worker.map(|k| k.value),
        prefers: table.one_of("prefers", Prefers::WORDS),
        note: table.text("note").map(|t| t.value),
        children,
        key: key?.value,
        name: name?.value,
    };
    places.adults.push(table.span().unwrap_or_default());
    table.no_more();
    Some(read)
}

fn relationship(table: Table<'_>, places: &mut Places) -> Option<Relationship> {
    let pupil = table.need_text("pupil");
    places.to_pupils.extend(pupil.clone());
    let kind = table.need_text("kind");
    let restriction = table
        .table("restriction")
        .and_then(|r| restriction(r, places));
    let read = Relationship {
        parental_responsibility: table
            .one_of("parental_responsibility", Known::WORDS)
            .unwrap_or(Known::Unknown),
        lives_with: table
            .one_of("lives_with", Known::WORDS)
            .unwrap_or(Known::Unknown),
        court_order: table
            .one_of("court_order", Known::COURT_ORDER)
            .unwrap_or(Known::Unknown),
        restriction,
        by_hand: false,
        pupil: pupil?.value,
        kind: kind?.value,
    };
    table.no_more();
    Some(read)
}

fn restriction(table: Table<'_>, places: &mut Places) -> Option<Restriction> {
    let basis = table.one_of("basis", Basis::WORDS);
    let by = table.need_text("by");
    places.to_staff.extend(by.clone().map(|b| ("by", b)));
    let since = table.need_date("since");
    let until = table.date("until");
    let why = table.text("why").map(|t| t.value);
    let say = table.text("say").map(|t| t.value);
    table.no_more();
    // A restriction with a fault in it is a fault of the file: it must never be read as none.
    Some(Restriction {
        basis,
        by: by?.value,
        since: since.unwrap_or(Date::MIN),
        until,
        why,
        say,
    })
}

fn key_of(table: &Table<'_>) -> Option<Placed<String>> {
    let key = table.need_text("key")?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !key.value.chars().all(plain) {
        table.document().fault(
            key.span.clone(),
            format!("`{}` cannot be a key", key.value),
            "use small letters, digits and dashes: \"mrs-cole\"",
        );
    }
    Some(key)
}

fn days(table: &Table<'_>) -> Option<Days> {
    table.parsed(
        "days",
        "days such as \"mon-fri\" or \"mon, thu\"",
        Days::parse,
    )
}

fn period(table: Table<'_>) -> Option<Period> {
    let from = table.need_date("from");
    let to = table.need_date("to");
    let span = table.span();
    let document = table.document();
    table.no_more();
    let (from, to) = (from?, to?);
    if from > to {
        document.fault(span, "this ends before it begins", "put `from` before `to`");
    }
    Some(Period { from, to })
}

fn phone(table: &Table<'_>, key: &'static str) -> Option<Phone> {
    table.parsed(key, "a number such as +447700900201", |text| {
        Phone::parse(text).ok()
    })
}

fn email(table: &Table<'_>) -> Option<String> {
    table.parsed(
        "email",
        "an address such as \"cole@school.example\"",
        |text| {
            let (name, host) = text.split_once('@')?;
            let sound =
                !name.is_empty() && host.contains('.') && !text.contains(char::is_whitespace);
            sound.then(|| text.to_owned())
        },
    )
}

fn keys_are_unique(document: &Document<'_>, people: &People, places: &Places) {
    let mut seen = BTreeMap::new();
    let staff = people.staff.iter().map(|s| &s.key).zip(&places.staff);
    let adults = people.adults.iter().map(|a| &a.key).zip(&places.adults);
    for (key, span) in staff.chain(adults) {
        if seen.insert(key, ()).is_some() {
            document.fault(
                span.clone(),
                format!("there are two `{key}`"),
                "give each person a key of their own",
            );
        }
    }
    let mut pupils = BTreeMap::new();
    for pupil in &people.pupils {
        if pupils.insert(&pupil.key, ()).is_some() {
            document.fault(
                None,
                format!("there are two pupils `{}`", pupil.key),
                "give each pupil a key of their own",
            );
        }
    }
}

fn references_are_known(document: &Document<'_>, people: &People, places: &Places) {
    for (what, reference) in &places.to_staff {
        if people.staff(&reference.value).is_none() {
            document.fault(
                reference.span.clone(),
                format!(
                    "`{what}` names `{}`, who is not on the staff",
                    reference.value
                ),
                did_you_mean(
                    &reference.value,
                    people.staff.iter().map(|s| s.key.as_str()),
                ),
            );
        }
    }
    for reference in &places.to_pupils {
        if people.pupil(&reference.value).is_none() {
            document.fault(
                reference.span.clone(),
                format!("there is no pupil `{}`", reference.value),
                did_you_mean(
                    &reference.value,
                    people.pupils.iter().map(|p| p.key.as_str()),
                ),
            );
        }
    }
    for class in &places.classes {
        if people.teachers_of(&class.value).next().is_none() {
            document.fault(
                class.span.clone(),
                format!("class `{}` has no teacher", class.value),
                did_you_mean(
                    &class.value,
                    people
                        .staff
                        .iter()
                        .flat_map(|s| &s.classes)
                        .map(String::as_str),
                ),
            );
        }
    }
}

/// What would be wrong with these people wherever they came from, said at their places.
fn flaws(document: &Document<'_>, people: &People, places: &Places) {
    for flaw in people.flaws() {
        let span = match flaw.about {
            Some(Who::Staff(n)) => places.staff.get(n).cloned(),
            Some(Who::Adult(n)) => places.adults.get(n).cloned(),
            None => None,
        };
        match flaw.severity {
            Severity::Error => document.fault(span, flaw.message, flaw.remedy),
            Severity::Warning => document.warning(span, flaw.message, flaw.remedy),
        }
    }
}
