//! What a cell says, however a spreadsheet has mangled it.
//!
//! Each reader answers `Err` with a sentence for whoever has to put it right.

use jiff::civil::{Date, Time};

use crate::phone::Phone;
use crate::school::calendar::{Days, Period};
use crate::school::meeting::{Availability, Mode};
use crate::school::people::{Known, Prefers, Role, Sen};

/// What was wrong with a cell, and what to do.
pub(super) type Bad = (String, &'static str);

/// A day: `12/03/2017`, `2017-03-12`, `12 Mar 2017`; a time of day after it goes.
pub(super) fn date(written: &str) -> Result<Date, Bad> {
    const FORMS: [&str; 9] = [
        "%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%y", "%d-%b-%Y", "%d %b %Y",
        "%d %B %Y", "%d-%b-%y",
    ];
    let day = written.split('T').next().unwrap_or_default().trim();
    // "12/03/2017 00:00:00", as spreadsheets write a day.
    let day = day
        .split_once(' ')
        .filter(|(_, rest)| rest.contains(':'))
        .map_or(day, |(day, _)| day);
    // A form with four digits would read the year 17.
    let read = |form: &&str| {
        let date = Date::strptime(form, day).ok()?;
        (date.year() >= 1900).then_some(date)
    };
    FORMS.iter().find_map(read).ok_or_else(|| {
        (
            format!("`{written}` is no date"),
            "write it as 12/03/2017, day first",
        )
    })
}

/// The phones in a cell. Spreadsheets drop a leading 0; people write whose it is beside it.
pub(super) fn phones(written: &str) -> (Vec<Phone>, Vec<Bad>) {
    let (mut phones, mut bad) = (Vec::new(), Vec::new());
    let one_of = |c: char| matches!(c, ';' | ',' | '\n' | '|');
    for piece in written
        .replace(" or ", ";")
        .replace(" / ", ";")
        .split(one_of)
    {
        let piece = piece.trim();
        if piece.is_empty() {
            continue;
        }
        match phone(piece) {
            Ok(phone) if phones.contains(&phone) => {}
            Ok(phone) => phones.push(phone),
            Err(why) => bad.push(why),
        }
    }
    (phones, bad)
}

/// One phone.
pub(super) fn phone(written: &str) -> Result<Phone, Bad> {
    let words = |c: char| c.is_alphabetic() || matches!(c, ':' | '\'' | '’' | '&');
    let mashed = written
        .to_lowercase()
        .split_once("e+")
        .is_some_and(|(number, _)| number.starts_with(|c: char| c.is_ascii_digit()));
    if mashed {
        return Err((
            format!("`{written}` has lost its digits to the spreadsheet"),
            "format the column as text before you save it as CSV",
        ));
    }
    let bare: String = written.replace(words, " ");
    let bare = bare.replace("()", " ");
    let bare = bare.trim().trim_end_matches(".0");
    let digits = bare.chars().filter(char::is_ascii_digit).count();
    let lost = digits == 10 && bare.starts_with(['1', '2', '7']);
    let whole = if lost {
        format!("0{bare}")
    } else {
        bare.to_owned()
    };
    Phone::parse(&whole).map_err(|why| {
        (
            format!("`{written}` is left out: {why}"),
            "write it as 07700 900101",
        )
    })
}

/// Yes, no, or nobody knows.
pub(super) fn known(written: &str) -> Result<Known, Bad> {
    match written.to_lowercase().as_str() {
        "y" | "yes" | "true" | "t" | "1" => Ok(Known::Yes),
        "n" | "no" | "false" | "f" | "0" => Ok(Known::No),
        "" | "unknown" | "blank" | "?" | "not known" | "n/k" | "-" => Ok(Known::Unknown),
        _ => Err((
            format!("`{written}` is neither yes nor no"),
            "write yes, no or unknown",
        )),
    }
}

/// The SEN stage, by the codes of the school census (N, K, E) or in words.
pub(super) fn sen(written: &str) -> Result<Sen, Bad> {
    let small = written.to_lowercase();
    let code = small.split([' ', '-', '–', ':']).next().unwrap_or_default();
    match (code, small.as_str()) {
        ("n" | "no" | "none", _) | (_, "") => Ok(Sen::None),
        ("k" | "s" | "sen" | "support", _) => Ok(Sen::Support),
        ("e" | "ehcp" | "ehc" | "education" | "education," | "statement", _) => Ok(Sen::Ehcp),
        _ => Err((
            format!("`{written}` is no SEN stage"),
            "write N (none), K (SEN support) or E (EHC plan), as in the census",
        )),
    }
}

/// The school year: `Year 3`, `3`, `Y3`; reception is 0. Nursery has none.
pub(super) fn year(written: &str) -> Result<Option<u32>, Bad> {
    let small = written.to_lowercase();
    let rest = small.trim_start_matches("year").trim_start_matches("yr");
    let rest = rest.trim_start_matches('y').trim();
    match rest {
        "r" | "reception" | "rec" | "0" => Ok(Some(0)),
        "n" | "nursery" | "n1" | "n2" | "e1" | "e2" | "" => Ok(None),
        digits => match digits.parse::<u32>() {
            Ok(year) if year <= 14 => Ok(Some(year)),
            _ => Err((
                format!("`{written}` is no school year"),
                "write 3, or Reception",
            )),
        },
    }
}

/// How somebody wants to be reached.
pub(super) fn prefers(written: &str) -> Result<Prefers, Bad> {
    let small = written.to_lowercase().replace([' ', '_'], "-");
    let also: Option<Prefers> = match small.as_str() {
        "sms" | "text-message" => Some(Prefers::Text),
        "call" | "telephone" | "ring" => Some(Prefers::Phone),
        "e-mail" => Some(Prefers::Email),
        _ => None,
    };
    also.or_else(|| Prefers::from_word(&small)).ok_or_else(|| {
        (
            format!("`{written}` is no way to reach somebody"),
            "write text, text-only, phone or email",
        )
    })
}

/// The roles in a cell; what is a post of the school and no role of ours is nothing.
pub(super) fn roles(written: &str) -> (Vec<Role>, Vec<String>) {
    let (mut roles, mut unknown) = (Vec::new(), Vec::new());
    for word in written.split([';', ',', '/', '+', '\n']) {
        let small = word.trim().to_lowercase().replace([' ', '_'], "-");
        let also = match small.as_str() {
            "" => continue,
            "teacher" | "form-tutor" => Some(Role::ClassTeacher),
            "sendco" | "inclusion-lead" => Some(Role::Senco),
            "headteacher" | "head-teacher" | "principal" => Some(Role::Head),
            "deputy-headteacher" | "deputy-head-teacher" | "assistant-head" => {
                Some(Role::DeputyHead)
            }
            "designated-safeguarding-lead" => Some(Role::Dsl),
            "deputy-designated-safeguarding-lead" | "ddsl" => Some(Role::DeputyDsl),
            "office-manager" | "school-office" | "administrator" | "admin" => Some(Role::Office),
            "family-mentor" | "pastoral" => Some(Role::KeyWorker),
            "it-support" => Some(Role::It),
            _ => None,
        };
        match also.or_else(|| Role::from_word(&small)) {
            Some(role) if roles.contains(&role) => {}
            Some(role) => roles.push(role),
            None => unknown.push(word.trim().to_owned()),
        }
    }
    (roles, unknown)
}

/// An email address, as far as its shape tells.
pub(super) fn email(written: &str) -> Result<String, Bad> {
    let sound = written
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.contains('@'));
    if sound && written.is_ascii() && !written.contains([' ', ',', ';', '<', '>']) {
        Ok(written.to_lowercase())
    } else {
        Err((
            format!("`{written}` is left out: it is no email address"),
            "write one address, such as cole@school.example",
        ))
    }
}

/// Days of the week, as [`Days::parse`] reads them, or by their first letters: `MTWTF` is too unsure.
pub(super) fn days(written: &str) -> Result<Days, Bad> {
    let small = written.to_lowercase().replace(';', ",");
    let short: String = small
        .split_inclusive([',', '-'])
        .map(|piece| {
            let word = piece.trim_end_matches([',', '-']).trim();
            let end = piece.strip_prefix(piece.trim_end_matches([',', '-']));
            let word: String = word.chars().take(3).collect();
            format!("{word}{}", end.unwrap_or_default())
        })
        .collect();
    Days::parse(&short).ok_or_else(|| {
        (
            format!("`{written}` are no days"),
            "write mon-fri, or mon, thu",
        )
    })
}

/// A time of day.
pub(super) fn time(written: &str) -> Result<Time, Bad> {
    let plain = written.replace('.', ":");
    let plain = if plain.find(':') == Some(1) {
        format!("0{plain}")
    } else {
        plain
    };
    crate::document::read_time(plain.get(..5).unwrap_or(&plain))
        .ok_or_else(|| (format!("`{written}` is no time"), "write 15:30"))
}

/// When parents can meet them: `mon-thu 08:40-09:10 school phone; fri 14:00-15:00`.
pub(super) fn meetings(written: &str) -> Result<Vec<Availability>, Bad> {
    const EXAMPLE: &str = "write mon-thu 15:30-16:00 school phone; more after a semicolon";
    let bad = || (format!("`{written}` are no meeting times"), EXAMPLE);
    let mut found = Vec::new();
    for piece in written
        .split([';', '\n'])
        .map(str::trim)
        .filter(|p| !p.is_empty())
    {
        let clock = piece
            .split_whitespace()
            .position(|word| word.starts_with(|c: char| c.is_ascii_digit()))
            .ok_or_else(bad)?;
        let words: Vec<&str> = piece.split_whitespace().collect();
        let (from, to) = words[clock].split_once('-').ok_or_else(bad)?;
        let (from, to) = (time(from)?, time(to)?);
        if from >= to || from.minute() % 5 != 0 || to.minute() % 5 != 0 {
            return Err((
                format!("`{piece}` cannot be offered"),
                "begin before the end, both on a multiple of five minutes",
            ));
        }
        let mut modes = Vec::new();
        for word in &words[clock + 1..] {
            modes.push(Mode::from_word(&word.to_lowercase()).ok_or_else(bad)?);
        }
        if modes.is_empty() {
            modes = vec![Mode::School, Mode::Phone];
        }
        found.push(Availability {
            days: days(&words[..clock].join(" "))?,
            from,
            to,
            modes,
        });
    }
    Ok(found)
}

/// Days away: `2026-12-01 to 2026-12-05; 2027-01-11`.
pub(super) fn absences(written: &str) -> Result<Vec<Period>, Bad> {
    let mut found = Vec::new();
    for piece in written
        .split([';', '\n'])
        .map(str::trim)
        .filter(|p| !p.is_empty())
    {
        let (from, to) = piece.split_once(" to ").unwrap_or((piece, piece));
        let (from, to) = (date(from.trim())?, date(to.trim())?);
        if from > to {
            return Err((
                format!("`{piece}` ends before it begins"),
                "put the first day first",
            ));
        }
        found.push(Period { from, to });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_read_as_british_schools_and_spreadsheets_write_it() {
        for (written, read) in [
            ("12/03/2017", "2017-03-12"),
            ("1/3/2017", "2017-03-01"),
            ("2017-03-12", "2017-03-12"),
            ("2017-03-12T00:00:00", "2017-03-12"),
            ("12/03/2017 00:00", "2017-03-12"),
            ("12-Mar-2017", "2017-03-12"),
            ("12 March 2017", "2017-03-12"),
            ("12.03.2017", "2017-03-12"),
            ("12/03/17", "2017-03-12"),
        ] {
            assert_eq!(date(written).unwrap().to_string(), read, "{written}");
        }
        for odd in [
            "03/13/2017",
            "31/02/2017",
            "",
            "soon",
            "42810",
            "12/03/0017",
            "=NOW()",
        ] {
            assert!(date(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn a_phone_comes_back_whole_from_a_spreadsheet() {
        for (written, read) in [
            ("07700900101", "+447700900101"),
            ("7700900101", "+447700900101"),
            ("7700900101.0", "+447700900101"),
            ("447700900101", "+447700900101"),
            ("07700 900101 (mum work)", "+447700900101"),
            ("Mum: 07700 900101", "+447700900101"),
            ("2079460123", "+442079460123"),
            ("'07700900101", "+447700900101"),
            ("+48 22 123 45 67", "+48221234567"),
        ] {
            assert_eq!(phone(written).unwrap().e164(), read, "{written}");
        }
        for odd in [
            "4.477E+11",
            "7.7009E+09",
            "none",
            "see mum",
            "0770",
            "07700 90010l x",
        ] {
            assert!(phone(odd).is_err(), "{odd}");
        }
        let (two, bad) = phones("07700 900101 / 07700900102; 07700 900101 or none");
        assert_eq!((two.len(), bad.len()), (2, 1));
    }

    #[test]
    fn stages_years_roles_and_answers_are_read_in_the_words_of_the_census() {
        for (written, stage) in [
            ("N", Sen::None),
            ("", Sen::None),
            ("K", Sen::Support),
            ("K - SEN Support", Sen::Support),
            ("SEN support", Sen::Support),
            ("E", Sen::Ehcp),
            ("Education, Health and Care Plan", Sen::Ehcp),
        ] {
            assert_eq!(sen(written).unwrap(), stage, "{written}");
        }
        assert!(sen("maybe").is_err());
        for (written, number) in [
            ("Year 3", Some(3)),
            ("3", Some(3)),
            ("Y11", Some(11)),
            ("Reception", Some(0)),
            ("N1", None),
        ] {
            assert_eq!(year(written).unwrap(), number, "{written}");
        }
        assert!(year("3H").is_err() && year("99").is_err());
        assert_eq!(known("T").unwrap(), Known::Yes);
        assert_eq!(known("Blank").unwrap(), Known::Unknown);
        assert!(known("sometimes").is_err());
        let (found, unknown) = roles("Class Teacher; SENCo, Cook");
        assert_eq!(found, [Role::ClassTeacher, Role::Senco]);
        assert_eq!(unknown, ["Cook"]);
    }

    #[test]
    fn hours_days_and_meeting_times_are_read() {
        assert_eq!(days("Monday-Thursday").unwrap().to_string(), "mon-thu");
        assert_eq!(days("Mon, Thu").unwrap().to_string(), "mon, thu");
        assert!(days("MTWTF").is_err());
        assert_eq!(time("8.40").unwrap().to_string(), "08:40:00");
        let times = meetings("mon-thu 08:40-09:10 school phone; fri 14:00-15:00").unwrap();
        assert_eq!(times.len(), 2);
        assert_eq!(times[1].modes, [Mode::School, Mode::Phone]);
        assert!(meetings("mon 09:10-08:40").is_err());
        assert!(meetings("mon 09:11-10:00").is_err());
        assert!(meetings("after school").is_err());
        assert_eq!(
            absences("2026-12-01 to 2026-12-05; 11/01/2027")
                .unwrap()
                .len(),
            2
        );
        assert!(absences("2026-12-05 to 2026-12-01").is_err());
    }

    #[test]
    fn an_email_is_one_address() {
        assert_eq!(
            email("Cole@Kingfisher.example").unwrap(),
            "cole@kingfisher.example"
        );
        for odd in [
            "a@b",
            "a b@c.d",
            "a@b.c, d@e.f",
            "<a@b.c>",
            "@b.c",
            "a@b@c.d",
        ] {
            assert!(email(odd).is_err(), "{odd}");
        }
    }
}
