//! Rules of the school, as data and pure functions: no IO, no async, no clock.
