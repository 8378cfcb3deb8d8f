//! A study into a folder: `study.toml` and `samples.parquet`, so that reading gives the same study.

mod manifest;
mod samples;

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use codcast::evals::Study;
use tempfile::NamedTempFile;

use crate::error::{Error, Result};
use crate::manifest::About;
use crate::tables::Shape;

/// Writes a study folder, creating it if needed.
///
/// Each file is complete when it appears under its name. A folder that has its samples in another
/// format is refused, since it would have two.
pub fn write_study(folder: &Path, study: &Study, about: &About) -> Result<()> {
    write_study_with(folder, study, about, &|_| String::new())
}

/// The same, with comment lines at the head of `study.toml`: what `head` makes of the text below them.
pub fn write_study_with(
    folder: &Path,
    study: &Study,
    about: &About,
    head: &dyn Fn(&str) -> String,
) -> Result<()> {
    let shown = folder.display().to_string();
    std::fs::create_dir_all(folder).map_err(|error| Error::write(&shown, error))?;
    let others: Vec<&str> = Shape::NAMES
        .into_iter()
        .filter(|(name, shape)| *shape != Shape::Parquet && folder.join(name).exists())
        .map(|(name, _)| name)
        .collect();
    if !others.is_empty() {
        let found = format!("{}, and now samples.parquet", others.join(", ")).into();
        return Err(Error::SeveralSamples { folder: shown.into(), found });
    }
    let samples = complete(folder, "samples.parquet", |file| samples::write(file, study))?;
    let manifest = complete(folder, "study.toml", |mut file| {
        let text = manifest::text(study, about)?;
        file.write_all((head(&text) + &text).as_bytes())
    })?;
    for (file, name) in [(samples, "samples.parquet"), (manifest, "study.toml")] {
        let path = folder.join(name);
        file.persist(&path)
            .map_err(|error| Error::write(&path.display().to_string(), error.error))?;
    }
    Ok(())
}

/// A temporary file beside its final place, written and flushed to disk.
fn complete(
    folder: &Path,
    name: &str,
    write: impl FnOnce(&File) -> io::Result<()>,
) -> Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".").suffix(".tmp");
    // Temporary files are private by default; results are not.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let written = builder.tempfile_in(folder).and_then(|file| {
        write(file.as_file())?;
        file.as_file().sync_all()?;
        Ok(file)
    });
    written.map_err(|error| Error::write(&folder.join(name).display().to_string(), error))
}
