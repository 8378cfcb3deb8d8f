//! JSON as Python writes it: bare `NaN` and `Infinity` are null, texts that nobody needs are passed
//! over without being held, and nothing that a file can contain takes unbounded memory.

mod outline;
mod python;
pub(crate) mod scan;
mod stream;
mod value;

pub(crate) use outline::LOOKED_AT;
pub use outline::{Beyond, MAX_LINE_BYTES, Outline, Root};
pub(crate) use python::without_nan;
pub use python::{MAX_DEPTH, MAX_TEXT_BYTES, PythonJson};
pub use stream::{Entry, Plan, parse, stream};
pub(crate) use stream::{KeySeed, held};
pub use value::{Field, Kind, Value, loose_number};
