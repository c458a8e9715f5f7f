//! A file of rows, as spreadsheets and school systems write it: any of their encodings and
//! separators, to headings and rows that know their line.

use std::ops::Range;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use crate::fault::Fault;

/// The longest file that is read, in bytes: a council's largest school is under a tenth of it.
pub const LONGEST: usize = 16 << 20;

/// More columns than any school system writes; more is no such file.
const MOST_COLUMNS: usize = 200;

/// More people than any school has.
const MOST_ROWS: usize = 100_000;

/// The longest cell, in bytes: what is longer is a quote that was never closed.
const LONGEST_CELL: usize = 4_000;

/// Rows under headings.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// The file, as shown to people.
    pub file: String,
    /// Its text, whatever it was encoded in.
    pub text: String,
    /// The headings, as written.
    pub headings: Vec<String>,
    /// Where they stand.
    pub heading_span: Range<usize>,
    /// The rows; those without anything in them are left out.
    pub rows: Vec<Row>,
}

/// One row.
#[derive(Debug, Clone)]
pub struct Row {
    /// Where it stands.
    pub span: Range<usize>,
    /// Its cells, without spaces around them.
    pub cells: Vec<String>,
}

impl Sheet {
    /// Reads a file.
    ///
    /// # Errors
    /// Every row that cannot be read, with its place, and the text where there is any.
    pub fn read(file: &str, bytes: &[u8]) -> Result<Self, (Vec<Fault>, Option<String>)> {
        let text = decode(file, bytes).map_err(|fault| (vec![fault], None))?;
        Self::of(file, &text).map_err(|faults| (faults, Some(text)))
    }

    fn of(file: &str, text: &str) -> Result<Self, Vec<Fault>> {
        let whole = |message: &str, remedy: &str| vec![Fault::error(file, None, message, remedy)];
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(separator(text))
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let mut record = csv::StringRecord::new();
        let mut headings: Option<(Vec<String>, Range<usize>)> = None;
        let mut rows = Vec::new();
        let mut faults = Vec::new();
        loop {
            let start = offset(&reader);
            match reader.read_record(&mut record) {
                Ok(true) => {}
                Ok(false) => break,
                Err(_) => return Err(whole("this is no CSV file", "save it as CSV (UTF-8)")),
            }
            // The row, without the line's end.
            let end = start + text[start..offset(&reader)].trim_end().len();
            let span = start + leading_breaks(&text[start..end])..end;
            let cells: Vec<String> = record.iter().map(|c| c.trim().to_owned()).collect();
            if cells.iter().all(String::is_empty) {
                continue;
            }
            if cells.len() > MOST_COLUMNS {
                return Err(whole(
                    &format!(
                        "a row has {} columns; at most {MOST_COLUMNS} are read",
                        cells.len()
                    ),
                    "export the columns that docs/import.md names",
                ));
            }
            if cells.iter().any(|c| c.len() > LONGEST_CELL) {
                let first_line = first_line(text, &span);
                faults.push(Fault::error(
                    file,
                    first_line,
                    "a quotation mark is opened in this row and not closed",
                    "close it, or write it twice where it is meant",
                ));
                break;
            }
            let Some((headings, _)) = &headings else {
                headings = Some((cells, span));
                continue;
            };
            let most = headings.len();
            if cells.iter().skip(most).any(|c| !c.is_empty()) {
                faults.push(Fault::error(
                    file,
                    first_line(text, &span),
                    format!(
                        "this row has {} cells, and there are {most} headings",
                        cells.len()
                    ),
                    "put quotation marks around a value that holds a comma",
                ));
            }
            if rows.len() == MOST_ROWS {
                return Err(whole(
                    &format!("there are more than {MOST_ROWS} rows"),
                    "make one file for each school",
                ));
            }
            rows.push(Row { span, cells });
        }
        let Some((headings, heading_span)) = headings else {
            return Err(whole(
                "the file is empty",
                "export it again, with its headings",
            ));
        };
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Self {
            file: file.to_owned(),
            headings,
            heading_span,
            rows,
            text: text.to_owned(),
        })
    }
}

fn offset(reader: &csv::Reader<&[u8]>) -> usize {
    usize::try_from(reader.position().byte()).unwrap_or(usize::MAX)
}

fn leading_breaks(text: &str) -> usize {
    text.len() - text.trim_start_matches(['\r', '\n']).len()
}

/// The first line of a row: one that holds line breaks is not shown whole.
fn first_line(text: &str, span: &Range<usize>) -> Range<usize> {
    let length = text[span.clone()].find('\n').unwrap_or(span.len());
    span.start..span.start + length.min(200)
}

/// The text of a file: UTF-8, what a byte order mark says, or Windows-1252 as older systems write it.
fn decode(file: &str, bytes: &[u8]) -> Result<String, Fault> {
    let refuse = |message: String, remedy: &str| Err(Fault::error(file, None, message, remedy));
    if bytes.len() > LONGEST {
        return refuse(
            format!(
                "the file is {} bytes long; at most {LONGEST} are read",
                bytes.len()
            ),
            "export the columns that are needed, for one school",
        );
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        return refuse(
            "this is a workbook, not a CSV file".to_owned(),
            "in Excel: File, Save As, CSV UTF-8",
        );
    }
    let encoding = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding,
        None if std::str::from_utf8(bytes).is_ok() => UTF_8,
        None => WINDOWS_1252,
    };
    let (text, _, broken) = encoding.decode(bytes);
    if broken || text.contains('\0') {
        return refuse(
            "this is no text file".to_owned(),
            "export it again as CSV (UTF-8)",
        );
    }
    Ok(text.into_owned())
}

/// What stands between cells: whichever of comma, semicolon and tab the headings hold most of.
fn separator(text: &str) -> u8 {
    let headings = text.trim_start().lines().next().unwrap_or_default();
    let count = |separator: &u8| headings.bytes().filter(|b| b == separator).count();
    // Of equals the last is taken: a comma.
    [b'\t', b';', b',']
        .into_iter()
        .max_by_key(count)
        .unwrap_or(b',')
}
