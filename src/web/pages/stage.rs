//! The stage of a pupil's support: where it is set, with its history, and where each adult is told of a
//! change, by a text that is seen first, by a letter, or in another way.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use uuid::Uuid;

use super::names::pupil_of_key;
use super::support::{Change, history};
use super::{Frame, Problem, Stamp, clean, render};
use crate::desk::letter::{WAYS, way_words};
use crate::desk::people::PeopleError;
use crate::desk::stage::{Setting, Standing, Telling, standings};
use crate::desk::{Actor, DeskError};
use crate::school::case::share::NotShared;
use crate::school::people::{Pupil, Sen};
use crate::school::stage::letter_due;
use crate::store::{Moment, StageChange, Tx};
use crate::text::segments::segments;
use crate::web::client::Client;
use crate::web::error::PageError;
use crate::web::session::SignedIn;
use crate::web::{Shared, Web};

/// The page.
#[derive(Template)]
#[template(path = "stage.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    key: String,
    name: String,
    now: String,
    /// Whether it was set here, or the school's own system says it.
    set_here: bool,
    stages: Vec<(&'static str, &'static str)>,
    typed: Set,
    today: String,
    history: Vec<Change>,
    /// The change that adults are told of.
    telling: Option<Tell>,
}

/// The change that adults are told of.
struct Tell {
    id: Uuid,
    called: String,
    since: String,
    /// A letter is owed, by this day; and it is late.
    letter: Option<(String, bool)>,
    adults: Vec<Row>,
    ways: [(&'static str, &'static str); 3],
}

/// One adult.
struct Row {
    key: String,
    name: String,
    relation: String,
    /// Why nothing goes to them.
    not: Option<String>,
    /// Nobody has decided about copies.
    undecided: bool,
    /// How they were told.
    told: Option<String>,
    /// Why no text reaches them.
    no_text: Option<String>,
    text: String,
    parts: usize,
    /// What the text says in the school's language.
    ours: Option<String>,
    /// What was typed in a form that was not taken.
    typed: Act,
    /// The letter: when it was made, and how sent.
    made: Option<String>,
    sent: Option<String>,
}

/// A stage as it is typed.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Set {
    #[serde(default)]
    stage: String,
    #[serde(default)]
    plan: String,
    #[serde(default)]
    since: String,
    #[serde(default)]
    why: String,
}

/// What somebody does for one adult.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Act {
    /// The change, by its id.
    #[serde(default)]
    stage: String,
    #[serde(default)]
    adult: String,
    /// `text`, `otherwise`, `not`, `copies`, `no-copies`, `letter` or `sent`.
    #[serde(default, rename = "do")]
    act: String,
    /// The text, how they were told, or what the letter says besides.
    #[serde(default)]
    words: String,
    #[serde(default)]
    on: String,
    /// How a letter was sent.
    #[serde(default)]
    how: String,
}

/// What the page is asked with.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    done: Option<String>,
}

/// `GET /pupils/{pupil}/stage`
pub(crate) async fn show(
    State(web): State<Shared>,
    who: SignedIn,
    client: Client,
    Path(key): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    if client.ahead {
        return Err(PageError::NotFound);
    }
    let school = &who.school;
    let pupil = pupil_of_key(school, who.staff(), &key).ok_or(PageError::NotFound)?;
    let mut tx = web.d.store.begin().await?;
    let did = "looked at the stage of a pupil";
    tx.audit_about(&school.config.id, &who.staff().key, did, &pupil.key)
        .await?;
    let asked = Shown {
        done: asked.done,
        ..Shown::default()
    };
    let page = view(&web, &who, &mut tx, pupil, asked).await?;
    tx.save().await?;
    Ok(page)
}

/// What is shown besides: what was done, or was not taken.
#[derive(Default)]
struct Shown {
    done: Option<String>,
    problem: Option<Problem>,
    set: Set,
    act: Act,
}

async fn view(
    web: &Web,
    who: &SignedIn,
    tx: &mut Tx,
    pupil: &Pupil,
    shown: Shown,
) -> Result<Response, PageError> {
    let school = &who.school;
    let changes = tx.stages_of(&school.config.id, &pupil.key).await?;
    let waiting = tx.stages_to_tell(&school.config.id).await?;
    // An older one that still waits comes first: the letter about support is owed whatever came after.
    let telling = waiting.iter().find(|w| w.pupil == pupil.key);
    let telling = match telling.or(changes.first()) {
        Some(change) => Some(tell(web, who, tx, change, &shown.act).await?),
        None => None,
    };
    let mut typed = shown.set;
    if typed.stage.is_empty() {
        pupil.sen.word().clone_into(&mut typed.stage);
    }
    let page = Page {
        frame: Frame {
            problem: shown.problem,
            ..Frame::of(who, "/cases", format!("Support for {}", pupil.full_name()))
                .done(shown.done.as_deref())
        },
        key: pupil.key.clone(),
        name: pupil.full_name(),
        now: pupil.stage().to_owned(),
        set_here: pupil.set_here.is_some(),
        stages: Sen::WORDS
            .iter()
            .map(|(word, stage)| (*word, stage.called()))
            .collect(),
        typed,
        today: school.local(tx.now()).date().to_string(),
        history: history(tx, who, &changes).await?,
        telling,
    };
    Ok((page.frame.status(), render(&page)).into_response())
}

async fn tell(
    web: &Web,
    who: &SignedIn,
    tx: &mut Tx,
    change: &StageChange,
    act: &Act,
) -> Result<Tell, PageError> {
    let school = &who.school;
    let actor = who.actor(web);
    let today = school.local(tx.now()).date();
    let mut adults = Vec::new();
    let mut unsent = false;
    for standing in standings(tx, school, change).await? {
        unsent |= standing.waits(change.stage());
        let typed = Some(act).filter(|a| standing.adult.is(&a.adult));
        adults.push(row(&actor, tx, change, &standing, typed.cloned()).await?);
    }
    let due = letter_due(school.calendar(), change.since());
    Ok(Tell {
        id: change.id,
        called: change.called().to_owned(),
        since: change.since().strftime("%-d %B %Y").to_string(),
        letter: (change.stage() == Sen::Support).then(|| {
            let late = unsent && due < today;
            (due.strftime("%a %-d %B %Y").to_string(), late)
        }),
        adults,
        ways: WAYS,
    })
}

async fn row(
    actor: &Actor<'_>,
    tx: &mut Tx,
    change: &StageChange,
    standing: &Standing<'_>,
    typed: Option<Act>,
) -> Result<Row, PageError> {
    let school = actor.school;
    let adult = standing.adult;
    let (text, ours) = actor.stage_text(tx, change, adult).await?;
    let no_text = actor.no_text(tx, adult).await?;
    let now = Moment::from(tx.now());
    let sentence = |why: NotShared| Problem::new("", &why.to_string()).words;
    let child = adult.children.iter().find(|c| c.pupil == change.pupil);
    let typed = typed.unwrap_or_default();
    let text = match typed.act.as_str() {
        "text" => typed.words.clone(),
        _ => text,
    };
    Ok(Row {
        key: adult.key.clone(),
        name: adult.name.clone(),
        relation: child.map_or_else(String::new, |c| c.kind.clone()),
        undecided: matches!(
            standing.not,
            Some(NotShared::NotDecided | NotShared::Declined)
        ),
        not: standing.not.map(sentence),
        told: standing.told.as_ref().map(|told| {
            let how = match told.how.as_str() {
                "text" => "Told by text",
                "otherwise" => "Told in another way",
                _ => "Not told, for a reason in the record",
            };
            let on = told.on().strftime("%-d %B %Y");
            format!("{how}, {on}, by {}.", school.name(&told.staff))
        }),
        no_text: no_text.map(sentence),
        parts: segments(&text).parts,
        text,
        ours,
        made: standing.notice.as_ref().map(|notice| {
            let when = Stamp::new(school, notice.made_at, now);
            format!("Made {when} by {}.", school.name(&notice.made_by))
        }),
        sent: standing.notice.as_ref().and_then(|notice| {
            let on = notice.sent_on()?;
            let how = way_words(notice.sent_how.as_deref().unwrap_or_default());
            let by = notice.sent_by.as_deref().unwrap_or_default();
            Some(format!(
                "Sent {how} on {} by {}.",
                on.strftime("%-d %B %Y"),
                school.name(by)
            ))
        }),
        typed,
    })
}

/// `POST /pupils/{pupil}/stage`
pub(crate) async fn set(
    State(web): State<Shared>,
    who: SignedIn,
    Path(key): Path<String>,
    Form(form): Form<Set>,
) -> Result<Response, PageError> {
    let pupil = pupil_of_key(&who.school, who.staff(), &key).ok_or(PageError::NotFound)?;
    let set = Set {
        stage: form.stage,
        plan: clean(&form.plan),
        since: form.since,
        why: clean(&form.why),
    };
    let setting = Setting {
        stage: &set.stage,
        plan: &set.plan,
        since: &set.since,
        why: &set.why,
    };
    let mut tx = web.d.store.begin().await?;
    let error = match who.actor(&web).set_stage(&mut tx, &key, &setting).await {
        Ok(()) => {
            tx.save().await?;
            // From now on everything goes by it, here and in every other process.
            web.d.look_at_people().await?;
            let to = format!("/pupils/{key}/stage?done=stage#tell");
            return Ok(Redirect::to(&to).into_response());
        }
        Err(error) => error,
    };
    let field = match error {
        DeskError::People(PeopleError::Store(error)) => return Err(error.into()),
        DeskError::NotADay(_) | DeskError::StageBefore(..) => "since",
        DeskError::NoWhy => "why",
        DeskError::NoStage | DeskError::SameStage(_) | DeskError::People(_) => "stage",
        other => return Err(other.into()),
    };
    drop(tx);
    let mut tx = web.d.store.read().await?;
    let shown = Shown {
        problem: Some(Problem::new(field, &error.to_string())),
        set,
        ..Shown::default()
    };
    view(&web, &who, &mut tx, pupil, shown).await
}

/// The change that a form names, of this pupil's.
async fn change(
    tx: &mut Tx,
    who: &SignedIn,
    pupil: &str,
    id: &str,
) -> Result<StageChange, PageError> {
    let all = tx.stages_of(&who.school.config.id, pupil).await?;
    let id = Uuid::parse_str(id).ok();
    all.into_iter()
        .find(|change| Some(change.id) == id)
        .ok_or(PageError::Form)
}

/// `POST /pupils/{pupil}/tell`
pub(crate) async fn act(
    State(web): State<Shared>,
    who: SignedIn,
    Path(key): Path<String>,
    Form(form): Form<Act>,
) -> Result<Response, PageError> {
    let pupil = pupil_of_key(&who.school, who.staff(), &key).ok_or(PageError::NotFound)?;
    let act = Act {
        words: clean(&form.words),
        ..form
    };
    let actor = who.actor(&web);
    let mut tx = web.d.store.begin().await?;
    let change = change(&mut tx, &who, &key, &act.stage).await?;
    let adult = act.adult.as_str();
    let words = act.words.as_str();
    let done = match act.act.as_str() {
        "text" => tell_by(&actor, &mut tx, &change, adult, Telling::Text(words)).await,
        "otherwise" => {
            let telling = Telling::Otherwise(&act.on, words);
            tell_by(&actor, &mut tx, &change, adult, telling).await
        }
        "not" => tell_by(&actor, &mut tx, &change, adult, Telling::Not(words)).await,
        "copies" | "no-copies" => {
            let given = act.act == "copies";
            actor.decide_copies_of(&mut tx, &change, adult, given).await
        }
        "letter" => actor.make_letter(&mut tx, &change, adult, words).await,
        "sent" => {
            actor
                .letter_sent(&mut tx, &change, adult, &act.how, &act.on)
                .await
        }
        _ => return Err(PageError::Form),
    };
    match done {
        // Somebody was quicker: it is done, as was wanted.
        Ok(()) | Err(DeskError::Done) => {
            if done.is_ok() {
                tx.save().await?;
            }
            let to = match act.act.as_str() {
                "letter" => letter_at(&key, &act),
                "text" => format!("/pupils/{key}/stage?done=stage-text#tell"),
                "sent" => format!("/pupils/{key}/stage?done=stage-letter#tell"),
                _ => format!("/pupils/{key}/stage?done=kept#tell"),
            };
            Ok(Redirect::to(&to).into_response())
        }
        Err(DeskError::Store(error)) => Err(error.into()),
        Err(DeskError::NoSuchCase) => Err(PageError::NotFound),
        Err(why) => {
            drop(tx);
            let mut tx = web.d.store.read().await?;
            let shown = Shown {
                problem: Some(Problem::new(format!("adult-{adult}"), &why.to_string())),
                act,
                ..Shown::default()
            };
            view(&web, &who, &mut tx, pupil, shown).await
        }
    }
}

async fn tell_by(
    actor: &Actor<'_>,
    tx: &mut Tx,
    change: &StageChange,
    adult: &str,
    telling: Telling<'_>,
) -> Result<(), DeskError> {
    actor.tell_stage(tx, change, adult, telling).await
}

fn letter_at(key: &str, act: &Act) -> String {
    let query = [("stage", act.stage.clone()), ("to", act.adult.clone())];
    let query = crate::web::error::form_encoded(&query);
    format!("/pupils/{key}/letter?{query}")
}

/// A letter, to print.
#[derive(Template)]
#[template(path = "letter.html", config = "src/web/askama.toml")]
struct Letter {
    frame: Frame,
    key: String,
    /// Its paragraphs; the first two are the school and the day, the third is the heading.
    paragraphs: Vec<String>,
    sent: bool,
}

/// Which letter.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Which {
    #[serde(default)]
    stage: String,
    #[serde(default)]
    to: String,
}

/// `GET /pupils/{pupil}/letter`
pub(crate) async fn letter(
    State(web): State<Shared>,
    who: SignedIn,
    client: Client,
    Path(key): Path<String>,
    Query(which): Query<Which>,
) -> Result<Response, PageError> {
    if client.ahead {
        return Err(PageError::NotFound);
    }
    let pupil = pupil_of_key(&who.school, who.staff(), &key).ok_or(PageError::NotFound)?;
    let mut tx = web.d.store.begin().await?;
    let id = Uuid::parse_str(&which.stage).unwrap_or_default();
    let notices = tx.letters_about(id).await?;
    let theirs = tx.stages_of(&who.school.config.id, &key).await?;
    let adult = who.school.people.adult(&which.to);
    let notice = notices
        .iter()
        .find(|n| adult.is_some_and(|a| a.is(&n.adult)) && theirs.iter().any(|c| c.id == n.stage));
    let Some(notice) = notice else {
        // There is none yet: it is made on the page of the stage.
        return Ok(Redirect::to(&format!("/pupils/{key}/stage#tell")).into_response());
    };
    let text = who.actor(&web).letter_text(&mut tx, notice).await?;
    let did = "read";
    let record = Some(notice.case_id);
    tx.audit(&who.school.config.id, &who.staff().key, did, record)
        .await?;
    let text = text.unwrap_or_else(|| "(removed, as the law asks)".to_owned());
    let to = who.school.name(&notice.adult);
    let page = Letter {
        frame: Frame::of(
            &who,
            "/cases",
            format!("Letter to {to} about {}", pupil.full_name()),
        ),
        key,
        paragraphs: text.split("\n\n").map(str::to_owned).collect(),
        sent: notice.sent_on().is_some(),
    };
    tx.save().await?;
    Ok(render(&page))
}
