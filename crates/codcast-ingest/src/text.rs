//! Text from files: bounded, and escaped before anyone sees it.

/// Names and ids may have at most this many bytes: long enough for any path or hash, short enough
/// that hostile input cannot fill a report.
pub const MAX_NAME_BYTES: usize = 1_000;

/// How much of a text an error shows.
const SHOWN_CHARS: usize = 120;

/// A text as an error shows it: control characters escaped, cut at 120 characters.
pub(crate) fn shown(text: &str) -> Box<str> {
    let mut out = String::new();
    for (count, c) in text.chars().enumerate() {
        if count == SHOWN_CHARS {
            out.push('…');
            break;
        }
        if c == '"' || c == '\'' {
            out.push(c);
        } else {
            out.extend(c.escape_debug());
        }
    }
    out.into()
}

/// A name as an error shows it: quoted, escaped, cut.
pub(crate) fn quoted(name: &str) -> Box<str> {
    let cut = name.char_indices().nth(SHOWN_CHARS).map(|(end, _)| &name[..end]);
    match cut {
        Some(start) => format!("{start:?}…").into(),
        None => format!("{name:?}").into(),
    }
}

/// Why a name or id is not acceptable, as (found, expected).
pub(crate) fn bad_name(name: &str) -> Option<(Box<str>, &'static str)> {
    if name.is_empty() {
        Some(("empty".into(), "a name"))
    } else if name.len() > MAX_NAME_BYTES {
        Some((format!("{} bytes long", name.len()).into(), "at most 1,000 bytes"))
    } else {
        None
    }
}

/// The known word that `word` is likely a misspelling of: one edit away, or two for words of six
/// letters and more.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > MAX_NAME_BYTES {
        return None;
    }
    let allowed = if word.chars().count() < 6 { 1 } else { 2 };
    known
        .into_iter()
        .map(|candidate| (edits(word, candidate), candidate))
        .filter(|(edits, _)| (1..=allowed).contains(edits))
        .min()
        .map(|(_, candidate)| candidate)
}

/// Levenshtein distance in characters.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let change = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_count_insertions_deletions_and_changes() {
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(edits("flaw", "lawn"), 2);
    }

    #[test]
    fn short_words_are_near_only_at_one_edit() {
        let known = ["name", "role", "tokens"];
        assert_eq!(nearest("token", known), Some("tokens"));
        assert_eq!(nearest("rolle", known), Some("role"));
        assert_eq!(nearest("date", known), None);
        assert_eq!(nearest("name", known), None);
    }

    #[test]
    fn hostile_text_is_escaped_and_cut() {
        assert_eq!(&*shown("a\u{1b}[31m\n"), "a\\u{1b}[31m\\n");
        assert_eq!(quoted(&"x".repeat(5000)).chars().count(), 123);
        assert_eq!(&*quoted("a\u{202e}b"), "\"a\\u{202e}b\"");
    }
}
