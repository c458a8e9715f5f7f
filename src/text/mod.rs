//! Words as they travel: what fits in a text message, in which language, and what a person meant.

pub mod fold;
pub mod gsm7;
pub mod language;
mod outline;
pub mod patterns;
pub mod plain;
pub mod quoted;
pub mod reading;
pub mod segments;
pub mod sheet;
pub mod sieve;
pub mod soon;
pub mod value;
