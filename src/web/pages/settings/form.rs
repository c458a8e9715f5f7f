//! Sections that are set by one form as a whole: terms and hours, phones and pages, retention.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum_extra::extract::Form;

use super::field::Field;
use super::{Asked, HERE, Source, address, after, title};
use crate::config;
use crate::deployment::School;
use crate::desk::sight::may_skim;
use crate::keeping::retention::{Due, due};
use crate::school::people::Staff;
use crate::school::retention::Kept;
use crate::school::setting::{Draft, Section};
use crate::store::Tx;
use crate::web::error::PageError;
use crate::web::pages::{Frame, Problem, render};
use crate::web::session::SignedIn;
use crate::web::{Shared, Web};

/// Empty lines for terms that are still to come.
const TERMS_TO_COME: usize = 3;

/// The most terms that a form takes in.
const MOST_TERMS: usize = 40;

/// The days of the week, as the configuration and as people name them.
const WEEK: [(&str, &str); 7] = [
    ("mon", "Monday"),
    ("tue", "Tuesday"),
    ("wed", "Wednesday"),
    ("thu", "Thursday"),
    ("fri", "Friday"),
    ("sat", "Saturday"),
    ("sun", "Sunday"),
];

/// The page.
#[derive(Template)]
#[template(path = "settings_form.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    address: &'static str,
    intro: &'static str,
    groups: Vec<Group>,
    /// What is kept and over its time, in words: retention only.
    over: Vec<(String, String)>,
    source: Source,
}

/// Fields that belong together.
pub(super) struct Group {
    pub legend: String,
    pub fields: Vec<Field>,
    pub boxes: Option<Boxes>,
}

/// Boxes to tick.
pub(super) struct Boxes {
    pub name: &'static str,
    pub label: &'static str,
    pub all: Vec<Tick>,
    pub problem: Option<String>,
}

/// One of them.
pub(super) struct Tick {
    pub value: &'static str,
    pub label: &'static str,
    pub on: bool,
}

/// What stands in a form, field by field.
#[derive(Debug, Clone, Default)]
pub(super) struct Typed(pub Vec<(String, String)>);

impl Typed {
    fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    fn all<'t>(&'t self, name: &'t str) -> impl Iterator<Item = &'t str> {
        let named = self.0.iter().filter(move |(known, _)| known == name);
        named.map(|(_, value)| value.as_str())
    }

    fn put(&mut self, name: impl Into<String>, value: impl ToString) {
        self.0.push((name.into(), value.to_string()));
    }
}

/// One form.
struct Sheet {
    section: Section,
    intro: &'static str,
    /// What stands in it before anybody types.
    said: fn(&config::School) -> Typed,
    /// Its fields, with what stands in them.
    groups: fn(&Typed, &Frame) -> Vec<Group>,
    /// What was typed, as TOML.
    draft: fn(&Typed) -> Draft,
}

const TERMS: Sheet = Sheet {
    section: Section::Terms,
    intro: "A promise to a parent is counted in school days, and nothing is promised beyond the last term that stands here. Enter next year's terms as soon as they are known. A line that you empty is taken out.",
    said: |school| {
        let calendar = &school.calendar;
        let mut typed = Typed::default();
        for (n, (word, _)) in (1..).zip(WEEK) {
            if calendar.days.numbers().contains(&n) {
                typed.put("day", word);
            }
        }
        typed.put("open", calendar.open.strftime("%H:%M"));
        typed.put("close", calendar.close.strftime("%H:%M"));
        for (n, term) in calendar.terms.iter().enumerate() {
            typed.put(format!("from-{n}"), term.from);
            typed.put(format!("to-{n}"), term.to);
        }
        typed
    },
    groups: |typed, frame| {
        let time = |id, label| Field::new(id, label, "time").with(typed.get(id), frame);
        let hours = Group {
            legend: "The office is open".to_owned(),
            fields: vec![time("open", "From"), time("close", "To")],
            boxes: Some(Boxes {
                name: "day",
                label: "Days of the week with school",
                all: week(|day| typed.all("day").any(|d| d == day)),
                problem: frame.problem_of("day").map(str::to_owned),
            }),
        };
        let terms = terms_typed(typed);
        let lines = (terms.last().map_or(0, |n| n + 1) + TERMS_TO_COME).min(MOST_TERMS);
        let terms = (0..lines).map(|n| {
            let date = |id: String, label| {
                let value = typed.get(&id).to_owned();
                Field::new(id, label, "date").with(&value, frame)
            };
            Group {
                legend: format!("Term {}", n + 1),
                fields: vec![
                    date(format!("from-{n}"), "First day of school"),
                    date(format!("to-{n}"), "Last day of school"),
                ],
                boxes: None,
            }
        });
        [hours].into_iter().chain(terms).collect()
    },
    draft: |typed| {
        let mut draft = Draft::default();
        draft.table("[hours]", "open");
        let days: Vec<&str> = typed.all("day").collect();
        draft.put("days", &days.join(", "), "day");
        draft.put("open", typed.get("open"), "open");
        draft.put("close", typed.get("close"), "close");
        for n in terms_typed(typed) {
            let (from, to) = (format!("from-{n}"), format!("to-{n}"));
            draft.table("[[term]]", &from);
            draft.put("from", typed.get(&from), &from);
            draft.put("to", typed.get(&to), &to);
        }
        draft
    },
};

/// The lines of terms in which something stands.
fn terms_typed(typed: &Typed) -> Vec<usize> {
    let any = |n: &usize| {
        let stands = |name: String| !typed.get(&name).trim().is_empty();
        stands(format!("from-{n}")) || stands(format!("to-{n}"))
    };
    (0..MOST_TERMS).filter(any).collect()
}

pub(super) fn week(on: impl Fn(&str) -> bool) -> Vec<Tick> {
    WEEK.into_iter()
        .map(|(value, label)| Tick {
            value,
            label,
            on: on(value),
        })
        .collect()
}

/// Links, as the file has them, with what people call them.
const LINKS: [(&str, &str); 4] = [
    ("complaints", "Complaints policy"),
    ("sen_report", "SEN information report"),
    ("local_offer", "The council's Local Offer"),
    (
        "parent_view",
        "Where parents tell the inspectorate what they think",
    ),
];

const CONTACT: Sheet = Sheet {
    section: Section::Contact,
    intro: "These stand in texts to families. A page is written short, without https://. Leave out what the school has not got.",
    said: |school| {
        let mut typed = Typed::default();
        typed.put("office_phone", school.office_phone.national());
        let absence = school.absence_phone.as_ref();
        let absence = absence.map(crate::phone::Phone::national);
        typed.put("absence_phone", absence.unwrap_or_default());
        let links = &school.links;
        let links = [
            &links.complaints,
            &links.sen_report,
            &links.local_offer,
            &links.parent_view,
        ];
        for ((key, _), link) in LINKS.into_iter().zip(links) {
            typed.put(key, link.clone().unwrap_or_default());
        }
        if let Some(line) = &school.safeguarding.out_of_hours {
            typed.put("out_of_hours", &line.number);
            typed.put("out_of_hours_who", &line.who);
        }
        typed
    },
    groups: |typed, frame| {
        let text = |id: &'static str, label: &'static str| {
            Field::new(id, label, "text").with(typed.get(id), frame)
        };
        let group = |legend: &str, fields| Group {
            legend: legend.to_owned(),
            fields,
            boxes: None,
        };
        vec![
            group(
                "Phones",
                vec![
                    text("office_phone", "The office"),
                    text("absence_phone", "The line for absence, if it is another"),
                ],
            ),
            group(
                "When the school is closed and a child is at risk",
                vec![
                    text("out_of_hours_who", "Whose line it is")
                        .hint("The council, as in “Camden”. Ask a safeguarding lead before you change it."),
                    text("out_of_hours", "Its number"),
                ],
            ),
            group(
                "Web pages",
                LINKS.into_iter().map(|(key, label)| text(key, label)).collect(),
            ),
        ]
    },
    draft: |typed| {
        let mut draft = Draft::default();
        draft.put("office_phone", typed.get("office_phone"), "office_phone");
        draft.put_if_any("absence_phone", typed.get("absence_phone"), "absence_phone");
        draft.table("[links]", LINKS[0].0);
        for (key, _) in LINKS {
            draft.put_if_any(key, typed.get(key), key);
        }
        draft.table("[safeguarding]", "out_of_hours");
        for key in ["out_of_hours", "out_of_hours_who"] {
            draft.put_if_any(key, typed.get(key), key);
        }
        draft
    },
};

/// How long what is kept: key, label, unit.
const PERIODS: [(&str, &str); 4] = [
    ("sen_years", "Cases of a pupil: years from birth"),
    (
        "safeguarding_years",
        "Safeguarding cases: years from birth, then a safeguarding lead looks at each",
    ),
    (
        "messages_months",
        "Messages that became part of no record: months",
    ),
    (
        "provider_logs_days",
        "What providers said of messages: days",
    ),
];

const RETENTION: Sheet = Sheet {
    section: Section::Retention,
    intro: "The law and the schedules of schools set the least; less is refused. What you tick is removed each night at half past two and cannot be brought back, but from a backup. What is under a legal hold stays.",
    said: |school| {
        let kept = &school.retention;
        let mut typed = Typed::default();
        let periods = [
            kept.sen_years,
            kept.safeguarding_years,
            kept.messages_months,
            kept.provider_logs_days,
        ];
        for ((key, _), period) in PERIODS.into_iter().zip(periods) {
            typed.put(key, period);
        }
        for kept in &kept.nightly {
            typed.put("nightly", kept.word());
        }
        typed
    },
    groups: |typed, frame| {
        let number = |(id, label)| Field::new(id, label, "number").with(typed.get(id), frame);
        let nightly = Kept::WORDS.iter().filter(|(_, k)| *k != Kept::Safeguarding);
        vec![Group {
            legend: "How long".to_owned(),
            fields: PERIODS.into_iter().map(number).collect(),
            boxes: Some(Boxes {
                name: "nightly",
                label: "Remove each night, once its time is over",
                all: nightly
                    .map(|(value, kept)| Tick {
                        value,
                        label: kept.called(),
                        on: typed.all("nightly").any(|word| word == *value),
                    })
                    .collect(),
                problem: frame.problem_of("nightly").map(str::to_owned),
            }),
        }]
    },
    draft: |typed| {
        let mut draft = Draft::default();
        draft.table("[retention]", "sen_years");
        for (key, _) in PERIODS {
            draft.number(key, typed.get(key), key);
        }
        draft.list("nightly", typed.all("nightly"), "nightly");
        draft
    },
};

/// `GET /settings/terms`
pub(crate) async fn terms(
    State(web): State<Shared>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    show(&web, &who, &TERMS, &asked).await
}

/// `POST /settings/terms`
pub(crate) async fn set_terms(
    State(web): State<Shared>,
    who: SignedIn,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    set(&web, &who, &TERMS, Typed(typed)).await
}

/// `GET /settings/contact`
pub(crate) async fn contact(
    State(web): State<Shared>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    show(&web, &who, &CONTACT, &asked).await
}

/// `POST /settings/contact`
pub(crate) async fn set_contact(
    State(web): State<Shared>,
    who: SignedIn,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    set(&web, &who, &CONTACT, Typed(typed)).await
}

/// `GET /settings/retention`
pub(crate) async fn retention(
    State(web): State<Shared>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    show(&web, &who, &RETENTION, &asked).await
}

/// `POST /settings/retention`
pub(crate) async fn set_retention(
    State(web): State<Shared>,
    who: SignedIn,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    set(&web, &who, &RETENTION, Typed(typed)).await
}

async fn show(
    web: &Web,
    who: &SignedIn,
    sheet: &Sheet,
    asked: &Asked,
) -> Result<Response, PageError> {
    let frame = Frame::of(who, HERE, title(sheet.section)).done(asked.done.as_deref());
    view(web, who, sheet, frame, None).await
}

async fn set(
    web: &Web,
    who: &SignedIn,
    sheet: &Sheet,
    typed: Typed,
) -> Result<Response, PageError> {
    let seen = typed.get("seen").parse().unwrap_or(-1);
    let draft = (sheet.draft)(&typed);
    let mut tx = web.d.store.begin().await?;
    let done = who
        .actor(web)
        .set(&mut tx, sheet.section, seen, &draft)
        .await;
    let Some((field, words)) = after(web, tx, done).await? else {
        let to = format!("{}?done=set", address(sheet.section));
        return Ok(Redirect::to(&to).into_response());
    };
    let field = if field.is_empty() {
        "form".to_owned()
    } else {
        field
    };
    let frame = Frame {
        problem: Some(Problem::new(field, &words)),
        ..Frame::of(who, HERE, title(sheet.section))
    };
    view(web, who, sheet, frame, Some(typed)).await
}

async fn view(
    web: &Web,
    who: &SignedIn,
    sheet: &Sheet,
    frame: Frame,
    typed: Option<Typed>,
) -> Result<Response, PageError> {
    let school = web.d.school(&who.school.config.id);
    let school = school.unwrap_or_else(|| who.school.clone());
    let mut tx = web.d.store.read().await?;
    let typed = typed.unwrap_or_else(|| (sheet.said)(&school.config));
    let over = match sheet.section {
        Section::Retention => over(&mut tx, &school, who.staff()).await?,
        _ => Vec::new(),
    };
    let page = Page {
        address: address(sheet.section),
        intro: sheet.intro,
        groups: (sheet.groups)(&typed, &frame),
        over,
        source: Source::of(&mut tx, &school, sheet.section).await?,
        frame,
    };
    Ok((page.frame.status(), render(&page)).into_response())
}

/// What is over its time today, and whether tonight takes it. How many sealed cases there are is for
/// those who look at them.
async fn over(
    tx: &mut Tx,
    school: &School,
    staff: &Staff,
) -> Result<Vec<(String, String)>, PageError> {
    let nightly = &school.config.retention.nightly;
    let words = |due: &Due| {
        if due.kept == Kept::Safeguarding && !may_skim(staff) {
            return "a safeguarding lead looks at each".to_owned();
        }
        let goes = match due.kept {
            Kept::Safeguarding => "a safeguarding lead looks at each",
            kept if nightly.contains(&kept) => "tonight removes them",
            _ => "nothing removes them by itself",
        };
        let mut words = match due.over.count {
            0 => "none".to_owned(),
            n => format!("{n}: {goes}"),
        };
        if due.held > 0 {
            let stay = if due.held == 1 { "stays" } else { "stay" };
            words.push_str(&format!("; {} more {stay}, under a legal hold", due.held));
        }
        if due.undated > 0 {
            let have = if due.undated == 1 { "has" } else { "have" };
            words.push_str(&format!("; {} more {have} no date of birth", due.undated));
        }
        words
    };
    let all = due(tx, school).await?;
    Ok(all
        .iter()
        .map(|due| (due.kept.called().to_owned(), words(due)))
        .collect())
}
