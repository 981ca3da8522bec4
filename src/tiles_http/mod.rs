//! The tiles_http room.
