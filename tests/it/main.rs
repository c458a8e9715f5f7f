//! All tests that use schoolgate as it is used, in one binary: it links once.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod accounts;
mod actions;
mod architecture;
mod backup;
mod bad_input;
mod broken;
mod conversations;
mod crash;
mod databases;
mod delivery;
mod faults;
mod files;
mod fuzz;
mod http;
mod kannel;
mod keeping;
mod mail;
mod outbox;
mod pages;
mod papers;
mod peers;
mod people;
mod reading;
mod recording;
mod reload;
mod routing;
mod safeguarding;
mod screening;
mod service;
mod store;
mod telegram;
mod trying;
mod twilio;
mod unchecked;
mod ways;
