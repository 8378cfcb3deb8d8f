//! Where logs come from: files, folders, and archives, whose members are read without unpacking them.

mod access;
mod blocks;
mod input;
mod limit;
mod open;
mod path;
mod walk;

pub use access::{Position, RandomAccess};
pub(crate) use blocks::{Block, of_each};
pub use input::{EachLine, Input, MAX_LINE_BYTES};
pub(crate) use limit::{Members, Passed};
pub(crate) use open::{Answer, Found, visit};
pub use path::LogPath;
pub(crate) use walk::{Top, tops};
