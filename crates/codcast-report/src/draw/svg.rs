//! A scene as SVG.
//!
//! Colours are attributes, so that the file looks right on its own; classes let a page repaint it.

use std::fmt::Write as _;

use super::{Anchor, Item, Paint, Scene, Symbol};
use crate::text::escape;

/// Fonts to take, best first: those that nearly every system has.
const FONTS: &str = "system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', Arial, sans-serif";

/// The file's content. `id`: what its title is known by inside a page; lower-case letters, digits and
/// hyphens.
pub fn svg(scene: &Scene, id: &str) -> String {
    let (width, height) = (short(scene.width), short(scene.height));
    let attributes = format!(
        " xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         font-family=\"{FONTS}\""
    );
    let axes = items(&scene.axes);
    written(scene, id, &attributes, &axes)
}

/// The axes that the figures of a page have in common: written by the first that has them.
#[derive(Debug, Default)]
pub(crate) struct Axes {
    /// As written.
    known: Vec<String>,
}

impl Axes {
    fn of(&mut self, scene: &Scene) -> String {
        let axes = items(&scene.axes);
        if axes.is_empty() {
            return axes;
        }
        if let Some(known) = self.known.iter().position(|known| *known == axes) {
            return format!("<use href=\"#axes-{known}\"/>");
        }
        let written = format!("<g id=\"axes-{}\">{axes}</g>", self.known.len());
        self.known.push(axes);
        written
    }
}

/// The same for use inside a page, which knows fonts and sizes.
pub(crate) fn inline_svg(scene: &Scene, id: &str, axes: &mut Axes) -> String {
    let axes = axes.of(scene);
    written(scene, id, "", &axes)
}

/// A sample of a legend inside a page, beside its label.
pub(crate) fn sample_svg(scene: &Scene) -> String {
    let (width, height) = (short(scene.width), short(scene.height));
    let shapes = items(&scene.items);
    format!(
        "<svg viewBox=\"0 0 {width} {height}\" aria-hidden=\"true\" fill=\"none\">{shapes}</svg>"
    )
}

fn written(scene: &Scene, id: &str, attributes: &str, axes: &str) -> String {
    let (width, height) = (short(scene.width), short(scene.height));
    let (title, description) = (escape(&scene.title), escape(&scene.description));
    let shapes = items(&scene.items);
    format!(
        "<svg{attributes} viewBox=\"0 0 {width} {height}\" role=\"img\" \
         aria-labelledby=\"{id}-t {id}-d\" fill=\"none\"><title id=\"{id}-t\">{title}</title>\
         <desc id=\"{id}-d\">{description}</desc>{axes}{shapes}</svg>"
    )
}

fn items(items: &[Item]) -> String {
    let mut out = String::new();
    write_items(&mut out, items);
    out
}

/// Neighbours that look alike are written together: opaque paths as one, texts as one group.
fn write_items(out: &mut String, items: &[Item]) {
    let alike = |a: &Item, b: &Item| match (a, b) {
        (Item::Path { paint: one, closed: a, .. }, Item::Path { paint: other, closed: b, .. }) => {
            one == other && a == b && one.opacity >= 1.0
        }
        (
            Item::Text { anchor: a, size: s, ink: i, .. },
            Item::Text { anchor: b, size: t, ink: j, .. },
        ) => (a, s, i) == (b, t, j),
        _ => false,
    };
    for run in items.chunk_by(alike) {
        match run {
            [Item::Path { paint, .. }, _, ..] => {
                let lines: String = run
                    .iter()
                    .filter_map(|item| match item {
                        Item::Path { points, closed, .. } => Some(line(points, *closed)),
                        _ => None,
                    })
                    .collect();
                let _ = write!(out, "<path d=\"{lines}\"{}/>", painted(paint));
            }
            [Item::Text { anchor, size, ink, .. }, ..] => {
                let _ = write!(
                    out,
                    "<g{} font-size=\"{}\" class=\"f-{}\" fill=\"{}\">",
                    match anchor {
                        Anchor::Start => "",
                        Anchor::Middle => " text-anchor=\"middle\"",
                        Anchor::End => " text-anchor=\"end\"",
                    },
                    short(*size),
                    ink.class(),
                    ink.light()
                );
                for item in run {
                    write_item(out, item);
                }
                out.push_str("</g>");
            }
            _ => run.iter().for_each(|item| write_item(out, item)),
        }
    }
}

fn write_item(out: &mut String, item: &Item) {
    match item {
        Item::Path { points, closed, paint } => {
            let _ = write!(out, "<path d=\"{}\"{}/>", line(points, *closed), painted(paint));
        }
        Item::Dots { points, radius, symbol, ink, opacity } => {
            let (class, colour) = (ink.class(), ink.light());
            let opacity = if *opacity < 1.0 {
                format!(" opacity=\"{}\"", short(*opacity))
            } else {
                String::new()
            };
            let shapes: String =
                points.iter().map(|point| symbol_path(*symbol, *point, *radius)).collect();
            let _ = match symbol {
                // A line of no length with round ends is a disc: ten bytes a point.
                Symbol::Disc => write!(
                    out,
                    "<path class=\"s-{class}\" d=\"{shapes}\" stroke=\"{colour}\" \
                     stroke-width=\"{}\" stroke-linecap=\"round\"{opacity}/>",
                    short(2.0 * radius)
                ),
                Symbol::Diamond | Symbol::Square => write!(
                    out,
                    "<path class=\"f-{class}\" d=\"{shapes}\" fill=\"{colour}\"{opacity}/>"
                ),
                Symbol::Ring | Symbol::Cross => write!(
                    out,
                    "<path class=\"s-{class}\" d=\"{shapes}\" stroke=\"{colour}\" \
                     stroke-width=\"1.5\"{opacity}/>"
                ),
            };
        }
        Item::Text { x, y, turned, text, .. } => {
            let (x, y) = (short(*x), short(*y));
            let place = if *turned {
                format!("transform=\"translate({x} {y}) rotate(-90)\"")
            } else {
                format!("x=\"{x}\" y=\"{y}\"")
            };
            let _ = write!(out, "<text {place}>{}</text>", escape(text));
        }
        Item::Group { key, hidden, items } => {
            let display = if *hidden { " display=\"none\"" } else { "" };
            let _ = write!(out, "<g data-key=\"{}\"{display}>", escape(key));
            // One element an item: a page moves them one by one.
            items.chunks(1).for_each(|item| write_items(out, item));
            out.push_str("</g>");
        }
    }
}

fn painted(paint: &Paint) -> String {
    let mut out = String::new();
    let mut classes = Vec::new();
    if let Some(ink) = paint.fill {
        classes.push(format!("f-{}", ink.class()));
    }
    if let Some(ink) = paint.stroke {
        classes.push(format!("s-{}", ink.class()));
    }
    let _ = write!(out, " class=\"{}\"", classes.join(" "));
    if let Some(ink) = paint.fill {
        let _ = write!(out, " fill=\"{}\"", ink.light());
    }
    if let Some(ink) = paint.stroke {
        let _ = write!(out, " stroke=\"{}\" stroke-width=\"{}\"", ink.light(), short(paint.width));
    }
    if let Some((dash, gap)) = paint.dash {
        let _ = write!(out, " stroke-dasharray=\"{} {}\"", short(dash), short(gap));
    }
    if paint.opacity < 1.0 {
        let _ = write!(out, " opacity=\"{}\"", short(paint.opacity));
    }
    out
}

fn line(points: &[(f64, f64)], closed: bool) -> String {
    // A tenth of a point is less than any screen or printer shows of a curve.
    let round = |value: f64| if points.len() > 8 { tenths(value) } else { short(value) };
    let mut out = String::new();
    for (i, (x, y)) in points.iter().enumerate() {
        let _ = write!(out, "{}{} {}", if i == 0 { "M" } else { "L" }, round(*x), round(*y));
    }
    if closed {
        out.push('Z');
    }
    out
}

fn symbol_path(symbol: Symbol, (x, y): (f64, f64), r: f64) -> String {
    let at = |dx: f64, dy: f64| format!("{} {}", tenths(x + dx), tenths(y + dy));
    match symbol {
        Symbol::Disc => format!("M{}h0", at(0.0, 0.0)),
        Symbol::Ring => {
            let r_ = short(r);
            format!(
                "M{}A{r_} {r_} 0 1 1 {}A{r_} {r_} 0 1 1 {}Z",
                at(-r, 0.0),
                at(r, 0.0),
                at(-r, 0.0)
            )
        }
        Symbol::Diamond => {
            format!("M{}L{}L{}L{}Z", at(0.0, -r), at(r, 0.0), at(0.0, r), at(-r, 0.0))
        }
        Symbol::Square => {
            let s = 0.85 * r;
            format!("M{}L{}L{}L{}Z", at(-s, -s), at(s, -s), at(s, s), at(-s, s))
        }
        Symbol::Cross => {
            let s = 0.8 * r;
            format!("M{}L{}M{}L{}", at(-s, -s), at(s, s), at(s, -s), at(-s, s))
        }
    }
}

/// At most one decimal.
fn tenths(value: f64) -> String {
    ((value * 10.0).round() / 10.0 + 0.0).to_string()
}

/// At most two decimals.
fn short(value: f64) -> String {
    let rounded = (value * 100.0).round() / 100.0;
    // No negative zero.
    (rounded + 0.0).to_string()
}
