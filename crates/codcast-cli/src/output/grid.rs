//! A sheet as people read it, in the width there is: words wrap, numbers stay whole.

use comfy_table::{
    CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, Width, presets,
};
use unicode_width::UnicodeWidthStr;

use super::Sheet;

// Widths are those of a terminal's cells: an ideogram has two, a combining accent none.

/// A column of words is not made narrower than this, unless its words are fewer.
const WORDS: usize = 14;
/// Longer words are broken.
const WORD: usize = 24;
/// Blanks beside a column.
const PADDING: usize = 2;

/// `width`: of the terminal; `None`: as wide as need be.
pub(super) fn grid(sheet: &Sheet, width: Option<u16>) -> String {
    let columns: Vec<Column> = (0..sheet.columns.len()).map(|at| Column::of(sheet, at)).collect();
    let shown = match width {
        Some(width) => fitting(&columns, width.into()),
        None => (0..columns.len()).collect(),
    };
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()));
    if let Some(width) = width {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    } else {
        table.set_content_arrangement(ContentArrangement::Disabled);
    }
    table.set_header(shown.iter().map(|&at| sheet.columns[at].0));
    for row in &sheet.rows {
        table.add_row(shown.iter().map(|&at| row[at].human()));
    }
    let widths = width.map(|width| widths(&columns, &shown, width.into()));
    for (place, column) in table.column_iter_mut().enumerate() {
        if columns[shown[place]].numbers {
            column.set_cell_alignment(CellAlignment::Right);
        }
        if let Some(widths) = &widths {
            let width = u16::try_from(widths[place] + PADDING).unwrap_or(u16::MAX);
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
        }
    }
    let mut out = table.trim_fmt() + "\n";
    let hidden: Vec<&str> =
        (0..columns.len()).filter(|at| !shown.contains(at)).map(|at| sheet.columns[at].0).collect();
    if !hidden.is_empty() {
        out += &format!(
            "columns that this terminal is too narrow for: {} (--format json has all)\n",
            hidden.join(", ")
        );
    }
    out
}

#[derive(Clone, Copy)]
struct Column {
    /// Holds a number in some row.
    numbers: bool,
    /// Width without which it cannot be read.
    least: usize,
    /// Width with which nothing wraps.
    most: usize,
}

impl Column {
    fn of(sheet: &Sheet, at: usize) -> Self {
        let numbers = sheet.is_numeric(at);
        let cells: Vec<String> = sheet.rows.iter().map(|row| row[at].human()).collect();
        let longest = cells.iter().map(|cell| cell.width()).max().unwrap_or(0);
        let head = sheet.columns[at].0;
        let word = |text: &str| text.split(' ').map(UnicodeWidthStr::width).max().unwrap_or(0);
        let words = cells.iter().map(|cell| word(cell)).max().unwrap_or(0).min(WORD);
        let least = if numbers { longest } else { longest.min(WORDS).max(words) };
        Self { numbers, least: least.max(word(head)), most: longest.max(head.width()) }
    }
}

/// Blanks in a line: beside the columns, and one between two.
fn blanks(columns: usize) -> usize {
    ((PADDING + 1) * columns).saturating_sub(1)
}

/// The columns that there is room for. Those of numbers go first, from the right: what words say, and
/// the first column, is needed to read the others.
fn fitting(columns: &[Column], width: usize) -> Vec<usize> {
    let mut shown: Vec<usize> = (0..columns.len()).collect();
    let needed = |shown: &[usize]| -> usize {
        shown.iter().map(|&at| columns[at].least).sum::<usize>() + blanks(shown.len())
    };
    while shown.len() > 1 && needed(&shown) > width {
        let last_numbers = shown.iter().rposition(|&at| at > 0 && columns[at].numbers);
        shown.remove(last_numbers.unwrap_or(shown.len() - 1));
    }
    shown
}

/// What each shown column gets: what it needs, and of the rest as much as it can use, in turn.
fn widths(columns: &[Column], shown: &[usize], width: usize) -> Vec<usize> {
    let room = width.saturating_sub(blanks(shown.len())).max(1);
    let mut widths: Vec<usize> = shown.iter().map(|&at| columns[at].least.min(room)).collect();
    let mut spare = room.saturating_sub(widths.iter().sum());
    while spare > 0 {
        let before = spare;
        for (got, &at) in widths.iter_mut().zip(shown) {
            if *got < columns[at].most && spare > 0 {
                *got += 1;
                spare -= 1;
            }
        }
        if spare == before {
            break;
        }
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Cell;

    /// Twelve columns as wide as those of `monitor`.
    fn wide() -> Sheet {
        let names = [
            ("task", "task"),
            ("samples", "n"),
            ("expected %", "e"),
            ("lower", "l"),
            ("upper", "u"),
            ("other metrics", "o"),
            ("x compute", "x"),
            ("deviation", "d"),
            ("boundary", "b"),
            ("alarm", "alarm"),
        ];
        let row = |i: u64| {
            let mut row = vec![Cell::Name(format!("a-rather-long-task-name-{i}"))];
            row.push(Cell::Count(Some(12_345)));
            row.extend([0.123, 0.456, 0.789].map(|v| Cell::Percent(Some(v))));
            row.push(Cell::Words("many words, which wrap where they must and lose nothing".into()));
            row.extend([1.25, -0.333, 2.75].map(|v| Cell::Points(Some(v))));
            row.push(Cell::Text("ALARM"));
            row
        };
        Sheet { columns: names.to_vec(), rows: (0..3).map(row).collect(), ..Sheet::default() }
    }

    fn whole_words(text: &str) -> String {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for width in [40, 60, 80, 100, 120, 200] {
            for line in grid(&wide(), Some(width)).lines().filter(|l| !l.starts_with("columns")) {
                assert!(line.chars().count() <= width.into(), "{width}: {line}");
            }
        }
    }

    #[test]
    fn numbers_stay_whole_and_words_are_all_there() {
        for width in [60, 80, 100, 120, 200] {
            let shown = grid(&wide(), Some(width));
            let said = shown.lines().find(|line| line.starts_with("columns")).unwrap_or("");
            for (name, value) in [("samples", "12345"), ("lower", "45.6"), ("boundary", "2.75")] {
                let there = shown.split_whitespace().any(|word| word == value);
                assert_ne!(there, said.contains(name), "{width}: {name}: {shown}");
            }
            assert!(shown.contains("ALARM"), "{width}: {shown}");
            for word in ["wrap", "lose", "nothing"] {
                assert_eq!(shown.matches(word).count(), 3, "{width}: {word}: {shown}");
            }
        }
    }

    #[test]
    fn ideograms_and_accents_take_the_cells_they_take() {
        // The cells of each, by Unicode's East Asian Width (wide: 2) and general category (Mn: 0).
        let names = [
            ("plain", 5),
            ("日本語の評価タスク", 18),
            ("re\u{301}sume\u{301}-e\u{301}value\u{301}", 13),
            ("漢e\u{301}", 3),
        ];
        let columns = [("task", "task"), ("n", "n"), ("notes", "notes")];
        let row = |name: &str| {
            vec![Cell::Name(name.into()), Cell::Count(Some(12)), Cell::Words("two words".into())]
        };
        let rows = names.iter().map(|(name, _)| row(name)).collect();
        let sheet = Sheet { columns: columns.to_vec(), rows, ..Sheet::default() };
        // 18 + 2 + 9 for the columns, 8 blanks: everything fits, and no cell is left over.
        for width in [Some(37), Some(60), None] {
            let shown = grid(&sheet, width);
            let lines: Vec<&str> = shown.lines().filter(|line| line.contains("12")).collect();
            assert_eq!(lines.len(), names.len(), "{width:?}: {shown}");
            for (line, (name, cells)) in lines.iter().zip(names) {
                let (before, after) = line.split_once("12").unwrap();
                let blanks = before.strip_prefix(' ').and_then(|rest| rest.strip_prefix(name));
                let blanks = blanks.unwrap_or_else(|| panic!("{width:?}: {name} wraps: {shown}"));
                assert!(blanks.chars().all(|c| c == ' '), "{shown}");
                assert_eq!(cells + blanks.len(), 18 + 3, "{width:?}: {name}: {shown}");
                assert_eq!(after.trim(), "two words", "{width:?}: {shown}");
            }
        }
    }

    #[test]
    fn without_a_terminal_every_column_is_as_wide_as_its_widest_cell() {
        let shown = grid(&wide(), None);
        assert!(whole_words(&shown).contains("task samples expected % lower upper other metrics"));
        assert!(shown.contains("many words, which wrap where they must and lose nothing"));
        assert!(!shown.contains("too narrow"));
    }
}
