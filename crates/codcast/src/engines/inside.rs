//! What an engine can show of its inside, for people who want to know where a number comes from.

use serde::Serialize;

/// The inside of one task's fit.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Inside {
    /// The groups the engine put the samples in, by id.
    pub groups: Vec<Group>,
    /// `[sample]` group of each sample of the ladder; null for samples of no group.
    pub labels: Vec<Option<usize>>,
    /// The step from the predictable subset's score to the full set's, from engines that have one.
    pub mapping: Option<MappingView>,
}

/// One group of samples that share a scaling law.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Group {
    /// Its label.
    pub id: usize,
    /// Number of samples; a fraction where ties are shared between groups.
    pub size: f64,
    /// Whether the engine trusts its scaling at the target.
    pub predictable: bool,
    /// The engine's word for what it is.
    pub class: &'static str,
    /// Why its scaling is not trusted.
    pub reason: Option<String>,
    /// `[rung]` mean score of its samples, by increasing compute.
    pub scores: Vec<f64>,
    /// `[place]` its curve at the places asked for; null where it has no law.
    pub curve: Vec<Option<f64>>,
    /// `[place]` standard deviation of that curve, from engines that know; empty otherwise.
    pub curve_sd: Vec<f64>,
}

/// How a subset's score becomes the full set's.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MappingView {
    /// The rungs and anchors it was fitted to.
    pub points: Vec<MappingPoint>,
    /// Subset scores, evenly spaced over `[0, 1]`.
    pub subset: Vec<f64>,
    /// Full scores at these.
    pub full: Vec<f64>,
}

/// One model in both scores.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MappingPoint {
    /// Its name.
    pub model: String,
    /// Whether it is an anchor; otherwise a rung.
    pub anchor: bool,
    /// Mean score of the predictable subset.
    pub subset: f64,
    /// Mean score of the full set.
    pub full: f64,
}
