//! Forecasts of a backtest, remembered by what they depend on.
//!
//! The key is a hash of the program itself, the study's files, and everything else a forecast depends
//! on, so that an entry can be missing but never wrong. A folder that cannot be read or written costs
//! time, not correctness.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use codcast::backtest::{Memory, TaskForecast};
use codcast::evals::Study;
use codcast_ingest::InputFile;
use sha2::{Digest as _, Sha256};

/// A folder of remembered forecasts.
pub(crate) struct Cache {
    folder: Option<PathBuf>,
    program: String,
    /// Hash of the files behind each study, by name; `None` for names that two studies share.
    studies: BTreeMap<String, Option<String>>,
}

impl Cache {
    /// `folder`: where; `None` remembers nothing. `program`: the file that holds this code.
    pub(crate) fn new(folder: Option<PathBuf>, program: Option<&Path>) -> Self {
        let program = folder.as_ref().and_then(|_| fs::read(program?).ok());
        // Without the program's own hash an entry of another version could be taken for ours.
        let folder = folder.filter(|_| program.is_some());
        let program = program.map(|bytes| hex(&bytes)).unwrap_or_default();
        Self { folder, program, studies: BTreeMap::new() }
    }

    /// The user's cache folder, by the XDG convention.
    pub(crate) fn default_folder() -> Option<PathBuf> {
        let set = |name| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        let base = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")))?;
        Some(base.join("codcast"))
    }

    /// Makes a study known by the files it was read from.
    pub(crate) fn know(&mut self, study: &Study, inputs: &[InputFile]) {
        let hashes: Vec<&str> = inputs.iter().map(|input| input.sha256.as_str()).collect();
        let hash = hex(hashes.join("\n").as_bytes());
        self.studies
            .entry(study.name.clone())
            .and_modify(|known| *known = None)
            .or_insert(Some(hash));
    }

    /// The same folder for studies changed in a way that `change` describes.
    pub(crate) fn changed(&self, change: &str) -> Self {
        let mix = |hash: &String| hex(format!("{hash}\n{change}").as_bytes());
        Self {
            folder: self.folder.clone(),
            program: self.program.clone(),
            studies: self
                .studies
                .iter()
                .map(|(name, hash)| (name.clone(), hash.as_ref().map(mix)))
                .collect(),
        }
    }

    fn file(&self, study: &Study, key: &str) -> Option<PathBuf> {
        let files = self.studies.get(&study.name)?.as_ref()?;
        let name = hex(format!("{}\n{files}\n{key}", self.program).as_bytes());
        Some(self.folder.as_ref()?.join(&name[..2]).join(format!("{name}.json")))
    }
}

impl Memory for Cache {
    fn recall(
        &self,
        study: &Study,
        key: &str,
        compute: &dyn Fn() -> Vec<TaskForecast>,
    ) -> Vec<TaskForecast> {
        let Some(file) = self.file(study, key) else { return compute() };
        let remembered = fs::read(&file).ok().and_then(|json| serde_json::from_slice(&json).ok());
        remembered.unwrap_or_else(|| {
            let fresh = compute();
            let _ = store(&file, &fresh);
            fresh
        })
    }
}

/// Written beside and renamed, so that another run never reads half an entry.
fn store(file: &Path, forecasts: &[TaskForecast]) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
    temporary.write_all(&serde_json::to_vec(forecasts)?)?;
    temporary.persist(file)?;
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
