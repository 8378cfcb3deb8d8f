//! One result, four formats. Numbers are rounded for people and whole for programs.

mod grid;

use std::io::{self, IsTerminal as _, Write as _};

use codcast::{Diagnostic, Flops};
use codcast_report::remarks::{Gathered, Remark, gather};
use serde::Serialize;

use crate::args::Format;
use crate::failure::Failure;
use crate::text;

/// One value of a table.
#[derive(Clone, Debug)]
pub(crate) enum Cell {
    /// A name from the data.
    Name(String),
    /// Words of any length.
    Words(String),
    /// Our own words.
    Text(&'static str),
    /// A score or share in `[0, 1]`, shown in percent.
    Percent(Option<f64>),
    /// Percentage points, as they are.
    Points(Option<f64>),
    /// For programs alone: people read it elsewhere.
    Codes(Vec<&'static str>),
    /// A count.
    Count(Option<u64>),
    /// Any other number.
    Number(Option<f64>),
    /// Compute in FLOPs.
    Compute(Option<Flops>),
}

impl Cell {
    fn is_text(&self) -> bool {
        matches!(self, Self::Name(_) | Self::Words(_) | Self::Text(_))
    }

    /// Rounded, with `-` for what is not known.
    fn human(&self) -> String {
        let or_dash = |shown: Option<String>| shown.unwrap_or_else(|| "-".to_owned());
        match self {
            Self::Name(name) => text::name(name),
            Self::Words(words) => text::clean(words).replace('\n', " "),
            Self::Text(text) => (*text).to_owned(),
            Self::Codes(codes) => codes.len().to_string(),
            Self::Percent(value) => or_dash(value.map(|v| format!("{:.1}", v * 100.0))),
            Self::Points(value) => or_dash(value.map(|v| format!("{v:.2}"))),
            Self::Count(value) => or_dash(value.map(|v| v.to_string())),
            Self::Number(value) => or_dash(value.map(three_digits)),
            Self::Compute(value) => or_dash(value.map(|v| format!("{:.2e}", v.get()))),
        }
    }

    /// As in the JSON; empty for what is not known.
    fn exact(&self) -> String {
        let or_empty = |value: &Option<f64>| value.map(|v| v.to_string()).unwrap_or_default();
        match self {
            Self::Name(text) | Self::Words(text) => text.clone(),
            Self::Text(text) => (*text).to_owned(),
            Self::Codes(codes) => codes.join(" "),
            Self::Percent(v) | Self::Points(v) | Self::Number(v) => or_empty(v),
            Self::Count(value) => value.map(|v| v.to_string()).unwrap_or_default(),
            Self::Compute(value) => value.map(|v| v.get().to_string()).unwrap_or_default(),
        }
    }
}

/// Three significant digits.
fn three_digits(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        v if !(1e-3..1e4).contains(&v) => format!("{value:.2e}"),
        v => format!("{value:.*}", (2 - v.log10().floor() as i32).max(0) as usize),
    }
}

/// A titled table.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    /// One line above it.
    pub(crate) title: String,
    /// A column that people read in the title and programs need in every row: `(name, value)`.
    pub(crate) group: Option<(&'static str, Cell)>,
    /// `(for people, for programs)`
    pub(crate) columns: Vec<(&'static str, &'static str)>,
    /// As wide as the columns.
    pub(crate) rows: Vec<Vec<Cell>>,
    /// Lines below it.
    pub(crate) notes: Vec<String>,
}

impl Sheet {
    /// Whether a column has a number in some row.
    fn is_numeric(&self, column: usize) -> bool {
        self.rows.iter().any(|row| !row[column].is_text())
    }
}

/// Prints the result in the wanted format. CSV holds the first sheet, and those with its columns.
pub(crate) fn print<T: Serialize>(
    format: Option<Format>,
    result: &T,
    sheets: &[Sheet],
) -> Result<(), Failure> {
    let on_terminal = io::stdout().is_terminal();
    let format = format.unwrap_or(if on_terminal { Format::Table } else { Format::Json });
    let rendered = match format {
        Format::Json => {
            serde_json::to_string(result).map_err(Failure::usage).map(|json| json + "\n")?
        }
        Format::Table => sheets.iter().map(table).collect::<Vec<_>>().join("\n"),
        Format::Markdown => sheets.iter().map(markdown).collect::<Vec<_>>().join("\n"),
        Format::Csv => csv(sheets)?,
        Format::Prometheus => {
            return Err(Failure::usage("--format prometheus is for `codcast monitor` only"));
        }
    };
    write(&rendered)
}

/// To stdout. A reader that went away (`codcast ... | head`) is not an error.
pub(crate) fn write(rendered: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(rendered.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::usage(format!("stdout: {error}")))
        }
        _ => Ok(()),
    }
}

/// As people read it on a terminal.
pub(crate) fn table(sheet: &Sheet) -> String {
    let mut out = String::new();
    if !sheet.title.is_empty() {
        out += &text::clean(&sheet.title);
        out.push('\n');
    }
    if !sheet.rows.is_empty() {
        // Only where standard output is a terminal.
        out += &grid::grid(sheet, comfy_table::Table::new().width());
    }
    for note in &sheet.notes {
        out += &text::clean(note);
        out.push('\n');
    }
    out
}

fn markdown(sheet: &Sheet) -> String {
    // What could end a cell or open a tag is escaped; names come from the data.
    let cell = |text: String| {
        let text = text::clean(&text).replace('\n', " ").replace('&', "&amp;");
        text.replace('<', "&lt;").replace('|', "\\|")
    };
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut out = String::new();
    if !sheet.title.is_empty() {
        out += &cell(sheet.title.clone());
        out += "\n\n";
    }
    if !sheet.rows.is_empty() {
        out += &line(sheet.columns.iter().map(|(human, _)| (*human).to_owned()).collect());
        out += &line(
            (0..sheet.columns.len())
                .map(|column| if sheet.is_numeric(column) { "---:" } else { "---" }.to_owned())
                .collect(),
        );
        for row in &sheet.rows {
            out += &line(row.iter().map(|value| cell(value.human())).collect());
        }
    }
    for note in &sheet.notes {
        out += &["\n- ", &cell(note.clone()), "\n"].concat();
    }
    out
}

fn csv(sheets: &[Sheet]) -> Result<String, Failure> {
    let Some(first) = sheets.first() else { return Ok(String::new()) };
    let mut writer = csv::Writer::from_writer(Vec::new());
    let group = first.group.iter().map(|(name, _)| *name);
    writer
        .write_record(group.chain(first.columns.iter().map(|(_, exact)| *exact)))
        .map_err(Failure::usage)?;
    for sheet in sheets.iter().filter(|sheet| sheet.columns == first.columns) {
        for row in &sheet.rows {
            let group = sheet.group.iter().map(|(_, value)| value);
            writer.write_record(group.chain(row).map(Cell::exact)).map_err(Failure::usage)?;
        }
    }
    let bytes = writer.into_inner().map_err(Failure::usage)?;
    String::from_utf8(bytes).map_err(Failure::usage)
}

/// Diagnostics below a table, worst first: each message once, with the tasks it is about.
pub(crate) fn notes<'a>(
    of_tasks: impl IntoIterator<Item = (&'a str, &'a [Diagnostic])>,
) -> Vec<String> {
    let mut found: Vec<(&str, &Diagnostic, String)> = Vec::new();
    let mut n_tasks = 0;
    for (task, diagnostics) in of_tasks {
        n_tasks += 1;
        found.extend(diagnostics.iter().map(|d| (task, d, d.message())));
    }
    found.sort_by_key(|(_, diagnostic, _)| std::cmp::Reverse(diagnostic.severity()));
    let remarks = found.iter().map(|(about, d, message)| Remark { code: d.code(), message, about });
    gather(remarks)
        .into_iter()
        .map(|Gathered { first, text, about }| {
            let diagnostic = found[first].1;
            let about = match about.len() {
                all if all == n_tasks && n_tasks > 1 => "all tasks".to_owned(),
                1..=3 => about.iter().map(|task| text::name(task)).collect::<Vec<_>>().join(", "),
                many => format!("{many} tasks"),
            };
            let severity = match diagnostic.severity() {
                codcast::Severity::Info => "note",
                codcast::Severity::Warning => "warning",
                codcast::Severity::Error => "no forecast",
            };
            format!("{severity} [{}] {about}: {text}", diagnostic.code())
        })
        .collect()
}
