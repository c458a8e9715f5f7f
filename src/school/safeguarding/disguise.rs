//! Words as they sound under a disguise: `k1ll`, `ѕuicide` with a letter of another script,
//! `s u i c i d e`. Children and frightened people write so that whoever looks over their shoulder, or
//! a filter, does not see it.

/// Letters of other scripts that look like Latin ones.
const LOOKS: [(char, char); 34] = [
    ('а', 'a'),
    ('е', 'e'),
    ('о', 'o'),
    ('р', 'p'),
    ('с', 'c'),
    ('у', 'y'),
    ('х', 'x'),
    ('і', 'i'),
    ('ѕ', 's'),
    ('ј', 'j'),
    ('һ', 'h'),
    ('ԁ', 'd'),
    ('к', 'k'),
    ('м', 'm'),
    ('т', 't'),
    ('в', 'b'),
    ('н', 'h'),
    ('ո', 'n'),
    ('ѵ', 'v'),
    ('ԝ', 'w'),
    ('ɡ', 'g'),
    ('ӏ', 'l'),
    ('α', 'a'),
    ('ε', 'e'),
    ('ο', 'o'),
    ('ρ', 'p'),
    ('υ', 'u'),
    ('ν', 'v'),
    ('ι', 'i'),
    ('κ', 'k'),
    ('τ', 't'),
    ('χ', 'x'),
    ('ɑ', 'a'),
    ('ⅼ', 'l'),
];
/// What stands for a letter inside a word.
const SIGNS: [(char, char); 9] = [
    ('0', 'o'),
    ('1', 'i'),
    ('3', 'e'),
    ('4', 'a'),
    ('5', 's'),
    ('7', 't'),
    ('$', 's'),
    ('@', 'a'),
    ('!', 'i'),
];
/// So many single letters in a row are a word that was pulled apart.
const PULLED: usize = 4;

/// The text without disguises; `None` where there are none.
pub(super) fn undisguised(text: &str) -> Option<String> {
    let words: Vec<String> = text.split_whitespace().map(bare).collect();
    let mut out: Vec<String> = Vec::new();
    let mut letters = String::new();
    let single = |word: &str| {
        let mut chars = word.chars().filter(|c| c.is_alphanumeric());
        chars
            .next()
            .filter(|c| c.is_alphabetic() && chars.next().is_none())
    };
    let flush = |letters: &mut String, out: &mut Vec<String>| {
        if letters.chars().count() >= PULLED {
            out.push(std::mem::take(letters));
        } else {
            out.extend(letters.drain(..).map(String::from));
        }
    };
    for word in words {
        match single(&word) {
            Some(letter) => letters.push(letter),
            None => {
                flush(&mut letters, &mut out);
                out.push(word);
            }
        }
    }
    flush(&mut letters, &mut out);
    let plain = out.join(" ");
    let before = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (plain != before).then_some(plain)
}

/// Whether a word is a day or an hour: "5th", "3pm".
fn counts(word: &str) -> bool {
    let word = word.trim_end_matches(|c: char| !c.is_alphanumeric());
    let end = word.trim_start_matches(|c: char| c.is_ascii_digit());
    end.len() < word.len() && ["st", "nd", "rd", "th", "am", "pm"].contains(&end)
}

/// One word in Latin letters, where it is a Latin word in disguise.
fn bare(word: &str) -> String {
    if counts(word) {
        return word.to_owned();
    }
    let latin = word.chars().filter(char::is_ascii_alphabetic).count();
    let look = |c: char| {
        let small = c.to_lowercase().next().unwrap_or(c);
        LOOKS
            .iter()
            .find(|(looks, _)| *looks == small)
            .map(|(_, is)| *is)
    };
    let sign = |c: char| SIGNS.iter().find(|(sign, _)| *sign == c).map(|(_, is)| *is);
    let end = word
        .trim_end_matches(|c: char| !c.is_alphanumeric() && c != '$')
        .len();
    let (core, rest) = word.split_at(end);
    let dotted = core
        .split(['.', '-', '*', '_'])
        .all(|part| part.chars().count() <= 1);
    let mut out = String::with_capacity(word.len());
    for c in core.chars() {
        match (look(c), sign(c)) {
            (Some(is), _) if latin > 0 => out.push(is),
            (_, Some(is)) if latin > 1 => out.push(is),
            _ if dotted && latin >= PULLED && matches!(c, '.' | '-' | '*' | '_') => {}
            _ => out.push(c),
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::undisguised;

    #[test]
    fn disguises_are_taken_off_and_plain_words_left_alone() {
        for (text, plain) in [
            ("k1ll mys3lf", Some("kill myself")),
            ("she said ѕuicide", Some("she said suicide")),
            ("s u i c i d e", Some("suicide")),
            ("s.u.i.c.i.d.e now", Some("suicide now")),
            ("he hit$ me!", Some("he hits me!")),
            ("i a m ok", None),
            ("see you at 3.30", None),
            ("i cant go on the 5th, or at 10am", None),
            ("ring 07700 900101", None),
            ("мій син хворий", None),
            ("", None),
        ] {
            assert_eq!(undisguised(text).as_deref(), plain, "{text}");
        }
    }
}
