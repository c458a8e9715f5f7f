//! The keys of `[[school]]`.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use unic_langid::LanguageIdentifier;

use super::channel::{amount, channel};
use super::email::email;
use super::retention::retention;
use super::secret::Outside;
use super::{Links, OutOfHours, Places, Safeguarding, School};
use crate::document::{Table, read_time};
use crate::phone::Phone;
use crate::school::calendar::{BankHolidays, Closed, Days, Period, SchoolCalendar};
use crate::school::noticeboard::Noticeboard;
use crate::school::people::{People, Role};
use crate::school::promise::Promises;
use crate::school::rota::{Rota, Shift};
use crate::school::service::Own;

const NOON: Time = Time::constant(12, 0, 0, 0);
const FOUR: Time = Time::constant(16, 0, 0, 0);

/// Reads one school; `public` where providers can call. `None` only where faults say why.
pub(super) fn school(table: Table<'_>, public: bool, outside: &Outside<'_>) -> Option<School> {
    let id = slug(&table);
    let name = table.need_text("name");
    let short_name = table.text("short_name").or_else(|| name.clone());
    let authority = table.need_text("authority");
    let places = Places {
        file: table.document().file().to_owned(),
        authority: authority.as_ref().map(|a| a.span.clone()),
        languages: table.span_of("languages"),
    };
    let office_phone = office_phone(&table);
    let (default_language, languages) = languages(&table);
    let promises_table = table.table("promises");
    let quiet = |key: &'static str, default: Time| {
        let written = promises_table.as_ref().and_then(|p| p.time(key));
        written.unwrap_or(default)
    };
    let quiet_from = quiet("quiet_from", Time::constant(20, 0, 0, 0));
    let quiet_to = quiet("quiet_to", Time::constant(7, 30, 0, 0));
    let calendar = calendar(&table, quiet_from, quiet_to);
    let promises = promises(promises_table);
    let safeguarding = match table.table("safeguarding") {
        Some(safeguarding) => Some(self::safeguarding(safeguarding)),
        None => {
            table.missing("safeguarding", "a table [school.safeguarding] with a rota");
            None
        }
    };
    let has_email = table.has("email");
    let email = table.table("email").and_then(|t| email(t, public, outside));
    let email_words = email_words(&table);
    let retention = table.table("retention").map(retention).unwrap_or_default();
    let absence_phone = absence_phone(&table);
    let links = table.table("links").map(links).unwrap_or_default();
    let noticeboard_file = table.text("noticeboard").map(|p| outside.path(&p.value));
    let people_file = table.text("people").map(|p| outside.path(&p.value));
    let first_case = table.number("first_case").map_or(1, |n| n.value);
    let channels = table
        .tables("channel")
        .into_iter()
        .map(|c| channel(c, outside))
        .collect::<Vec<_>>();
    canaries(&table);
    let monthly_budget = amount(&table, "monthly_budget");
    let priced = channels.iter().flatten().any(|c| !c.prices.is_empty());
    if monthly_budget.is_some() && !priced {
        table.document().warning(
            table.span_of("monthly_budget"),
            "a budget and no prices: nothing is counted against it",
            "add to each number: price = [{ to = \"+44\", part = \"0.0418\" }]",
        );
    }
    if channels.is_empty() {
        table.document().warning(
            table.span(),
            "nobody can reach this school: it has no channel",
            "add a [[school.channel]]",
        );
    }
    table.no_more();
    Some(School {
        id: id?,
        name: name?.value,
        short_name: short_name?.value,
        authority: authority?.value,
        office_phone: office_phone?,
        absence_phone,
        links,
        first_case,
        default_language,
        languages,
        calendar: calendar?,
        promises,
        safeguarding: safeguarding?,
        email: if has_email { Some(email?) } else { None },
        email_words,
        retention,
        people_file,
        people: People::default(),
        noticeboard_file,
        noticeboard: Noticeboard::default(),
        channels: channels.into_iter().collect::<Option<_>>()?,
        monthly_budget,
        services: Own::default(),
        places,
    })
}

/// `office_phone`.
pub(super) fn office_phone(table: &Table<'_>) -> Option<Phone> {
    table.need_parsed("office_phone", "a number such as \"020 7946 0123\"", |t| {
        Phone::parse(t).ok()
    })
}

/// `absence_phone`.
pub(super) fn absence_phone(table: &Table<'_>) -> Option<Phone> {
    table.parsed("absence_phone", "a number such as \"020 7946 0124\"", |t| {
        Phone::parse(t).ok()
    })
}

/// A number is texted by one of the school's own numbers, and at Twilio not by itself.
fn canaries(table: &Table<'_>) {
    let channels = table.tables("channel");
    let kind_of = |id: &str| {
        let mut known = channels.iter();
        let channel = known.find(|c| c.text("id").is_some_and(|t| t.value == id))?;
        channel.text("kind").map(|kind| kind.value)
    };
    for channel in &channels {
        let Some(by) = channel.text("canary") else {
            continue;
        };
        let kind = kind_of(&by.value);
        if channel
            .text("kind")
            .is_some_and(|kind| kind.value == "telegram")
        {
            let message = "a bot has no number to text";
            table
                .document()
                .fault(by.span, message, "take the line out");
            continue;
        }
        let own = channel.text("id").is_some_and(|id| id.value == by.value);
        let message = match kind.as_deref() {
            None | Some("telegram") => {
                format!("no channel `{}` of this school sends texts", by.value)
            }
            Some("twilio") if own => "Twilio does not let a number text itself".to_owned(),
            Some(_) => continue,
        };
        let remedy = "write the id of another number of this school's, which is to text this one each morning";
        table.document().fault(by.span, message, remedy);
    }
}

/// Pages of the school's. A link in a text must be short and must not hold a space.
pub(super) fn links(table: Table<'_>) -> Links {
    let link = |key| {
        table.parsed(
            key,
            "an address such as \"example.org/complaints\"",
            |text| {
                let sound =
                    text.contains('.') && text.len() <= 60 && !text.contains(char::is_whitespace);
                sound.then(|| text.to_owned())
            },
        )
    };
    let links = Links {
        complaints: link("complaints"),
        sen_report: link("sen_report"),
        local_offer: link("local_offer"),
        parent_view: link("parent_view"),
    };
    table.no_more();
    links
}

/// The `id` of a school or a channel: it stands in addresses.
pub(super) fn slug(table: &Table<'_>) -> Option<String> {
    table.need_parsed("id", "small letters, digits and dashes", |text| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let sound = !text.is_empty() && text.len() <= 40 && text.chars().all(plain);
        sound.then(|| text.to_owned())
    })
}

fn languages(table: &Table<'_>) -> (String, Vec<String>) {
    let tag = |text: &str| Some(text.parse::<LanguageIdentifier>().ok()?.to_string());
    let default = table
        .parsed("default_language", "a language tag, such as \"en\"", tag)
        .unwrap_or_else(|| "en".to_owned());
    let mut languages = Vec::new();
    for written in table.texts("languages") {
        match tag(&written.value) {
            Some(tag) => languages.push(tag),
            None => table.document().fault(
                written.span,
                format!("`{}` is not a language tag", written.value),
                "write tags such as \"en\" and \"pl\"",
            ),
        }
    }
    if !languages.contains(&default) {
        if table.has("languages") {
            table.document().fault(
                table.span_of("languages"),
                format!("the default language `{default}` is not offered"),
                format!("add \"{default}\" to `languages`"),
            );
        }
        languages.insert(0, default.clone());
    }
    (default, languages)
}

fn calendar(table: &Table<'_>, quiet_from: Time, quiet_to: Time) -> Option<SchoolCalendar> {
    let document = table.document();
    let zone = match table.text("timezone") {
        None => TimeZone::get("Europe/London").ok(),
        Some(written) => {
            let zone = TimeZone::get(&written.value).ok();
            if zone.is_none() {
                let message = format!("there is no time zone `{}`", written.value);
                document.fault(written.span, message, "write \"Europe/London\"");
            }
            zone
        }
    };
    let hours = hours(table);
    let bank_holidays = BankHolidays::england();
    if let Err(faults) = &bank_holidays {
        for fault in faults {
            document.fault(None, fault.message.as_str(), fault.remedy.as_str());
        }
    }
    let bank_holidays = bank_holidays.ok()?;
    let terms = terms(table, bank_holidays.until);
    let closed = closed(table, &terms);
    let (days, open, close) = hours?;
    Some(SchoolCalendar {
        zone: zone?,
        days,
        open,
        close,
        terms,
        closed,
        bank_holidays,
        quiet_from,
        quiet_to,
    })
}

/// `[hours]`: on which days of the week there is school, and when the office opens and closes.
pub(super) fn hours(table: &Table<'_>) -> Option<(Days, Time, Time)> {
    let Some(hours) = table.table("hours") else {
        table.missing(
            "hours",
            "{ days = \"mon-fri\", open = \"08:30\", close = \"16:00\" }",
        );
        return None;
    };
    let days = hours.need_parsed("days", "days such as \"mon-fri\"", Days::parse);
    let time = |key| hours.need_parsed(key, "a time of day, such as \"08:30\"", read_time);
    let (open, close) = (time("open"), time("close"));
    if let (Some(open), Some(close)) = (open, close)
        && open >= close
    {
        let remedy = "put `open` before `close`";
        let document = table.document();
        document.fault(hours.span(), "the school closes before it opens", remedy);
    }
    hours.no_more();
    Some((days?, open?, close?))
}

/// `[[term]]`. Bank holidays are known until the end of a year.
pub(super) fn terms(table: &Table<'_>, known_until: i16) -> Vec<Period> {
    let document = table.document();
    if !table.has("term") {
        table.missing("term", "a table [[school.term]] with from and to");
    }
    let mut terms: Vec<Period> = Vec::new();
    for term in table.tables("term") {
        let span = term.span();
        let Some(days) = period(&term) else { continue };
        term.no_more();
        if terms.iter().any(|t| t.from <= days.to && days.from <= t.to) {
            document.fault(span, "two terms overlap", "each day belongs to one term");
        } else if days.to.year() > known_until {
            document.warning(
                span,
                format!("bank holidays are known until {known_until} only"),
                "add later ones as [[school.closed]]",
            );
        }
        terms.push(days);
    }
    terms
}

/// `[[closed]]`.
pub(super) fn closed(table: &Table<'_>, terms: &[Period]) -> Vec<Closed> {
    let mut found = Vec::new();
    for closed in table.tables("closed") {
        let days = period(&closed);
        let why = closed.need_text("why");
        if days.is_some_and(|days| (days.to - days.from).get_days() > LONGEST_CLOSED) {
            closed.document().fault(
                closed.span(),
                "the school would be closed for more than a year",
                "check the year of the last day",
            );
        }
        if let Some(days) = days
            && !terms.iter().any(|t| t.from <= days.to && days.from <= t.to)
        {
            closed.document().warning(
                closed.span(),
                "these days are in no term",
                "check the year: the school is closed then anyway",
            );
        }
        closed.no_more();
        if let (Some(days), Some(why)) = (days, why) {
            let why = why.value;
            found.push(Closed { days, why });
        }
    }
    found
}

/// `from` and `to`; a single day may leave `to` out.
fn period(table: &Table<'_>) -> Option<Period> {
    let from: Option<Date> = table.need_date("from");
    let to = table.date("to");
    let from = from?;
    let to = if table.has("to") { to? } else { from };
    if from > to {
        let remedy = "put `from` before `to`";
        table
            .document()
            .fault(table.span(), "this ends before it begins", remedy);
    }
    Some(Period { from, to })
}

fn promises(table: Option<Table<'_>>) -> Promises {
    let mut promises = Promises {
        concern_working_days: 2,
        concern_at: FOUR,
        office_at: FOUR,
        hand_over_at: NOON,
        digests: vec![Time::constant(8, 0, 0, 0), Time::constant(15, 30, 0, 0)],
    };
    let Some(table) = table else { return promises };
    if let Some(days) = table.number("concern_working_days") {
        promises.concern_working_days = days.value as usize;
        if !(1..=10).contains(&days.value) {
            let message = "a concern cannot wait this long, or not at all";
            table.document().fault(days.span, message, "write 1 to 10");
        }
    }
    for (key, time) in [
        ("concern_at", &mut promises.concern_at),
        ("office_at", &mut promises.office_at),
        ("hand_over_at", &mut promises.hand_over_at),
    ] {
        *time = table.time(key).unwrap_or(*time);
    }
    if table.has("digests") {
        promises.digests = table
            .texts("digests")
            .into_iter()
            .filter_map(|written| {
                let time = read_time(&written.value);
                if time.is_none() {
                    table.document().fault(
                        written.span,
                        format!("`{}` is not a time of day", written.value),
                        "write times such as \"08:00\"",
                    );
                }
                time
            })
            .collect();
        promises.digests.sort_unstable();
        if promises.digests.is_empty() {
            let span = table.span_of("digests");
            let message = "without a digest, staff would not hear of what came at night";
            table
                .document()
                .fault(span, message, "write [\"08:00\", \"15:30\"]");
        }
    }
    table.no_more();
    promises
}

fn safeguarding(table: Table<'_>) -> Safeguarding {
    let mut rota = Rota {
        shifts: Vec::new(),
        not_staffed: table.flag("not_staffed").unwrap_or(false),
    };
    for shift in table.tables("rota") {
        let span = shift.span();
        let staff: Vec<String> = shift.texts("staff").into_iter().map(|s| s.value).collect();
        if staff.is_empty() {
            shift.missing("staff", "[\"mrs-adeyemi\"]");
        }
        let days = shift.need_parsed("days", "days such as \"mon-sun\"", Days::parse);
        let time = |key| shift.need_parsed(key, "a time of day, such as \"07:30\"", read_time);
        let (from, to) = (time("from"), time("to"));
        shift.no_more();
        if let (Some(days), Some(from), Some(to)) = (days, from, to) {
            rota.shifts.push(Shift {
                staff,
                days,
                from,
                to,
                span,
            });
        }
    }
    if !rota.not_staffed
        && let Some((day, time)) = rota.first_gap()
    {
        table.document().fault(
            table.span(),
            format!(
                "nobody is on the safeguarding rota from {day} {}",
                time.strftime("%H:%M")
            ),
            "add a [[school.safeguarding.rota]] for it, or write not_staffed = true",
        );
    }
    let out_of_hours = out_of_hours(&table);
    table.no_more();
    Safeguarding { rota, out_of_hours }
}

/// The longest name of a line that is rung out of hours: a text has no more room.
const LONGEST_WHO: usize = 60;

/// The longest time for which a school is closed, in days.
const LONGEST_CLOSED: i32 = 366;

/// `out_of_hours` and `out_of_hours_who`.
pub(super) fn out_of_hours(table: &Table<'_>) -> Option<OutOfHours> {
    let number = table.text("out_of_hours");
    let who = table.text("out_of_hours_who");
    if number.is_some() != who.is_some() {
        table.document().fault(
            table.span(),
            "a line for out of hours is a number and whose it is",
            "write both out_of_hours and out_of_hours_who",
        );
    }
    let (number, who) = number.zip(who)?;
    let dialled = |c: char| c.is_ascii_digit() || " +".contains(c);
    if !number.value.chars().all(dialled) || number.value.trim().len() < 3 {
        table.document().fault(
            number.span,
            format!("`{}` is not a number to ring", number.value),
            "write it as people dial it, such as 020 7946 0123",
        );
    }
    if who.value.chars().count() > LONGEST_WHO {
        table.document().fault(
            who.span,
            format!(
                "`out_of_hours_who` has {} characters",
                who.value.chars().count()
            ),
            format!("say it in {LONGEST_WHO}: it stands in texts to families at the worst moment"),
        );
    }
    Some(OutOfHours {
        who: who.value,
        number: number.value,
    })
}

fn email_words(school: &Table<'_>) -> Vec<Role> {
    let Some(table) = school.table("email_words") else {
        return vec![Role::Senco];
    };
    let on =
        |(word, role): &(&'static str, Role)| table.flag(word).unwrap_or(false).then_some(*role);
    let mut roles: Vec<Role> = Role::WORDS.iter().filter_map(on).collect();
    // The words go to the SENCO unless the school has switched that off.
    if !table.has(Role::Senco.word()) {
        roles.insert(0, Role::Senco);
    }
    // These roles never read a case, so no email may show them one.
    for role in [Role::Governor, Role::It, Role::CouncilOperator] {
        if roles.contains(&role) {
            table.document().fault(
                table.span_of(role.word()),
                format!("`{}` never reads a parent's words", role.word()),
                "leave it out",
            );
        }
    }
    table.no_more();
    roles
}
