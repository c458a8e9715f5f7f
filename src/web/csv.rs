//! Tables as files for a spreadsheet. What somebody typed never becomes a formula there.

use axum::http::header;
use axum::response::{IntoResponse as _, Response};

/// A cell, quoted (RFC 4180). A spreadsheet takes what begins with one of these signs for a formula,
/// whatever the quotes, so an apostrophe goes before it, which it does not show.
fn cell(text: &str) -> String {
    const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];
    let guard = if text.starts_with(FORMULA) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

/// Rows as the words of a file, each ended as the format wants it. It begins with the mark by which
/// spreadsheets know UTF-8.
fn file(rows: &[Vec<String>]) -> String {
    let mut words = String::from("\u{feff}");
    for row in rows {
        let cells: Vec<String> = row.iter().map(|text| cell(text)).collect();
        words.push_str(&cells.join(","));
        words.push_str("\r\n");
    }
    words
}

/// Rows as an answer that a browser saves under a name of ours.
pub(crate) fn answer(name: &str, rows: &[Vec<String>]) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}.csv\""),
        ),
    ];
    (headers, file(rows)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_typed_is_text_in_a_spreadsheet() {
        assert_eq!(cell("Sam"), "\"Sam\"");
        assert_eq!(cell("3H \"blue\", old"), "\"3H \"\"blue\"\", old\"");
        for formula in ["=1+1", "+44", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(cell(formula), format!("\"'{formula}\""));
        }
        let rows = [vec!["a".to_owned(), "b\nc".to_owned()]];
        assert_eq!(file(&rows), "\u{feff}\"a\",\"b\nc\"\r\n");
    }
}
