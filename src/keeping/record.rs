//! Everything about one person as files: to read, for programs, and what was left out.

use askama::Template;

use super::person::{CasePart, EntryPart, Fact, LeftOut, Record};

#[derive(Template)]
#[template(path = "record.html", config = "src/keeping/askama.toml")]
struct Page<'r> {
    record: &'r Record,
    held: &'r [Fact],
    cases: &'r [CasePart],
    messages: &'r [EntryPart],
}

#[derive(Template)]
#[template(path = "left_out.html", config = "src/keeping/askama.toml")]
struct LeftOutPage<'r> {
    record: &'r Record,
    left_out: &'r [LeftOut],
}

impl Record {
    /// One page that needs nothing but a browser: it loads nothing, and nothing in it runs.
    ///
    /// # Errors
    /// The template cannot be filled in.
    pub fn html(&self) -> Result<String, askama::Error> {
        let page = Page {
            record: self,
            held: &self.held,
            cases: &self.cases,
            messages: &self.messages,
        };
        page.render()
    }

    /// The same for programs.
    ///
    /// # Errors
    /// It cannot be written as JSON.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }

    /// What was left out, and why: for the school, and not to be sent.
    ///
    /// # Errors
    /// The template cannot be filled in.
    pub fn left_out_html(&self) -> Result<String, askama::Error> {
        let page = LeftOutPage {
            record: self,
            left_out: &self.left_out,
        };
        page.render()
    }
}
