//! Days that a text tells: "next tuesday", "3rd december", "a week on monday", "3/12".
//!
//! What is read here is always read back to the person before it counts. The day comes before the
//! month, always. Where two days are possible, neither is taken.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::{Span, ToSpan as _};

use super::almanac::Almanac;
use super::tokens::{Between, Rows, Token};

/// A day without a year that has gone by for fewer days than this is meant as gone by: nobody makes
/// an appointment with a school eleven months ahead. It is about a term.
const TERM: i32 = 92;

/// No day is planned more years ahead: 31/12/9999 is none.
const YEARS_AHEAD: i16 = 20;

/// What a text tells of a day or a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told<T> {
    /// This.
    Is(T),
    /// One that has gone by.
    Past,
    /// None, or more than one.
    Unclear,
}

impl<T> Told<T> {
    /// The value, where there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Past | Self::Unclear => None,
        }
    }
}

impl<T> From<Option<T>> for Told<T> {
    fn from(told: Option<T>) -> Self {
        told.map_or(Self::Unclear, Self::Is)
    }
}

/// What was told, and the tokens that told it.
#[derive(Debug, Clone)]
pub(super) struct Heard<T> {
    pub(super) told: Told<T>,
    /// Tokens that tell it beyond doubt, and those that may.
    pub(super) sure: Vec<std::ops::Range<usize>>,
    pub(super) weak: Vec<std::ops::Range<usize>>,
}

/// What some tokens mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Means {
    Day(Date),
    /// A day of the week, and the one that it is when nothing else is said.
    Weekday(Weekday, Date),
    /// Gone by, whichever it was.
    Gone,
    /// Many days, or no telling which.
    Vague,
}

#[derive(Debug, Clone, Copy)]
struct Found {
    from: usize,
    to: usize,
    means: Means,
    /// It can be nothing but a day.
    sure: bool,
}

/// A length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Length {
    months: i32,
    days: i32,
    pub(super) minutes: i32,
}

impl Length {
    const fn days(days: i32) -> Self {
        Self {
            months: 0,
            days,
            minutes: 0,
        }
    }

    pub(super) fn after(self, at: DateTime) -> DateTime {
        let span = Span::new().try_months(self.months);
        let span = span.and_then(|s| s.try_days(self.days));
        let span = span.and_then(|s| s.try_minutes(self.minutes));
        span.map_or(at, |span| at.saturating_add(span))
    }
}

/// The tokens of one text with the words of one language.
#[derive(Clone, Copy)]
pub(super) struct Telling<'a> {
    pub(super) tokens: &'a [Token],
    pub(super) words: &'a Almanac,
    pub(super) now: DateTime,
}

impl Telling<'_> {
    /// The day that the text tells.
    pub(super) fn day(&self) -> Heard<Date> {
        let mut all = Vec::new();
        let mut at = 0;
        while at < self.tokens.len() {
            match self.found(at) {
                Some(found) => {
                    at = found.to;
                    all.push(self.unless_around(found));
                }
                None => at += 1,
            }
        }
        all.retain(|found| !self.is_refused(found));
        let spans = |sure: bool| {
            let some = all.iter().filter(|found| found.sure == sure);
            some.map(|found| found.from..found.to).collect()
        };
        Heard {
            told: self.decided(&all),
            sure: spans(true),
            weak: spans(false),
        }
    }

    fn today(&self) -> Date {
        self.now.date()
    }

    /// One day out of all that was found.
    fn decided(&self, all: &[Found]) -> Told<Date> {
        let sure = || all.iter().filter(|found| found.sure);
        let weak = || all.iter().filter(|found| !found.sure);
        let days = |some: &mut dyn Iterator<Item = &Found>| {
            let mut days: Vec<Date> = some
                .filter_map(|found| match found.means {
                    Means::Day(day) => Some(day),
                    _ => None,
                })
                .collect();
            days.sort_unstable();
            days.dedup();
            days
        };
        if sure().any(|found| found.means == Means::Vague) {
            return Told::Unclear;
        }
        let mut weekdays: Vec<(Weekday, Date)> = Vec::new();
        for found in sure() {
            if let Means::Weekday(weekday, date) = found.means
                && !weekdays.contains(&(weekday, date))
            {
                weekdays.push((weekday, date));
            }
        }
        let mut exact = days(&mut sure());
        // "Monday 14th" has only the weekday for sure; "14th" only the number.
        if exact.is_empty() && (weekdays.len() == 1 || sure().next().is_none()) {
            exact = days(&mut weak());
        }
        let gone = sure().any(|found| found.means == Means::Gone);
        if gone && (!weekdays.is_empty() || exact.iter().any(|day| *day >= self.today())) {
            return Told::Unclear;
        }
        match (exact.as_slice(), weekdays.as_slice()) {
            ([], []) if gone => Told::Past,
            ([], [(_, date)]) => Told::Is(*date),
            ([day], weekdays) if weekdays.iter().all(|(w, _)| *w == day.weekday()) => {
                if *day < self.today() || gone {
                    Told::Past
                } else {
                    Told::Is(*day)
                }
            }
            (days, []) if days.iter().all(|day| *day < self.today()) && !days.is_empty() => {
                Told::Past
            }
            _ => Told::Unclear,
        }
    }

    /// "After tuesday", "3rd or 4th december": no telling which day.
    fn unless_around(&self, mut found: Found) -> Found {
        let mut start = found.from;
        while let Some(from) = self.words.links.before(self.tokens, start) {
            start = from;
        }
        let around = self.words.around.before(self.tokens, start).is_some();
        if around || self.joined(found.from) {
            found.means = Means::Vague;
        }
        found
    }

    /// Whether a number stands before this one, and joins it to be two days of one month.
    fn joined(&self, from: usize) -> bool {
        let Some(token) = self.tokens.get(from).filter(|t| t.number.is_some()) else {
            return false;
        };
        let numbered = |at: usize| {
            let is_number = |at: usize| self.tokens[at].number.is_some_and(|n| n <= 31);
            is_number(at)
                || (at > 0
                    && is_number(at - 1)
                    && self.words.endings.at(self.tokens, at) == Some(1))
        };
        let glued = matches!(token.before, Between::Dash | Between::Slash);
        if glued {
            return from > 0 && numbered(from - 1);
        }
        let joins = [&self.words.joins, &self.words.to];
        joins.into_iter().any(|joins| {
            let before = joins.before(self.tokens, from);
            before.is_some_and(|before| before > 0 && numbered(before - 1))
        })
    }

    fn is_refused(&self, found: &Found) -> bool {
        let mut start = found.from;
        let begins = |at: usize| self.tokens[at].before == Between::Break;
        while let Some(from) = self.words.links.before(self.tokens, start) {
            start = from;
        }
        let before = !begins(start) && self.words.refused.before(self.tokens, start).is_some();
        before || self.words.no_good.at(self.tokens, found.to).is_some()
    }

    /// What begins at a token.
    fn found(&self, at: usize) -> Option<Found> {
        let sure = |(means, to): (Means, usize)| Found {
            from: at,
            to,
            means,
            sure: true,
        };
        self.written(at)
            .or_else(|| self.day_and_month(at))
            .or_else(|| self.week_on(at))
            .or_else(|| self.far(at))
            .or_else(|| self.named(at))
            .or_else(|| self.in_week(at))
            .map(sure)
            .or_else(|| self.weak(at))
    }

    /// Three parts: "3/12/2026", "2026-12-03", "23-Sep-2020"; or "3/12".
    fn written(&self, at: usize) -> Option<(Means, usize)> {
        let part = |at: usize| -> Option<Part> {
            if let Some((row, 1)) = self.words.months.at(self.tokens, at) {
                return Some(Part::Month(i8::try_from(row + 1).ok()?));
            }
            let token = self.tokens.get(at)?;
            Some(Part::Number(token.number?, token.digits()))
        };
        let joined = |at: usize| {
            let before = self.tokens.get(at).map(|token| token.before);
            before.filter(|b| matches!(b, Between::Slash | Between::Dash | Between::Dot))
        };
        let first = part(at)?;
        let glue = joined(at + 1)?;
        let second = part(at + 1)?;
        if joined(at + 2) == Some(glue)
            && let Some(third) = part(at + 2)
            && joined(at + 3) != Some(glue)
        {
            let day = [first, second, third];
            return Some((self.of_parts(day)?, at + 3));
        }
        if let (Between::Slash, Part::Number(day, 1 | 2), Part::Number(month, 1 | 2)) =
            (glue, first, second)
        {
            let coming = self.coming(i8::try_from(month).ok()?, i8::try_from(day).ok()?)?;
            return Some((Means::Day(coming), at + 2));
        }
        None
    }

    /// The year is what has four digits, or the last; a month may be a word; the day comes first.
    fn of_parts(&self, parts: [Part; 3]) -> Option<Means> {
        let mut named = None;
        let mut year = None;
        let mut rest = Vec::new();
        for part in parts {
            match part {
                Part::Month(month) => named = Some(month),
                Part::Number(number, 4) if year.is_none() => year = Some(number),
                Part::Number(number, digits @ 1..=2) => rest.push((number, digits)),
                Part::Number(..) => return None,
            }
        }
        let year_first = matches!(parts[0], Part::Number(_, 4));
        if year.is_none() {
            year = match rest.pop()? {
                (number, 2) => Some(2000 + number),
                _ => return None,
            };
        }
        let (day, month) = match (named, rest.as_slice()) {
            (Some(month), [(day, _)]) => (*day, month),
            (None, [(month, _), (day, _)]) if year_first => (*day, i8::try_from(*month).ok()?),
            (None, [(day, _), (month, _)]) => (*day, i8::try_from(*month).ok()?),
            _ => return None,
        };
        let day = Date::new(i16::try_from(year?).ok()?, month, i8::try_from(day).ok()?);
        // No such day, or one that nobody plans for: it is not taken for anything else.
        let planned = |day: &Date| day.year() <= self.today().year() + YEARS_AHEAD;
        let day = day.ok().filter(planned);
        Some(day.map_or(Means::Vague, Means::Day))
    }

    /// A day's number: "3", "3rd", "third"; whether it can only be a day's, and the place after it.
    fn number(&self, at: usize) -> Option<(i8, bool, usize)> {
        if let Some((row, len)) = self.words.nth.at(self.tokens, at) {
            return Some((i8::try_from(row + 1).ok()?, true, at + len));
        }
        let token = self.tokens.get(at)?;
        let day = i8::try_from(token.number?).ok()?;
        let more = self.tokens.get(at + 1);
        let part = more.is_some_and(|next| {
            next.number.is_some()
                && matches!(next.before, Between::Dot | Between::Colon | Between::Slash)
        });
        if token.digits() > 2 || !(1..=31).contains(&day) || part {
            return None;
        }
        let ending = self.words.endings.at(self.tokens, at + 1);
        Some((day, ending.is_some(), at + 1 + ending.unwrap_or(0)))
    }

    /// "3rd of december", "december 3", "14th of next month", with or without a year.
    fn day_and_month(&self, at: usize) -> Option<(Means, usize)> {
        if let Some((day, _, to)) = self.number(at) {
            let to = self.words.linked(self.tokens, to);
            if let Some((row, len)) = self.nearly(&self.words.months, to) {
                return self.dated(day, row, to + len);
            }
            let next = self.words.next.at(self.tokens, to).map(|len| (1, len));
            let (months, len) = next.or_else(|| Some((0, self.words.this.at(self.tokens, to)?)))?;
            let end = to + len + self.words.month.at(self.tokens, to + len)?;
            let first = self
                .today()
                .first_of_month()
                .saturating_add(months.months());
            let date = Date::new(first.year(), first.month(), day);
            return Some((date.map_or(Means::Vague, Means::Day), end));
        }
        let (row, len) = self.nearly(&self.words.months, at)?;
        let to = self.words.linked(self.tokens, at + len);
        let (day, _, to) = self.number(to)?;
        self.dated(day, row, to)
    }

    fn dated(&self, day: i8, month: usize, to: usize) -> Option<(Means, usize)> {
        let month = i8::try_from(month + 1).ok()?;
        let year = self.tokens.get(to).filter(|token| token.digits() == 4);
        let year = year
            .and_then(|token| token.number)
            .filter(|year| (1900..2200).contains(year));
        if let Some(year) = year {
            let date = Date::new(i16::try_from(year).ok()?, month, day);
            return Some((date.map_or(Means::Vague, Means::Day), to + 1));
        }
        let day = self.coming(month, day);
        Some((day.map_or(Means::Vague, Means::Day), to))
    }

    /// "A week on monday", "2 weeks today", "fortnight on the 3rd", "a week tomorrow".
    fn week_on(&self, at: usize) -> Option<(Means, usize)> {
        let ahead = self.words.ahead.at(self.tokens, at);
        let (length, to) = self.length(at + ahead.unwrap_or(0))?;
        // "In a week on monday" too; "in two weeks on monday" may be that week's or the one after.
        if length.minutes > 0 || (ahead.is_some() && length != Length::days(7)) {
            return None;
        }
        let to = self.words.linked(self.tokens, to);
        let (means, end) = self.day_and_month(to).or_else(|| self.named(to))?;
        match means {
            Means::Day(day) | Means::Weekday(_, day) => {
                let far = length.after(day.to_datetime(self.now.time())).date();
                Some((Means::Day(far), end))
            }
            _ => None,
        }
    }

    /// "In 2 days", "2 days from now", "2 days ago".
    fn far(&self, at: usize) -> Option<(Means, usize)> {
        let ahead = self.words.ahead.at(self.tokens, at);
        let (length, to) = self.length(at + ahead.unwrap_or(0))?;
        let far = Means::Day(length.after(self.now).date());
        // The Polish "in a quarter the third" is a time of day.
        if length.minutes > 0 && self.words.hours.at(self.tokens, to).is_some() {
            return None;
        }
        if let Some(len) = self.words.ago.at(self.tokens, to) {
            return Some((Means::Gone, to + len));
        }
        match (ahead, self.words.later.at(self.tokens, to)) {
            (None, None) if length.minutes == 0 && at == 0 && to == self.tokens.len() => {
                Some((far, to))
            }
            (None, None) => None,
            (_, later) => Some((far, to + later.unwrap_or(0))),
        }
    }

    /// A length of time and the place after it: "2 days", "a fortnight", "half an hour".
    pub(super) fn length(&self, at: usize) -> Option<(Length, usize)> {
        let lengths = self.words.lengths.iter();
        let known = lengths.filter_map(|(minutes, phrases)| {
            let to = at + phrases.at(self.tokens, at)?;
            let (months, days, minutes) = (0, 0, *minutes);
            let length = Length {
                months,
                days,
                minutes,
            };
            Some((length, to))
        });
        if let Some(known) = known.max_by_key(|(_, to)| *to) {
            return Some(known);
        }
        let (count, to) = match self.words.number(self.tokens, at) {
            Some((count, to)) => (i32::from(count), to),
            None => (1, at + self.words.one.at(self.tokens, at).unwrap_or(0)),
        };
        let units = [
            (&self.words.day, Length::days(count)),
            (&self.words.week, Length::days(7 * count)),
            (&self.words.fortnight, Length::days(14 * count)),
            (
                &self.words.month,
                Length {
                    months: count,
                    ..Length::days(0)
                },
            ),
            (
                &self.words.year,
                Length {
                    months: 12 * count,
                    ..Length::days(0)
                },
            ),
            (
                &self.words.hour,
                Length {
                    minutes: 60 * count,
                    ..Length::days(0)
                },
            ),
            (
                &self.words.minute,
                Length {
                    minutes: count,
                    ..Length::days(0)
                },
            ),
        ];
        units
            .into_iter()
            .find_map(|(phrases, length)| Some((length, to + phrases.at(self.tokens, to)?)))
    }

    /// "Today", "tuesday", "next friday", "monday week", "tuesday next week".
    fn named(&self, at: usize) -> Option<(Means, usize)> {
        let today = self.today();
        let near = self.words.days.iter().filter_map(|(distance, phrases)| {
            let to = at + phrases.at(self.tokens, at)?;
            Some((*distance, to))
        });
        let near = near.max_by_key(|(_, to)| *to).or_else(|| {
            let word = &self.tokens.get(at)?.word;
            let mut days = self.words.days.iter();
            let (distance, _) = days.find(|(_, phrases)| phrases.nearly(word))?;
            Some((*distance, at + 1))
        });
        if let Some((distance, to)) = near {
            let day = today.saturating_add(distance.days());
            return Some(self.and_week(Means::Day(day), day, to));
        }
        let which = [&self.words.next, &self.words.this, &self.words.last];
        let said = which
            .iter()
            .enumerate()
            .find_map(|(which, phrases)| Some((which, at + phrases.at(self.tokens, at)?)));
        let (said, on) = said.map_or((None, at), |(which, to)| (Some(which), to));
        let (weekday, to) = self.weekday(on)?;
        let coming = today.nth_weekday(1, weekday).ok()?;
        match said {
            Some(0) => {
                let day = self.of_week(1, weekday);
                Some((Means::Weekday(weekday, day), to))
            }
            // "This tuesday", on a Tuesday.
            Some(1) if weekday == today.weekday() => Some((Means::Vague, to)),
            Some(1) => Some((Means::Weekday(weekday, coming), to)),
            Some(_) => Some((Means::Gone, to)),
            None => {
                if let Some(len) = self.words.after_next.at(self.tokens, to) {
                    let day = self.of_week(1, weekday).saturating_add(7.days());
                    return Some((Means::Day(day), to + len));
                }
                let linked = self.words.linked(self.tokens, to);
                if let Some((weeks, to)) = self.week(linked) {
                    return Some((Means::Day(self.of_week(weeks, weekday)), to));
                }
                Some(self.and_week(Means::Weekday(weekday, coming), coming, to))
            }
        }
    }

    /// "Monday week", "today week", and the Polish "in a week" that follows.
    fn and_week(&self, means: Means, day: Date, to: usize) -> (Means, usize) {
        let ahead = self.words.ahead.at(self.tokens, to);
        let on = to + ahead.unwrap_or(0);
        let (week, fortnight) = (Length::days(7), Length::days(14));
        match self.length(on) {
            Some((length, end)) if length == week || (length == fortnight && ahead.is_none()) => {
                // "Monday 2 weeks ago" is not this.
                if self.words.ago.at(self.tokens, end).is_some() {
                    return (Means::Gone, end);
                }
                let day = day.saturating_add(length.days.days());
                (Means::Day(day), end)
            }
            _ => (means, to),
        }
    }

    /// "Next week on tuesday"; "next week" alone is many days, "last week" has gone by.
    fn in_week(&self, at: usize) -> Option<(Means, usize)> {
        if let Some((weeks, to)) = self.week(at) {
            let on = self.words.linked(self.tokens, to);
            if let Some((weekday, end)) = self.weekday(on) {
                return Some((Means::Day(self.of_week(weeks, weekday)), end));
            }
            let gone = weeks < 0;
            return Some((if gone { Means::Gone } else { Means::Vague }, to));
        }
        let last = self.words.last.at(self.tokens, at);
        let which = last
            .or_else(|| self.words.next.at(self.tokens, at))
            .or_else(|| self.words.this.at(self.tokens, at))?;
        let to = at + which;
        let unit = self.words.month.at(self.tokens, to);
        let end = to + unit.or_else(|| self.words.year.at(self.tokens, to))?;
        Some((
            if last.is_some() {
                Means::Gone
            } else {
                Means::Vague
            },
            end,
        ))
    }

    /// "Next week", "the week after next": how many weeks ahead, and the place after it.
    fn week(&self, at: usize) -> Option<(i32, usize)> {
        if let Some(len) = self.words.week.at(self.tokens, at) {
            let after = self.words.after_next.at(self.tokens, at + len)?;
            return Some((2, at + len + after));
        }
        let which = [
            (1, &self.words.next),
            (0, &self.words.this),
            (-1, &self.words.last),
        ];
        which.into_iter().find_map(|(weeks, phrases)| {
            let to = at + phrases.at(self.tokens, at)?;
            Some((weeks, to + self.words.week.at(self.tokens, to)?))
        })
    }

    fn weekday(&self, at: usize) -> Option<(Weekday, usize)> {
        // The "nd" of "2nd" is a Sunday in Polish.
        if self.tokens.get(at)?.before == Between::Nothing && at > 0 {
            return None;
        }
        let (row, len) = self.nearly(&self.words.weekdays, at)?;
        let weekday = Weekday::from_monday_zero_offset(i8::try_from(row).ok()?).ok()?;
        Some((weekday, at + len))
    }

    /// A row's word, or a slip of the thumb in it that is no number.
    fn nearly(&self, rows: &Rows, at: usize) -> Option<(usize, usize)> {
        let known = [&self.words.hours, &self.words.nth, &self.words.numbers];
        if known
            .into_iter()
            .any(|row| row.at(self.tokens, at).is_some())
        {
            return rows.at(self.tokens, at);
        }
        rows.nearly_at(self.tokens, at)
    }

    /// A day of the week so many weeks after this one. "Next Tuesday" on a Monday is not tomorrow,
    /// and on a Sunday "next monday" is not tomorrow either: that would be called tomorrow.
    fn of_week(&self, weeks: i32, weekday: Weekday) -> Date {
        let today = self.today();
        let since = i32::from(today.weekday().to_monday_zero_offset());
        let ahead = i32::from(weekday.to_monday_zero_offset()) - since + 7 * weeks;
        let ahead = if ahead == 1 && weeks == 1 { 8 } else { ahead };
        today.saturating_add(ahead.days())
    }

    /// The nearest such day: the next, or the one that went by within the last term.
    fn coming(&self, month: i8, day: i8) -> Option<Date> {
        let today = self.today();
        let years = -1..=4;
        let dates = years.filter_map(|ahead| Date::new(today.year() + ahead, month, day).ok());
        let since = |date: &Date| (today - *date).get_days();
        dates.into_iter().find(|date| since(date) <= TERM)
    }

    /// "14th", "the third"; in an answer that is nothing else "14", "3.12" and "3-12".
    fn weak(&self, at: usize) -> Option<Found> {
        let weak = |date: Date, to: usize| Found {
            from: at,
            to,
            means: Means::Day(date),
            sure: false,
        };
        if let (Some(first), Some(second)) = (self.tokens.get(at), self.tokens.get(at + 1))
            && matches!(second.before, Between::Dot | Between::Dash)
            && let (Some(day), Some(month)) = (first.number, second.number)
        {
            let part = self.tokens.get(at + 2);
            let alone = part.is_none_or(|next| next.before != second.before);
            let fits = first.digits() <= 2 && second.digits() <= 2 && alone;
            let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
            return fits
                .then(|| Some(weak(self.coming(month, day)?, at + 2)))
                .flatten();
        }
        let (day, certain, to) = self.number(at)?;
        // "First thing" is a part of the day.
        let part = [&self.words.morning, &self.words.afternoon];
        if part.into_iter().any(|p| p.at(self.tokens, at).is_some()) {
            return None;
        }
        let whole = self.tokens.len() == to && self.words.linked(self.tokens, 0) >= at;
        let after_weekday = at > 0
            && day > 12
            && self.words.weekdays.at(self.tokens, at - 1).is_some()
            && self.tokens[at].before == Between::Space;
        (certain || whole || after_weekday)
            .then(|| Some(weak(self.coming_nth(day)?, to)))
            .flatten()
    }

    /// The next day of that number, in this month or a later one.
    pub(super) fn coming_nth(&self, day: i8) -> Option<Date> {
        let first = self.today().first_of_month();
        let months = (0..3).map(|ahead: i32| first.saturating_add(ahead.months()));
        let mut dates = months.filter_map(|m| Date::new(m.year(), m.month(), day).ok());
        dates.find(|date| *date >= self.today())
    }
}

/// A part of a written day.
#[derive(Debug, Clone, Copy)]
enum Part {
    Month(i8),
    /// The value, and how many digits it has.
    Number(u16, usize),
}
