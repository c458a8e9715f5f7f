//! Small numbers are hidden: of four children with a complaint, everybody knows who they are.
//!
//! One hidden number among others could be told from their total, so more are hidden until it cannot,
//! and the total where nothing else helps.

use std::fmt;

/// Under this many, somebody could be told from the others.
pub const LEAST: u64 = 5;

/// A count as it may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// It says nothing of anybody.
    Shown(u64),
    /// It would.
    Hidden,
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shown(n) => write!(f, "{n}"),
            Self::Hidden => f.write_str("hidden"),
        }
    }
}

/// Counts and their total as they may be shown. Nought is nobody, and is shown.
pub fn shown(counts: &[u64]) -> (Vec<Figure>, Figure) {
    let total: u64 = counts.iter().sum();
    let is_small = |n: u64| 0 < n && n < LEAST;
    let mut hidden: Vec<bool> = counts.iter().map(|n| is_small(*n)).collect();
    let mut total_hidden = is_small(total);
    // What is hidden together is known from the total: it must be two counts at least, and so many
    // that neither is small by what is left for it.
    while hidden.contains(&true) && !total_hidden && !is_enough(counts, &hidden) {
        let rest = counts.iter().zip(&hidden).enumerate();
        let next = rest.filter(|(_, (n, hidden))| **n > 0 && !**hidden);
        match next.min_by_key(|(_, (n, _))| **n).map(|(at, _)| at) {
            Some(at) => hidden[at] = true,
            None => total_hidden = true,
        }
    }
    let figure = |n: u64, hidden: bool| {
        if hidden {
            Figure::Hidden
        } else {
            Figure::Shown(n)
        }
    };
    let figures = counts.iter().zip(&hidden);
    (
        figures.map(|(n, hidden)| figure(*n, *hidden)).collect(),
        figure(total, total_hidden),
    )
}

fn is_enough(counts: &[u64], hidden: &[bool]) -> bool {
    let those = counts.iter().zip(hidden).filter(|(_, hidden)| **hidden);
    let (count, sum) = those.fold((0, 0), |(count, sum), (n, _)| (count + 1, sum + n));
    count >= 2 && sum >= 2 * LEAST
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reads(counts: &[u64]) -> String {
        let (figures, total) = shown(counts);
        let figures: Vec<String> = figures.iter().map(Figure::to_string).collect();
        format!("{} = {total}", figures.join(" "))
    }

    #[test]
    fn a_small_number_is_hidden_and_so_is_what_would_give_it_away() {
        assert_eq!(reads(&[12, 30, 8]), "12 30 8 = 50");
        assert_eq!(reads(&[12, 30, 0]), "12 30 0 = 42");
        assert_eq!(reads(&[12, 30, 3]), "hidden 30 hidden = 45");
        assert_eq!(reads(&[12, 4, 4]), "hidden hidden hidden = 20");
        assert_eq!(reads(&[40, 4, 4, 4]), "40 hidden hidden hidden = 52");
        assert_eq!(reads(&[3, 0]), "hidden 0 = hidden");
        assert_eq!(reads(&[]), " = 0");
    }

    proptest! {
        #[test]
        fn nobody_is_told_from_what_is_shown(counts in prop::collection::vec(0_u64..40, 0..8)) {
            let (figures, total) = shown(&counts);
            let hidden: Vec<u64> = counts
                .iter()
                .zip(&figures)
                .filter(|(_, f)| **f == Figure::Hidden)
                .map(|(n, _)| *n)
                .collect();
            for (n, figure) in counts.iter().zip(&figures) {
                prop_assert!(*figure == Figure::Hidden || *n == 0 || *n >= LEAST);
                prop_assert!(*figure == Figure::Hidden || *figure == Figure::Shown(*n));
            }
            if total != Figure::Hidden && !hidden.is_empty() {
                prop_assert!(hidden.len() >= 2);
                prop_assert!(hidden.iter().sum::<u64>() >= 2 * LEAST);
            }
        }
    }
}
