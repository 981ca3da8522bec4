//! The features room.
