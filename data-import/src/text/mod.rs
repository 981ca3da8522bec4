//! Which encoding a text was written in, where nobody says it: by what Vietnamese looks like.

pub mod detect;
mod syllable;
