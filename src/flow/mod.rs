//! The conversation engine. Pure: no IO, no async, no clock, no randomness.
//!
//! A flow is data (`flows/*.toml`); its words are data too (`locales`). `turn` takes where a person
//! is and what happened, and says what comes next. Whatever has to be done in the world is an
//! [`action`], which the caller does.
pub mod action;
pub mod bundle;
pub mod check;
pub mod condition;
pub mod conversation;
pub mod coverage;
pub mod definition;
pub mod facts;
pub mod graph;
pub mod load;
pub mod opening;
pub mod reference;
pub mod schema;
pub mod transcript;
pub mod turn;
pub use crate::text::value;

#[cfg(test)]
mod stories;
