//! What inks and symbols mean.

use super::font::length;
use super::{Anchor, Ink, Item, Paint, Scene, Symbol};
use crate::text::cut;

/// Labelled samples, as a figure of their own or one by one where lines can break.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Legend {
    /// A sample drawn around (8, 0), 16 wide, and its label.
    pub entries: Vec<(Vec<Item>, String)>,
}

const TEXT_SIZE: f64 = 10.0;

impl Legend {
    /// Of these entries.
    pub fn of(entries: Vec<(Vec<Item>, String)>) -> Self {
        Self { entries }
    }

    /// Of those entries of which a sample's mark is drawn in one of the figures.
    pub(crate) fn of_drawn(entries: Vec<(Vec<Item>, String)>, figures: &[&Scene]) -> Self {
        let drawn = |samples: &[Item]| samples.iter().any(|sample| is_drawn(sample, figures));
        Self::of(entries.into_iter().filter(|(samples, _)| drawn(samples)).collect())
    }

    /// A sample on its own, 22 by 12 points.
    pub fn sample(items: &[Item]) -> Scene {
        let mut scene = Scene { width: 22.0, height: 12.0, ..Scene::default() };
        scene.place(Scene { items: items.to_vec(), ..Scene::default() }, 3.0, 6.0);
        scene
    }

    /// In lines of at most `width`.
    pub fn scene(&self, width: f64) -> Scene {
        let labels: Vec<&str> = self.entries.iter().map(|(_, label)| label.as_str()).collect();
        let mut scene = Scene {
            width,
            title: "Legend".to_owned(),
            description: labels.join(", "),
            ..Scene::default()
        };
        let (mut x, mut y) = (8.0, 12.0);
        for (sample, label) in &self.entries {
            let label = cut(label, 90);
            let wide = 22.0 + length(&label, TEXT_SIZE) + 14.0;
            if x + wide > width && x > 8.0 {
                (x, y) = (8.0, y + 15.0);
            }
            let text = Item::Text {
                x: 22.0,
                y: 3.0,
                anchor: Anchor::Start,
                size: TEXT_SIZE,
                ink: Ink::Text,
                turned: false,
                text: label,
            };
            let items = sample.iter().cloned().chain([text]).collect();
            scene.place(Scene { items, ..Scene::default() }, x, y);
            x += wide;
        }
        scene.height = y + 10.0;
        scene
    }
}

/// Whether one of the figures has a mark of the look of this sample.
pub(crate) fn is_drawn(sample: &Item, figures: &[&Scene]) -> bool {
    figures.iter().any(|figure| figure.items.iter().any(|item| is_like(item, sample)))
}

fn is_like(item: &Item, sample: &Item) -> bool {
    match (item, sample) {
        (Item::Group { items, .. }, _) => items.iter().any(|item| is_like(item, sample)),
        (
            Item::Dots { points, symbol, ink, .. },
            Item::Dots { symbol: wanted, ink: wanted_ink, .. },
        ) => !points.is_empty() && (symbol, ink) == (wanted, wanted_ink),
        (
            Item::Path { points, closed, paint },
            Item::Path { closed: wanted, paint: wanted_paint, .. },
        ) => (closed, paint) == (wanted, wanted_paint) && (!closed || has_area(points)),
        _ => false,
    }
}

/// A bar of height zero, or a band whose ends are the same, is not to be seen.
fn has_area(points: &[(f64, f64)]) -> bool {
    let wide = points.iter().any(|point| point.0 != points[0].0);
    wide && points.iter().any(|point| point.1 != points[0].1)
}

/// A sample of a line.
pub(crate) fn line_sample(paint: Paint) -> Item {
    Item::Path { points: vec![(0.0, 0.0), (16.0, 0.0)], closed: false, paint }
}

/// A sample of an area.
pub(crate) fn area_sample(ink: Ink, opacity: f64) -> Item {
    Item::Path {
        points: vec![(0.0, -5.0), (16.0, -5.0), (16.0, 5.0), (0.0, 5.0)],
        closed: true,
        paint: Paint::area(ink, opacity),
    }
}

/// A sample of points.
pub(crate) fn dot_sample(symbol: Symbol, ink: Ink, radius: f64) -> Item {
    Item::Dots { points: vec![(8.0, 0.0)], radius, symbol, ink, opacity: 1.0 }
}
