//! schoolgate: parents text the school, the school answers and keeps the record.
pub mod channel;
pub mod clock;
pub mod fault;
pub mod flow;
pub mod school;
pub mod text;
