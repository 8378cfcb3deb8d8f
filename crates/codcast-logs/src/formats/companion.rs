//! Files beside a log that belong to it.

use crate::formats::Index;
use crate::json::Value;
use crate::source::LogPath;

/// What was remembered of the file of that name beside a log, compressed or not.
pub(super) fn companion<'i>(index: &'i Index, of: &LogPath, name: &str) -> Option<&'i Value> {
    ["", ".gz", ".zst"]
        .iter()
        .find_map(|wrapper| index.get(&of.beside(&format!("{name}{wrapper}"))))
}

/// An object of the entries of `from` with these keys, for [`Format::index`](super::Format::index).
pub(super) fn pruned(from: &Value, keys: &[&str]) -> Value {
    let kept = keys.iter().filter_map(|key| Some(((*key).into(), from.get(key)?.clone())));
    Value::Object(kept.collect())
}

/// The model by the file's name or, where that says nothing, by its folder's, and which it was.
///
/// `None` where neither does.
pub(super) fn model_by_name(named: &str, path: &LogPath) -> Option<(String, String)> {
    if !named.is_empty() {
        return Some((named.to_owned(), "file name".to_owned()));
    }
    Some((path.folder_name(1)?.to_owned(), "folder name".to_owned()))
}
