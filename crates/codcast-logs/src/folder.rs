//! Logs into a study's folder: a new one, or one that earlier logs went into.
//!
//! The folder keeps what was counted (`logs.parquet`) and the manifest (`models.toml`) beside the study,
//! so that the study is always what all logs together give, in whatever order they came.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use crate::error::{At, Error, Result};
use crate::partials::Partials;
use crate::store;
use crate::study::{Ingested, Models, Options, Remembered, assemble};

const MANIFEST: &str = "models.toml";
const STUDY: &str = "study.toml";
/// Where a study.toml goes that was changed by hand.
const EDITED: &str = "study.toml.edited";

/// What is in a study's folder before logs go into it.
#[derive(Debug, Default)]
pub struct Folder {
    /// What was counted before; empty for a new folder.
    pub partials: Partials,
    /// Its manifest, if it has one.
    pub models: Option<Models>,
    /// How it was made; `None` for a new folder.
    options: Option<Remembered>,
    /// Whether its study.toml is no longer what ingesting wrote.
    edited: bool,
}

/// A study that is made and not yet written.
#[derive(Debug)]
pub struct Prepared {
    /// The study and how it was made.
    pub ingested: Ingested,
    /// Runs that were there already.
    pub again: usize,
    /// [`store::FILE`].
    counts: Vec<u8>,
    edited: bool,
}

impl Folder {
    /// Looks into the folder. One that is not there, or is empty, is new; a study that was not made of
    /// logs is refused, since it would be overwritten.
    pub fn open(folder: &Path) -> Result<Self> {
        let path = folder.join(store::FILE);
        if !path.exists() {
            if folder.join(STUDY).exists() {
                let message = "holds a study that was not made by `codcast ingest` (no logs.parquet); \
                               name another folder";
                return Err(Error::refused(At::whole(&folder.display().to_string()), message));
            }
            return Ok(Self::default());
        }
        let manifest = folder.join(MANIFEST);
        let models = if manifest.exists() {
            let shown = manifest.display().to_string();
            let text = std::fs::read_to_string(&manifest);
            let text = text.map_err(|error| Error::read(&shown, error))?;
            Some(Models::parse(&text, &shown)?)
        } else {
            None
        };
        let (partials, options) = store::read(&path)?;
        let edited = std::fs::read(folder.join(STUDY)).is_ok_and(|text| is_edited(&text));
        Ok(Self { partials, models, options: Some(options), edited })
    }

    /// Forgets the options that the study was made with.
    pub fn forget(&mut self) {
        self.options = None;
    }

    /// Adds what was read, and makes the study of all of it. Options that are the default are those that
    /// the study was made with.
    pub fn prepare(
        mut self,
        new: Partials,
        models: &Models,
        options: &Options,
    ) -> Result<Prepared> {
        let (options, notes) = match &self.options {
            Some(before) => before.and(options)?,
            None => (options.clone(), Vec::new()),
        };
        let again = self.partials.add_new(new);
        self.partials.sort();
        let (ingested, counts) = rayon::join(
            || assemble(&self.partials, models, &options),
            || store::encode(&self.partials, &options.remembered()),
        );
        let mut ingested = ingested?;
        let counts = counts.map_err(|error| Error::write(store::FILE, error))?;
        ingested.summary.notes.splice(0..0, notes);
        if self.edited {
            ingested.summary.notes.insert(
                0,
                format!(
                    "{STUDY} of the study was changed since it was written, and is made of {MANIFEST} \
                     anew: make such changes in {MANIFEST}; the changed file is kept as {EDITED}"
                ),
            );
        }
        Ok(Prepared { ingested, again, counts, edited: self.edited })
    }

    /// [`prepare`](Self::prepare) and [`Prepared::write`]. Returns the study and how many runs were there
    /// already.
    pub fn add(
        self,
        folder: &Path,
        new: Partials,
        models: &Models,
        options: &Options,
    ) -> Result<(Ingested, usize)> {
        let prepared = self.prepare(new, models, options)?;
        prepared.write(folder, models)?;
        Ok((prepared.ingested, prepared.again))
    }
}

impl Prepared {
    /// Writes the folder; nothing where the study has no task. Each file appears whole or not at all. The
    /// counts come first, so that a folder is known for what it is: where writing was interrupted, the
    /// same command again completes it.
    pub fn write(&self, folder: &Path, models: &Models) -> Result<()> {
        if self.ingested.study.tasks.is_empty() {
            return Ok(());
        }
        let failed = |error| Error::write(&folder.display().to_string(), error);
        std::fs::create_dir_all(folder).map_err(failed)?;
        write(folder, store::FILE, |mut file| file.write_all(&self.counts))?;
        write(folder, MANIFEST, |mut file| file.write_all(models.text.as_bytes()))?;
        if self.edited {
            // A copy: whoever stops us here still has the study.
            std::fs::copy(folder.join(STUDY), folder.join(EDITED)).map_err(failed)?;
        }
        let Ingested { study, about, .. } = &self.ingested;
        codcast_ingest::write_study_with(folder, study, about, &head)?;
        Ok(())
    }
}

/// What stands before the hash in the head of a study.toml.
const SEAL: &str = "# As written: ";

/// The comment above a study.toml that is made of logs: where to change it, and a hash of the text
/// below, by which a change is known.
fn head(text: &str) -> String {
    format!(
        "# Made by `codcast ingest` of {MANIFEST} beside it. Change that file, and ingest again: this one\n\
         # is written anew whenever logs are added.\n{SEAL}{}\n\n",
        seal(text)
    )
}

fn seal(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..16].to_owned()
}

/// Whether a study.toml is not what was written below such a head; one without a head is by an older version
/// or by hand, and worth keeping either way.
fn is_edited(text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else { return true };
    let Some((_, sealed)) = text.split_once(SEAL) else { return true };
    let (hash, below) = sealed.split_once("\n\n").unwrap_or((sealed, ""));
    seal(below) != hash
}

/// Writes a file beside its place and moves it there.
fn write(
    folder: &Path,
    name: &str,
    content: impl FnOnce(&File) -> std::io::Result<()>,
) -> Result<()> {
    let path = folder.join(name);
    let failed = |error| Error::write(&path.display().to_string(), error);
    let mut builder = tempfile::Builder::new();
    builder.prefix(".").suffix(".tmp");
    // Temporary files are private by default; results are not.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let file = builder.tempfile_in(folder).map_err(failed)?;
    content(file.as_file()).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
    file.persist(&path).map_err(|error| failed(error.error))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_text_is_known_by_its_head() {
        let below = "name = \"s\"\n\n[[models]]\nname = \"a\"\n";
        let whole = head(below) + below;
        assert!(toml::from_str::<toml::Table>(&whole).is_ok());
        assert!(!is_edited(whole.as_bytes()));
        assert!(is_edited(whole.replace("\"a\"", "\"b\"").as_bytes()));
        assert!(is_edited((whole.clone() + "# mine\n").as_bytes()));
        assert!(is_edited(below.as_bytes()), "by an older version, or by hand");
        assert!(is_edited(b"note = \"\xe9\""), "not even UTF-8");
    }
}
