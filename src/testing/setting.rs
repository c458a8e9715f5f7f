//! What is otherwise at the school of one conversation, as its first lines say: `# with KEY: VALUE`.

use anyhow::{Context as _, bail, ensure};

use crate::config::Config;
use crate::school::meeting::Mode;

/// The school as a conversation wants it.
///
/// # Errors
/// A `# with` line that says nothing we can do, with what can be said.
pub(super) fn apply(config: &Config, source: &str) -> anyhow::Result<Config> {
    let mut config = config.clone();
    for line in source.lines().filter_map(|l| l.strip_prefix("# with ")) {
        let said = || format!("`# with {line}`");
        let (key, value) = line
            .split_once(": ")
            .with_context(|| format!("{} needs a value: `# with KEY: VALUE`", said()))?;
        let school = config.schools.first_mut().context("there is no school")?;
        let none = || ensure_none(value).with_context(said);
        if let Some(event) = key.strip_prefix("places at ") {
            let events = &mut school.noticeboard.events;
            let event = events.iter_mut().find(|e| e.id == event);
            let event = event.with_context(|| format!("{}: there is no such event", said()))?;
            event.capacity = Some(value.parse().with_context(said)?);
            continue;
        }
        if let Some(who) = key.strip_prefix("meetings with ") {
            let modes: Vec<Mode> = match value {
                "none" => Vec::new(),
                word => vec![Mode::from_word(word).with_context(said)?],
            };
            let staff = school.people.staff.iter_mut();
            let mut named = staff
                .filter(|s| who == "anybody" || s.key == who)
                .peekable();
            ensure!(named.peek().is_some(), "{}: nobody is called so", said());
            for one in named {
                one.available
                    .iter_mut()
                    .for_each(|a| a.modes.clone_from(&modes));
            }
            continue;
        }
        match key {
            "absence-phone" => none().map(|()| school.absence_phone = None)?,
            "complaints-link" => none().map(|()| school.links.complaints = None)?,
            "parent-view-link" => none().map(|()| school.links.parent_view = None)?,
            _ => bail!(
                "{} is nothing that can be otherwise: say absence-phone, complaints-link or \
                 parent-view-link with none, `places at EVENT`, `meetings with STAFF`",
                said()
            ),
        }
    }
    Ok(config)
}

fn ensure_none(value: &str) -> anyhow::Result<()> {
    ensure!(value == "none", "the only value here is `none`");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_says_nothing_we_know_is_refused() {
        let config = Config::demo().unwrap();
        let why = |source: &str| format!("{:#}", apply(&config, source).unwrap_err());
        assert!(why("# with absense-phone: none\n").contains("say absence-phone"));
        assert!(why("# with places at the-ball: 1\n").contains("no such event"));
        assert!(why("# with meetings with mrs-nobody: none\n").contains("nobody is called so"));
        assert!(why("# with absence-phone: 5\n").contains("`none`"));
    }

    #[test]
    fn what_is_said_is_so() {
        let config = Config::demo().unwrap();
        let source = "# with absence-phone: none\n# with places at makaton-2026: 1\n\
                      # with meetings with mr-lewis: video\n";
        let school = apply(&config, source).unwrap().schools.remove(0);
        assert_eq!(school.absence_phone, None);
        assert_eq!(
            school.noticeboard.event("makaton-2026").unwrap().capacity,
            Some(1)
        );
        let lewis = school.people.staff("mr-lewis").unwrap();
        assert_eq!(lewis.available[0].modes, [Mode::Video]);
    }
}
