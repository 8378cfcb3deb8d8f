//! A page as HTML, by an auto-escaping template.

use std::fmt::Write as _;

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, Value, context};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::block::{Block, Cell, Control, Figure, Page, Section, Table};
use crate::draw::{Axes, Legend, dark_css, inline_svg, sample_svg};
use crate::error::Result;
use crate::text::hostile;

const TEMPLATE: &str = include_str!("../../assets/page.html");
const CSS: &str = include_str!("../../assets/page.css");
const JS: &str = include_str!("../../assets/page.js");

/// The page as one document that needs nothing else.
pub fn render(page: &Page) -> Result<String> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.add_template("page.html", TEMPLATE)?;
    let css = CSS.replace("/*DARK*/", &dark_css()).replace("/*NUMBERS*/", &number_css());
    let mut axes = Axes::default();
    let sections: Vec<Value> = page.sections.iter().map(|of| section(of, &mut axes)).collect();
    let data: Vec<Value> = page
        .data
        .iter()
        .map(|data| context! { id => data.id, json => inert(&data.json), file => data.file })
        .collect();
    Ok(environment.get_template("page.html")?.render(context! {
        title => page.title.as_str(),
        lead => page.lead.as_str(),
        css => Value::from_safe_string(css),
        js => Value::from_safe_string(JS.to_owned()),
        // Only this very script may run in the page.
        script_hash => Value::from_safe_string(base64(&Sha256::digest(JS.as_bytes()))),
        sections,
        data,
    })?)
}

/// Columns that hold numbers stand to the right; see [`tabled`].
fn number_css() -> String {
    let cells: Vec<String> =
        (1..=40).map(|column| format!("table.n{column} td:nth-child({column})")).collect();
    format!("{}{{text-align:right;white-space:nowrap;overflow-wrap:normal}}", cells.join(","))
}

fn section(section: &Section, axes: &mut Axes) -> Value {
    context! {
        id => section.id,
        title => section.title.as_str(),
        intro => section.intro.clone(),
        blocks => section.blocks.iter().map(|of| block(of, axes)).collect::<Vec<_>>(),
    }
}

fn block(of: &Block, axes: &mut Axes) -> Value {
    match of {
        Block::Heading(text) => context! { kind => "heading", text },
        Block::Text(text) => context! { kind => "text", text },
        Block::Code(text) => context! { kind => "code", text },
        Block::Notes(notes) => {
            let notes = notes.iter().map(|note| {
                let word = match note.severity.as_str() {
                    "error" => "no forecast",
                    "warning" => "warning",
                    _ => "note",
                };
                context! {
                    severity => note.severity.as_str(),
                    word,
                    about => note.about.as_str(),
                    text => note.text.as_str(),
                }
            });
            context! { kind => "notes", notes => notes.collect::<Vec<_>>() }
        }
        Block::Table(table) => context! { kind => "table", table => tabled(table) },
        Block::Cards(table) => context! { kind => "table", table => tabled(table), cards => true },
        Block::Figures { figures, legend } => context! {
            kind => "figures",
            figures => figures.iter().map(|of| figure(of, axes)).collect::<Vec<_>>(),
            legend => legend.as_ref().map(legend_entries),
        },
        Block::Control(Control::Steps { steps, start, named }) => {
            context! { kind => "steps", last => steps.saturating_sub(1), start, named }
        }
        Block::Control(Control::Switches { label, series }) => {
            let series = series.iter().map(|(key, name, summary, sample)| {
                let sample = Value::from_safe_string(sample_svg(sample));
                context! { key, name, summary, sample }
            });
            context! { kind => "switches", label, series => series.collect::<Vec<_>>() }
        }
        Block::Folded { title, blocks } => {
            let blocks: Vec<Value> = blocks.iter().map(|of| block(of, axes)).collect();
            context! { kind => "folded", title, blocks }
        }
    }
}

fn legend_entries(legend: &Legend) -> Value {
    let entries = legend.entries.iter().map(|(items, label)| {
        let sample = Value::from_safe_string(sample_svg(&Legend::sample(items)));
        context! { sample, label }
    });
    entries.collect::<Vec<_>>().into()
}

fn figure(figure: &Figure, axes: &mut Axes) -> Value {
    // Whole numbers without a point: there are thousands of them in a page.
    let tenth = |place: f64| {
        let place = (place * 10.0).round() / 10.0;
        if place.fract() == 0.0 { json!(place as i64) } else { json!(place) }
    };
    let spots: Vec<_> = figure
        .spots
        .iter()
        .map(|spot| {
            let (x, y) = (tenth(spot.x), tenth(spot.y));
            match &spot.key {
                Some(key) => json!([x, y, spot.text, key]),
                None => json!([x, y, spot.text]),
            }
        })
        .collect();
    context! {
        id => figure.id.as_str(),
        title => figure.scene.title.as_str(),
        note => figure.note.as_str(),
        wide => figure.wide,
        svg => Value::from_safe_string(inline_svg(&figure.scene, &figure.id, axes)),
        spots => inert(&serde_json::Value::from(spots).to_string()),
        table => figure.table.as_ref().map(tabled),
    }
}

fn tabled(table: &Table) -> Value {
    let numbers: Vec<bool> = (0..table.columns.len())
        .map(|column| table.rows.iter().any(|row| row.get(column).is_some_and(|cell| cell.number)))
        .collect();
    // Columns of numbers are named once: a class on each of their cells would be a tenth of the page.
    let right: Vec<String> = numbers
        .iter()
        .enumerate()
        .filter(|(_, n)| **n)
        .map(|(i, _)| format!("n{}", i + 1))
        .collect();
    let columns: Vec<Value> =
        table.columns.iter().zip(numbers).map(|(name, number)| context! { name, number }).collect();
    let cell = |cell: &Cell| {
        context! {
            shown => cell.shown.as_str(),
            exact => cell.exact.as_deref(),
            // A name that is shortened is whole when hovered over.
            whole => cell.exact.as_deref().filter(|_| !cell.number),
            key => cell.key.as_deref(),
        }
    };
    let rows: Vec<Value> =
        table.rows.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>().into()).collect();
    context! { id => table.id.as_str(), caption => table.caption.as_str(), numbers => right.join(" "), columns, rows }
}

/// JSON that cannot end the element it stands in, whatever its strings hold. Only strings hold such
/// characters, and there an escape means the same.
fn inert(json: &str) -> Value {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if matches!(c, '<' | '>' | '&') || hostile(c) && !c.is_ascii() {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    Value::from_safe_string(out)
}

/// RFC 4648, section 4; for one hash a page.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let at = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let group = at(0) << 16 | at(1) << 8 | at(2);
        for digit in 0..=chunk.len() {
            out.push(char::from(DIGITS[(group >> (18 - 6 * digit) & 63) as usize]));
        }
        out.extend(std::iter::repeat_n('=', 3 - chunk.len()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_as_in_rfc_4648() {
        for (plain, coded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn json_cannot_leave_its_element() {
        let shown = inert("{\"a\":\"</script><!--\"}").to_string();
        assert!(!shown.contains('<') && !shown.contains('>'), "{shown}");
        let back: serde_json::Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(back["a"], "</script><!--");
    }
}
