//! The lookup room.
