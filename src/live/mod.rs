//! Keeps the hot core equal to PostGIS: loads it, follows the feed, says what changed.

/// The hot core with its follower.
pub struct Live {}
