//! What is kept, for how long, and what leaves: backups, what is held about one person, retention.
//!
//! Nothing here is said to a parent, and nothing is sent. Who may do it in the console is checked
//! where they do it; what is due is reckoned in `school`.

pub mod archive;
pub mod backup;
pub mod person;
pub mod record;
pub mod redact;
pub mod restore;
pub mod retention;
