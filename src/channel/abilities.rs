//! What each channel can do, as it says itself: `schoolgate config channels` prints it, and a test
//! holds each adapter to it.

use std::num::NonZeroU32;

/// What one kind of channel can do.
#[derive(Debug, Clone, Copy)]
pub struct Abilities {
    /// What it is called in `schoolgate.toml`; email has a table of its own.
    pub kind: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// How it is known that it is the provider who calls.
    pub known_by: &'static str,
    /// How far receipts tell what became of a message.
    pub receipts: &'static str,
    /// Photos and recordings of parents are fetched.
    pub files: bool,
    /// The provider can be asked for messages that never arrived.
    pub catches_up: bool,
    /// A school without a public address can use it (`inbound = "poll"`).
    pub polls: bool,
    /// The provider can be asked whether it has a message of ours.
    pub can_be_asked: bool,
    /// Choices are shown as buttons.
    pub buttons: bool,
    /// The longest message it takes, in characters, where it says.
    pub longest: Option<usize>,
    /// Messages a minute that the provider takes from one number or bot, as it publishes it.
    pub per_minute: Option<NonZeroU32>,
    /// The page that says how it is set up, in `docs/channels`.
    pub page: &'static str,
}

/// Every kind.
pub const ALL: [Abilities; 7] = [
    super::twilio::ABILITIES,
    super::vonage::ABILITIES,
    super::notify::ABILITIES,
    super::kannel::ABILITIES,
    super::android::ABILITIES,
    super::telegram::ABILITIES,
    super::email::ABILITIES,
];

/// A page with what each kind can do.
pub fn matrix() -> String {
    let mut page = "# What each channel can do\n\n\
         `schoolgate config channels` prints this page, from what each channel says of itself.\n\n\
         | channel | `kind` | a call is known by | receipts | photos and recordings | missed messages are \
         asked for | without a public address | a message of unknown fate is asked about | buttons | longest \
         message | messages a minute |\n|---|---|---|---|---|---|---|---|---|---|---|\n"
        .to_owned();
    let yes = |can: bool| if can { "yes" } else { "no" };
    for a in ALL {
        let longest = a.longest.map_or("-".to_owned(), |n| n.to_string());
        let pace = a.per_minute.map_or("-".to_owned(), |n| n.to_string());
        page.push_str(&format!(
            "| [{}]({}) | `{}` | {} | {} | {} | {} | {} | {} | {} | {longest} | {pace} |\n",
            a.name,
            a.page,
            a.kind,
            a.known_by,
            a.receipts,
            yes(a.files),
            yes(a.catches_up),
            yes(a.polls),
            yes(a.can_be_asked),
            yes(a.buttons),
        ));
    }
    page.push_str(
        "\nWhere a provider cannot be asked about a message, and says nothing of it within a minute, nobody \
         knows whether it left: an alert about a child is sent again, anything else is shown to the office. \
         `per_minute` in `schoolgate.toml` overrides the last column. A school with two numbers texts by the \
         other while the first one's provider fails.\n",
    );
    page
}
