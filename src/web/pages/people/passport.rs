//! How a parent or carer is reached: every version of their passport with its date, a new one that they
//! told somebody at school, and which numbers are theirs.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::tie::{Asked, EndPage};
use super::{Frame, Problem, Stamp, render};
use crate::desk::people::keeps_people;
use crate::desk::reaching::ReachError;
use crate::phone::Phone;
use crate::school::passport::Passport;
use crate::school::people::Adult;
use crate::store::{Moment, Tx};
use crate::web::error::PageError;
use crate::web::pages::clean;
use crate::web::session::SignedIn;
use crate::web::{Shared, Web};

/// The page.
#[derive(Template)]
#[template(path = "passport.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    adult: String,
    adult_key: String,
    /// The newest first.
    versions: Vec<Version>,
    /// Whether this person writes one.
    writes: bool,
    typed: Typed,
}

struct Version {
    number: i64,
    when: Stamp,
    by: String,
    lines: Vec<String>,
}

/// A version as it is typed.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    told: String,
    #[serde(default)]
    language: String,
    #[serde(default)]
    interpreter: String,
    #[serde(default)]
    channel: String,
    #[serde(default)]
    times: String,
    #[serde(default)]
    needs: String,
    #[serde(default)]
    reading: String,
    #[serde(default)]
    people: String,
    #[serde(default)]
    matters: String,
    #[serde(default)]
    duplicates: String,
}

/// The ways of reaching somebody, as the passport spells them.
const CHANNELS: [(&str, &str); 4] = [
    ("text", "Text: do not ring"),
    ("ring", "A phone call"),
    ("email", "Email: do not ring"),
    ("face-to-face", "Face to face"),
];

impl Typed {
    fn of(web: &Web, passport: &Passport) -> Self {
        let said = |field: &Option<String>| field.clone().unwrap_or_default();
        let yes_no = |yes: bool| if yes { "yes" } else { "no" };
        Self {
            told: String::new(),
            language: passport
                .language
                .as_deref()
                .map_or_else(String::new, |tag| web.d.language_name(tag)),
            interpreter: passport
                .interpreter
                .map(yes_no)
                .unwrap_or_default()
                .to_owned(),
            channel: said(&passport.channel),
            times: said(&passport.times),
            needs: said(&passport.needs),
            reading: said(&passport.reading),
            people: said(&passport.people),
            matters: said(&passport.matters),
            duplicates: said(&passport.duplicates),
        }
    }

    /// What was meant: a language by its tag where it is known, or as they name it.
    fn passport(&self, web: &Web) -> Passport {
        let bundle = web.d.bundle();
        let english = bundle.readings.get("en");
        let language = |name: String| {
            english
                .and_then(|r| r.language_named(&name))
                .unwrap_or(name)
        };
        let written = |field: &str| {
            let field = clean(field);
            let field = field.trim();
            (!field.is_empty()).then(|| field.to_owned())
        };
        Passport {
            language: written(&self.language).map(language),
            interpreter: match self.interpreter.as_str() {
                "yes" => Some(true),
                "no" => Some(false),
                _ => None,
            },
            channel: CHANNELS
                .iter()
                .find(|(word, _)| *word == self.channel)
                .map(|(word, _)| (*word).to_owned()),
            times: written(&self.times),
            needs: written(&self.needs),
            reading: written(&self.reading),
            people: written(&self.people),
            matters: written(&self.matters),
            duplicates: written(&self.duplicates),
        }
    }

    /// The fields of free words: name, label, hint and what stands there.
    fn words(&self) -> [(&'static str, &'static str, &'static str, &str); 6] {
        [
            (
                "times",
                "Good times",
                "Such as “before nine, not on Fridays”.",
                &self.times,
            ),
            (
                "needs",
                "What makes reading, hearing or seeing hard",
                "In their words.",
                &self.needs,
            ),
            (
                "reading",
                "How they like to read",
                "Such as large print, or read aloud.",
                &self.reading,
            ),
            (
                "people",
                "The important people for the child",
                "",
                &self.people,
            ),
            ("matters", "What matters to the family", "", &self.matters),
            (
                "duplicates",
                "Does another home get its own copies?",
                "Yes, no, or whose. Who is given copies is decided on each case’s own page.",
                &self.duplicates,
            ),
        ]
    }

    fn channels(&self) -> [(&'static str, &'static str); 4] {
        CHANNELS
    }
}

/// `GET /people/adults/{adult}/passport`
pub(crate) async fn show(
    State(web): State<Shared>,
    who: SignedIn,
    Path(adult): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let adult = who.school.people.adult(&adult).ok_or(PageError::NotFound)?;
    let mut tx = web.d.store.begin().await?;
    let frame = frame(&who, adult).done(asked.done.as_deref());
    let page = view(&web, &mut tx, &who, adult, frame, None).await?;
    let did = "opened a parent's record";
    tx.audit_about(&who.school.config.id, &who.staff().key, did, &adult.key)
        .await?;
    tx.save().await?;
    Ok(page)
}

fn frame(who: &SignedIn, adult: &Adult) -> Frame {
    Frame::of(who, "/people", format!("How to reach {}", adult.name))
}

async fn view(
    web: &Web,
    tx: &mut Tx,
    who: &SignedIn,
    adult: &Adult,
    frame: Frame,
    typed: Option<Typed>,
) -> Result<Response, PageError> {
    let school = &who.school;
    let now = Moment::from(tx.now());
    let mut versions = Vec::new();
    let mut newest = None;
    for version in tx.passports_of(&school.config.id, &adult.key).await? {
        let passport = version.passport()?;
        let by = match (&version.staff, &version.told) {
            (Some(key), Some(told)) => format!("written down by {}: {told}", school.name(key)),
            _ => "as they wrote it themselves".to_owned(),
        };
        versions.push(Version {
            number: version.version,
            when: Stamp::new(school, version.at, now),
            by,
            lines: passport.lines(|tag| web.d.language_name(tag)),
        });
        newest.get_or_insert(passport);
    }
    let typed = typed.unwrap_or_else(|| Typed::of(web, &newest.unwrap_or_default()));
    let page = Page {
        frame,
        adult: adult.name.clone(),
        adult_key: adult.key.clone(),
        versions,
        writes: keeps_people(who.staff()),
        typed,
    };
    Ok((page.frame.status(), render(&page)).into_response())
}

/// What a person can put right, as a problem of its field; anything else is a page of its own.
pub(super) fn problem(error: ReachError) -> Result<Problem, PageError> {
    match error {
        ReachError::Store(error) => Err(error.into()),
        ReachError::Nobody => Err(PageError::NotFound),
        said => Ok(Problem::new(said.field(), &said.to_string())),
    }
}

/// `POST /people/adults/{adult}/passport`
pub(crate) async fn write(
    State(web): State<Shared>,
    who: SignedIn,
    Path(adult): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    let adult = who.school.people.adult(&adult).ok_or(PageError::NotFound)?;
    let told = clean(&typed.told);
    let mut tx = web.d.store.begin().await?;
    let actor = who.actor(&web);
    let passport = typed.passport(&web);
    let written = actor
        .write_passport(&mut tx, &adult.key, &passport, &told)
        .await;
    let error = match written {
        Ok(_) => {
            tx.save().await?;
            let to = format!("/people/adults/{}/passport?done=passport", adult.key);
            return Ok(Redirect::to(&to).into_response());
        }
        Err(error) => error,
    };
    drop(tx);
    let frame = Frame {
        problem: Some(problem(error)?),
        ..frame(&who, adult)
    };
    let mut tx = web.d.store.read().await?;
    view(&web, &mut tx, &who, adult, frame, Some(typed)).await
}

/// A number as it is typed.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct NewNumber {
    #[serde(default)]
    pub number: String,
    #[serde(default)]
    pub told: String,
}

impl NewNumber {
    /// The fields: name, label and what stands there.
    pub(super) fn fields(&self) -> [(&'static str, &'static str, &str); 2] {
        [
            ("number", "The number", &self.number),
            ("told", "How did they tell you, and when?", &self.told),
        ]
    }
}

/// `POST /people/adults/{adult}/numbers`
pub(crate) async fn add_number(
    State(web): State<Shared>,
    who: SignedIn,
    Path(adult): Path<String>,
    Form(typed): Form<NewNumber>,
) -> Result<Response, PageError> {
    let told = clean(&typed.told);
    let mut tx = web.d.store.begin().await?;
    let actor = who.actor(&web);
    let added = actor
        .add_number(&mut tx, &adult, &typed.number, &told)
        .await;
    if let Err(error) = added {
        drop(tx);
        let problem = problem(error)?;
        return super::adult::again(&web, &who, &adult, problem, typed).await;
    }
    tx.save().await?;
    web.d.look_at_people().await?;
    Ok(Redirect::to(&format!("/people/adults/{adult}?done=number")).into_response())
}

/// The number of an adult's that an address names.
fn number_of<'a>(
    who: &'a SignedIn,
    adult: &str,
    number: &str,
) -> Result<(&'a Adult, &'a Phone), PageError> {
    let adult = who.school.people.adult(adult).ok_or(PageError::NotFound)?;
    let number = adult.numbers().find(|n| n.e164() == number);
    Ok((adult, number.ok_or(PageError::NotFound)?))
}

/// `GET /people/adults/{adult}/numbers/{number}/lose`
pub(crate) async fn ask_lose(
    who: SignedIn,
    Path((adult, number)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let (adult, number) = number_of(&who, &adult, &number)?;
    Ok(lose_page(&who, adult, number, String::new(), None))
}

fn lose_page(
    who: &SignedIn,
    adult: &Adult,
    number: &Phone,
    typed: String,
    problem: Option<Problem>,
) -> Response {
    let shown = number.national();
    let title = format!("{shown} is {}’s no longer?", adult.name);
    let at = format!("/people/adults/{}", adult.key);
    let mut follows = vec![
        format!("Whoever writes from {shown} is answered as somebody nobody knows, until the office finds whose it is."),
        "What was on its way there is withdrawn, and a conversation in the middle is over: whoever has the phone now is asked nothing that was theirs.".to_owned(),
        "Pages that were texted there open no more.".to_owned(),
        format!("Their open cases stay, and say that no text of them goes to {shown}: reach {} another way.", adult.name),
        "A later import that still has the number leaves it out. Correct the school’s own records too.".to_owned(),
    ];
    if adult.numbers().count() == 1 {
        follows.push(
            "It is the only number on their record: nothing reaches them by text.".to_owned(),
        );
    }
    let page = EndPage {
        frame: Frame {
            problem,
            ..Frame::of(who, "/people", title)
        },
        to: format!("{at}/numbers/{}/lose", number.e164()),
        at,
        follows,
        button: "It is theirs no longer",
        warning: None,
        typed,
    };
    (page.frame.status(), render(&page)).into_response()
}

/// How one knows.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Known {
    #[serde(default)]
    reason: String,
}

/// `POST /people/adults/{adult}/numbers/{number}/lose`
pub(crate) async fn lose_number(
    State(web): State<Shared>,
    who: SignedIn,
    Path((adult, number)): Path<(String, String)>,
    Form(form): Form<Known>,
) -> Result<Response, PageError> {
    let (adult, number) = number_of(&who, &adult, &number)?;
    let reason = clean(&form.reason);
    let mut tx = web.d.store.begin().await?;
    let actor = who.actor(&web);
    let lost = actor
        .lose_number(&mut tx, &adult.key, number.e164(), &reason)
        .await;
    if let Err(error) = lost {
        drop(tx);
        let Problem { words, .. } = problem(error)?;
        let problem = Problem::new("reason", &words);
        return Ok(lose_page(&who, adult, number, reason, Some(problem)));
    }
    tx.save().await?;
    web.d.look_at_people().await?;
    let to = format!("/people/adults/{}?done=number-lost", adult.key);
    Ok(Redirect::to(&to).into_response())
}
