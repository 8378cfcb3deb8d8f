//! Names of files and of members of archives. They are only ever compared and shown: nothing is
//! opened or written by a name that came out of an archive.

use std::fmt;

/// A file's path as it was given; a member of an archive as `archive!/member`, whatever `..` it has.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct LogPath(Box<str>);

impl LogPath {
    /// A path with `/` between its parts.
    pub fn new(path: &str) -> Self {
        Self(path.into())
    }

    pub(crate) fn member(&self, name: &str) -> Self {
        let name = name.replace('\\', "/");
        Self(format!("{}!/{}", self.0, name.trim_start_matches("./")).into())
    }

    /// As it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last part without `.gz` and `.zst`.
    pub fn file_name(&self) -> &str {
        let name = self.0.rsplit_once('/').map_or(&*self.0, |(_, name)| name);
        name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(name)
    }

    /// [`file_name`](Self::file_name) without its last extension.
    pub fn stem(&self) -> &str {
        let name = self.file_name();
        name.rsplit_once('.').map_or(name, |(stem, _)| stem)
    }

    /// The name of the folder `levels` above the file: 1 is the folder it is in. `None` above the root
    /// or the archive.
    pub fn folder_name(&self, levels: usize) -> Option<&str> {
        let mut parts = self.0.rsplit('/').skip(levels);
        parts.next().filter(|part| !part.is_empty() && !part.ends_with('!') && *part != "..")
    }

    /// The folder it is in, without a trailing `/`; empty where the path has none.
    pub fn folder(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The path of a file beside this one, or `../` and so on from its folder.
    #[must_use]
    pub fn beside(&self, name: &str) -> Self {
        let mut folder = self.folder();
        let mut name = name;
        while let Some(rest) = name.strip_prefix("../") {
            folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
            name = rest;
        }
        Self(if folder.is_empty() { name.into() } else { format!("{folder}/{name}").into() })
    }
}

impl fmt::Display for LogPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::error::shown(&self.0, 400))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_path() {
        let path = LogPath::new("logs/run.tar.gz").member("./org__m/samples_x.jsonl.gz");
        assert_eq!(path.as_str(), "logs/run.tar.gz!/org__m/samples_x.jsonl.gz");
        assert_eq!(path.file_name(), "samples_x.jsonl");
        assert_eq!(path.stem(), "samples_x");
        assert_eq!(path.folder_name(1), Some("org__m"));
        assert_eq!(path.folder_name(2), None);
        assert_eq!(path.beside("r.json").as_str(), "logs/run.tar.gz!/org__m/r.json");
        assert_eq!(path.beside("../r.json").as_str(), "logs/run.tar.gz!/r.json");
        assert_eq!(LogPath::new("a.csv").beside("b").as_str(), "b");
    }
}
