//! Times of day that a text tells: "half 3", "quarter to nine", "15:30", "after school".
//!
//! A bare hour is taken within a school's day: 8 to 12 are in the morning, 1 to 7 in the afternoon,
//! unless the text says which part of the day it means.

use jiff::civil::{DateTime, Time};

use super::day::{Heard, Telling, Told};
use super::tokens::{Between, Phrases};

/// How sure it is that some tokens are a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sure {
    /// A number that may be an hour.
    Weak,
    /// An hour after "at", four digits.
    Fair,
    /// Nothing else.
    Certain,
}

/// What some tokens mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Means {
    /// Minutes from midnight.
    At(i16),
    /// So long after now.
    Then(DateTime),
    Gone,
    /// Two times, or one that cannot be.
    Vague,
    /// A length of time or a count, which is none.
    Length,
}

#[derive(Debug, Clone, Copy)]
struct Found {
    from: usize,
    to: usize,
    means: Means,
    sure: Sure,
}

/// Which half of the day a bare hour is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Am,
    Pm,
    Morning,
    Afternoon,
    Evening,
}

impl Telling<'_> {
    /// The time of day that the text tells, in tokens that are not `taken` by a day. Where a time
    /// was asked for, an hour needs less around it.
    pub(super) fn clock(&self, taken: &[std::ops::Range<usize>], asked: bool) -> Heard<DateTime> {
        let mut all: Vec<Found> = Vec::new();
        let mut at = 0;
        while at < self.tokens.len() {
            if let Some(day) = taken.iter().find(|day| day.contains(&at)) {
                // "In an hour" tells both.
                if let Some((means @ (Means::Then(_) | Means::Gone), to)) = self.away(at) {
                    all.push(Found {
                        from: at,
                        to,
                        means,
                        sure: Sure::Certain,
                    });
                }
                at = day.end;
                continue;
            }
            match self.time_at(at) {
                Some(found) => {
                    at = found.to;
                    all.push(self.unless_limit(self.unless_range(found)));
                }
                None => at += 1,
            }
        }
        let counted = all.iter().filter(|found| found.means == Means::Length);
        let counted: Vec<_> = counted.map(|found| found.from..found.to).collect();
        all.retain(|found| found.means != Means::Length);
        let refused = all.iter().filter_map(|found| self.refused(found));
        let refused: Vec<_> = refused.collect();
        all.retain(|found| self.refused(found).is_none());
        for found in &mut all {
            let near = |at: usize| taken.iter().any(|day| day.start == at);
            let follows = taken.iter().any(|day| day.end == found.from);
            let beside =
                follows || near(found.to) || near(self.words.linked(self.tokens, found.to));
            // "I can't do 2 but 3 is ok" tells two hours.
            let told = beside || self.is_part(found.to) || !refused.is_empty();
            if found.sure == Sure::Weak && asked && told {
                found.sure = Sure::Fair;
            }
        }
        let any = |sure: fn(Sure) -> bool| -> Vec<&Found> {
            all.iter().filter(|found| sure(found.sure)).collect()
        };
        let (mut used, weak) = (any(|s| s > Sure::Weak), any(|s| s == Sure::Weak));
        if used.is_empty() && self.is_answer(&weak, asked) {
            used.clone_from(&weak);
        }
        let counted = [counted, refused.clone()].concat();
        if used.is_empty() && !counted.is_empty() {
            // This language knows that it is a count, or an hour that is turned down.
            return Heard {
                told: Told::Unclear,
                sure: counted,
                weak: Vec::new(),
            };
        }
        let spans = |some: &[&Found], sure: bool| -> Vec<_> {
            let some = some.iter().filter(|f| (f.sure > Sure::Weak) == sure);
            some.map(|found| found.from..found.to).collect()
        };
        Heard {
            told: self.one_of(&used),
            // What turns an hour down was understood too.
            sure: [spans(&used, true), refused].concat(),
            weak: spans(&used, false),
        }
    }

    fn one_of(&self, found: &[&Found]) -> Told<DateTime> {
        let mut means: Vec<Means> = Vec::new();
        for one in found {
            if !means.contains(&one.means) {
                means.push(one.means);
            }
        }
        match means.as_slice() {
            [Means::At(minutes)] => {
                let time = at_minutes(*minutes).map(|time| self.now.date().to_datetime(time));
                time.into()
            }
            [Means::Then(then)] => Told::Is(*then),
            [Means::Gone] => Told::Past,
            _ => Told::Unclear,
        }
    }

    /// Whether numbers that may be hours are the answer: alone, or, where a time was asked for,
    /// at the end of few words.
    fn is_answer(&self, weak: &[&Found], asked: bool) -> bool {
        let [one] = weak else {
            return false;
        };
        let count = self.tokens.len();
        let whole = one.from == 0 && one.to == count;
        let digits = self.tokens[one.from].number.is_some();
        let ends = one.to == count && digits;
        let begins = one.from == 0 && count <= if digits { 4 } else { 2 };
        whole || (asked && count <= 5 && (ends || begins))
    }

    /// Whether a part of the day is told from here: "9 in the morning".
    fn is_part(&self, at: usize) -> bool {
        let words = self.words;
        let at = words.linked(self.tokens, at);
        [&words.morning, &words.afternoon, &words.evening]
            .into_iter()
            .any(|part| part.at(self.tokens, at).is_some())
    }

    /// "3-4", "3 or 4", "between 3 and 4": no telling which.
    fn unless_range(&self, mut found: Found) -> Found {
        if !matches!(found.means, Means::At(_)) {
            return found;
        }
        let tokens = self.tokens;
        let dash = |at: usize| tokens.get(at).is_some_and(|t| t.before == Between::Dash);
        let numbered = |at: usize| tokens.get(at).is_some_and(|t| t.number.is_some());
        let joins: [&Phrases; 2] = [&self.words.joins, &self.words.to];
        let after = (dash(found.to) && numbered(found.to))
            || joins.iter().any(|joins| {
                let len = joins.at(tokens, found.to);
                len.is_some_and(|len| self.hour(found.to + len).is_some())
            });
        let before = (dash(found.from) && found.from > 0 && numbered(found.from - 1))
            || joins.iter().any(|joins| {
                let before = joins.before(tokens, found.from).filter(|at| *at > 0);
                before.is_some_and(|at| {
                    numbered(at - 1) || (at > 1 && self.meridian(at - 1).is_some())
                })
            });
        if after || before {
            found.means = Means::Vague;
            found.sure = Sure::Certain;
        }
        found
    }

    /// "Before 3", "no later than 4": no telling which; "room 12" is none.
    fn unless_limit(&self, mut found: Found) -> Found {
        if matches!(found.means, Means::At(_))
            && let Some(from) = self.words.limits.before(self.tokens, found.from)
        {
            (found.from, found.means, found.sure) = (from, Means::Vague, Sure::Certain);
        } else if let Some(from) = self.words.numbered.before(self.tokens, found.from) {
            (found.from, found.means) = (from, Means::Length);
        }
        found
    }

    /// The words of an hour that is turned down, with those that do: "not at 3", "3 is no good".
    fn refused(&self, found: &Found) -> Option<std::ops::Range<usize>> {
        let (tokens, words) = (self.tokens, self.words);
        let mut start = found.from;
        while let Some(from) = [&words.at, &words.links]
            .into_iter()
            .find_map(|small| small.before(tokens, start))
        {
            start = from;
        }
        let before = words.refused.before(tokens, start);
        let after = words.no_good.at(tokens, found.to);
        let whole = before.unwrap_or(found.from)..found.to + after.unwrap_or(0);
        (before.is_some() || after.is_some()).then_some(whole)
    }

    fn time_at(&self, at: usize) -> Option<Found> {
        let found = |means, to, sure| Found {
            from: at,
            to,
            means,
            sure,
        };
        let moments = self.words.moments.iter();
        let moments =
            moments.filter_map(|(time, phrases)| Some((*time, at + phrases.at(self.tokens, at)?)));
        if let Some((time, to)) = moments.max_by_key(|(_, to)| *to) {
            let minutes = i16::from(time.hour()) * 60 + i16::from(time.minute());
            return Some(found(Means::At(minutes), to, Sure::Certain));
        }
        if let Some((minutes, to)) = self.part_of_hour(at).or_else(|| self.past_or_to(at)) {
            return Some(found(Means::At(minutes), to, Sure::Certain));
        }
        // "0900 hrs" is no length.
        let four = self.tokens.get(at).is_some_and(|t| t.digits() == 4);
        if !four && let Some((means, to)) = self.away(at) {
            return Some(found(means, to, Sure::Certain));
        }
        self.digits(at).or_else(|| self.bare(at))
    }

    /// "In an hour", "20 minutes ago", and lengths that are neither.
    fn away(&self, at: usize) -> Option<(Means, usize)> {
        let ahead = self.words.ahead.at(self.tokens, at);
        let (length, to) = self.length(at + ahead.unwrap_or(0))?;
        if let Some(len) = self.words.ago.at(self.tokens, to) {
            return Some((Means::Gone, to + len));
        }
        let later = self.words.later.at(self.tokens, to);
        let to = to + later.unwrap_or(0);
        if length.minutes == 0 || (ahead.is_none() && later.is_none()) {
            // "20 minutes past 3" is a time, "half an hour before 3" another than 3; "for 2 weeks" is none.
            let goes_on = |phrases: [&Phrases; 2]| {
                let mut phrases = phrases.into_iter();
                phrases.find_map(|p| Some(to + p.at(self.tokens, to)?))
            };
            if length.minutes > 0
                && let Some(end) = goes_on([&self.words.around, &self.words.past])
            {
                return Some((Means::Vague, end));
            }
            let goes_on = goes_on([&self.words.past, &self.words.to]);
            return goes_on.is_none().then_some((Means::Length, to));
        }
        Some((Means::Then(length.after(self.now)), to))
    }

    /// "Half 3", "quarter to nine", and the Polish half, which is half to.
    fn part_of_hour(&self, at: usize) -> Option<(i16, usize)> {
        let words = self.words;
        let parts = [
            (30, &words.half_past),
            (-30, &words.half_to),
            (15, &words.quarter_past),
            (-15, &words.quarter_to),
        ];
        parts.into_iter().find_map(|(minutes, phrases)| {
            let on = at + phrases.at(self.tokens, at)?;
            let (hour, to) = self.whole_hour(on)?;
            Some((hour * 60 + minutes, to))
        })
    }

    /// "Twenty past 3", "5 to 4", "ten minutes to nine", and the Polish "in five the fourth".
    fn past_or_to(&self, at: usize) -> Option<(i16, usize)> {
        let words = self.words;
        if let Some(len) = words.ahead.at(self.tokens, at)
            && let Some((minutes, on)) = words.number(self.tokens, at + len)
            && (1..=59).contains(&minutes)
            && words.hours.at(self.tokens, on).is_some()
        {
            let (hour, to) = self.whole_hour(on)?;
            return Some((hour * 60 - i16::try_from(minutes).ok()?, to));
        }
        let (minutes, on) = words.number(self.tokens, at)?;
        let minutes = i16::try_from(minutes)
            .ok()
            .filter(|m| (1..=59).contains(m))?;
        let unit = words.minute.at(self.tokens, on);
        let on = on + unit.unwrap_or(0);
        if let Some(len) = words.past.at(self.tokens, on) {
            let (hour, to) = self.whole_hour(on + len)?;
            return Some((hour * 60 + minutes, to));
        }
        let len = words.to.at(self.tokens, on)?;
        let (hour, to) = self.whole_hour(on + len)?;
        // "3 to 4" is an hour's length, "from 10 to 12" two.
        let spoken = self.tokens[at].number.is_none() && minutes % 5 == 0;
        let clock = unit.is_some() || spoken || matches!(minutes, 5 | 10 | 20 | 25);
        let range = words.range.before(self.tokens, at).is_some();
        (clock && !range).then_some((hour * 60 - minutes, to))
    }

    /// "3.30", "15:30", "3pm", "3 o'clock", "3ish", "1530".
    fn digits(&self, at: usize) -> Option<Found> {
        let tokens = self.tokens;
        let found = |means, to, sure| Found {
            from: at,
            to,
            means,
            sure,
        };
        let first = tokens.get(at)?;
        let number = first.number?;
        if let Some(next) = tokens.get(at + 1)
            && matches!(next.before, Between::Dot | Between::Colon)
            && let Some(minutes) = next.number
        {
            let colon = |t: &super::tokens::Token| {
                t.before == Between::Colon && t.digits() == 2 && t.number < Some(60)
            };
            let to = at + 2 + usize::from(tokens.get(at + 2).is_some_and(colon));
            let fits = first.digits() <= 2 && next.digits() == 2 && minutes <= 59;
            let half = self.meridian(to);
            let to = half.map_or(to, |(_, to)| to);
            let padded = first.digits() == 2 && number < 10;
            let half = half.map(|(half, _)| half).filter(|_| number <= 12);
            let hour = i16::try_from(number).ok();
            let hour = hour
                .filter(|_| fits)
                .and_then(|h| self.hour_of(h, padded, half));
            let at = hour.zip(i16::try_from(minutes).ok());
            let means = at.map_or(Means::Vague, |(hour, minutes)| {
                Means::At(hour * 60 + minutes)
            });
            return Some(found(means, to, Sure::Certain));
        }
        if matches!(first.digits(), 3 | 4) {
            return self.run_together(at);
        }
        None
    }

    /// "1530", "0845", "930".
    fn run_together(&self, at: usize) -> Option<Found> {
        let token = self.tokens.get(at)?;
        let number = i16::try_from(token.number?).ok()?;
        let (hour, minutes) = (number / 100, number % 100);
        let four = token.digits() == 4;
        let after = self.words.at.before(self.tokens, at).is_some();
        let half = self.meridian(at + 1);
        let hours = self.words.hour.at(self.tokens, at + 1);
        let to = match (half, hours) {
            (Some((_, to)), _) => to,
            (None, Some(len)) => at + 1 + len,
            (None, None) => at + 1,
        };
        let whole = at == 0 && to == self.tokens.len();
        let year = (1900..2100).contains(&number);
        let sure = if half.is_some() || hours.is_some() {
            Sure::Certain
        } else if after || ((whole || four) && !year) {
            Sure::Fair
        } else {
            Sure::Weak
        };
        let hour = self.hour_of(hour, four, half.map(|(half, _)| half))?;
        (minutes <= 59).then_some(Found {
            from: at,
            to,
            means: Means::At(hour * 60 + minutes),
            sure,
        })
    }

    /// An hour by itself, with or without what makes it one.
    fn bare(&self, at: usize) -> Option<Found> {
        let words = self.words;
        let (raw, padded, on) = self.hour(at)?;
        let spoken = words.hours.at(self.tokens, at).is_some();
        let oclock = words.oclock.at(self.tokens, on);
        let roughly = words.roughly.at(self.tokens, on);
        let mut to = on + oclock.or(roughly).unwrap_or(0);
        let half = self.meridian(to);
        to = half.map_or(to, |(_, to)| to);
        let after = words.at.before(self.tokens, at);
        let minutes = self.minutes(on, spoken || after.is_some() || self.tokens.len() == 2);
        // "3rd" is a day; "3 boys", "2 weeks" and "3/12" are counts and days.
        let sticks = |token: &super::tokens::Token| {
            matches!(token.before, Between::Nothing | Between::Slash) && token.number.is_none()
                || token.before == Between::Slash
        };
        let slash = self.tokens[at].before == Between::Slash && at > 0;
        let counts = words.units.at(self.tokens, on).is_some()
            || words.endings.at(self.tokens, on).is_some()
            || words.months.at(self.tokens, on).is_some();
        let marked = oclock.or(roughly).is_some() || half.is_some();
        if !marked && (slash || counts || self.tokens.get(on).is_some_and(sticks)) {
            return Some(Found {
                from: at,
                to: on,
                means: Means::Length,
                sure: Sure::Certain,
            });
        }
        let hour = self.hour_of(raw, padded, half.map(|(half, _)| half));
        let Some(hour) = hour else {
            return marked.then_some(Found {
                from: at,
                to,
                means: Means::Vague,
                sure: Sure::Certain,
            });
        };
        let (minutes, to) = match minutes {
            Some((minutes, end)) if oclock.is_none() && half.is_none() => {
                (minutes, self.meridian(end).map_or(end, |(_, to)| to))
            }
            _ => (0, to),
        };
        let sure = if marked || spoken || minutes > 0 {
            Sure::Certain
        } else if after.is_some() {
            Sure::Fair
        } else {
            Sure::Weak
        };
        Some(Found {
            from: at,
            to,
            means: Means::At(hour * 60 + minutes),
            sure,
        })
    }

    /// Minutes after an hour in words: "three thirty", "piętnasta trzydzieści"; after "at" in
    /// digits too: "at 3 30".
    fn minutes(&self, at: usize, told: bool) -> Option<(i16, usize)> {
        let token = self.tokens.get(at)?;
        let (minutes, to) = self.words.number(self.tokens, at)?;
        let spoken = token.number.is_none();
        let written = token.digits() == 2 && token.before == Between::Space && told;
        let fits = (10..=59).contains(&minutes) && (spoken || written);
        let counts = self.words.units.at(self.tokens, to).is_some();
        (fits && !counts).then_some((i16::try_from(minutes).ok()?, to))
    }

    /// An hour as it is said: the number, whether it is written with a zero, the place after it.
    fn hour(&self, at: usize) -> Option<(i16, bool, usize)> {
        if let Some((row, len)) = self.words.hours.at(self.tokens, at) {
            return Some((i16::try_from(row + 1).ok()?, false, at + len));
        }
        let token = self.tokens.get(at)?;
        let (number, to) = self.words.number(self.tokens, at)?;
        let hour = i16::try_from(number)
            .ok()
            .filter(|hour| (0..=24).contains(hour))?;
        let written = token.number.is_some();
        let fits = if written {
            token.digits() <= 2
        } else {
            (1..=12).contains(&hour)
        };
        fits.then_some((hour, written && token.digits() == 2 && hour < 10, to))
    }

    /// The hour that a half or a quarter is counted from, in its half of the day.
    fn whole_hour(&self, at: usize) -> Option<(i16, usize)> {
        let (raw, padded, to) = self.hour(at)?;
        let to = to + self.words.oclock.at(self.tokens, to).unwrap_or(0);
        let half = self.meridian(to);
        // "Half 3.30" and "half an hour" are none.
        let more = self.tokens.get(to).is_some_and(|next| {
            next.number.is_some() && matches!(next.before, Between::Dot | Between::Colon)
        });
        if more || self.words.units.at(self.tokens, to).is_some() {
            return None;
        }
        let hour = self.hour_of(raw, padded, half.map(|(half, _)| half))?;
        Some((hour, half.map_or(to, |(_, to)| to)))
    }

    /// "am" or "pm" from here, and the place after it.
    fn meridian(&self, at: usize) -> Option<(Part, usize)> {
        let parts = [(Part::Am, &self.words.am), (Part::Pm, &self.words.pm)];
        parts
            .into_iter()
            .find_map(|(part, phrases)| Some((part, at + phrases.at(self.tokens, at)?)))
    }

    /// The part of the day that the text names anywhere, when it names one.
    fn part(&self) -> Option<Part> {
        let words = self.words;
        let parts = [
            (Part::Morning, &words.morning),
            (Part::Afternoon, &words.afternoon),
            (Part::Evening, &words.evening),
        ];
        let mut named = parts.into_iter().filter(|(_, phrases)| {
            (0..self.tokens.len()).any(|at| phrases.at(self.tokens, at).is_some())
        });
        match (named.next(), named.next()) {
            (Some((part, _)), None) => Some(part),
            _ => None,
        }
    }

    /// The hour from 0 to 23 that is meant.
    fn hour_of(&self, hour: i16, padded: bool, half: Option<Part>) -> Option<i16> {
        match (half.or_else(|| self.part()), hour) {
            (Some(Part::Am | Part::Pm), 0 | 13..) | (_, 24..) => None,
            (Some(Part::Am), 12) => Some(0),
            (Some(Part::Pm), 1..=11) | (Some(Part::Afternoon), 1..=6) => Some(hour + 12),
            (Some(Part::Evening), 3..=11) => Some(hour + 12),
            (Some(Part::Am | Part::Morning), _) => Some(hour),
            (_, 1..=7) if !padded => Some(hour + 12),
            _ => Some(hour),
        }
    }
}

fn at_minutes(minutes: i16) -> Option<Time> {
    let (hour, minute) = (minutes.div_euclid(60), minutes.rem_euclid(60));
    Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0).ok()
}
