//! Importing people: upload, see what would change, agree.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::multipart::{Field, Multipart, MultipartRejection};
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum_extra::extract::Form;
use serde::Deserialize;
use uuid::Uuid;

use super::{Frame, Problem, render};
use crate::desk::people::{PeopleError, Proposed, carry_out, propose};
use crate::fault::{Fault, Severity, Sources};
use crate::school::people::import::{Ask, File, LONGEST, Mapping, Proposal, What};
use crate::school::people::{Kind, may_lift};
use crate::store::Tx;
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::session::SignedIn;

/// Lines shown of what would change, and of what is wrong: more would make the page heavy.
const MOST: usize = 200;

/// The files a form may hold.
const MOST_FILES: usize = 3;

#[derive(Template)]
#[template(path = "import.html", config = "src/web/askama.toml")]
struct UploadPage {
    frame: Frame,
    /// What is wrong with the files that were uploaded.
    wrong: Vec<FaultRow>,
}

#[derive(Template)]
#[template(path = "import_review.html", config = "src/web/askama.toml")]
struct ReviewPage {
    frame: Frame,
    id: Uuid,
    files: String,
    counts: Vec<Count>,
    same: usize,
    asks: Vec<AskRow>,
    doubts: Vec<FaultRow>,
    changes: Vec<ChangeRow>,
    /// How many are not shown.
    more: usize,
    nothing: bool,
}

struct Count {
    kind: &'static str,
    added: usize,
    changed: usize,
    gone: usize,
    back: usize,
}

struct AskRow {
    /// Whether this person may say yes to it.
    theirs: bool,
    id: String,
    words: String,
    /// It is about what a member of staff may read.
    of_staff: bool,
    outside: bool,
}

/// A row of a file with something wrong or doubtful in it.
pub(super) struct FaultRow {
    place: String,
    message: String,
    remedy: String,
}

struct ChangeRow {
    name: String,
    kind: &'static str,
    what: &'static str,
    fields: Vec<FieldRow>,
}

struct FieldRow {
    name: String,
    before: String,
    after: String,
}

/// `GET /people/import`
pub(crate) async fn form(who: SignedIn) -> Result<Response, PageError> {
    Ok(upload_page(&who, None, Vec::new()))
}

fn upload_page(who: &SignedIn, problem: Option<&str>, wrong: Vec<FaultRow>) -> Response {
    let page = UploadPage {
        frame: Frame {
            problem: problem.map(|words| Problem::new("files", words)),
            ..Frame::of(who, "/people", "Import people")
        },
        wrong,
    };
    (page.frame.status(), render(&page)).into_response()
}

/// `POST /people/import`: the files, kept until somebody agrees to them.
pub(crate) async fn upload(
    State(web): State<Shared>,
    who: SignedIn,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, PageError> {
    let Ok(form) = form else {
        return Err(PageError::Form);
    };
    let files = match read(form).await {
        Ok(files) => files,
        Err(why) => return Ok(upload_page(&who, Some(why), Vec::new())),
    };
    let id = &who.school.config.id;
    let looked = look(&web, &who, &mut web.d.store.read().await?, &files).await;
    match looked {
        Ok(proposed) => {
            let mut tx = web.d.store.begin().await?;
            let import = tx
                .keep_import(id, &who.staff().key, proposed.version, &files)
                .await?;
            tx.save().await?;
            Ok(Redirect::to(&format!("/people/import/{import}")).into_response())
        }
        Err(PeopleError::Unusable(unusable)) => {
            let why =
                "nothing is changed: put right what is listed here and upload the files again";
            let rows = rows(&unusable.faults, &unusable.sources);
            Ok(upload_page(&who, Some(why), rows))
        }
        Err(PeopleError::Store(error)) => Err(error.into()),
        Err(_) => Err(PageError::NotFound),
    }
}

async fn read(mut form: Multipart) -> Result<Vec<File>, &'static str> {
    const CUT: &str = "the files did not arrive whole, or are too long: try again, one at a time";
    let mut files = Vec::new();
    while let Some(field) = form.next_field().await.map_err(|_| CUT)? {
        let kind = [Kind::Pupil, Kind::Adult, Kind::Staff]
            .into_iter()
            .find(|kind| Some(kind.plural()) == field.name());
        let Some(kind) = kind else { continue };
        // A browser sends a part for a field that was left empty, too. Of a path, the last name.
        let name = field.file_name().unwrap_or_default();
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
        let name: String = name.chars().filter(|c| !c.is_control()).take(100).collect();
        let bytes = content(field).await.ok_or(CUT)?;
        if bytes.is_empty() && name.is_empty() {
            continue;
        }
        if files.len() == MOST_FILES {
            return Err("there are too many files: one each of pupils, adults and staff");
        }
        files.push(File {
            name,
            bytes,
            kind: Some(kind),
        });
    }
    if files.is_empty() {
        return Err("no file was chosen");
    }
    Ok(files)
}

async fn content(mut field: Field<'_>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.ok()? {
        // One that is too long is refused by name when it is read.
        if bytes.len() <= LONGEST {
            bytes.extend_from_slice(&chunk);
        }
    }
    Some(bytes)
}

async fn look(
    web: &Shared,
    who: &SignedIn,
    tx: &mut Tx,
    files: &[File],
) -> Result<Proposed, PeopleError> {
    let bundle = web.d.bundle();
    propose(tx, &who.school, &bundle, files, &Mapping::default()).await
}

/// How somebody came to look.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// The people were changed since they last looked.
    #[serde(default)]
    again: bool,
}

/// `GET /people/import/{id}`
pub(crate) async fn review(
    State(web): State<Shared>,
    who: SignedIn,
    Path(id): Path<Uuid>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let mut tx = web.d.store.read().await?;
    let (files, proposed) = uploaded(&web, &who, &mut tx, id).await?;
    let problem = asked.again.then_some(
        "somebody has changed the people since you looked: this is what would change now",
    );
    Ok(review_page(&who, id, &files, &proposed, problem))
}

/// What somebody uploaded, looked at against the people as they stand now.
async fn uploaded(
    web: &Shared,
    who: &SignedIn,
    tx: &mut Tx,
    id: Uuid,
) -> Result<(Vec<File>, Proposed), PageError> {
    let found = tx.import(&who.school.config.id, id).await?;
    let (import, files) = found.ok_or(PageError::NotFound)?;
    if import.staff != who.staff().key {
        return Err(PageError::NotFound);
    }
    match look(web, who, tx, &files).await {
        Ok(proposed) => Ok((files, proposed)),
        Err(PeopleError::Store(error)) => Err(error.into()),
        // They were sound when they were uploaded: somebody has changed the people since.
        Err(_) => Err(PageError::NotFound),
    }
}

fn review_page(
    who: &SignedIn,
    id: Uuid,
    files: &[File],
    proposed: &Proposed,
    problem: Option<&str>,
) -> Response {
    let proposal = &proposed.proposal;
    let names: Vec<&str> = files.iter().map(|f| f.name.as_str()).collect();
    let page = ReviewPage {
        frame: Frame {
            problem: problem.map(|words| Problem::new("changes", words)),
            ..Frame::of(who, "/people", "Look at the import")
        },
        id,
        files: names.join(", "),
        counts: counts(proposal),
        same: proposal.same,
        asks: proposal
            .asks
            .iter()
            .map(|ask| AskRow {
                id: ask.id.clone(),
                words: ask.words.clone(),
                theirs: is_theirs(who, ask),
                of_staff: is_of_staff(ask),
                outside: ask.outside,
            })
            .collect(),
        doubts: rows(&proposal.doubts, &proposal.sources),
        changes: proposal.changes.iter().take(MOST).map(change).collect(),
        more: proposal.changes.len().saturating_sub(MOST),
        nothing: proposal.changes.is_empty(),
    };
    (page.frame.status(), render(&page)).into_response()
}

/// Whether it is about what a member of staff may read, and not about many who are gone.
fn is_of_staff(ask: &Ask) -> bool {
    ask.lifts && ask.id.starts_with(Kind::Staff.word())
}

/// Whether this person may say yes to it.
fn is_theirs(who: &SignedIn, ask: &Ask) -> bool {
    !ask.outside && (!ask.lifts || may_lift(who.staff()))
}

fn counts(proposal: &Proposal) -> Vec<Count> {
    let of = |kind: Kind, label: &'static str| Count {
        kind: label,
        added: proposal.count(kind, |w| matches!(w, What::Added)),
        changed: proposal.count(kind, |w| matches!(w, What::Changed(_))),
        gone: proposal.count(kind, |w| matches!(w, What::Gone)),
        back: proposal.count(kind, |w| matches!(w, What::Back(_))),
    };
    vec![
        of(Kind::Pupil, "Pupils"),
        of(Kind::Adult, "Parents and carers"),
        of(Kind::Staff, "Staff"),
    ]
}

fn change(change: &crate::school::people::import::Change) -> ChangeRow {
    let (what, different) = match &change.what {
        What::Added => ("new", None),
        What::Changed(different) => ("changed", Some(different)),
        What::Gone => ("gone", None),
        What::Back(different) => ("back again", Some(different)),
    };
    let field = |d: &crate::school::people::import::Different| FieldRow {
        name: d.field.clone(),
        before: d.before.clone(),
        after: d.after.clone(),
    };
    ChangeRow {
        name: change.person.name(),
        kind: match change.person.kind() {
            Kind::Staff => "staff",
            Kind::Pupil => "pupil",
            Kind::Adult => "parent or carer",
        },
        what,
        fields: different.into_iter().flatten().map(field).collect(),
    }
}

fn rows(faults: &[Fault], sources: &Sources) -> Vec<FaultRow> {
    let mut sorted: Vec<&Fault> = faults.iter().collect();
    sorted.sort_by_key(|f| f.severity != Severity::Error);
    sorted
        .into_iter()
        .take(MOST)
        .map(|fault| FaultRow {
            place: match fault.line(sources) {
                Some(line) => format!("{}, line {line}", fault.file),
                None => fault.file.clone(),
            },
            message: fault.message.clone(),
            remedy: fault.remedy.clone(),
        })
        .collect()
}

/// Which questions were answered with yes.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Agreed {
    #[serde(default)]
    yes: Vec<String>,
    /// The files are thrown away.
    #[serde(default)]
    no: Option<String>,
}

/// `POST /people/import/{id}`
pub(crate) async fn agree(
    State(web): State<Shared>,
    who: SignedIn,
    Path(id): Path<Uuid>,
    Form(agreed): Form<Agreed>,
) -> Result<Response, PageError> {
    let school = &who.school.config.id;
    let staff = &who.staff().key;
    let mut tx = web.d.store.begin().await?;
    let seen = tx.import(school, id).await?.ok_or(PageError::NotFound)?.0;
    let (files, proposed) = uploaded(&web, &who, &mut tx, id).await?;
    if agreed.no.is_some() {
        tx.drop_imports(school, staff).await?;
        tx.save().await?;
        return Ok(Redirect::to("/people?done=dropped").into_response());
    }
    // What was agreed to is what was seen, and nothing else.
    if seen.people_version != proposed.version {
        let again = tx
            .keep_import(school, staff, proposed.version, &files)
            .await?;
        tx.save().await?;
        return Ok(Redirect::to(&format!("/people/import/{again}?again=true")).into_response());
    }
    let mut yes: BTreeSet<String> = agreed.yes.into_iter().collect();
    let not_theirs = proposed
        .proposal
        .asks
        .iter()
        .filter(|ask| !is_theirs(&who, ask));
    not_theirs.for_each(|ask| {
        yes.remove(&ask.id);
    });
    match carry_out(&mut tx, &who.school, staff, &proposed, &yes, &|_| ()).await {
        Ok(_) => {}
        Err(PeopleError::Store(error)) => return Err(error.into()),
        Err(why) => {
            return Ok(review_page(
                &who,
                id,
                &files,
                &proposed,
                Some(&why.to_string()),
            ));
        }
    }
    tx.drop_imports(school, staff).await?;
    let names: Vec<&str> = files.iter().map(|f| f.name.as_str()).collect();
    // Of staff alone: a parent's name in the log would outlive an erasure.
    let asks = proposed.proposal.asks.iter();
    let raised = asks.filter(|ask| is_of_staff(ask) && yes.contains(&ask.id));
    let raised: String = raised
        .map(|ask| format!("; yes to: {}", ask.words))
        .collect();
    let did = format!("imported people from {}{raised}", names.join(", "));
    tx.audit(school, staff, &did, None).await?;
    tx.save().await?;
    web.d.look_at_people().await?;
    Ok(Redirect::to("/people?done=imported").into_response())
}
