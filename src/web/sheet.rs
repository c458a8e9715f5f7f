//! A table as a CSV file that a spreadsheet opens and runs nothing of.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};

/// A CSV file of this name; the first row holds the headings.
pub(crate) fn csv(name: &str, rows: &[Vec<String>]) -> Response {
    // A spreadsheet takes a file for Windows-1252 that does not begin like this.
    let mut file = "\u{feff}".as_bytes().to_vec();
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(&mut file);
    let written = rows
        .iter()
        .try_for_each(|row| writer.write_record(row.iter().map(|cell| harmless(cell))));
    if let Err(error) = written.and_then(|()| Ok(writer.flush()?)) {
        tracing::error!(%error, "a CSV file could not be made");
        return axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    drop(writer);
    let how = format!("attachment; filename=\"{name}\"");
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/csv; charset=utf-8"),
        ),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_str(&how).unwrap_or(HeaderValue::from_static("attachment")),
        ),
    ];
    (headers, file).into_response()
}

/// What a spreadsheet would take for a formula, made text (OWASP, "CSV injection"): a name that begins
/// with `=` must not run on the head's computer.
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_text() {
        for formula in ["=1+1", "+44", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1"] {
            assert_eq!(harmless(formula), format!("'{formula}"));
        }
        assert_eq!(harmless("Mrs Cole = nobody"), "Mrs Cole = nobody");
    }
}
