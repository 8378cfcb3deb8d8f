//! Files in: study folders (and the tables in them) into codcast's data model.
//!
//! ```no_run
//! let loaded = codcast_ingest::read_study(std::path::Path::new("my-ladder"))?;
//! println!("{} models", loaded.study.models.len());
//! # Ok::<(), codcast_ingest::Error>(())
//! ```

mod assemble;
mod chunk;
mod counts_sql;
mod error;
pub mod footer;
mod frame;
pub mod lines;
mod manifest;
mod note;
mod row;
mod source;
mod study;
mod tables;
mod text;
mod write;

pub use counts_sql::{Answer, CountsQuery, Dialect, counts_sql};
pub use error::{At, Error, Place, Result};
pub use frame::{Models, read_frame};
pub use manifest::{About, Manifest, TaskInfo};
pub use note::Note;
pub use source::InputFile;
pub use study::{Loaded, read_study, read_study_bytes};
pub use text::MAX_NAME_BYTES;
pub use write::{write_study, write_study_with};
