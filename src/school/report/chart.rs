//! A report as a picture: a bar for each row, by eye, by ear, in colour and without. Made on the server,
//! with no script, no style and nothing from outside.

use std::fmt::Write as _;

use super::small::Figure;
use super::{Shown, Table};

const WIDTH: u64 = 400;
/// The height of a row: its label above its bar.
const ROW: usize = 44;
/// What is left beside the longest bar for its figure.
const BESIDE: u64 = 60;

/// The first column of a report as bars.
pub fn bars(table: &Table, shown: &Shown) -> String {
    let first = |row: &(String, Vec<Figure>)| row.1.first().copied().unwrap_or(Figure::Hidden);
    let most = shown.rows.iter().map(|row| match first(row) {
        Figure::Shown(n) => n,
        Figure::Hidden => 0,
    });
    let most = most.max().unwrap_or(0).max(1);
    let height = shown.rows.len() * ROW + 4;
    let name = table.name;
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "<svg class=\"chart\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-labelledby=\"{name}-title {name}-desc\" fill=\"#0b0c0c\"><title id=\"{name}-title\">{}</title>\
         <desc id=\"{name}-desc\">{}</desc>",
        escaped(table.title),
        escaped(&described(table, shown))
    );
    for (at, row) in shown.rows.iter().enumerate() {
        let top = at * ROW;
        let _ = write!(
            out,
            "<text x=\"0\" y=\"{}\" font-size=\"14\">{}</text>",
            top + 16,
            escaped(&row.0)
        );
        let figure = first(row);
        let width = match figure {
            Figure::Shown(n) => n * (WIDTH - BESIDE) / most,
            Figure::Hidden => 0,
        };
        if width > 0 {
            let _ = write!(
                out,
                "<rect x=\"0\" y=\"{}\" width=\"{width}\" height=\"16\" fill=\"#1d70b8\"/>",
                top + 22
            );
        }
        let _ = write!(
            out,
            "<text x=\"{}\" y=\"{}\" font-size=\"14\" font-weight=\"bold\">{figure}</text>",
            if width > 0 { width + 6 } else { 0 },
            top + 35
        );
    }
    out.push_str("</svg>");
    out
}

/// The bars in words.
fn described(table: &Table, shown: &Shown) -> String {
    let column = table.columns.first().copied().unwrap_or_default();
    let rows = shown.rows.iter().map(|(label, figures)| {
        let figure = figures.first().copied().unwrap_or(Figure::Hidden);
        format!("{label}: {figure}")
    });
    format!("{column}. {}.", rows.collect::<Vec<_>>().join(". "))
}

/// Text in XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_says_what_it_shows_and_hides_what_the_table_hides() {
        let table = Table {
            name: "themes",
            title: "What <parents> write",
            about: "",
            of: "Kind",
            columns: vec!["Cases"],
            rows: vec![
                ("A & B".to_owned(), vec![20]),
                ("C".to_owned(), vec![10]),
                ("D".to_owned(), vec![3]),
                ("E".to_owned(), vec![0]),
            ],
        };
        let svg = bars(&table, &table.shown());
        assert!(svg.contains("<title id=\"themes-title\">What &lt;parents&gt; write</title>"));
        assert!(svg.contains("Cases. A &amp; B: 20. C: hidden. D: hidden. E: 0."));
        assert!(
            svg.contains("width=\"340\"") && svg.matches("<rect").count() == 1,
            "{svg}"
        );
        assert!(!svg.contains(">10<") && !svg.contains("style"), "{svg}");
    }
}
