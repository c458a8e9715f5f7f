//! The school's figures: how soon people answer, what was promised and kept, whom nobody has heard
//! from. Pure: what is counted is handed in, and nothing here knows where it was kept.
//!
//! Figures are for people who may not know whom they are about, so a [`Table`] shows only what
//! [`small`] lets through; what is said of each child by name is [`counters`], for those who may.

pub mod chart;
pub mod counters;
pub mod figures;
pub mod period;
pub mod pushes;
pub mod small;

use small::{Figure, shown};

/// A report: rows of counts, with what they mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// In addresses and file names.
    pub name: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// What is counted and how, in a sentence or two.
    pub about: &'static str,
    /// What a row stands for.
    pub of: &'static str,
    /// What is counted in each column.
    pub columns: Vec<&'static str>,
    /// Each row's label and its counts, one for each column.
    pub rows: Vec<(String, Vec<u64>)>,
}

/// A report as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Each row's label and its figures.
    pub rows: Vec<(String, Vec<Figure>)>,
    /// The figures of all rows together.
    pub totals: Vec<Figure>,
}

impl Table {
    /// What may be shown of it: each column by itself.
    pub fn shown(&self) -> Shown {
        let columns: Vec<(Vec<Figure>, Figure)> = (0..self.columns.len())
            .map(|n| {
                let counts = self.rows.iter().map(|(_, row)| row.get(n).copied());
                shown(&counts.map(Option::unwrap_or_default).collect::<Vec<_>>())
            })
            .collect();
        let row = |at: usize| {
            let cells = columns.iter().filter_map(|(column, _)| column.get(at));
            cells.copied().collect()
        };
        Shown {
            rows: self
                .rows
                .iter()
                .enumerate()
                .map(|(at, (label, _))| (label.clone(), row(at)))
                .collect(),
            totals: columns.iter().map(|(_, total)| *total).collect(),
        }
    }

    /// Whether there is nothing to count.
    pub fn is_empty(&self) -> bool {
        self.rows.iter().all(|(_, row)| row.iter().all(|n| *n == 0))
    }
}
