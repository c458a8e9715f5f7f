//! Words as they travel: what fits in a text message, in which language, and what a person meant.
