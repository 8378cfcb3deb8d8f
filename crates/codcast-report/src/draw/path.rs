//! What PNG and PDF share: a scene as filled and stroked paths.

use super::font::{Step, outlines};
use super::{Ink, Item, Paint, Scene, Symbol};

/// One path to paint.
pub(super) struct Painted {
    pub(super) steps: Vec<Step>,
    pub(super) paint: Paint,
    /// Ends of lines are round.
    pub(super) round: bool,
}

/// Everything that is not hidden, in the order of drawing.
pub(super) fn paths(scene: &Scene) -> Vec<Painted> {
    let mut out = Vec::new();
    for item in scene.all() {
        add(&mut out, item);
    }
    out
}

fn add(out: &mut Vec<Painted>, item: &Item) {
    match item {
        Item::Path { points, closed, paint } => {
            out.push(Painted { steps: polygon(points, *closed), paint: *paint, round: false });
        }
        Item::Dots { points, radius, symbol, ink, opacity } => {
            let line = Paint { opacity: *opacity, ..Paint::line(*ink, 1.5) };
            for &point in points {
                let (steps, paint) = match symbol {
                    Symbol::Disc => (circle(point, *radius), Paint::area(*ink, *opacity)),
                    Symbol::Ring => (circle(point, *radius), line),
                    Symbol::Diamond | Symbol::Square => {
                        (corners(*symbol, point, *radius), Paint::area(*ink, *opacity))
                    }
                    Symbol::Cross => (cross(point, 0.8 * radius), line),
                };
                out.push(Painted { steps, paint, round: true });
            }
        }
        Item::Text { ink, .. } => {
            let paint = Paint::area(*ink, 1.0);
            out.push(Painted { steps: outlines(item), paint, round: false });
        }
        Item::Group { hidden, items, .. } => {
            for item in items.iter().filter(|_| !hidden) {
                add(out, item);
            }
        }
    }
}

fn polygon(points: &[(f64, f64)], closed: bool) -> Vec<Step> {
    let step = |(i, &(x, y)): (usize, &(f64, f64))| {
        if i == 0 { Step::Move(x, y) } else { Step::Line(x, y) }
    };
    let mut steps: Vec<Step> = points.iter().enumerate().map(step).collect();
    if closed {
        steps.push(Step::Close);
    }
    steps
}

fn corners(symbol: Symbol, (x, y): (f64, f64), r: f64) -> Vec<Step> {
    let s = 0.85 * r;
    let corners = match symbol {
        Symbol::Diamond => [(x, y - r), (x + r, y), (x, y + r), (x - r, y)],
        _ => [(x - s, y - s), (x + s, y - s), (x + s, y + s), (x - s, y + s)],
    };
    polygon(&corners, true)
}

fn cross((x, y): (f64, f64), s: f64) -> Vec<Step> {
    vec![
        Step::Move(x - s, y - s),
        Step::Line(x + s, y + s),
        Step::Move(x + s, y - s),
        Step::Line(x - s, y + s),
    ]
}

fn circle((x, y): (f64, f64), r: f64) -> Vec<Step> {
    // Four cubic curves; off a true circle by 0.03 % of the radius.
    let k = 0.552_285 * r;
    vec![
        Step::Move(x + r, y),
        Step::Curve([(x + r, y + k), (x + k, y + r), (x, y + r)]),
        Step::Curve([(x - k, y + r), (x - r, y + k), (x - r, y)]),
        Step::Curve([(x - r, y - k), (x - k, y - r), (x, y - r)]),
        Step::Curve([(x + k, y - r), (x + r, y - k), (x + r, y)]),
        Step::Close,
    ]
}

/// Red, green, blue.
pub(super) fn rgb(ink: Ink) -> [u8; 3] {
    ink.rgb()
}
