//! The figures: what of a result each shows.

mod calibration;
mod clusters;
mod curves;
mod decomposition;
mod difficulty;
mod errors;
mod mapping;
mod monitor;
mod plan;
mod sample_map;

pub(crate) use calibration::{calibration, calibration_legend};
pub(crate) use clusters::{cluster_legend, cluster_panels, levels, size};
pub(crate) use curves::{curve_legend, curve_panel, curve_table, guessing_outside, switches};
pub(crate) use decomposition::{PARTS, decomposition_legend, decomposition_panel, parts};
pub(crate) use difficulty::{difficulty_legend, difficulty_panel};
pub(crate) use errors::{engine_ink, errors};
pub(crate) use mapping::{mapping_legend, mapping_panel};
pub(crate) use monitor::{overall_legend, overall_panel, run_legend, run_panel};
pub(crate) use plan::{additions_panel, needed_panel, recipes_panel};
pub(crate) use sample_map::{map_legend, map_panel};

use crate::draw::{Axis, Chart, Scale, Spot};

/// A chart and what can be hovered over.
pub(crate) struct Drawn {
    pub(crate) chart: Chart,
    pub(crate) spots: Vec<Spot>,
}

/// Width and height of a panel, in points.
pub(crate) const PANEL: (f64, f64) = (360.0, 250.0);
/// Of a small one.
pub(crate) const SMALL: (f64, f64) = (190.0, 150.0);

/// The axis of compute.
pub(crate) fn compute_axis(values: impl IntoIterator<Item = f64>) -> Axis {
    Axis::covering("training compute, FLOP", Scale::Log, values)
}

/// The axis of scores.
pub(crate) fn score_axis(values: impl IntoIterator<Item = f64>) -> Axis {
    Axis::covering("score, %", Scale::Percent, values)
}
