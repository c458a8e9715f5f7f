//! Every value of a school's configuration in plain words: for whoever asks what is set, and where.
//! No secret is among them.

use jiff::civil::Time;

use super::School;
use crate::phone::Phone;
use crate::school::calendar::Period;
use crate::school::people::titles;
use crate::school::retention::Kept;
use crate::school::setting::Section;

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// What it is.
    pub what: &'static str,
    /// What it is set to.
    pub value: String,
    /// The section that staff set it by; `None` where only the file can say it.
    pub section: Option<Section>,
}

/// From a day to a day, as people write it: `7 December 2026 to 9 December 2026`, or the one day.
pub fn days(period: Period) -> String {
    let day = |date: jiff::civil::Date| date.strftime("%-d %B %Y").to_string();
    if period.from == period.to {
        day(period.from)
    } else {
        format!("{} to {}", day(period.from), day(period.to))
    }
}

fn clock(time: Time) -> String {
    time.strftime("%H:%M").to_string()
}

fn or_none(value: Option<String>) -> String {
    value.unwrap_or_else(|| "none".to_owned())
}

/// Every value of a school, in the order in which somebody would look for it.
pub fn shown(school: &School) -> Vec<Shown> {
    let (calendar, promises) = (&school.calendar, &school.promises);
    let mut all = Vec::new();
    let mut add = |section: Option<Section>, what, value: String| {
        all.push(Shown {
            what,
            value,
            section,
        });
    };
    add(None, "Name", school.name.clone());
    add(None, "How texts begin", school.short_name.clone());
    add(None, "Council", school.authority.clone());
    add(None, "Languages", school.languages.join(", "));
    let terms: Vec<String> = calendar.terms.iter().copied().map(days).collect();
    let hours = format!(
        "{}, {} to {}",
        calendar.days,
        clock(calendar.open),
        clock(calendar.close)
    );
    add(Some(Section::Terms), "Days and hours", hours);
    add(Some(Section::Terms), "Terms", terms.join("; "));
    let closed = calendar.closed.iter();
    let closed: Vec<String> = closed
        .map(|c| format!("{} ({})", days(c.days), c.why))
        .collect();
    let closed = (!closed.is_empty()).then(|| closed.join("; "));
    add(Some(Section::Closed), "Closed days", or_none(closed));

    let contact = Some(Section::Contact);
    add(contact, "Office phone", school.office_phone.national());
    let absence = school.absence_phone.as_ref().map(Phone::national);
    add(contact, "Line for absence", or_none(absence));
    let line = school.safeguarding.out_of_hours.as_ref();
    let line = line.map(|line| format!("{}, {}", line.who, line.number));
    add(contact, "Whom to ring out of hours", or_none(line));
    let links = &school.links;
    for (what, link) in [
        ("Complaints policy", &links.complaints),
        ("SEN information report", &links.sen_report),
        ("Local Offer", &links.local_offer),
        ("Parent View", &links.parent_view),
    ] {
        add(contact, what, or_none(link.clone()));
    }
    let own = &school.services;
    let services = format!(
        "{} of the school's own, {} hidden, {} checked here",
        own.services.len(),
        own.hidden.len(),
        own.checked.len()
    );
    add(Some(Section::Services), "Local services", services);

    let retention = &school.retention;
    let kept = Some(Section::Retention);
    let nightly: Vec<&str> = retention
        .nightly
        .iter()
        .copied()
        .map(Kept::called)
        .collect();
    let nightly = (!nightly.is_empty()).then(|| nightly.join("; "));
    for (what, value) in [
        (
            "Cases of a pupil",
            format!("{} years from birth", retention.sen_years),
        ),
        (
            "Safeguarding cases",
            format!(
                "{} years from birth, then looked at",
                retention.safeguarding_years
            ),
        ),
        (
            "Messages of no record",
            format!("{} months", retention.messages_months),
        ),
        (
            "What providers said",
            format!("{} days", retention.provider_logs_days),
        ),
        ("Removed each night", or_none(nightly)),
    ] {
        add(kept, what, value);
    }

    let concern = format!(
        "by {} on working day {} of somebody named",
        clock(promises.concern_at),
        promises.concern_working_days
    );
    add(None, "A concern is answered", concern);
    let office = format!("by {} on the next school day", clock(promises.office_at));
    add(None, "What the office looks at", office);
    let hand_over = format!("by {} on the next school day", clock(promises.hand_over_at));
    add(None, "Words that were not understood", hand_over);
    let quiet = format!(
        "{} to {}",
        clock(calendar.quiet_from),
        clock(calendar.quiet_to)
    );
    add(None, "Nothing unasked is sent", quiet);
    let digests: Vec<String> = promises.digests.iter().copied().map(clock).collect();
    add(None, "Staff hear of what is new", digests.join(", "));
    let rota = &school.safeguarding.rota;
    let shifts = rota.shifts.iter().map(|shift| {
        let (from, to) = (clock(shift.from), clock(shift.to));
        format!("{} {from} to {to}: {}", shift.days, shift.staff.join(", "))
    });
    let mut shifts: Vec<String> = shifts.collect();
    if rota.not_staffed {
        shifts.push("not staffed at other hours".to_owned());
    }
    add(None, "Safeguarding rota", shifts.join("; "));
    let words = &school.email_words;
    let words = (!words.is_empty()).then(|| titles(words));
    add(None, "Whose email holds a concern's words", or_none(words));
    let budget = school.monthly_budget.map(|budget| budget.to_string());
    add(None, "Monthly budget for texts", or_none(budget));
    let numbers = school.channels.iter();
    let numbers: Vec<String> = numbers
        .map(|c| {
            c.kind
                .number()
                .map_or_else(|| c.id.clone(), Phone::national)
        })
        .collect();
    let numbers = (!numbers.is_empty()).then(|| numbers.join(", "));
    add(None, "Numbers and bots", or_none(numbers));
    all
}
