//! Which column is which: the headings that SIMS, Arbor and Bromcom write, ours, and a school's own.

use std::collections::BTreeMap;

use super::Kind;
use super::sheet::Sheet;
use crate::document::Document;
use crate::fault::{Fault, did_you_mean};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    Key,
    Title,
    FirstName,
    LastName,
    Name,
    Upn,
    AdmissionNumber,
    Class,
    Year,
    DateOfBirth,
    Sen,
    HomeCouncil,
    ContactId,
    Phone,
    OtherPhone,
    ThirdPhone,
    Email,
    Language,
    KeyWorker,
    Prefers,
    Note,
    PupilKey,
    PupilFirstName,
    PupilLastName,
    PupilName,
    Relationship,
    ParentalResponsibility,
    LivesWith,
    CourtOrder,
    Restriction,
    RestrictionBy,
    RestrictionSince,
    RestrictionUntil,
    RestrictionSay,
    Roles,
    Classes,
    Leads,
    Days,
    From,
    To,
    Cover,
    Meetings,
    Absent,
}

/// A column: its word in mapping files, and the headings it is known by, the surest first. Of two
/// columns that know one heading, the earlier takes it.
type Known = (Column, &'static str, &'static str);

/// The headings of a column.
fn names(headings: &'static str) -> impl Iterator<Item = &'static str> {
    headings.split(" | ")
}

const PUPILS: &[Known] = &[
    (Column::Key, "key", "key"),
    (Column::Upn, "upn", "upn | unique pupil number"),
    (
        Column::AdmissionNumber,
        "admission_number",
        "admission number | admission no | adno | admno | student id | pupil id | \
         mis id",
    ),
    (
        Column::FirstName,
        "first_name",
        "preferred forename | preferred first name | chosen forename | chosen name | \
         forename | first name | legal forename | legal first name | given name",
    ),
    (
        Column::LastName,
        "last_name",
        "preferred surname | preferred last name | surname | last name | \
         legal surname | legal last name | family name",
    ),
    (
        Column::Name,
        "name",
        "name | full name | pupil name | student name | student | pupil",
    ),
    (
        Column::Class,
        "class",
        "class | reg group | reg | registration form | registration group | \
         registration | form | tutor group | reg form",
    ),
    (
        Column::Year,
        "year",
        "year | year group | nc year | nc year actual | curriculum year | \
         year taught in",
    ),
    (
        Column::DateOfBirth,
        "date_of_birth",
        "date of birth | dob | birth date",
    ),
    (
        Column::Sen,
        "sen",
        "sen | sen stage | sen status | sen provision | send status | sen code | \
         sen support",
    ),
    (
        Column::HomeCouncil,
        "home_council",
        "home council | home la | home local authority | local authority | la | \
         home lea",
    ),
];

const ADULTS: &[Known] = &[
    (Column::Key, "key", "key | contact key"),
    (
        Column::ContactId,
        "contact_id",
        "contact id | parent id | guardian id | person id | contact person id",
    ),
    (
        Column::Name,
        "name",
        "contact name | parent name | guardian name | contact | parent guardian | \
         parent or carer | parent | guardian | adult | name | full name",
    ),
    (
        Column::Title,
        "title",
        "contact title | parent title | guardian title | title",
    ),
    (
        Column::FirstName,
        "first_name",
        "contact forename | contact first name | parent forename | parent first name | \
         guardian first name | guardian forename | forename | first name",
    ),
    (
        Column::LastName,
        "last_name",
        "contact surname | contact last name | parent surname | parent last name | \
         guardian last name | guardian surname | surname | last name",
    ),
    (
        Column::Phone,
        "phone",
        "phone | mobile | mobile number | mobile telephone | mobile phone | \
         contact mobile | main telephone | primary telephone | telephone | \
         phone number | primary phone | contact telephone",
    ),
    (
        Column::OtherPhone,
        "other_phone",
        "other phone | home telephone | home phone | home number | second phone | \
         phone 2",
    ),
    (
        Column::ThirdPhone,
        "third_phone",
        "third phone | work telephone | work phone | work number | daytime telephone | \
         phone 3",
    ),
    (
        Column::Email,
        "email",
        "email | email address | primary email | home email | contact email | \
         personal email | personal email address | parent email",
    ),
    (
        Column::Language,
        "language",
        "language | first language | home language | contact language | \
         preferred language",
    ),
    (
        Column::KeyWorker,
        "key_worker",
        "key worker | family mentor",
    ),
    (
        Column::Prefers,
        "prefers",
        "prefers | contact preference | preferred contact method | \
         communication preference",
    ),
    (Column::Note, "note", "note | notes | contact notes"),
    (Column::PupilKey, "pupil_key", "pupil key"),
    (
        Column::Upn,
        "upn",
        "pupil upn | student upn | upn | unique pupil number",
    ),
    (
        Column::AdmissionNumber,
        "admission_number",
        "admission number | admission no | adno | admno | student id | pupil id",
    ),
    (
        Column::PupilFirstName,
        "pupil_first_name",
        "pupil forename | student forename | child forename | pupil first name | \
         student first name | child first name | preferred forename | legal forename | \
         forename | first name",
    ),
    (
        Column::PupilLastName,
        "pupil_last_name",
        "pupil surname | student surname | child surname | pupil last name | \
         student last name | child last name | preferred surname | legal surname | \
         surname | last name",
    ),
    (
        Column::PupilName,
        "pupil_name",
        "pupil | pupil name | student | student name | child | child name",
    ),
    (
        Column::Class,
        "class",
        "class | reg group | registration form | reg | form | tutor group",
    ),
    (
        Column::Relationship,
        "relationship",
        "relationship | relationship to student | relationship to pupil | relation | \
         relationship to child | contact relationship",
    ),
    (
        Column::ParentalResponsibility,
        "parental_responsibility",
        "parental responsibility | has parental responsibility | pr",
    ),
    (
        Column::LivesWith,
        "lives_with",
        "lives with | lives with pupil | lives with student | lives at same address | \
         same address | resides with",
    ),
    (
        Column::CourtOrder,
        "court_order",
        "court order | has court order",
    ),
    (
        Column::Restriction,
        "restriction",
        "restriction | contact restriction | restricted",
    ),
    (
        Column::RestrictionBy,
        "restriction_by",
        "restriction set by",
    ),
    (
        Column::RestrictionSince,
        "restriction_since",
        "restriction since",
    ),
    (
        Column::RestrictionUntil,
        "restriction_until",
        "restriction until",
    ),
    (
        Column::RestrictionSay,
        "restriction_say",
        "if they make contact",
    ),
];

const STAFF: &[Known] = &[
    (Column::Key, "key", "key | staff key"),
    (Column::Title, "title", "title | staff title"),
    (
        Column::FirstName,
        "first_name",
        "forename | first name | preferred forename | legal forename",
    ),
    (
        Column::LastName,
        "last_name",
        "surname | last name | preferred surname | legal surname",
    ),
    (
        Column::Name,
        "name",
        "name | known as | staff name | name parents use | full name | staff",
    ),
    (
        Column::Roles,
        "roles",
        "roles | role | schoolgate roles | job title | post",
    ),
    (
        Column::Classes,
        "classes",
        "classes | class | reg group | registration form | form | tutor group",
    ),
    (
        Column::Phone,
        "phone",
        "phone | mobile | mobile number | mobile telephone | work mobile | telephone",
    ),
    (
        Column::Email,
        "email",
        "email | work email | email address | work email address | primary email",
    ),
    (Column::Leads, "leads", "leads"),
    (Column::Days, "days", "days | working days | days worked"),
    (Column::From, "from", "from | starts | start time"),
    (Column::To, "to", "to | ends | end time | finishes"),
    (Column::Cover, "cover", "cover | covered by"),
    (
        Column::Meetings,
        "meetings",
        "meetings | meeting times | available",
    ),
    (Column::Absent, "absent", "absent | absences | leave"),
];

fn known(kind: Kind) -> &'static [Known] {
    match kind {
        Kind::Pupil => PUPILS,
        Kind::Adult => ADULTS,
        Kind::Staff => STAFF,
    }
}

/// A school's own headings: by kind and column, the heading its system writes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping(BTreeMap<(Kind, Column), String>);

impl Mapping {
    /// Reads a mapping file, which names columns by our words:
    ///
    /// ```toml
    /// [pupils]
    /// class = "House and form"
    /// ```
    ///
    /// # Errors
    /// Every fault in it.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<Fault>> {
        let document = Document::parse(file, text);
        let root = document.root();
        let mut mapping = Self::default();
        for kind in [Kind::Pupil, Kind::Adult, Kind::Staff] {
            let Some(table) = root.table(kind.plural()) else {
                continue;
            };
            for (column, word, _) in known(kind) {
                if let Some(heading) = table.text(word) {
                    mapping.0.insert((kind, *column), plain(&heading.value));
                }
            }
            table.no_more();
        }
        root.no_more();
        if document.has_errors() {
            return Err(document.into_faults());
        }
        Ok(mapping)
    }
}

/// Which cell of a row holds which column.
#[derive(Debug, Clone)]
pub struct Columns {
    places: BTreeMap<Column, usize>,
    /// Headings that nobody knows: said, and not read.
    pub unknown: Vec<String>,
}

impl Columns {
    /// Finds the columns of a file.
    ///
    /// # Errors
    /// Those that must be there and are not, and headings that stand twice.
    pub fn find(kind: Kind, sheet: &Sheet, mapping: &Mapping) -> Result<Self, Vec<Fault>> {
        let headings: Vec<String> = sheet.headings.iter().map(|h| plain(h)).collect();
        let mut places = BTreeMap::new();
        let mut used = vec![false; headings.len()];
        let mut faults = Vec::new();
        let at = || Some(sheet.heading_span.clone());
        for (column, word, headings_of) in known(kind) {
            // Whose whole name stands in one column has no first name: that is the pupil's.
            let in_whole = [Column::Title, Column::FirstName, Column::LastName].contains(column);
            if kind == Kind::Adult && in_whole && places.contains_key(&Column::Name) {
                continue;
            }
            let own = mapping.0.get(&(kind, *column));
            let mut free = |name: &str| {
                let found = (0..headings.len()).find(|n| !used[*n] && headings[*n] == name)?;
                used[found] = true;
                Some(found)
            };
            let place = match own {
                Some(own) => {
                    let found = free(own);
                    if found.is_none() {
                        faults.push(Fault::error(
                            &sheet.file,
                            at(),
                            format!(
                                "there is no column `{own}`, which the mapping names for {word}"
                            ),
                            did_you_mean(own, headings.iter().map(String::as_str)),
                        ));
                    }
                    found
                }
                None => names(headings_of).find_map(&mut free),
            };
            if let Some(place) = place {
                if headings.iter().filter(|h| **h == headings[place]).count() > 1 {
                    faults.push(Fault::error(
                        &sheet.file,
                        at(),
                        format!("two columns are called `{}`", sheet.headings[place]),
                        "take one out, or give it another heading",
                    ));
                }
                places.insert(*column, place);
            }
        }
        let columns = Self {
            places,
            unknown: (0..headings.len())
                .filter(|n| !used[*n] && !headings[*n].is_empty())
                .map(|n| sheet.headings[n].clone())
                .collect(),
        };
        for missing in columns.missing(kind) {
            faults.push(Fault::error(
                &sheet.file,
                at(),
                format!("there is no column for {missing}"),
                "export it too, or name it in a mapping file (docs/import.md)",
            ));
        }
        if faults.is_empty() {
            Ok(columns)
        } else {
            Err(faults)
        }
    }

    fn missing(&self, kind: Kind) -> Vec<&'static str> {
        let has = |column| self.places.contains_key(&column);
        let named = has(Column::Name) || (has(Column::FirstName) && has(Column::LastName));
        let pupil = has(Column::Upn)
            || has(Column::AdmissionNumber)
            || has(Column::PupilKey)
            || has(Column::PupilName)
            || (has(Column::PupilFirstName) && has(Column::PupilLastName));
        let needs: &[(&'static str, bool)] = match kind {
            Kind::Pupil => &[("the name", named), ("the class", has(Column::Class))],
            Kind::Adult => &[
                ("the name", named || has(Column::LastName)),
                ("the pupil (UPN, admission number or name)", pupil),
                ("the relationship", has(Column::Relationship)),
            ],
            Kind::Staff => &[
                (
                    "the name",
                    named || (has(Column::Title) && has(Column::LastName)),
                ),
                ("the roles", has(Column::Roles)),
            ],
        };
        let missing = needs.iter().filter(|(_, there)| !there);
        missing.map(|(what, _)| *what).collect()
    }

    /// Whether a file has a column.
    pub fn has(&self, column: Column) -> bool {
        self.places.contains_key(&column)
    }

    /// A cell; `None` where the file has no such column or the cell is empty.
    pub fn cell<'r>(&self, row: &'r super::sheet::Row, column: Column) -> Option<&'r str> {
        let cell = row.cells.get(*self.places.get(&column)?)?;
        (!cell.is_empty()).then_some(cell.as_str())
    }
}

/// What a file is about, from its headings; `None` when they do not tell.
pub fn guess(sheet: &Sheet) -> Option<Kind> {
    let headings: Vec<String> = sheet.headings.iter().map(|h| plain(h)).collect();
    let has = |kind: Kind, column: Column| {
        let found = known(kind).iter().find(|(c, ..)| *c == column);
        found.is_some_and(|(.., known)| names(known).any(|n| headings.iter().any(|h| h == n)))
    };
    if has(Kind::Adult, Column::Relationship) {
        Some(Kind::Adult)
    } else if has(Kind::Staff, Column::Roles) {
        Some(Kind::Staff)
    } else if has(Kind::Pupil, Column::Class) {
        Some(Kind::Pupil)
    } else {
        None
    }
}

/// A heading without what differs from one export to the next: case, signs, spaces.
fn plain(heading: &str) -> String {
    let words = heading
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}
