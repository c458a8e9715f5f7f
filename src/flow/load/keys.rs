//! The keys of a flow file, in one place: what `load` knows, what the reference explains and what
//! the schema offers in an editor.

/// One key of a table.
#[derive(Debug)]
pub struct Key {
    /// The name.
    pub name: &'static str,
    /// What may stand behind it.
    pub kind: Kind,
    /// Whether a table must have it.
    pub needed: bool,
    /// It means something only beside this other key.
    pub beside: Option<&'static str>,
    /// What it means, in sentences of their own.
    pub doc: &'static str,
    /// A value, as it stands in a file.
    pub example: &'static str,
}

/// What may stand behind a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Words in quotes.
    Words,
    /// The name of a step.
    Step,
    /// The id of a text, or a list of them.
    Texts,
    /// The id of a text.
    Text,
    /// A name that an answer gets.
    Name,
    /// A list of names.
    Names,
    /// Steps by a name: ways in, or outcomes.
    Ways,
    /// `true` or `false`.
    Flag,
    /// Only `true`.
    True,
    /// A length of time: `3 days`.
    Length,
    /// A reminder: a length of time, a table, or `false`.
    Nudge,
    /// A whole number from 1 to 5.
    Few,
    /// A word of the list of answers.
    Expect,
    /// A condition.
    Condition,
    /// A value: words, a number, `true`, `false`, or a name such as `$case`.
    Given,
    /// Values by a name.
    Givens,
    /// The steps.
    Steps,
    /// A list of choices.
    Choices,
    /// A list of branches.
    Branches,
    /// One action with what it is given.
    Action,
    /// The name of a flow, or a jump.
    Jump,
    /// The name of a flow.
    Flow,
}

impl Kind {
    /// What stands there, for the reference.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Words => "words",
            Self::Step => "a step's name",
            Self::Texts => "a text's id, or a list of ids",
            Self::Text => "a text's id",
            Self::Name => "a name",
            Self::Names => "a list of names",
            Self::Ways => "a table of steps",
            Self::Flag => "`true` or `false`",
            Self::True => "`true`",
            Self::Length => "a length of time",
            Self::Nudge => "a length of time, a reminder, or `false`",
            Self::Few => "a number from 1 to 5",
            Self::Expect => "a kind of answer",
            Self::Condition => "a condition",
            Self::Given => "a value",
            Self::Givens => "a table of values",
            Self::Steps => "tables",
            Self::Choices => "a list of choices",
            Self::Branches => "a list of branches",
            Self::Action => "one action",
            Self::Jump => "a flow's name, or a jump",
            Self::Flow => "a flow's name",
        }
    }
}

const fn key(name: &'static str, kind: Kind, example: &'static str, doc: &'static str) -> Key {
    Key {
        name,
        kind,
        needed: false,
        beside: None,
        doc,
        example,
    }
}

const fn needed(name: &'static str, kind: Kind, example: &'static str, doc: &'static str) -> Key {
    Key {
        needed: true,
        ..key(name, kind, example, doc)
    }
}

/// A key that means something only beside `ask`.
const fn asked(name: &'static str, kind: Kind, example: &'static str, doc: &'static str) -> Key {
    Key {
        beside: Some("ask"),
        ..key(name, kind, example, doc)
    }
}

/// The keys of a flow, at the top of its file.
pub const FLOW: &[Key] = &[
    needed(
        "title",
        Kind::Words,
        r#""School uniform""#,
        "What the flow is for, for staff.",
    ),
    needed(
        "start",
        Kind::Step,
        r#""which""#,
        "The step it begins with.",
    ),
    key(
        "expires",
        Kind::Length,
        r#""24 hours""#,
        "How long a question stays open. A later answer is told so and offered to carry on. Three days if left out.",
    ),
    key(
        "nudge",
        Kind::Nudge,
        r#""24 hours""#,
        "The reminder of every question that has none of its own.",
    ),
    key(
        "entries",
        Kind::Ways,
        r#"{ change = "change" }"#,
        "Other ways in than `start`: a name, and the step it begins with.",
    ),
    key(
        "takes",
        Kind::Names,
        r#"["case?"]"#,
        "What a flow that calls this one gives it. A name that ends in `?` may be missing.",
    ),
    key(
        "brief",
        Kind::Flag,
        "true",
        "It answers at once, so it may be asked in the middle of another flow, whose question is asked again afterwards.",
    ),
    key(
        "interrupts",
        Kind::Flag,
        "true",
        "It cannot wait: it runs in the middle of any other flow, and comes first when a message asks for several things.",
    ),
    key(
        "desk",
        Kind::Flag,
        "true",
        "Only staff begin it, from the console.",
    ),
    needed(
        "steps",
        Kind::Steps,
        "",
        "The steps, each as `[steps.NAME]`.",
    ),
];

/// The keys of a step.
pub const STEP: &[Key] = &[
    key(
        "say",
        Kind::Texts,
        r#""uniform-shop""#,
        "Says this, and goes on. It may stand beside anything else, and comes first.",
    ),
    key(
        "ask",
        Kind::Text,
        r#""uniform-which""#,
        "Asks this, and waits for an answer. It needs `expect` or `choices`.",
    ),
    asked(
        "expect",
        Kind::Expect,
        r#""text""#,
        "What the answer is; the kinds are listed below.",
    ),
    asked(
        "choices",
        Kind::Choices,
        r#"[{ value = "call", label = "choice-call", then = "end" }]"#,
        "What there is to choose. The numbers to answer with are put in: the text says where by `{ $choices }`, or they follow it.",
    ),
    asked(
        "save",
        Kind::Name,
        r#""size""#,
        "The name the answer gets, for conditions, actions and texts.",
    ),
    asked(
        "from",
        Kind::Given,
        r#""$slots""#,
        "The list that `slot`, `meeting`, `service` and `item` choose from: an action brought it.",
    ),
    asked(
        "other",
        Kind::Step,
        r#""other-times""#,
        "Offers \"none of these\" as the last choice, and where it leads.",
    ),
    asked(
        "again",
        Kind::Text,
        r#""uniform-again""#,
        "Another text for asking again when the answer was not understood.",
    ),
    asked(
        "unlisted",
        Kind::Text,
        r#""ask-first-name""#,
        "Another text, without choices, where the children may not be named because two adults share a phone.",
    ),
    asked(
        "tries",
        Kind::Few,
        "3",
        "After so many answers that were not understood, a person takes over. Two if left out.",
    ),
    asked(
        "optional",
        Kind::Flag,
        "true",
        "A message that is no answer passes the question over.",
    ),
    asked(
        "yields",
        Kind::Flag,
        "true",
        "What the person begins to talk about instead wins over this question.",
    ),
    asked(
        "expires",
        Kind::Length,
        r#""2 hours""#,
        "How long this question stays open, instead of the flow's time.",
    ),
    asked(
        "nudge",
        Kind::Nudge,
        r#"{ after = "24 hours", say = "uniform-reminder" }"#,
        "One reminder when nobody has answered, in waking hours, and none after a message that the screen took. A length of time asks the question again after words of the program's own; `false` means none here.",
    ),
    key(
        "do",
        Kind::Action,
        r#"{ cancel = { meeting = "$meeting" } }"#,
        "Does one action; the actions are listed below. `outcomes` says where each outcome leads.",
    ),
    Key {
        beside: Some("do"),
        ..key(
            "outcomes",
            Kind::Ways,
            r#"{ cancelled = "end" }"#,
            "The step that follows each outcome of the action. Every outcome must be there.",
        )
    },
    key(
        "when",
        Kind::Branches,
        r#"[{ if = "checked", then = "yes" }, { then = "no" }]"#,
        "Goes the first way whose condition holds.",
    ),
    key(
        "call",
        Kind::Jump,
        r#"{ flow = "sendiass" }"#,
        "Runs another flow and comes back to `then`.",
    ),
    key(
        "goto",
        Kind::Jump,
        r#""meeting""#,
        "Goes over to another flow for good.",
    ),
    key("end", Kind::True, "true", "Ends the flow."),
    key("then", Kind::Step, r#""size""#, "The step that follows."),
    key(
        "skip-if",
        Kind::Condition,
        r#""child""#,
        "Passes the step over when this holds: the answer is known already.",
    ),
];

/// The keys of one choice.
pub const CHOICE: &[Key] = &[
    needed(
        "value",
        Kind::Words,
        r#""call""#,
        "What is saved. Other words for it stand in `reading.toml` under `[choices]`; its label always counts.",
    ),
    needed(
        "label",
        Kind::Text,
        r#""choice-call""#,
        "The text that names it.",
    ),
    key(
        "then",
        Kind::Step,
        r#""record""#,
        "Where it leads; the step's own `then` if left out.",
    ),
];

/// The keys of one branch.
pub const BRANCH: &[Key] = &[
    key(
        "if",
        Kind::Condition,
        r#""wish == 'call'""#,
        "When this way is taken; always if left out.",
    ),
    needed("then", Kind::Step, r#""record""#, "Where it leads."),
];

/// The keys of `call` and `goto`, written as a table.
pub const JUMP: &[Key] = &[
    needed("flow", Kind::Flow, r#""meeting""#, "The flow."),
    key(
        "entry",
        Kind::Words,
        r#""change""#,
        "One of its other ways in.",
    ),
    key(
        "with",
        Kind::Givens,
        r#"{ case = "$case" }"#,
        "What it is given.",
    ),
    key(
        "gives",
        Kind::Names,
        r#"["case"]"#,
        "Names that a called flow brings back.",
    ),
];

/// The keys of a reminder, written as a table.
pub const NUDGE: &[Key] = &[
    needed(
        "after",
        Kind::Length,
        r#""24 hours""#,
        "How long after the question.",
    ),
    key(
        "say",
        Kind::Text,
        r#""uniform-reminder""#,
        "What is said instead of the question, as it stands; the choices only where it has `{ $choices }`.",
    ),
];

/// The keys that make a step what it is; it has at most one of them.
pub const ACTS: &[&str] = &["ask", "do", "when", "call", "goto", "end"];

/// The names of a table's keys.
pub fn names(keys: &[Key]) -> Vec<&'static str> {
    keys.iter().map(|key| key.name).collect()
}
