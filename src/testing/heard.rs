//! What a conversation sounded like, without its words: the same conversation in another language
//! must say the same messages in the same order.

use std::collections::BTreeMap;

use anyhow::{bail, ensure};

use crate::flow::coverage::Coverage;
use crate::store::{OutboxRow, Purpose};
use crate::text::language::Languages;

/// What was said to one family after one line of a conversation file.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// The messages, each by its id; what no flow said, by why it was sent.
    ids: Vec<String>,
    /// The words of what no flow said.
    other: Vec<(Purpose, String)>,
    /// All of it, for people.
    bodies: Vec<String>,
}

impl Heard {
    /// Adds one text. Texts that were joined to fit one message count as several.
    pub(super) fn add(&mut self, row: &OutboxRow, coverage: &Coverage) {
        self.bodies.push(row.body.clone());
        if let Some(id) = coverage.id_of(&row.body) {
            self.ids.extend(id.split('+').map(str::to_owned));
            return;
        }
        self.ids.push(format!("({})", row.purpose().word()));
        self.other.push((row.purpose(), row.body.clone()));
    }
}

/// By line and by address.
pub(super) type All = BTreeMap<(usize, String), Heard>;

/// Whether a conversation said the same in the language `tag` as in its own.
///
/// # Errors
/// The first line after which it did not, with both; a text that the language does not have.
pub(super) fn compare(own: &All, other: &All, tag: &str, texts: &Languages) -> anyhow::Result<()> {
    let nothing = Heard::default();
    let places: std::collections::BTreeSet<_> = own.keys().chain(other.keys()).collect();
    for place in places {
        let (line, address) = place;
        let before = own.get(place).unwrap_or(&nothing);
        let now = other.get(place).unwrap_or(&nothing);
        if before.ids != now.ids {
            bail!(
                "after line {line}, {address} is told in its own language\n  {}\nand in `{tag}`\n  {}\n\
                 these are\n  < {}\nand\n  < {}",
                before.ids.join(", "),
                now.ids.join(", "),
                before.bodies.join("\n  < "),
                now.bodies.join("\n  < ")
            );
        }
        for id in now.ids.iter().filter(|id| !id.starts_with('(')) {
            ensure!(
                texts.message(tag, id).is_some(),
                "after line {line}: `{id}` is not said in `{tag}`: write it in locales/{tag}"
            );
        }
        for ((why, words), (_, same)) in now.other.iter().zip(&before.other) {
            // What staff wrote is in their own words.
            ensure!(
                *why == Purpose::School || words != same,
                "after line {line}: this is said in the same words in `{tag}`\n  < {words}"
            );
        }
    }
    Ok(())
}
