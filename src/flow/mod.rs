//! The conversation engine. Pure: no IO, no async, no clock, no randomness.
pub mod value;
