use jiff::civil::date;

use super::*;
use crate::school::fixture::kingfisher;
use crate::school::people::{Adult, Known, Pupil, Sen};

const PUPILS: &str = "UPN,Forename,Surname,Reg Group,DOB\n\
    X801200000001,Sam,Yusuf,3H,12/03/2018\n\
    ,Zofia,Kowalska,1B,\n";
const ADULTS: &str = "Contact Name,Mobile,Email,Forename,Surname,Relationship,Parental Responsibility,Lives With,Court Order\n\
    Amina Yusuf,07700 900101,amina@home.example,Sam,Yusuf,Mother,Y,Y,N\n\
    Piotr Kowalski,07700 900102,,Zofia,Kowalska,Father,Y,Y,N\n";

fn language(name: &str) -> Option<String> {
    (name == "Polish").then(|| "pl".to_owned())
}

fn file(name: &str, text: impl AsRef<[u8]>) -> File {
    File {
        name: name.to_owned(),
        bytes: text.as_ref().to_vec(),
        kind: None,
    }
}

fn read(register: &Register, files: &[File]) -> Result<Proposal, Unusable> {
    with_mapping(register, files, &Mapping::default())
}

fn with_mapping(
    register: &Register,
    files: &[File],
    mapping: &Mapping,
) -> Result<Proposal, Unusable> {
    let calendar = &kingfisher().calendar;
    let hours = Work {
        days: calendar.days,
        from: calendar.open,
        to: calendar.close,
        absent: Vec::new(),
    };
    let rules = Rules {
        hours: &hours,
        language: &language,
        mapping,
    };
    propose(register, files, &rules)
}

fn demo_staff() -> File {
    file("staff.csv", include_str!("../../../../demo/staff.csv"))
}

fn demo_files() -> [File; 3] {
    [
        file("adults.csv", include_str!("../../../../demo/adults.csv")),
        demo_staff(),
        file("pupils.csv", include_str!("../../../../demo/pupils.csv")),
    ]
}

/// A school with its staff, two pupils and their parents.
fn small() -> Register {
    let files = [
        demo_staff(),
        file("pupils.csv", PUPILS),
        file("adults.csv", ADULTS),
    ];
    let proposal = read(&Register::default(), &files).unwrap();
    Register::default().with(&proposal, &proposal.every_yes())
}

/// The faults, a line each: where, what, and what to do.
fn told(result: Result<Proposal, Unusable>) -> String {
    let (faults, sources) = match result {
        Ok(proposal) => (proposal.doubts, proposal.sources),
        Err(unusable) => (unusable.faults, unusable.sources),
    };
    faults
        .iter()
        .filter(|f| {
            !f.message.starts_with("class ") && !f.message.starts_with("no message can reach")
        })
        .map(|f| {
            let line = f.line(&sources).map_or("-".to_owned(), |l| l.to_string());
            format!("{}:{line}: {} / {}", f.file, f.message, f.remedy)
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// What would change, a line each.
fn changes(proposal: &Proposal) -> String {
    let fields = |different: &[Different]| {
        let one = |d: &Different| format!("{}: {:?} -> {:?}", d.field, d.before, d.after);
        different.iter().map(one).collect::<Vec<_>>().join("; ")
    };
    let one = |c: &Change| {
        let what = match &c.what {
            What::Added => "new".to_owned(),
            What::Changed(different) => fields(different),
            What::Gone => "gone".to_owned(),
            What::Back(different) => format!("back {}", fields(different)),
        };
        let ask = c.ask.as_ref().map(|ask| format!(" [{ask}]"));
        format!("{}: {what}{}", c.person.key(), ask.unwrap_or_default())
    };
    proposal
        .changes
        .iter()
        .map(one)
        .collect::<Vec<_>>()
        .join("\n")
}

fn adult<'p>(people: &'p People, key: &str) -> &'p Adult {
    people.adults.iter().find(|a| a.key == key).unwrap()
}

#[test]
fn the_demo_school_is_imported_from_three_files_as_its_people_file_has_it() {
    let proposal = read(&Register::default(), &demo_files()).unwrap();
    assert_eq!(proposal.asks, []);
    let people = Register::default()
        .with(&proposal, &proposal.every_yes())
        .people();
    let file = &kingfisher().people;
    assert_eq!(people.staff, file.staff);
    let unnamed = |p: &Pupil| Pupil {
        key: String::new(),
        ..p.clone()
    };
    let pupils = |people: &People| people.pupils.iter().map(unnamed).collect::<Vec<_>>();
    assert_eq!(pupils(&people), pupils(file));
    // Keys of pupils are their full names here, and their first names in the people file.
    let mut adults = people.adults.clone();
    for child in adults.iter_mut().flat_map(|a| &mut a.children) {
        let name = people
            .pupil(&child.pupil)
            .unwrap()
            .first_name
            .to_lowercase();
        child.pupil = name;
    }
    assert_eq!(adults, file.adults);
}

#[test]
fn files_that_say_what_is_known_change_nothing() {
    let register = Register::of(&kingfisher().people);
    let proposal = read(&register, &demo_files()).unwrap();
    assert_eq!(changes(&proposal), "");
    assert_eq!(proposal.same, register.entries.len());
}

#[test]
fn what_is_different_is_said_field_by_field() {
    let pupils = "Admission Number,UPN,Preferred Surname,Forename,Registration Form,SEN Status,DOB\n\
        0042,X801200000001,Yusuf-Ali,Sam,4H,K,12/03/2018\n\
        43,,Kowalska,Zofia,1B,N,\n\
        44,,Okoye,Chi,1B,E,2020-01-02\n";
    let proposal = read(&small(), &[file("p.csv", pupils)]).unwrap();
    insta::assert_snapshot!(changes(&proposal), @r#"
    sam-yusuf: name: "Sam Yusuf" -> "Sam Yusuf-Ali"; class: "3H" -> "4H"; SEN stage: "none" -> "support"; admission number: "" -> "42"
    zofia-kowalska: admission number: "" -> "43"
    chi-okoye: new
    "#);
}

#[test]
fn who_is_missing_from_a_file_has_gone_and_other_kinds_stay() {
    let register = small();
    let pupils = "UPN,Forename,Surname,Reg Group,DOB\nX801200000001,Sam,Yusuf,3H,12/03/2018\n";
    let proposal = read(&register, &[file("p.csv", pupils)]).unwrap();
    assert_eq!(changes(&proposal), "zofia-kowalska: gone");
    let people = register.with(&proposal, &BTreeSet::new()).people();
    assert_eq!(people.pupils.len(), 1);
    assert_eq!(people.former["zofia-kowalska"], "Zofia Kowalska");
    // Her father is there still, and has no child here of whom anything could be said.
    assert!(adult(&people, "piotr-kowalski").children.is_empty());
}

#[test]
fn a_file_cut_short_sends_nobody_away_without_a_yes() {
    let row = |n: usize| format!("First{n},Last{n},3H\n");
    let all: String = (0..40).map(row).collect();
    let heading = "Forename,Surname,Class\n";
    let register = small();
    let proposal = read(
        &register,
        &[file(
            "p.csv",
            format!("{heading}{all}Sam,Yusuf,3H\nZofia,Kowalska,1B\n"),
        )],
    )
    .unwrap();
    let register = register.with(&proposal, &BTreeSet::new());
    let some: String = (0..20).map(row).collect();
    let proposal = read(
        &register,
        &[file(
            "p.csv",
            format!("{heading}{some}Sam,Yusuf,3H\nZofia,Kowalska,1B\n"),
        )],
    )
    .unwrap();
    assert_eq!(proposal.asks.len(), 1);
    assert_eq!(
        proposal.asks[0].words,
        "20 of 42 pupils are not in the file. Is it complete, and have they left?"
    );
    assert_eq!(register.with(&proposal, &BTreeSet::new()), register);
    let after = register.with(&proposal, &proposal.every_yes());
    assert_eq!(after.people().pupils.len(), 22);
}

#[test]
fn a_contact_who_was_taken_out_and_reappears_waits_for_a_yes() {
    let register = small();
    let without = "Contact Name,Mobile,Email,Pupil Name,Relationship,Court Order,Lives With,Parental Responsibility\n\
        Piotr Kowalski,07700 900102,,Zofia Kowalska,Father,N,Y,Y\n";
    let proposal = read(&register, &[file("a.csv", without)]).unwrap();
    assert_eq!(changes(&proposal), "amina-yusuf: gone");
    let register = register.with(&proposal, &BTreeSet::new());
    let proposal = read(&register, &[file("a.csv", ADULTS)]).unwrap();
    assert_eq!(changes(&proposal), "amina-yusuf: back  [adult-amina-yusuf]");
    assert_eq!(register.with(&proposal, &BTreeSet::new()), register);
    let people = register.with(&proposal, &proposal.every_yes()).people();
    assert_eq!(adult(&people, "amina-yusuf").children.len(), 1);
}

#[test]
fn a_restriction_or_an_order_is_lifted_by_a_person_and_by_no_file() {
    let register = Register::of(&kingfisher().people);
    // Without these columns they stay.
    let plain =
        "Contact Name,Mobile,Pupil,Relationship\nDean Price,07700 900107,Ola Price,Father\n";
    let proposal = read(&register, &[file("a.csv", plain)]).unwrap();
    let yes = proposal.every_yes();
    let people = register.with(&proposal, &yes).people();
    assert!(adult(&people, "dean-price").children[0].is_restricted(date(2026, 12, 1)));
    assert_eq!(
        adult(&people, "dean-price").children[0].court_order,
        Known::Yes
    );
    // With an empty cell in them, somebody is asked.
    let empty = "Contact Name,Mobile,Pupil,Relationship,Court Order,Restriction\nDean Price,07700 900107,Ola Price,Father,,\n";
    let proposal = read(&register, &[file("a.csv", empty)]).unwrap();
    let ask = proposal
        .asks
        .iter()
        .find(|a| a.id == "adult-dean-price")
        .unwrap();
    assert_eq!(
        ask.words,
        "The file no longer has the restriction that stands against Dean Price. Is it lifted?"
    );
    let people = register.with(&proposal, &BTreeSet::new()).people();
    assert!(
        adult(&people, "dean-price").children[0]
            .restriction
            .is_some()
    );
}

#[test]
fn one_adult_in_several_rows_is_one_and_two_of_one_name_are_two() {
    let adults = "Contact ID,Title,Contact Forename,Contact Surname,Mobile,Home Telephone,Forename,Surname,Relationship\n\
        7,Mrs,Grace,Mensah,7700900111,,Sam,Yusuf,Mother\n\
        7,Mrs,Grace,Mensah,,07700 900112,Zofia,Kowalska,Aunt\n\
        8,Mrs,Grace,Mensah,7700900113,,Zofia,Kowalska,Neighbour\n";
    let proposal = read(&small(), &[file("a.csv", adults)]).unwrap();
    let people = small().with(&proposal, &proposal.every_yes()).people();
    let grace = adult(&people, "mrs-grace-mensah");
    assert_eq!(grace.children.len(), 2);
    assert_eq!(grace.phones.len(), 2);
    assert_eq!(adult(&people, "mrs-grace-mensah-2").children.len(), 1);
    assert!(told(Ok(proposal)).contains("a.csv:4: there are two Mrs Grace Mensah"));
}

#[test]
fn a_number_that_the_office_matched_outlives_an_import() {
    let mut register = small();
    for entry in &mut register.entries {
        if let Person::Adult(adult) = &mut entry.person
            && adult.key == "amina-yusuf"
        {
            adult.matched.push("+447700900150".parse().unwrap());
        }
    }
    let proposal = read(&register, &[file("a.csv", ADULTS)]).unwrap();
    assert_eq!(changes(&proposal), "");
    // Once the school's own records have it, it is theirs.
    let with = ADULTS.replace("07700 900101", "07700 900101; 07700 900150");
    let proposal = read(&register, &[file("a.csv", with)]).unwrap();
    let people = register.with(&proposal, &BTreeSet::new()).people();
    assert_eq!(adult(&people, "amina-yusuf").phones.len(), 2);
    assert!(adult(&people, "amina-yusuf").matched.is_empty());
}

#[test]
fn every_bad_row_is_named_with_its_line_and_reason_and_nothing_is_proposed() {
    let pupils = "UPN,Forename,Surname,Reg Group,DOB,SEN Status\n\
        X801200000001,Sam,Yusuf,3H,12/03/2018,K\n\
        ,Zofia,,1B,,N\n\
        ,Leo,Reed,,,N\n\
        ,Ben,Nandi,5K,31/02/2016,N\n\
        ,Kai,Campbell,6M,,maybe\n\
        X801200000001,Sam,Yusuf,3H,12/03/2018,K\n\
        ,Ada,Brooks,3H,1/2/2018,N,,extra\n";
    // A cell too many is seen before anything is made of the rows.
    insta::assert_snapshot!(told(read(&small(), &[file("p.csv", pupils)])), @"p.csv:8: this row has 8 cells, and there are 6 headings / put quotation marks around a value that holds a comma");
    let pupils = pupils.replace(",,extra", "");
    let adults = "Contact Name,Pupil,Relationship,Lives With\n\
        Amina Yusuf,Sam Yusef,Mother,Y\n\
        ,Sam Yusuf,Mother,Y\n\
        Sarah Reed,Leo Reed,Mother,sometimes\n";
    let found = told(read(
        &small(),
        &[file("p.csv", &pupils), file("a.csv", adults)],
    ));
    insta::assert_snapshot!(found, @r"
    p.csv:3: this pupil has no first name or no last name / texts to parents use the first, staff the other: write both
    p.csv:4: Leo Reed has no class / a concern goes to the class teacher first: write the class, or leave the row out
    p.csv:5: `31/02/2016` is no date / write it as 12/03/2017, day first
    p.csv:6: `maybe` is no SEN stage / write N (none), K (SEN support) or E (EHC plan), as in the census
    p.csv:7: Sam Yusuf stands in line 2 too / take one of the two rows out; two people of one name need an identifier each
    a.csv:2: there is no pupil `Sam Yusef` / did you mean `Sam Yusuf`?
    a.csv:3: this adult has no name / write it, or leave the row out
    a.csv:4: there is no pupil `Leo Reed` / known here: Ada Brooks, Ben Nandi, Kai Campbell, Sam Yusuf, Zofia Kowalska
    ");
}

#[test]
fn what_is_doubtful_is_left_out_and_said() {
    let pupils = "UPN,Forename,Surname,Reg Group,Colour\nX801200000011,Sam,Yusuf,3H,blue\n,Zofia,Kowalska,1B,red\n";
    let adults = "Contact Name,Mobile,Email,Pupil,Relationship,Language\n\
        Amina Yusuf,4.477E+11,amina at home,Sam Yusuf,Mother,Tigrinya\n\
        Piotr Kowalski,7700900102 (work),,Zofia Kowalska,Father,Polish\n";
    let proposal = read(&small(), &[file("p.csv", pupils), file("a.csv", adults)]).unwrap();
    let people = small().with(&proposal, &proposal.every_yes()).people();
    assert_eq!(
        people.pupils[0].upn.as_ref().unwrap().as_str(),
        "X801200000001"
    );
    assert_eq!(
        adult(&people, "piotr-kowalski").language.as_deref(),
        Some("pl")
    );
    assert_eq!(
        adult(&people, "piotr-kowalski").phones[0].e164(),
        "+447700900102"
    );
    insta::assert_snapshot!(told(Ok(proposal)), @r"
    p.csv:1: the column `Colour` is not read / name it in a mapping file if it holds something of ours (docs/import.md)
    p.csv:2: the UPN of Sam Yusuf is left out: its check letter does not fit: there is a slip in it somewhere / compare it with the school's records
    a.csv:2: `4.477E+11` has lost its digits to the spreadsheet / format the column as text before you save it as CSV
    a.csv:2: `amina at home` is left out: it is no email address / write one address, such as cole@school.example
    a.csv:2: `Tigrinya` is no language that is known here, and is left out / write its English name, or its tag, such as pl
    ");
}

#[test]
fn a_school_that_could_not_work_is_not_made() {
    let staff = "Name,Roles,Mobile\nMrs Cole,SENCO,07700 900201\nMr Wright,Headteacher,\nMs Park,Office,07700 900201\n";
    insta::assert_snapshot!(told(read(&Register::default(), &[file("s.csv", staff)])), @r"
    s.csv:4: Ms Park and Mrs Cole have the same phone / a notice is answered from a phone: give each their own, or leave one out
    s.csv:-: the school has no designated safeguarding lead / give somebody the role `dsl`
    ");
}

#[test]
fn files_are_read_in_the_encodings_and_shapes_that_systems_write() {
    let expected = read(&small(), &[file("p.csv", PUPILS)]).unwrap().same;
    let utf16: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(
            PUPILS
                .replace(',', "\t")
                .encode_utf16()
                .flat_map(u16::to_le_bytes),
        )
        .collect();
    for (what, bytes) in [
        (
            "a byte order mark",
            [b"\xef\xbb\xbf", PUPILS.as_bytes()].concat(),
        ),
        ("CRLF", PUPILS.replace('\n', "\r\n").into_bytes()),
        ("old Macs", PUPILS.replace('\n', "\r").into_bytes()),
        ("semicolons", PUPILS.replace(',', ";").into_bytes()),
        ("Excel's Unicode text", utf16),
        ("empty rows", format!("\n\n{PUPILS},,,,\n\n").into_bytes()),
        ("quotes", PUPILS.replace("Sam", "\"Sam\"").into_bytes()),
    ] {
        let proposal =
            read(&small(), &[file("p.csv", bytes)]).unwrap_or_else(|why| panic!("{what}: {why:?}"));
        assert_eq!(
            (proposal.same, proposal.changes.len()),
            (expected, 0),
            "{what}"
        );
    }
    // Zoë, in Windows-1252.
    let latin = b"Forename,Surname,Class\nZo\xeb,O\x92Brien,3H\nSam,Yusuf,3H\nZofia,Kowalska,1B\n";
    let proposal = read(&small(), &[file("p.csv", latin)]).unwrap();
    let people = small().with(&proposal, &proposal.every_yes()).people();
    assert!(
        people
            .pupils
            .iter()
            .any(|p| p.full_name() == "Zoë O’Brien" && p.sen == Sen::None)
    );
}

#[test]
fn what_is_no_such_file_is_refused_with_a_remedy() {
    let wide = format!("{}\n", vec!["x"; 1_000_000].join(","));
    let mut found = Vec::new();
    for (what, bytes) in [
        ("empty", Vec::new()),
        ("only spaces", b"  \n \n".to_vec()),
        ("a workbook", b"PK\x03\x04rest".to_vec()),
        ("a picture", b"\x89PNG\r\n\x1a\n\0\0".to_vec()),
        ("no headings", b"Sam,Yusuf,3H\n".to_vec()),
        ("a million columns", wide.into_bytes()),
        (
            "an open quote",
            format!(
                "Forename,Surname,Class\n\"Sam,Yusuf,3H\n{}",
                "x,y,z\n".repeat(2_000)
            )
            .into_bytes(),
        ),
        (
            "one heading twice",
            b"Forename,Surname,Class,Class\nSam,Yusuf,3H,3H\n".to_vec(),
        ),
        ("too long", vec![b'a'; LONGEST + 1]),
        (
            "a column is missing",
            b"Relationship,Contact Name\nMother,Amina Yusuf\n".to_vec(),
        ),
    ] {
        found.push(format!(
            "{what} -> {}",
            told(read(&small(), &[file("f.csv", bytes)]))
        ));
    }
    insta::assert_snapshot!(found.join("\n"), @r"
    empty -> f.csv:-: the file is empty / export it again, with its headings
    only spaces -> f.csv:-: the file is empty / export it again, with its headings
    a workbook -> f.csv:-: this is a workbook, not a CSV file / in Excel: File, Save As, CSV UTF-8
    a picture -> f.csv:-: this is no text file / export it again as CSV (UTF-8)
    no headings -> f.csv:1: these headings are neither those of pupils, nor of adults, nor of staff / export it with its headings, or name them in a mapping file (docs/import.md)
    a million columns -> f.csv:-: a row has 1000000 columns; at most 200 are read / export the columns that docs/import.md names
    an open quote -> f.csv:2: a quotation mark is opened in this row and not closed / close it, or write it twice where it is meant
    one heading twice -> f.csv:1: two columns are called `Class` / take one out, or give it another heading
    too long -> f.csv:-: the file is 16777217 bytes long; at most 16777216 are read / export the columns that are needed, for one school
    a column is missing -> f.csv:1: there is no column for the pupil (UPN, admission number or name) / export it too, or name it in a mapping file (docs/import.md)
    ");
    assert!(read(&small(), &[]).is_err());
    let twice = told(read(
        &small(),
        &[file("a.csv", PUPILS), file("b.csv", PUPILS)],
    ));
    assert_eq!(
        twice,
        "b.csv:-: both a.csv and b.csv hold pupils / import one file of each"
    );
}

#[test]
fn a_school_names_its_own_headings() {
    let mapping = Mapping::parse("m.toml", "[pupils]\nclass = \"House & Form\"\n").unwrap();
    let pupils = "Forename,Surname,House & Form,Class\nSam,Yusuf,3H,x\nZofia,Kowalska,1B,y\n";
    let proposal =
        with_mapping(&small(), &[file("p.csv", pupils).of(Kind::Pupil)], &mapping).unwrap();
    assert_eq!(changes(&proposal), "");
    let faults = Mapping::parse("m.toml", "[pupils]\nclas = \"Form\"\n").unwrap_err();
    assert!(faults[0].message.contains("clas"), "{faults:?}");
    let missing = Mapping::parse("m.toml", "[pupils]\nclass = \"Tutor\"\n").unwrap();
    let told = told(with_mapping(&small(), &[file("p.csv", pupils)], &missing));
    assert!(told.contains("there is no column `tutor`"), "{told}");
}

impl File {
    fn of(self, kind: Kind) -> Self {
        Self {
            kind: Some(kind),
            ..self
        }
    }
}

#[test]
fn twenty_thousand_people_are_compared_in_a_moment() {
    let mut pupils = "Forename,Surname,Class,Admission Number\n".to_owned();
    let mut adults = "Contact Name,Mobile,Admission Number,Relationship\n".to_owned();
    for n in 0..6_000 {
        pupils.push_str(&format!("Child{n},Family{n},3H,{n}\n"));
        adults.push_str(&format!("Mother Family{n},07700 9{:05},{n},Mother\n", n));
        adults.push_str(&format!("Father Family{n},07701 9{:05},{n},Father\n", n));
    }
    let files = [demo_staff(), file("p.csv", pupils), file("a.csv", adults)];
    let proposal = read(&Register::default(), &files).unwrap();
    let register = Register::default().with(&proposal, &proposal.every_yes());
    assert_eq!(register.people().adults.len(), 12_000);
    assert_eq!(read(&register, &files).unwrap().changes.len(), 0);
}
