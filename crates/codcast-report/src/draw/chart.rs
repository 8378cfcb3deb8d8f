//! Charts with two axes.

use super::font::{fitted, length};
use super::{Anchor, Axis, Ink, Item, Paint, Scene, Symbol};

/// A measured or forecast value with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Along the first axis.
    pub x: f64,
    /// Along the second.
    pub y: f64,
    /// Lower and upper end of a bar through it.
    pub bar: Option<(f64, f64)>,
}

/// What a chart shows, drawn in the order given.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// A line; it breaks where a value is unknown.
    Line {
        /// By increasing x.
        points: Vec<(f64, Option<f64>)>,
        /// Colour.
        ink: Ink,
        /// In points.
        width: f64,
        /// Dashes.
        dash: Option<(f64, f64)>,
    },
    /// The area between two lines.
    Band {
        /// `(x, lower, upper)` by increasing x; it breaks where one is unknown.
        points: Vec<(f64, Option<(f64, f64)>)>,
        /// Colour.
        ink: Ink,
        /// In `[0, 1]`.
        opacity: f64,
    },
    /// Separate values.
    Points {
        /// In any order.
        points: Vec<Point>,
        /// Shape.
        symbol: Symbol,
        /// Colour.
        ink: Ink,
        /// Half its size, in points.
        radius: f64,
    },
    /// Bars from a base line.
    Bars {
        /// `(from, to, height)` along the first axis.
        bars: Vec<(f64, f64, f64)>,
        /// Colour.
        ink: Ink,
        /// In `[0, 1]`.
        opacity: f64,
    },
    /// A line over the whole height; nothing where it would lie outside the chart.
    Vertical {
        /// Where.
        x: f64,
        /// Colour.
        ink: Ink,
    },
    /// A line over the whole width; nothing where it would lie outside the chart.
    Horizontal {
        /// Where.
        y: f64,
        /// Colour.
        ink: Ink,
        /// Above its right end; may be empty.
        label: String,
    },
    /// Marks that a page can show and hide.
    Switch {
        /// What the page finds them by.
        key: String,
        /// Shown until switched off.
        shown: bool,
        /// What is switched.
        marks: Vec<Mark>,
    },
}

/// A place to hover over, and what it says.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    /// Of the chart, in points.
    pub x: f64,
    /// Of the chart, in points.
    pub y: f64,
    /// Lines of text.
    pub text: String,
    /// The switch it belongs to; it is silent while that is off.
    pub key: Option<String>,
}

/// A chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// Above it, as much of it as there is room for.
    pub title: String,
    /// A second, lesser line; may be empty.
    pub subtitle: String,
    /// For those who cannot see it.
    pub description: String,
    /// To the right.
    pub x: Axis,
    /// Upwards.
    pub y: Axis,
    /// What it shows.
    pub marks: Vec<Mark>,
    /// In points.
    pub width: f64,
    /// In points.
    pub height: f64,
}

const TITLE_SIZE: f64 = 12.0;
const TEXT_SIZE: f64 = 10.0;
const LEFT: f64 = 46.0;
const RIGHT: f64 = 12.0;
const BOTTOM: f64 = 36.0;

impl Chart {
    fn top(&self) -> f64 {
        // Labels of the second axis reach above the panel; the title must not touch them.
        if self.subtitle.is_empty() { 30.0 } else { 42.0 }
    }

    /// Where a pair of values lies, in points; held inside the chart.
    pub fn place(&self, x: f64, y: f64) -> (f64, f64) {
        let within = |share: f64| if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
        (
            LEFT + within(self.x.place(x)) * (self.width - LEFT - RIGHT),
            self.height - BOTTOM - within(self.y.place(y)) * (self.height - self.top() - BOTTOM),
        )
    }

    /// Something to hover over at a pair of values.
    pub fn spot(&self, x: f64, y: f64, text: String) -> Spot {
        let (x, y) = self.place(x, y);
        Spot { x, y, text, key: None }
    }

    /// The upper and the lower edge, in points.
    pub fn edges(&self) -> (f64, f64) {
        (self.top(), self.height - BOTTOM)
    }

    /// As shapes.
    pub fn draw(&self) -> Scene {
        let (mut axes, mut items) = (Vec::new(), Vec::new());
        self.draw_titles(&mut items);
        self.draw_axes(&mut axes);
        for mark in &self.marks {
            self.draw_mark(&mut items, mark);
        }
        Scene {
            width: self.width,
            height: self.height,
            title: self.title.clone(),
            description: self.description.clone(),
            axes,
            items,
        }
    }

    fn draw_titles(&self, items: &mut Vec<Item>) {
        let titles = [
            (15.0, TITLE_SIZE, Ink::Text, &self.title),
            (28.0, TEXT_SIZE, Ink::Muted, &self.subtitle),
        ];
        for (y, size, ink, text) in titles.into_iter().filter(|(.., text)| !text.is_empty()) {
            let text = fitted(text, size, self.width - 16.0);
            items.push(Item::Text {
                x: 8.0,
                y,
                anchor: Anchor::Start,
                size,
                ink,
                turned: false,
                text,
            });
        }
    }

    fn draw_axes(&self, items: &mut Vec<Item>) {
        let mut text = |x, y, anchor, size, ink, turned, text: &str| {
            if text.is_empty() {
                return;
            }
            let text = text.to_owned();
            items.push(Item::Text { x, y, anchor, size, ink, turned, text });
        };
        let (left, right) = (LEFT, self.width - RIGHT);
        let (top, bottom) = self.edges();
        let middle = (0.5 * (left + right), 0.5 * (top + bottom));
        text(
            middle.0,
            self.height - 5.0,
            Anchor::Middle,
            TEXT_SIZE,
            Ink::Muted,
            false,
            &self.x.label,
        );
        text(11.0, middle.1, Anchor::Middle, TEXT_SIZE, Ink::Muted, true, &self.y.label);
        let x_marks = self.x.marks(((right - left) / 60.0) as usize);
        let y_marks = self.y.marks(((bottom - top) / 36.0) as usize);
        let mut end = f64::NEG_INFINITY;
        for (value, label) in &x_marks {
            let x = self.place(*value, 0.0).0;
            let half = 0.5 * length(label, TEXT_SIZE);
            // Labels that would run into each other are left out; their lines stay.
            if x - half > end + 4.0 && x + half < self.width {
                text(x, bottom + 12.0, Anchor::Middle, TEXT_SIZE, Ink::Muted, false, label);
                end = x + half;
            }
        }
        for (value, label) in &y_marks {
            let y = self.place(0.0, *value).1 + 3.0;
            text(left - 5.0, y, Anchor::End, TEXT_SIZE, Ink::Muted, false, label);
        }
        let mut line = |points: Vec<(f64, f64)>, ink| {
            items.push(Item::Path { points, closed: false, paint: Paint::line(ink, 0.75) });
        };
        for (value, _) in &y_marks {
            let y = self.place(0.0, *value).1;
            line(vec![(left, y), (right, y)], Ink::Grid);
        }
        for (value, _) in &x_marks {
            let x = self.place(*value, 0.0).0;
            line(vec![(x, top), (x, bottom)], Ink::Grid);
        }
        line(vec![(left, bottom), (right, bottom)], Ink::Axis);
    }

    fn draw_mark(&self, items: &mut Vec<Item>, mark: &Mark) {
        match mark {
            Mark::Line { points, ink, width, dash } => {
                let paint = Paint { dash: *dash, ..Paint::line(*ink, *width) };
                for points in self.pieces(points) {
                    items.push(Item::Path { points, closed: false, paint });
                }
            }
            Mark::Band { points, ink, opacity } => {
                for piece in points.split(|(_, band)| band.is_none()).filter(|p| p.len() > 1) {
                    let edge = |pick: fn((f64, f64)) -> f64| {
                        piece
                            .iter()
                            .filter_map(move |(x, band)| Some(self.place(*x, pick((*band)?))))
                    };
                    let mut outline: Vec<(f64, f64)> = edge(|(_, upper)| upper).collect();
                    let lower: Vec<(f64, f64)> = edge(|(lower, _)| lower).collect();
                    outline.extend(lower.into_iter().rev());
                    let paint = Paint::area(*ink, *opacity);
                    items.push(Item::Path { points: outline, closed: true, paint });
                }
            }
            Mark::Points { points, symbol, ink, radius } => {
                for point in points {
                    if let Some((low, high)) = point.bar {
                        let ends = vec![self.place(point.x, low), self.place(point.x, high)];
                        let paint = Paint::line(*ink, 1.25);
                        items.push(Item::Path { points: ends, closed: false, paint });
                    }
                }
                let points = points.iter().map(|point| self.place(point.x, point.y)).collect();
                let (symbol, ink, radius) = (*symbol, *ink, *radius);
                items.push(Item::Dots { points, radius, symbol, ink, opacity: 1.0 });
            }
            Mark::Bars { bars, ink, opacity } => {
                let base = self.y.min.max(0.0);
                for &(from, to, height) in bars {
                    let ((left, bottom), (right, top)) =
                        (self.place(from, base), self.place(to, height));
                    let points = vec![(left, bottom), (left, top), (right, top), (right, bottom)];
                    items.push(Item::Path {
                        points,
                        closed: true,
                        paint: Paint::area(*ink, *opacity),
                    });
                }
            }
            Mark::Vertical { x, .. } if !(0.0..=1.0).contains(&self.x.place(*x)) => {}
            Mark::Horizontal { y, .. } if !(0.0..=1.0).contains(&self.y.place(*y)) => {}
            Mark::Vertical { x, ink } => {
                let x = self.place(*x, 0.0).0;
                let (top, bottom) = self.edges();
                let paint = Paint { dash: Some((2.0, 3.0)), ..Paint::line(*ink, 1.0) };
                items.push(Item::Path {
                    points: vec![(x, top), (x, bottom)],
                    closed: false,
                    paint,
                });
            }
            Mark::Horizontal { y, ink, label } => {
                let y = self.place(0.0, *y).1;
                let paint = Paint { dash: Some((2.0, 3.0)), ..Paint::line(*ink, 1.0) };
                let points = vec![(LEFT, y), (self.width - RIGHT, y)];
                items.push(Item::Path { points, closed: false, paint });
                if !label.is_empty() {
                    items.push(Item::Text {
                        x: self.width - RIGHT - 2.0,
                        // Below it where there is no room above.
                        y: if y - 12.0 < self.top() { y + 10.0 } else { y - 3.0 },
                        anchor: Anchor::End,
                        size: 9.0,
                        ink: Ink::Muted,
                        turned: false,
                        text: label.clone(),
                    });
                }
            }
            Mark::Switch { key, shown, marks } => {
                let mut inner = Vec::new();
                for mark in marks {
                    self.draw_mark(&mut inner, mark);
                }
                items.push(Item::Group { key: key.clone(), hidden: !shown, items: inner });
            }
        }
    }

    /// A line's connected pieces inside the chart, cut where they leave it.
    fn pieces(&self, points: &[(f64, Option<f64>)]) -> Vec<Vec<(f64, f64)>> {
        let inside = |y: f64| (self.y.min..=self.y.max).contains(&y);
        let mut pieces = vec![Vec::new()];
        for (i, &(x, y)) in points.iter().enumerate() {
            let before = i.checked_sub(1).and_then(|i| Some((points[i].0, points[i].1?)));
            let Some(y) = y else {
                pieces.push(Vec::new());
                continue;
            };
            let edge = if y > self.y.max { self.y.max } else { self.y.min };
            match before {
                // It enters or leaves: meet the edge. Axes are monotone, so a straight line in
                // their places is one on paper.
                Some((x0, y0)) if inside(y0) != inside(y) => {
                    let edge = if inside(y) && y0 > self.y.max { self.y.max } else { edge };
                    let edge = if inside(y) && y0 < self.y.min { self.y.min } else { edge };
                    let share = (edge - y0) / (y - y0);
                    let ((px0, _), (px, _)) = (self.place(x0, y0), self.place(x, y));
                    let crossing = (px0 + share * (px - px0), self.place(x, edge).1);
                    if let Some(piece) = pieces.last_mut() {
                        piece.push(crossing);
                    }
                }
                _ => {}
            }
            if inside(y) {
                if let Some(piece) = pieces.last_mut() {
                    piece.push(self.place(x, y));
                }
            } else {
                pieces.push(Vec::new());
            }
        }
        pieces.retain(|piece| piece.len() > 1);
        pieces
    }
}
