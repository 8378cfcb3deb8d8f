//! Where logs come from: files, folders, and archives, whose members are read without unpacking them.

mod input;
mod limit;
mod path;
mod walk;

pub(crate) use input::Block;
pub use input::{EachLine, Input, MAX_LINE_BYTES, Position, RandomAccess};
pub(crate) use limit::{Members, Progress};
pub use path::LogPath;
pub(crate) use walk::{Answer, Found, Top, tops, visit};
