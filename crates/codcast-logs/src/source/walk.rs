//! From what the user names to files on disk: folders are walked.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::path::LogPath;
use crate::error::{Error, Result};

/// Largest file beside a log that is looked at for context.
const MAX_CONTEXT_BYTES: u64 = 256 << 20;

/// A file on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Top {
    pub(crate) path: PathBuf,
    pub(crate) name: LogPath,
    pub(crate) bytes: u64,
    /// Beside a file that was named: looked at for context only.
    pub(crate) context: bool,
}

/// The files that the user named, and those in folders that the user named, by name. Hidden files in
/// folders are passed over. Files beside a named file are there for context.
pub(crate) fn tops(paths: &[PathBuf]) -> Result<Vec<Top>> {
    let mut found = Vec::new();
    let mut looked_into = BTreeSet::new();
    for path in paths {
        let shown = path.display().to_string();
        let metadata = std::fs::metadata(path).map_err(|error| Error::read(&shown, error))?;
        if metadata.is_dir() {
            let before = found.len();
            folder(path, usize::MAX, false, &mut found)?;
            if found.len() == before {
                let message = "no files in this folder".into();
                return Err(Error::NoLogs { path: shown.into(), message });
            }
        } else {
            found.push(top(path, metadata.len(), false));
            for beside in context_folders(path) {
                // Context is a convenience: a folder that cannot be listed has none.
                if looked_into.insert(beside.clone()) {
                    let _ = folder(&beside, 1, true, &mut found);
                }
            }
        }
    }
    // The named one goes before the one that is context.
    found.sort_by(|a, b| (&a.name, a.context).cmp(&(&b.name, b.context)));
    found.dedup_by(|a, b| a.name == b.name);
    Ok(found)
}

/// Where the index files of a single log can be: beside it, or, for lighteval's
/// `details/ORG/MODEL/TIME/FILE`, in `results/ORG/MODEL`.
fn context_folders(file: &Path) -> Vec<PathBuf> {
    let beside = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let beside = beside.unwrap_or(Path::new(".")).to_owned();
    let results = beside.ancestors().find(|above| above.ends_with("details")).and_then(|details| {
        let of_model = beside.strip_prefix(details).ok()?.parent()?;
        Some(details.with_file_name("results").join(of_model))
    });
    std::iter::once(beside).chain(results).collect()
}

fn folder(path: &Path, depth: usize, context: bool, found: &mut Vec<Top>) -> Result<()> {
    let walk = walkdir::WalkDir::new(path).follow_links(true).max_depth(depth).sort_by_file_name();
    let visible = |entry: &walkdir::DirEntry| {
        let hidden = entry.depth() > 0 && entry.file_name().as_encoded_bytes().starts_with(b".");
        !hidden && !is_made_of_logs(entry)
    };
    for entry in walk.into_iter().filter_entry(visible) {
        let shown = path.display().to_string();
        let entry = entry.map_err(|error| Error::read(&shown, error.into()))?;
        if entry.file_type().is_file() {
            let bytes = entry.metadata().map_err(|error| Error::read(&shown, error.into()))?.len();
            // Only documents give context; an archive beside a log is not gone through for it.
            let name = entry.file_name().to_string_lossy();
            if context && (!name.contains(".json") || bytes > MAX_CONTEXT_BYTES) {
                continue;
            }
            found.push(top(entry.path(), bytes, context));
        }
    }
    Ok(())
}

/// A study that was made of logs is none itself: its table would come in a second time.
fn is_made_of_logs(entry: &walkdir::DirEntry) -> bool {
    let has = |name: &str| entry.path().join(name).is_file();
    entry.file_type().is_dir() && has("study.toml") && has("logs.parquet")
}

fn top(path: &Path, bytes: u64, context: bool) -> Top {
    let text = path.to_string_lossy().replace('\\', "/");
    let name = LogPath::new(text.strip_prefix("./").unwrap_or(&text));
    Top { path: path.to_owned(), name, bytes, context }
}
