//! An email without what mail programs put into it: the words it answers, who wrote them when, and
//! signatures.
//!
//! Nothing is taken for a quotation because it looks like one: a quoted line is left out only where
//! it says again what was said before. Whoever writes between our lines, or below them, or quotes
//! somebody else, is read whole.

/// An email, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// What this person wrote, this time.
    pub words: String,
    /// What was left out and is not known to us: a signature, who wrote what is quoted. A screen reads
    /// it too.
    pub rest: String,
    /// Whether anything was left out.
    pub shortened: bool,
}

/// Takes out of `whole` what `known` holds already: what we wrote to this person, and they to us.
pub fn own_words(whole: &str, known: &[String]) -> Own {
    let known: Vec<String> = known.iter().map(|text| letters(text)).collect();
    let said_before = |line: &str| {
        let line = letters(line);
        line.is_empty() || known.iter().any(|text| text.contains(&line))
    };
    let lines: Vec<&str> = whole.lines().collect();
    let mut words: Vec<&str> = Vec::new();
    let mut rest: Vec<&str> = Vec::new();
    let mut below = false;
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let line = line.trim_end();
        at += 1;
        let quoted = line.trim_start().starts_with('>');
        if quoted {
            let bare = line.trim_start_matches(|c: char| c == '>' || c.is_whitespace());
            if names_a_mail(bare) {
                rest.push(bare);
            } else if !said_before(bare) {
                words.push(line);
            }
            continue;
        }
        let from_here = lines.get(at - 1..).unwrap_or_default();
        if is_rule(line) || begins_headers(from_here) {
            below = true;
            rest.push(line);
            continue;
        }
        let taken = attribution(from_here);
        if taken > 0 {
            below = true;
            rest.extend(from_here.iter().take(taken));
            at += taken - 1;
            continue;
        }
        if below && is_header(line) {
            rest.push(line);
            continue;
        }
        if below && said_before(line) {
            continue;
        }
        if !below && line.trim_end() == "--" {
            // A signature goes on to the quotation, or the end.
            let end = lines[at..]
                .iter()
                .position(|l| l.trim_start().starts_with('>') || is_rule(l));
            let end = end.map_or(lines.len(), |n| at + n);
            rest.extend(lines.get(at..end).unwrap_or_default());
            at = end;
            continue;
        }
        if is_of_the_phone(line) {
            rest.push(line);
            continue;
        }
        words.push(line);
    }
    let words = tidy(&words);
    let shortened = letters(&words) != letters(whole);
    Own {
        words,
        rest: tidy(&rest),
        shortened,
    }
}

/// Letters and digits alone, small: what stays the same however a mail program breaks lines.
fn letters(text: &str) -> String {
    let kept = text.chars().filter(|c| c.is_alphanumeric());
    kept.flat_map(char::to_lowercase).collect()
}

/// Lines without what is empty before and behind them.
fn tidy(lines: &[&str]) -> String {
    lines.join("\n").trim().to_owned()
}

/// The line between an answer and what it answers, in Outlook and others.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    let dashes = line.starts_with("-----") && line.ends_with("-----") && line.len() > 12;
    let low = line.len() >= 20 && line.chars().all(|c| c == '_');
    dashes || low
}

/// The keys of a mail's headers as mail programs show them above what they quote, in English and Polish.
const HEADERS: [&str; 13] = [
    "from:",
    "sent:",
    "date:",
    "to:",
    "cc:",
    "subject:",
    "od:",
    "wysłano:",
    "data:",
    "do:",
    "dw:",
    "temat:",
    "reply-to:",
];

fn is_header(line: &str) -> bool {
    let line = line.trim().trim_start_matches('*').to_lowercase();
    let line = line.replace('*', "");
    HEADERS.iter().any(|key| line.starts_with(key))
}

/// Whether these lines begin with the headers of a quoted mail: who and what about within a few lines.
fn begins_headers(lines: &[&str]) -> bool {
    let first = lines
        .first()
        .map(|l| l.trim().replace('*', "").to_lowercase());
    let who = first.is_some_and(|l| l.starts_with("from:") || l.starts_with("od:"));
    let near = lines
        .iter()
        .skip(1)
        .take(6)
        .filter(|l| is_header(l))
        .count();
    who && near >= 2
}

/// How many lines at the beginning say who wrote what is quoted below them, as mail programs put it
/// ("On 3 Dec 2026 at 10:02, School wrote:"). Somebody's own sentence has no such moment, or nothing
/// quoted below.
fn attribution(lines: &[&str]) -> usize {
    const BEGIN: [&str; 5] = ["on ", "w dniu ", "dnia ", "wt., ", "am "];
    const END: [&str; 5] = ["wrote:", "napisał(a):", "napisał:", "napisała:", "pisze:"];
    let Some(first) = lines.first() else { return 0 };
    let low = first.trim().to_lowercase();
    if !BEGIN.iter().any(|b| low.starts_with(b)) && !low.contains(" @") && !low.contains('<') {
        return 0;
    }
    for n in 1..=3.min(lines.len()) {
        let (said, below) = lines.split_at(n);
        let joined = said.join(" ").to_lowercase();
        if END.iter().any(|end| joined.trim_end().ends_with(end)) {
            let digits = joined.chars().filter(char::is_ascii_digit).count();
            let next = below.iter().find(|l| !l.trim().is_empty());
            let quotes = next.is_some_and(|l| l.trim_start().starts_with('>'));
            return if digits >= 3 && (quotes || joined.contains('@')) {
                n
            } else {
                0
            };
        }
    }
    0
}

/// Whether a quoted line only says who wrote what it quotes.
fn names_a_mail(line: &str) -> bool {
    is_header(line) && line.contains('@') || is_rule(line) || attribution(&[line]) > 0
}

/// What phones write below by themselves.
fn is_of_the_phone(line: &str) -> bool {
    const LINES: [&str; 7] = [
        "sent from my ",
        "sent from outlook",
        "get outlook for ",
        "sent from yahoo mail",
        "sent from mail for ",
        "wysłane z ",
        "wysłano z ",
    ];
    let low = line.trim().to_lowercase();
    low.len() < 60 && LINES.iter().any(|begin| low.starts_with(begin))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "New concern, class Robins (code 7294). Read it: https://texts.school.example/c/1042\nReply OK 7294 when you have it.";

    fn own(whole: &str) -> Own {
        own_words(whole, &[OURS.to_owned()])
    }

    #[test]
    fn only_what_was_said_before_is_left_out() {
        let table = [
            ("OK", "OK"),
            (
                "OK\n\nOn Tue, 1 Dec 2026 at 10:02, Kingfisher <t@school.example> wrote:\n> New concern, class Robins (code 7294). Read\n> it: https://texts.school.example/c/1042\n> Reply OK 7294 when you have it.\n",
                "OK",
            ),
            (
                "W dniu 1.12.2026 o 10:02, Kingfisher pisze:\n> New concern, class Robins\nPrzyjdę jutro",
                "Przyjdę jutro",
            ),
            // Outlook: no marks before the lines, and an answer below them.
            (
                "I will ring at 3.\n\n________________________________\nFrom: Kingfisher <t@school.example>\nSent: 01 December 2026 10:02\nTo: Mrs Cole\nSubject: Kingfisher C-1042\n\nNew concern, class Robins (code 7294). Read it: https://texts.school.example/c/1042\n\nand tell her I said hello",
                "I will ring at 3.\n\nand tell her I said hello",
            ),
            // Between our lines.
            (
                "> New concern, class Robins (code 7294).\nthat is mine\n> Reply OK 7294 when you have it.\nOK",
                "that is mine\nOK",
            ),
            // Somebody else's words, quoted, stay: we have not read them.
            (
                "look what he sent me\n> i will come to the school and take her",
                "look what he sent me\n> i will come to the school and take her",
            ),
            (
                "On Monday his teacher wrote:\n> he was fine all day",
                "On Monday his teacher wrote:\n> he was fine all day",
            ),
            ("Yes please\n\nSent from my iPhone", "Yes please"),
            ("Tak\n\nWysłane z iPhone'a", "Tak"),
            ("", ""),
            ("> Reply OK 7294 when you have it.", ""),
        ];
        for (whole, words) in table {
            assert_eq!(own(whole).words, words, "{whole}");
        }
    }

    #[test]
    fn what_is_left_out_is_known_of() {
        let signed = own("he is scared\n\n-- \nSarah Bell\nring me, dont tell his dad");
        assert_eq!(signed.words, "he is scared");
        assert_eq!(signed.rest, "Sarah Bell\nring me, dont tell his dad");
        assert!(signed.shortened);
        assert!(own("hi\n> New concern, class Robins").shortened);
        assert!(!own("hi\n\n  there \n").shortened);
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_not_known_is_kept_somewhere(whole in "(> ?|-- \n|On 1 Dec|wrote:|[a-z@:\\n ]){0,40}") {
            let own = own_words(&whole, &[]);
            let kept = letters(&own.words).len() + letters(&own.rest).len();
            proptest::prop_assert_eq!(kept, letters(&whole).len());
        }
    }
}
