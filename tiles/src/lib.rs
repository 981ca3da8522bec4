//! Hot core.
