//! Where logs come from: files, folders, and archives, whose members are read without unpacking them.

mod blocks;
mod input;
mod limit;
mod path;
mod walk;

pub(crate) use blocks::Block;
pub use input::{EachLine, Input, MAX_LINE_BYTES, Position, RandomAccess};
pub(crate) use limit::{Members, Passed};
pub use path::LogPath;
pub(crate) use walk::{Answer, Found, Top, tops, visit};
