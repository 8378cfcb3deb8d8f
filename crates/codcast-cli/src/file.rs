//! Files appear whole or not at all.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::failure::Failure;

/// A file that takes its place when it is written.
pub(crate) struct NewFile {
    path: PathBuf,
    temporary: NamedTempFile,
}

impl NewFile {
    /// Refuses a bad place now, before any work is done for it.
    pub(crate) fn create(path: &Path) -> Result<Self, Failure> {
        let wrong =
            |what: &str| Failure::usage(format!("{}: cannot be written: {what}", path.display()));
        if path.is_dir() {
            return Err(wrong("it is a folder; name a file"));
        }
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !folder.is_dir() {
            return Err(wrong("its folder does not exist; create it first"));
        }
        let mut builder = tempfile::Builder::new();
        // As any file that a program writes; temporary files are otherwise their owner's alone.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let temporary =
            builder.tempfile_in(folder).map_err(|error| wrong(&error.kind().to_string()))?;
        Ok(Self { path: path.to_owned(), temporary })
    }

    /// Writes it and moves it to its place.
    pub(crate) fn write(mut self, bytes: &[u8]) -> Result<(), Failure> {
        let wrong = |error: std::io::Error| {
            Failure::usage(format!("{}: cannot be written: {error}", self.path.display()))
        };
        self.temporary.write_all(bytes).map_err(wrong)?;
        self.temporary.persist(&self.path).map_err(|error| wrong(error.error))?;
        Ok(())
    }
}
