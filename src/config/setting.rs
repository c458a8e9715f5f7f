//! What staff set in the console, laid over a school as the file has it: the same TOML, read by the
//! same functions, so that nothing is taken here that the file could not say.

use super::school::{absence_phone, closed, hours, links, office_phone, out_of_hours, terms};
use super::{School, retention};
use crate::document::{Document, Table};
use crate::fault::Fault;
use crate::school::service::Own;
use crate::school::setting::Section;

/// Lays the text of a section over a school, in the place of all that the file says of it; `name` is
/// how faults call it. What is worth a look and stops nothing.
///
/// # Errors
/// Every fault and warning. The school is not to be used then: a part of the text may lie over it.
pub fn lay(
    school: &mut School,
    section: Section,
    name: &str,
    text: &str,
) -> Result<Vec<Fault>, Vec<Fault>> {
    let document = Document::parse(name, text);
    read(school, section, document.root());
    let sound = !document.has_errors();
    let faults = document.into_faults();
    if sound { Ok(faults) } else { Err(faults) }
}

fn read(school: &mut School, section: Section, root: Table<'_>) {
    let calendar = &mut school.calendar;
    match section {
        Section::Closed => calendar.closed = closed(&root, &calendar.terms),
        Section::Terms => {
            if let Some((days, open, close)) = hours(&root) {
                (calendar.days, calendar.open, calendar.close) = (days, open, close);
            }
            calendar.terms = terms(&root, calendar.bank_holidays.until);
        }
        Section::Contact => {
            if let Some(phone) = office_phone(&root) {
                school.office_phone = phone;
            }
            school.absence_phone = absence_phone(&root);
            school.links = root.table("links").map(links).unwrap_or_default();
            school.safeguarding.out_of_hours = root.table("safeguarding").and_then(|table| {
                let line = out_of_hours(&table);
                table.no_more();
                line
            });
        }
        Section::Services => {
            school.services = Own::read(root);
            return;
        }
        Section::Retention => {
            let table = root.table("retention");
            school.retention = table.map(retention::retention).unwrap_or_default();
        }
    }
    root.no_more();
}

/// Whether two schools say the same of a section.
pub fn same(one: &School, other: &School, section: Section) -> bool {
    let (a, b) = (&one.calendar, &other.calendar);
    match section {
        Section::Closed => a.closed == b.closed,
        Section::Terms => {
            (a.days, a.open, a.close) == (b.days, b.open, b.close) && a.terms == b.terms
        }
        Section::Contact => {
            (&one.office_phone, &one.absence_phone, &one.links)
                == (&other.office_phone, &other.absence_phone, &other.links)
                && one.safeguarding.out_of_hours == other.safeguarding.out_of_hours
        }
        Section::Services => one.services == other.services,
        Section::Retention => one.retention == other.retention,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::school::fixture::kingfisher;
    use crate::school::service::Kind;

    fn laid(section: Section, text: &str) -> Result<School, Vec<String>> {
        let mut school = kingfisher().clone();
        let told = |faults: Vec<Fault>| {
            let told = faults.into_iter();
            told.map(|f| format!("{} / {}", f.message, f.remedy))
                .collect()
        };
        lay(&mut school, section, "settings", text)
            .map(|_| school)
            .map_err(told)
    }

    #[test]
    fn a_section_takes_the_place_of_what_the_file_says_of_it_and_of_nothing_else() {
        let text = "[[closed]]\nfrom = \"2026-12-07\"\nwhy = \"snow\"\n";
        let school = laid(Section::Closed, text).unwrap();
        assert_eq!(school.calendar.closed.len(), 1);
        assert!(!same(&school, kingfisher(), Section::Closed));
        for section in [Section::Terms, Section::Contact, Section::Retention] {
            assert!(same(&school, kingfisher(), section), "{section:?}");
        }
        let text = "[[service]]\nkey = \"a\"\nkind = \"forum\"\ncouncil = \"Nowhere\"\nname = \"A\"\n\
                    about = \"B\"\nphone = \"020 7946 0123\"\nsource = \"C\"\nlast_verified = \"never\"\n";
        let school = laid(Section::Services, text).unwrap();
        assert_eq!(school.services.services[0].kind, Kind::Forum);
    }

    #[test]
    fn what_the_file_could_not_say_cannot_be_set_either() {
        for (section, text, told) in [
            (
                Section::Closed,
                "[[closed]]\nfrom = \"7 December\"\nwhy = \"snow\"\n",
                "`from` is not written as expected / write a day, such as 2026-09-02",
            ),
            (
                Section::Terms,
                "[hours]\ndays = \"mon-fri\"\nopen = \"16:00\"\nclose = \"08:30\"\n\
                 [[term]]\nfrom = \"2026-09-02\"\nto = \"2026-12-18\"\n",
                "the school closes before it opens / put `open` before `close`",
            ),
            (
                Section::Contact,
                "office_phone = \"020 7946 0123\"\n[safeguarding]\nout_of_hours = \"020 7974 4444\"\n",
                "a line for out of hours is a number and whose it is / write both out_of_hours and out_of_hours_who",
            ),
            (
                Section::Retention,
                "[retention]\nsen_years = 5\n",
                "`sen_years` cannot be 5: an education, health and care plan may go on to the age of 25 / write 25 to 100",
            ),
        ] {
            assert_eq!(laid(section, text).unwrap_err(), [told], "{section:?}");
        }
    }
}
