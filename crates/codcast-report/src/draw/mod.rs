//! Figures as plain shapes, and what writes them: SVG for pages and papers, PNG, PDF.

mod axis;
mod chart;
mod font;
mod ink;
mod legend;
mod path;
mod pdf;
mod png;
mod scene;
mod svg;

pub(crate) use axis::superscript;
pub use axis::{Axis, Scale};
pub use chart::{Chart, Mark, Point, Spot};
pub(crate) use font::fitted;
pub use ink::{Ink, RIVALS, dark_css};
pub use legend::Legend;
pub(crate) use legend::{area_sample, dot_sample, is_drawn, line_sample};
pub use pdf::pdf;
pub use png::png;
pub use scene::{Anchor, Item, Paint, Scene, Symbol, grid};
pub use svg::svg;
pub(crate) use svg::{Axes, inline_svg, sample_svg};
