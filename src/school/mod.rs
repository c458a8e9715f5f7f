//! Rules of the school, as data and pure functions: no IO, no async, no clock.
pub mod attachment;
pub mod calendar;
pub mod case;
pub mod meeting;
pub mod noticeboard;
pub mod passport;
pub mod people;
pub mod promise;
pub mod report;
pub mod retention;
pub mod rota;
pub mod service;
pub mod setting;
pub mod stage;

#[cfg(test)]
pub(crate) mod fixture;
pub mod safeguarding;
