//! What a case is about, and what follows from it: one table.

use crate::school::people::{from_word, word_of};

/// What a case is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A worry about a child.
    Concern,
    /// A wish to meet.
    Meeting,
    /// Something to answer.
    Question,
    /// Unhappy with the school or with somebody in it.
    Complaint,
    /// Something to do or send.
    Request,
    /// Help for the family: for the key worker, not for class staff.
    FamilySupport,
    /// About an education, health and care plan.
    Ehcp,
    /// The school's own record of a child's support: stages, notices, decisions. Nobody writes in to it.
    SenRecord,
    /// About what is written down: a copy, a correction.
    Records,
    /// A formal request for, or about, personal data (UK GDPR articles 15 to 17).
    DataRights,
    /// A child may be at risk.
    Safeguarding,
    /// Something about today that the office must hear: who collects, medicine.
    Today,
    /// Words the service did not understand, handed to the office.
    HandOver,
    /// News from home.
    News,
    /// News about health, or a change at home: it matters today.
    NewsHealth,
    /// How a task at home went.
    HomeTask,
    /// A task at home that was too hard.
    HomeTaskHelp,
    /// What somebody thinks of the school.
    Feedback,
    /// A child is away or late. No mark in the register.
    Absence,
    /// Somebody was told where to find advice.
    Signposted,
    /// How somebody wants to be reached.
    Passport,
    /// Whether somebody comes to an event.
    Rsvp,
}

/// Whose a case is at first. Whoever it is about is passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The class teacher; the SENCO where there is none and special needs are concerned.
    Teacher,
    /// The SENCO.
    Senco,
    /// The adult's key worker, or else the SENCO.
    KeyWorker,
    /// The head, or whoever stands above those it is about; also when the adult is not checked.
    Head,
    /// The safeguarding leads.
    Leads,
    /// The office.
    Office,
}

/// Who is told besides the owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copied {
    /// Nobody.
    Nobody,
    /// The SENCO, where special needs are concerned.
    SencoForSen,
    /// The SENCO.
    Senco,
    /// The office.
    Office,
    /// The other staff of the class.
    ClassTeam,
}

/// When staff are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// Everybody at once in their hours.
    Now,
    /// The owner at once in their hours, others in their digests.
    Hours,
    /// Everybody in their digests.
    Digest,
    /// With the month: in the first digest of the next.
    Month,
    /// Nobody: it stands in the record.
    Never,
}

/// What the adult is promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promised {
    /// An answer by the second working day of the owner or those copied.
    Answer,
    /// An answer by the office, on the next school day.
    Office,
    /// An answer in one month, which the law gives (UK GDPR article 12(3)).
    OneMonth,
    /// Nothing: it is a note in the record.
    Nothing,
}

/// What follows from a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Whose it is at first.
    pub owner: Owner,
    /// Who is told besides.
    pub copied: Copied,
    /// When they are told.
    pub told: Told,
    /// What the adult is promised.
    pub promised: Promised,
    /// Not for class staff, nor for emails that hold words: whoever has it, and the school's leaders.
    pub private: bool,
    /// The office reads it.
    pub office: bool,
    /// It is talked over and comes to an outcome, with a review. The others are simply done.
    pub talked_over: bool,
}

/// What holds for most: a question to the class teacher.
const USUAL: Rule = Rule {
    owner: Owner::Teacher,
    copied: Copied::SencoForSen,
    told: Told::Hours,
    promised: Promised::Answer,
    private: false,
    office: false,
    talked_over: false,
};

/// What holds for most notes: the class teacher reads them with the next digest.
const NOTE: Rule = Rule {
    copied: Copied::Nobody,
    told: Told::Digest,
    promised: Promised::Nothing,
    ..USUAL
};

/// What holds for what the office does.
const OFFICE: Rule = Rule {
    owner: Owner::Office,
    copied: Copied::Nobody,
    promised: Promised::Office,
    office: true,
    ..USUAL
};

impl Kind {
    /// Every kind with its word.
    pub const WORDS: &'static [(&'static str, Self)] = &[
        ("concern", Self::Concern),
        ("meeting", Self::Meeting),
        ("question", Self::Question),
        ("complaint", Self::Complaint),
        ("request", Self::Request),
        ("family-support", Self::FamilySupport),
        ("ehcp", Self::Ehcp),
        ("sen-record", Self::SenRecord),
        ("records", Self::Records),
        ("data-rights", Self::DataRights),
        ("safeguarding", Self::Safeguarding),
        ("today", Self::Today),
        ("hand-over", Self::HandOver),
        ("news", Self::News),
        ("news-health", Self::NewsHealth),
        ("home-task", Self::HomeTask),
        ("home-task-help", Self::HomeTaskHelp),
        ("feedback", Self::Feedback),
        ("absence", Self::Absence),
        ("signposted", Self::Signposted),
        ("passport", Self::Passport),
        ("rsvp", Self::Rsvp),
    ];

    /// What follows from it.
    pub const fn rule(self) -> Rule {
        use Kind::{
            Absence, Complaint, Concern, DataRights, Ehcp, FamilySupport, Feedback, HandOver,
            HomeTask, HomeTaskHelp, Meeting, News, NewsHealth, Passport, Question, Records,
            Request, Rsvp, Safeguarding, SenRecord, Signposted, Today,
        };
        match self {
            Concern => Rule {
                talked_over: true,
                ..USUAL
            },
            Question | Request => USUAL,
            Meeting => Rule {
                office: true,
                ..USUAL
            },
            Ehcp | Records => Rule {
                owner: Owner::Senco,
                copied: Copied::Nobody,
                ..USUAL
            },
            SenRecord => Rule {
                owner: Owner::Senco,
                told: Told::Never,
                ..NOTE
            },
            DataRights => Rule {
                owner: Owner::Head,
                copied: Copied::Senco,
                promised: Promised::OneMonth,
                private: true,
                ..USUAL
            },
            Complaint => Rule {
                owner: Owner::Head,
                copied: Copied::Nobody,
                private: true,
                talked_over: true,
                ..USUAL
            },
            FamilySupport => Rule {
                owner: Owner::KeyWorker,
                copied: Copied::Nobody,
                private: true,
                talked_over: true,
                ..USUAL
            },
            Safeguarding => Rule {
                owner: Owner::Leads,
                copied: Copied::Nobody,
                told: Told::Now,
                promised: Promised::Nothing,
                private: true,
                talked_over: true,
                ..USUAL
            },
            Today | HandOver => OFFICE,
            News | HomeTaskHelp => Rule {
                copied: Copied::ClassTeam,
                ..NOTE
            },
            NewsHealth => Rule {
                copied: Copied::Office,
                told: Told::Now,
                office: true,
                ..NOTE
            },
            HomeTask | Signposted => Rule {
                told: Told::Never,
                ..NOTE
            },
            Feedback => Rule {
                owner: Owner::Head,
                told: Told::Month,
                private: true,
                ..NOTE
            },
            Absence => Rule {
                promised: Promised::Nothing,
                told: Told::Now,
                ..OFFICE
            },
            Passport | Rsvp => Rule {
                promised: Promised::Nothing,
                told: Told::Digest,
                ..OFFICE
            },
        }
    }

    /// The word in flows and in the database.
    pub fn word(self) -> &'static str {
        word_of(Self::WORDS, self)
    }

    /// What staff call one, in a notice: "New question about an EHC plan, class 3H".
    pub fn called(self) -> &'static str {
        match self {
            Self::FamilySupport => "request for family support",
            Self::Ehcp => "question about an EHC plan",
            Self::SenRecord => "record of support",
            Self::Records => "question about the record",
            Self::DataRights => "formal request about personal data",
            Self::NewsHealth => "news about health or home",
            Self::News => "news from home",
            Self::HomeTask => "answer about a home task",
            Self::HomeTaskHelp => "call for help with a home task",
            Self::Passport => "note on how to reach somebody",
            Self::Rsvp => "answer to an invitation",
            Self::HandOver => "message for the office",
            other => other.word(),
        }
    }

    /// The kind a word stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        from_word(Self::WORDS, word)
    }

    /// What follows from the kind of this word; from one that is not known, what follows from words
    /// that nobody understood.
    pub fn rule_of(word: &str) -> Rule {
        Self::from_word(word).unwrap_or(Self::HandOver).rule()
    }

    /// Whether it is talked over and comes to an outcome, with a review. The others are simply done.
    pub const fn is_talked_over(self) -> bool {
        self.rule().talked_over
    }

    /// Whether it is a note: in the record with no promise, and nobody has to answer.
    pub fn is_note(self) -> bool {
        self.rule().promised == Promised::Nothing && self != Self::Safeguarding
    }
}
