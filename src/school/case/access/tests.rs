use super::*;
use crate::school::fixture::kingfisher;

const CONCERN: Opening<'_> = Opening {
    kind: Kind::Concern,
    class: Some("3H"),
    sen: Sen::Support,
    about_sen: false,
    about: &[],
    about_staff: false,
    key_worker: Some("mr-baker"),
};

fn names(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|k| (*k).to_owned()).collect()
}

/// `mr-hughes + mrs-cole`: the owner and who is copied.
fn owners(opening: &Opening<'_>) -> String {
    let owners = first_owner(&kingfisher().people, opening);
    let copied = owners.copied.iter().map(|s| s.key.as_str());
    let all: Vec<&str> = owners
        .owner
        .iter()
        .map(|s| s.key.as_str())
        .chain(copied)
        .collect();
    all.join(" + ")
}

#[test]
fn a_concern_is_the_class_teachers_with_the_senco_for_special_needs() {
    let none = Opening {
        sen: Sen::None,
        ..CONCERN
    };
    assert_eq!(owners(&CONCERN), "mr-hughes + mrs-cole");
    assert_eq!(owners(&none), "mr-hughes");
    let about_sen = Opening {
        about_sen: true,
        ..none
    };
    assert_eq!(owners(&about_sen), "mr-hughes + mrs-cole");
    // Nobody knows yet which child it is.
    let somebody = Opening {
        class: None,
        ..none
    };
    assert_eq!(owners(&somebody), "ms-park");
    let special = Opening {
        class: None,
        ..about_sen
    };
    assert_eq!(owners(&special), "mrs-cole");
}

#[test]
fn nobody_is_given_a_case_about_themselves() {
    let about = |keys: &[&str], kind| {
        let about = names(keys);
        owners(&Opening {
            kind,
            about: &about,
            ..CONCERN
        })
    };
    assert_eq!(about(&["mr-hughes"], Kind::Concern), "mr-wright");
    assert_eq!(about(&["mrs-cole"], Kind::Concern), "mr-hughes");
    assert_eq!(about(&["mr-hughes"], Kind::Complaint), "mr-wright");
    assert_eq!(about(&["mr-wright"], Kind::Complaint), "dr-shah");
    assert_eq!(about(&["mrs-adeyemi"], Kind::Safeguarding), "mr-grant");
    assert_eq!(about(&["mr-baker"], Kind::FamilySupport), "mrs-cole");
    assert_eq!(about(&["ms-park"], Kind::Today), "mr-wright");
    // Whatever is said and whoever is named, the owner and the copied are others.
    let people = &kingfisher().people;
    for (_, kind) in Kind::WORDS {
        for (about_staff, named) in people
            .staff
            .iter()
            .flat_map(|s| [(false, &s.key), (true, &s.key)])
        {
            let about = [named.clone()];
            let owners = first_owner(
                people,
                &Opening {
                    kind: *kind,
                    about: &about,
                    about_staff,
                    ..CONCERN
                },
            );
            let owner = owners.owner.unwrap();
            assert_ne!(&owner.key, named, "{kind:?}");
            assert!(owners.copied.iter().all(|s| &s.key != named), "{kind:?}");
        }
    }
}

#[test]
fn the_other_kinds_have_owners_of_their_own() {
    let of = |kind| owners(&Opening { kind, ..CONCERN });
    assert_eq!(of(Kind::Complaint), "mr-wright");
    assert_eq!(of(Kind::FamilySupport), "mr-baker");
    assert_eq!(of(Kind::Safeguarding), "mrs-adeyemi");
    assert_eq!(of(Kind::Today), "ms-park");
    assert_eq!(of(Kind::HandOver), "ms-park");
    let accused = Opening {
        kind: Kind::Safeguarding,
        about_staff: true,
        ..CONCERN
    };
    assert_eq!(owners(&accused), "mr-wright");
}

const RECORD: Record<'_> = Record {
    kind: Kind::Concern,
    class: Some("3H"),
    about: &[],
    about_head: false,
    about_staff: false,
    held_by: &[],
    unchecked: false,
};

/// Everybody of the demo school who may read a record.
fn readers(record: &Record<'_>) -> Vec<&'static str> {
    let staff = kingfisher().people.staff.iter();
    staff
        .filter(|s| may_read(s, record))
        .map(|s| s.key.as_str())
        .collect()
}

#[test]
fn who_may_read_what() {
    let baker = names(&["mr-baker"]);
    let lewis = names(&["mr-lewis"]);
    let wright = names(&["mr-wright"]);
    let shared = names(&["mrs-cole", "it-support", "mr-evans", "dr-shah"]);
    let leaders = ["mrs-cole", "mrs-adeyemi", "mr-grant", "mr-wright"];
    let with = |more: &[&'static str]| {
        let keys = kingfisher().people.staff.iter().map(|s| s.key.as_str());
        keys.filter(|k| leaders.contains(k) || more.contains(k))
            .collect::<Vec<_>>()
    };
    for (record, expected) in [
        (RECORD, with(&["mr-hughes"])),
        (
            Record {
                held_by: &baker,
                ..RECORD
            },
            with(&["mr-hughes", "mr-baker"]),
        ),
        (
            Record {
                class: None,
                ..RECORD
            },
            with(&[]),
        ),
        (
            Record {
                unchecked: true,
                class: None,
                ..RECORD
            },
            with(&["ms-park"]),
        ),
        (
            Record {
                kind: Kind::Meeting,
                ..RECORD
            },
            with(&["mr-hughes", "ms-park"]),
        ),
        (
            Record {
                kind: Kind::Complaint,
                about: &lewis,
                class: Some("6M"),
                ..RECORD
            },
            with(&[]),
        ),
        (
            Record {
                kind: Kind::Complaint,
                about: &wright,
                about_head: true,
                ..RECORD
            },
            vec!["mrs-cole", "mrs-adeyemi", "mr-grant", "dr-shah"],
        ),
        // Safeguarding: the leads, and those it was shared with, but never IT or a governor.
        (
            Record {
                kind: Kind::Safeguarding,
                ..RECORD
            },
            vec!["mrs-adeyemi", "mr-grant"],
        ),
        (
            Record {
                kind: Kind::Safeguarding,
                held_by: &shared,
                ..RECORD
            },
            vec!["mrs-cole", "mrs-adeyemi", "mr-grant"],
        ),
        (
            Record {
                kind: Kind::Safeguarding,
                about_staff: true,
                about: &lewis,
                ..RECORD
            },
            vec!["mr-wright"],
        ),
        (
            Record {
                kind: Kind::Safeguarding,
                about_staff: true,
                about: &wright,
                about_head: true,
                ..RECORD
            },
            vec!["dr-shah"],
        ),
    ] {
        assert_eq!(readers(&record), expected, "{record:?}");
    }
}

#[test]
fn nobody_reads_a_case_about_themselves() {
    for member in &kingfisher().people.staff {
        let about = [member.key.clone()];
        for (_, kind) in Kind::WORDS {
            let record = Record {
                kind: *kind,
                about: &about,
                held_by: &about,
                about_head: true,
                unchecked: true,
                ..RECORD
            };
            assert!(!may_read(member, &record), "{} {kind:?}", member.key);
        }
    }
}
