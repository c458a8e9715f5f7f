//! All tests that use schoolgate as it is used, in one binary: it links once.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod architecture;
mod conversations;
mod databases;
mod store;
