//! The demo school, for the tests of this folder.

use std::sync::LazyLock;

use jiff::civil::DateTime;

use crate::config::{Config, School};

/// Kingfisher Primary School, as `demo/` describes it.
pub(crate) fn kingfisher() -> &'static School {
    static SCHOOL: LazyLock<School> = LazyLock::new(|| {
        let config = Config::demo().unwrap_or_else(|refused| panic!("{refused}"));
        config.school("kingfisher").unwrap().clone()
    });
    &SCHOOL
}

/// `2026-12-01 21:40`, on the school's clock.
pub(crate) fn at(text: &str) -> DateTime {
    text.parse().unwrap()
}
