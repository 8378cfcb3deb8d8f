//! All stages, one screen.
