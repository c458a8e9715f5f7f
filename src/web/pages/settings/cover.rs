//! Hours, absence and cover: when staff are in, for promises and meetings; and who stands in.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum_extra::extract::Form;
use serde::Deserialize;

use super::field::Field;
use super::form::{Boxes, week};
use super::{Asked, HERE};
use crate::config::shown::days;
use crate::desk::people::PeopleError;
use crate::school::people::Staff;
use crate::school::setting::Draft;
use crate::web::error::PageError;
use crate::web::pages::{Frame, Problem, render};
use crate::web::session::SignedIn;
use crate::web::{Shared, Web};

/// Empty lines for absences still to be written down.
const MORE: usize = 2;

/// Everybody.
#[derive(Template)]
#[template(path = "settings_cover.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    staff: Vec<Row>,
}

struct Row {
    key: String,
    name: String,
    hours: String,
    /// From today on.
    away: Vec<String>,
    away_today: bool,
    cover: Option<String>,
    /// A safeguarding rota pages them, whether they are in or not.
    on_rota: bool,
}

/// One of them.
#[derive(Template)]
#[template(path = "settings_cover_one.html", config = "src/web/askama.toml")]
struct OnePage {
    frame: Frame,
    key: String,
    hours: Vec<Field>,
    week: Boxes,
    /// First and last day of each absence.
    away: Vec<[Field; 2]>,
    /// Key and name of everybody else.
    colleagues: Vec<(String, String)>,
    cover: String,
    on_rota: bool,
}

/// The form, as typed.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    day: Vec<String>,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    away_from: Vec<String>,
    #[serde(default)]
    away_to: Vec<String>,
    #[serde(default)]
    cover: String,
}

/// `GET /settings/cover`
pub(crate) async fn list(
    State(web): State<Shared>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let school = &who.school;
    let today = school.local(web.d.clock.now()).date();
    let rows = school.people.staff.iter().map(|staff| Row {
        key: staff.key.clone(),
        name: staff.name.clone(),
        hours: format!(
            "{}, {} to {}",
            staff.work.days,
            staff.work.from.strftime("%H:%M"),
            staff.work.to.strftime("%H:%M")
        ),
        away: staff
            .work
            .absent
            .iter()
            .filter(|away| today <= away.to)
            .map(|away| days(*away))
            .collect(),
        away_today: staff.work.absent.iter().any(|away| away.contains(today)),
        cover: staff.cover.as_ref().map(|key| school.name(key)),
        on_rota: on_rota(&who, staff),
    });
    let page = Page {
        staff: rows.collect(),
        frame: Frame::of(&who, HERE, "Hours, absence and cover").done(asked.done.as_deref()),
    };
    Ok(render(&page))
}

fn on_rota(who: &SignedIn, staff: &Staff) -> bool {
    let shifts = &who.school.config.safeguarding.rota.shifts;
    shifts.iter().any(|shift| shift.staff.contains(&staff.key))
}

/// `GET /settings/cover/{key}`
pub(crate) async fn show(
    State(_): State<Shared>,
    who: SignedIn,
    Path(key): Path<String>,
) -> Result<Response, PageError> {
    let staff = who.school.people.staff(&key).ok_or(PageError::NotFound)?;
    let frame = Frame::of(&who, HERE, format!("When {} is in", staff.name));
    let work = &staff.work;
    let typed = Typed {
        day: work.days.numbers().into_iter().map(day_word).collect(),
        from: work.from.strftime("%H:%M").to_string(),
        to: work.to.strftime("%H:%M").to_string(),
        away_from: work.absent.iter().map(|a| a.from.to_string()).collect(),
        away_to: work.absent.iter().map(|a| a.to.to_string()).collect(),
        cover: staff.cover.clone().unwrap_or_default(),
    };
    Ok(one(&who, staff, frame, typed))
}

/// The word of a day of the week, Monday is 1.
fn day_word(number: i8) -> String {
    let all = week(|_| true);
    let at = usize::try_from(number).unwrap_or(1).saturating_sub(1);
    all.get(at).map_or("", |day| day.value).to_owned()
}

/// `POST /settings/cover/{key}`
pub(crate) async fn set(
    State(web): State<Shared>,
    who: SignedIn,
    Path(key): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    let staff = who.school.people.staff(&key).ok_or(PageError::NotFound)?;
    let problem = match keep(&web, &who, staff, &typed).await? {
        None => return Ok(Redirect::to("/settings/cover?done=set").into_response()),
        Some(problem) => problem,
    };
    let frame = Frame {
        problem: Some(problem),
        ..Frame::of(&who, HERE, format!("When {} is in", staff.name))
    };
    Ok(one(&who, staff, frame, typed))
}

async fn keep(
    web: &Web,
    who: &SignedIn,
    staff: &Staff,
    typed: &Typed,
) -> Result<Option<Problem>, PageError> {
    let mut draft = Draft::default();
    draft.put("days", &typed.day.join(", "), "day");
    draft.put("from", &typed.from, "from");
    draft.put("to", &typed.to, "to");
    for (n, (from, to)) in typed.away_from.iter().zip(&typed.away_to).enumerate() {
        let (from, to) = (from.trim(), to.trim());
        if from.is_empty() && to.is_empty() {
            continue;
        }
        let field = format!("away-{n}");
        draft.table("[[absent]]", &field);
        draft.put("from", from, &field);
        // One day away has no last day of its own.
        draft.put(
            "to",
            if to.is_empty() { from } else { to },
            &format!("away-to-{n}"),
        );
    }
    let mut tx = web.d.store.begin().await?;
    let actor = who.actor(web);
    let done = actor
        .set_work(&mut tx, &staff.key, &draft, &typed.cover)
        .await;
    match done {
        Ok(()) => {
            tx.save().await?;
            web.d.look_at_people().await?;
            Ok(None)
        }
        Err(PeopleError::Store(error)) => Err(error.into()),
        Err(PeopleError::Nobody) => Err(PageError::NotFound),
        Err(PeopleError::Refused { field, words }) => Ok(Some(Problem::new(field, &words))),
        Err(why) => Ok(Some(Problem::new("day", &why.to_string()))),
    }
}

fn one(who: &SignedIn, staff: &Staff, frame: Frame, typed: Typed) -> Response {
    let value = |all: &[String], n: usize| all.get(n).cloned().unwrap_or_default();
    let lines = typed.away_from.len() + MORE;
    let date = |id: String, name, label, value: &str| Field {
        name,
        ..Field::new(id, label, "date").with(value, &frame)
    };
    let away = (0..lines).map(|n| {
        [
            date(
                format!("away-{n}"),
                "away_from",
                "Away from",
                &value(&typed.away_from, n),
            ),
            date(
                format!("away-to-{n}"),
                "away_to",
                "Until, if it is more than one day",
                &value(&typed.away_to, n),
            ),
        ]
    });
    let colleagues = who.school.people.staff.iter();
    let page = OnePage {
        key: staff.key.clone(),
        hours: vec![
            Field::new("from", "From", "time").with(&typed.from, &frame),
            Field::new("to", "To", "time").with(&typed.to, &frame),
        ],
        week: Boxes {
            name: "day",
            label: "Days in school",
            all: week(|day| typed.day.iter().any(|d| d == day)),
            problem: frame.problem_of("day").map(str::to_owned),
        },
        away: away.collect(),
        colleagues: colleagues
            .filter(|other| other.key != staff.key)
            .map(|other| (other.key.clone(), other.name.clone()))
            .collect(),
        cover: typed.cover,
        on_rota: on_rota(who, staff),
        frame,
    };
    (page.frame.status(), render(&page)).into_response()
}
