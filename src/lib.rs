//! # schoolgate
//!
//! Parents and carers of children with special educational needs (SEND) text their school's number.
//! schoolgate answers by scripted flows, keeps a dated case record for the SENCO, tells staff, brings
//! their replies back, and holds the school to what it promised. A safeguarding screen comes before
//! everything.
//!
//! ## One message's journey
//!
//! ```text
//! provider ──webhook or poll──▶ channel ──Inbound──▶ inbox::accept ──200──▶ provider
//!                                                        │ durable
//!                                 inbox::screen: at once, in no order, its own transaction
//!                                                        │ verdict, pages, urgent reply
//!                                 inbox::lane: this person's messages in order, one transaction each
//!                                   STOP/START/HELP → flow::turn ⇄ inbox::perform → what is said
//!                                                        │ case entries, meeting, conversation, outbox
//!                                 outbox: choose the way → claim → send → record ──▶ channel ──▶ provider
//! provider ──status callback──▶ outbox::receipt ──▶ the ladder, never down
//! ```
//!
//! ## The rooms, and who may import whom
//!
//! | room | its one job | imports |
//! |---|---|---|
//! | [`cli`] | one command a file: demo serve chat check config migrate cases verify backup restore export retention hold erase staff doctor, `text measure`, `outbox`, and `flows`: graph route screen test | everything |
//! | [`web`] | pages, provider webhooks, sign-in, the demo's handset; one screen a file in `web/pages` | inbox outbox desk deployment store school channel fault |
//! | [`settle`] | playing time for `chat` and tests: do all there is to do, step the clock to what is due | inbox jobs outbox |
//! | [`testing`] | a school in a temporary folder; plays the conversations of `flows/tests` | settle inbox desk store text |
//! | [`jobs`] | what happens because time has passed: pages, digests, escalations, promises, removals; the mailbox is looked into | inbox outbox desk keeping store |
//! | [`inbox`] | accept, screen, turn and its actions, record, queue replies | desk deployment store flow school channel |
//! | [`outbox`] | choose the way and the pace, hand to a channel, record, retry, count the cost, give up loudly | deployment store channel config text |
//! | [`desk`] | what staff do, wherever they do it; how they are told | deployment store school text channel fault |
//! | [`keeping`] | what is kept, for how long, and what leaves: backup and restore, everything about one person, retention | desk deployment config store school text |
//! | [`deployment`] | everything one running program holds; decides nothing | config store flow school channel |
//! | [`store`] | the only SQL, on SQLite and PostgreSQL, one set of queries | types of the pure rooms |
//! | [`channel`] | one provider a file: bytes to `Inbound`, `Outbound` to bytes, receipts; email as it comes (`email/mime`) and the mailbox it lies in (`email/imap`); no decisions | text phone clock |
//! | [`config`] | `schoolgate.toml` and the people file to one `Config`, every fault with its place | channel school phone |
//! | [`school`] | rules of the school: calendar, promises, rota, meetings, cases, passports, noticeboard, directory, the screen. Pure | text phone |
//! | [`flow`] | the conversation engine: flows as data, their checker, the turn. Pure | text phone |
//! | [`text`] | words as they travel: the alphabet and parts of a text, languages, reading what was typed. Pure | |
//! | [`clock`] [`phone`] [`fault`] [`document`] [`telemetry`] | time and ids; a number; a fault with its place; TOML with places; logs and metrics | |
//!
//! Nothing points back; a test (`tests/it/architecture.rs`) holds it.
//!
//! ## Where to add…
//! - **a flow**: `flows/NAME.toml`, its texts in `locales/*/NAME.ftl`, its way in under `[routes.NAME]`
//!   of `locales/*/reading.toml`, a conversation in `flows/tests`. `schoolgate check` says what is missing.
//! - **a language**: a folder in `locales` like `locales/en`; nothing else. Its `plain.toml` says what is
//!   hard to read in it.
//! - **an action of flows**: a file in [`flow::action`] that declares it, and its doing in `inbox/perform`.
//! - **a channel**: a file in [`channel`] that says what it can do, a variant of [`channel::Channel`] and of
//!   [`config::ChannelKind`], a page in `docs/channels`.
//! - **a page**: a file in `web/pages`, its template in `web/templates`, a line with who may use it in
//!   `web/routes.rs`. A test shows how it changes the table of who may what (`web/tests/who_may_what.snap`).
//! - **something that staff set**: a variant of [`school::setting::Section`], what it reads in
//!   [`config::setting`] by the function that reads the file, its form in `web/pages/settings/form.rs`.
//! - **a report**: a function in [`school::report::figures`], what it counts in `store/figures.rs`, a line in
//!   `web/pages/reports.rs`.
//! - **a table or column**: a new file in `migrations`, and its queries in [`store`]. Backups have it by
//!   themselves; what no file may hold is named in [`keeping::backup::LEFT_OUT`].
//! - **something that happens by itself**: a column with its moment, a line in `store/due.rs`, a job in [`jobs`].
//!
//! ## Invariants
//! 1. `text`, `flow` and `school` have no `async`, no SQL, no clock, no randomness. A turn is a
//!    function, and its inputs are stored, so any conversation can be played again.
//! 2. Only `store` contains SQL; every write goes through [`store::Store::begin`].
//! 3. The screen commits by itself, first. A turn, its answers, its case changes and its outgoing
//!    messages commit together. Nothing is sent inside a transaction.
//! 4. A channel never decides.
//! 5. No message body, name or number in logs at `info` or above.
//! 6. `check` reports all faults of all flows and languages at once, with file, line and remedy;
//!    `serve` refuses to start on any error.
//! 7. Time and ids come from [`clock::Clock`]; `clippy.toml` forbids other ways.
//! 8. Everyone who has not been checked is answered alike: the flows are not told why.
//! 9. Whoever is named in a case is taken out before any list of whom to tell is made.
//! 10. A chronology only grows, and each entry's hash covers the one before.

pub mod channel;
pub mod cli;
pub mod clock;
pub mod config;
pub mod deployment;
pub mod desk;
pub mod document;
pub mod fault;
pub mod flow;
pub mod inbox;
pub mod jobs;
pub mod keeping;
pub mod outbox;
pub mod phone;
pub mod school;
pub mod settle;
pub mod store;
pub mod telemetry;
pub mod testing;
pub mod text;
pub mod web;
