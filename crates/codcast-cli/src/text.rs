//! Text from files is hostile: bounded and without control characters before it meets a terminal.

/// Longest name shown in a table.
const SHOWN: usize = 60;

/// Control and direction-changing characters become visible escapes; line breaks stay.
pub(crate) fn clean(text: &str) -> String {
    text.chars()
        .map(|c| if c != '\n' && is_hostile(c) { c.escape_unicode().to_string() } else { c.into() })
        .collect()
}

/// A name for one table cell: cleaned, on one line, at most [`SHOWN`] characters.
pub(crate) fn name(text: &str) -> String {
    let line = clean(text).replace('\n', "\\n");
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// The known word that `word` most likely is a misspelling of.
pub(crate) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.85)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminal_escapes_and_direction_marks_are_shown_not_obeyed() {
        assert_eq!(clean("a\u{1b}[31mb\u{202e}c"), "a\\u{1b}[31mb\\u{202e}c");
        assert_eq!(name(&"x".repeat(500)).chars().count(), SHOWN + 1);
        assert_eq!(name("two\nlines"), "two\\nlines");
    }
}
