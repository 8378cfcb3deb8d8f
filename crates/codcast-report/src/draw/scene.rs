//! Shapes with places in points; the origin is at the upper left.

use super::Ink;

/// How a path is painted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Paint {
    /// Inside.
    pub fill: Option<Ink>,
    /// Outline.
    pub stroke: Option<Ink>,
    /// Of the outline.
    pub width: f64,
    /// Length of dashes and gaps; `None`: solid.
    pub dash: Option<(f64, f64)>,
    /// In `[0, 1]`; of both.
    pub opacity: f64,
}

impl Paint {
    /// An opaque line.
    pub fn line(ink: Ink, width: f64) -> Self {
        Self { stroke: Some(ink), width, opacity: 1.0, ..Self::default() }
    }

    /// An area.
    pub fn area(ink: Ink, opacity: f64) -> Self {
        Self { fill: Some(ink), opacity, ..Self::default() }
    }
}

/// Where a text is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// At its beginning.
    Start,
    /// In the middle.
    Middle,
    /// At its end.
    End,
}

/// The shape of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Symbol {
    /// A filled disc.
    Disc,
    /// A circle.
    Ring,
    /// A filled diamond.
    Diamond,
    /// A filled square.
    Square,
    /// A cross.
    Cross,
}

/// One shape.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A line through points, or an area.
    Path {
        /// In points.
        points: Vec<(f64, f64)>,
        /// Whether the last meets the first.
        closed: bool,
        /// How.
        paint: Paint,
    },
    /// Many points of one look.
    Dots {
        /// Their centres.
        points: Vec<(f64, f64)>,
        /// Half their size.
        radius: f64,
        /// Their shape.
        symbol: Symbol,
        /// Their colour.
        ink: Ink,
        /// In `[0, 1]`.
        opacity: f64,
    },
    /// One line of text.
    Text {
        /// Of the anchor.
        x: f64,
        /// Of the baseline.
        y: f64,
        /// Which end `x` is.
        anchor: Anchor,
        /// Height of a line.
        size: f64,
        /// Colour.
        ink: Ink,
        /// Whether it reads upwards.
        turned: bool,
        /// What it says; anything, shown as text.
        text: String,
    },
    /// Shapes that a page can show, hide or move together.
    Group {
        /// What a page finds it by: lower-case letters, digits and hyphens.
        key: String,
        /// Not drawn until a page shows it; never drawn in PNG and PDF.
        hidden: bool,
        /// Its shapes.
        items: Vec<Item>,
    },
}

/// A figure.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scene {
    /// Points, 1/72 inch.
    pub width: f64,
    /// Points.
    pub height: f64,
    /// Its name, for those who cannot see it.
    pub title: String,
    /// What is to be seen.
    pub description: String,
    /// Axes, grid lines and their labels, below all else: figures of a kind have them in common.
    pub axes: Vec<Item>,
    /// In the order of drawing.
    pub items: Vec<Item>,
}

impl Scene {
    /// Adds another figure's shapes at a place.
    pub fn place(&mut self, other: Scene, dx: f64, dy: f64) {
        let all = other.axes.into_iter().chain(other.items);
        self.items.extend(all.map(|item| item.moved(dx, dy)));
    }

    /// Everything, in the order of drawing.
    pub fn all(&self) -> impl Iterator<Item = &Item> {
        self.axes.iter().chain(&self.items)
    }
}

impl Item {
    fn moved(self, dx: f64, dy: f64) -> Self {
        let moved = |points: Vec<(f64, f64)>| {
            points.into_iter().map(|(x, y)| (x + dx, y + dy)).collect::<Vec<_>>()
        };
        match self {
            Self::Path { points, closed, paint } => {
                Self::Path { points: moved(points), closed, paint }
            }
            Self::Dots { points, radius, symbol, ink, opacity } => {
                Self::Dots { points: moved(points), radius, symbol, ink, opacity }
            }
            Self::Text { x, y, anchor, size, ink, turned, text } => {
                Self::Text { x: x + dx, y: y + dy, anchor, size, ink, turned, text }
            }
            Self::Group { key, hidden, items } => Self::Group {
                key,
                hidden,
                items: items.into_iter().map(|item| item.moved(dx, dy)).collect(),
            },
        }
    }
}

/// Panels of one size in rows of `columns`, and a last one (a legend) below them.
pub fn grid(title: &str, panels: Vec<Scene>, columns: usize, below: Option<Scene>) -> Scene {
    let columns = columns.clamp(1, panels.len().max(1));
    let (width, height) = panels.first().map_or((0.0, 0.0), |panel| (panel.width, panel.height));
    let rows = panels.len().div_ceil(columns);
    let mut whole = Scene {
        width: (width * columns as f64).max(below.as_ref().map_or(0.0, |below| below.width)),
        height: height * rows as f64,
        title: title.to_owned(),
        description: panels
            .iter()
            .map(|panel| panel.description.as_str())
            .collect::<Vec<_>>()
            .join("\n"),
        ..Scene::default()
    };
    for (i, panel) in panels.into_iter().enumerate() {
        let (column, row) = ((i % columns) as f64, (i / columns) as f64);
        whole.place(panel, column * width, row * height);
    }
    if let Some(below) = below {
        let top = whole.height;
        whole.height += below.height;
        whole.place(below, 0.0, top);
    }
    whole
}
