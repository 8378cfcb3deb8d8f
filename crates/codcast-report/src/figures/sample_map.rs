//! The samples on a plane.

use super::levels;
use crate::draw::{Anchor, Ink, Item, Legend, Scene, Spot, Symbol, dot_sample, fitted, is_drawn};
use crate::input::{Group, SampleMap};
use crate::text::{clean, name};

const SIZE: (f64, f64) = (360.0, 300.0);
const MARGIN: f64 = 14.0;
const TOP: f64 = 28.0;
const RADIUS: f64 = 2.4;

/// One task's map, coloured by group.
pub(crate) fn map_panel(task: &str, map: &SampleMap, groups: &[Group]) -> (Scene, Vec<Spot>) {
    let range = |of: fn(&crate::input::MapPoint) -> f64| {
        let values = map.points.iter().map(of);
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
    };
    let ((x0, x1), (y0, y1)) = (range(|p| p.x), range(|p| p.y));
    // One scale for both: distances mean something.
    let wide = (SIZE.0 - 2.0 * MARGIN) / (x1 - x0).max(1e-9);
    let high = (SIZE.1 - TOP - MARGIN) / (y1 - y0).max(1e-9);
    let scale = wide.min(high);
    let middle = (0.5 * SIZE.0, 0.5 * (TOP + SIZE.1 - MARGIN));
    let place = |x: f64, y: f64| {
        (middle.0 + scale * (x - 0.5 * (x0 + x1)), middle.1 - scale * (y - 0.5 * (y0 + y1)))
    };
    let levels = levels(groups);
    let ink = |group: Option<usize>| {
        group.and_then(|group| levels.get(group)).map_or(Ink::NoGroup, |&level| Ink::Level(level))
    };
    let mut items = vec![Item::Text {
        x: 8.0,
        y: 15.0,
        anchor: Anchor::Start,
        size: 12.0,
        ink: Ink::Text,
        turned: false,
        text: fitted(&clean(task), 12.0, SIZE.0 - 16.0),
    }];
    // One shape an ink; those of no group lie below.
    for wanted in std::iter::once(Ink::NoGroup).chain((0..10).map(Ink::Level)) {
        let of_ink = map.points.iter().filter(|point| ink(point.group) == wanted);
        let points: Vec<(f64, f64)> = of_ink.map(|point| place(point.x, point.y)).collect();
        if !points.is_empty() {
            let (radius, symbol) = (RADIUS, Symbol::Disc);
            items.push(Item::Dots { points, radius, symbol, ink: wanted, opacity: 0.85 });
        }
    }
    let spots = map
        .points
        .iter()
        .map(|point| {
            let (x, y) = place(point.x, point.y);
            let rates: Vec<String> =
                point.rates.iter().map(|rate| format!("{:.0}", 100.0 * rate)).collect();
            let group = point.group.map_or_else(|| "no group".to_owned(), |g| format!("group {g}"));
            let text = format!("{}: {group}\n{} %", name(&point.sample), rates.join(" "));
            Spot { x, y, text, key: None }
        })
        .collect();
    let scene = Scene {
        width: SIZE.0,
        height: SIZE.1,
        title: format!("Map of the samples: {}", clean(task)),
        description: format!(
            "{} of {} samples, near where their pass rates are alike ({})",
            map.points.len(),
            map.samples,
            name(&map.method)
        ),
        items,
        ..Scene::default()
    };
    (scene, spots)
}

/// The order of the colours in these maps.
pub(crate) fn map_legend(maps: &[&Scene]) -> Legend {
    let dot = |ink| dot_sample(Symbol::Disc, ink, 4.0);
    let mut entries = Vec::new();
    // A scale: whole, or not there.
    if (0..10).any(|level| is_drawn(&dot(Ink::Level(level)), maps)) {
        let scale = [(0, "hardest group"), (3, ""), (5, "middle"), (7, ""), (9, "easiest group")];
        let scale = scale.map(|(level, label)| (vec![dot(Ink::Level(level))], label.to_owned()));
        entries.extend(scale);
    }
    let none = vec![(vec![dot(Ink::NoGroup)], "no group".to_owned())];
    entries.extend(Legend::of_drawn(none, maps).entries);
    Legend::of(entries)
}
