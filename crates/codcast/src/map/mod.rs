//! Stage 4: the predictable subset's score to the full set's.
//!
//! Source: Xu et al., arXiv 2502.17262. Version 4 maps by a cubic smoothing spline whose smoothing is
//! reduced step by step until the fit's RMSE is below 0.005, versions 1 to 3 by a quartic through
//! (0, 0) and (1, 1). Differs from it in: every mapping is monotone, the spline meets both ends
//! exactly, and where the points do not rise together the smoothing stops by [`fit_map`]'s rule.

mod monotone;
mod polynomial;
mod qp;
mod spline;

use serde::{Deserialize, Serialize};

use crate::config::check;
use crate::diagnostic::Diagnostic;
use crate::error::Result;
use polynomial::Polynomial;
use spline::{Smoother, Spline};

/// What the mapping is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MapKind {
    /// Cubic smoothing spline (version 4).
    #[default]
    SmoothingSpline,
    /// Polynomial of degree 3.
    Cubic,
    /// Polynomial of degree 4 (versions 1 to 3).
    Quartic,
    /// Polynomial of degree 5.
    Quintic,
    /// No mapping: the subset's score stands for the full set's.
    Identity,
}

/// Stage 4.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MapConfig {
    /// What the mapping is made of.
    pub kind: MapKind,
    /// The spline's smoothing is reduced until its root mean square error over the points is below
    /// this. The paper: 0.005, half a point.
    pub rmse_target: f64,
    /// The smoothing to begin with: weight of the integral of the squared second derivative against
    /// the sum of squared errors, both scores in `[0, 1]`. At 10 the spline is a straight line.
    pub first_smoothing: f64,
    /// The smoothing at which to stop. At 1e-9 the spline meets any points that rise.
    pub last_smoothing: f64,
    /// The smoothing is multiplied by this from step to step.
    pub smoothing_step: f64,
}

impl Default for MapConfig {
    fn default() -> Self {
        Self {
            kind: MapKind::SmoothingSpline,
            rmse_target: 0.005,
            first_smoothing: 10.0,
            last_smoothing: 1e-9,
            smoothing_step: 0.5,
        }
    }
}

impl MapConfig {
    pub(crate) fn validate(&self) -> Result<()> {
        check("map.rmse_target", self.rmse_target, 1e-6..=1.0, "a number in [1e-6, 1]")?;
        check("map.first_smoothing", self.first_smoothing, 1e-12..=1e6, "in [1e-12, 1e6]")?;
        check("map.last_smoothing", self.last_smoothing, 1e-12..=1e6, "in [1e-12, 1e6]")?;
        check("map.smoothing_step", self.smoothing_step, 0.01..=0.99, "in [0.01, 0.99]")
    }
}

/// An increasing map of `[0, 1]` onto itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Mapping(Curve);

#[derive(Clone, Debug, PartialEq)]
enum Curve {
    Identity,
    Spline(Spline),
    Polynomial(Polynomial),
}

impl Mapping {
    /// No mapping.
    pub const IDENTITY: Self = Self(Curve::Identity);

    /// The full set's score. `subset`: the predictable subset's, in `[0, 1]`.
    pub fn apply(&self, subset: f64) -> f64 {
        let subset = subset.clamp(0.0, 1.0);
        let full = match &self.0 {
            Curve::Identity => subset,
            Curve::Spline(spline) => spline.value(subset),
            Curve::Polynomial(polynomial) => polynomial.value(subset),
        };
        full.clamp(0.0, 1.0)
    }
}

/// A fitted mapping.
#[derive(Clone, Debug, PartialEq)]
pub struct MapFit {
    /// The mapping.
    pub mapping: Mapping,
    /// Root mean square error over the points; 0 without points.
    pub rmse: f64,
    /// The spline's smoothing; `None` for other kinds.
    pub smoothing: Option<f64>,
    /// Beside the result.
    pub diagnostics: Vec<Diagnostic>,
}

/// Fits the mapping to points (subset score, full score), each in `[0, 1]`, of the ladder's models and
/// the anchors, in any order.
///
/// The spline's smoothing is the first of the steps whose RMSE is below the target. Where even the
/// last step's is not, since the points do not rise together, the first step is taken whose RMSE is
/// below `sqrt(last^2 + target^2)`. The monotone splines form a convex set, so such a curve is, at the
/// points, within the target (as RMS) of the best monotone fit; pursuing that fit itself would only
/// turn noise into stairs. A diagnostic says so.
pub fn fit_map(points: &[(f64, f64)], config: &MapConfig) -> MapFit {
    // Sums depend on the order of their terms in the last bit; the result must not.
    let mut points = points.to_vec();
    points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let points = &points[..];
    let polynomial = |degree| Mapping(Curve::Polynomial(Polynomial::fit(degree, points)));
    let mapping = match config.kind {
        MapKind::SmoothingSpline => return smoothest(points, config),
        MapKind::Cubic => polynomial(3),
        MapKind::Quartic => polynomial(4),
        MapKind::Quintic => polynomial(5),
        MapKind::Identity => Mapping::IDENTITY,
    };
    let rmse = rmse(&mapping, points);
    MapFit { mapping, rmse, smoothing: None, diagnostics: Vec::new() }
}

fn smoothest(points: &[(f64, f64)], config: &MapConfig) -> MapFit {
    let smoother = Smoother::new(points);
    let fit = |smoothing: f64| {
        let mapping = Mapping(Curve::Spline(smoother.fit(smoothing)));
        let rmse = rmse(&mapping, points);
        MapFit { mapping, rmse, smoothing: Some(smoothing), diagnostics: Vec::new() }
    };
    let first_below = |limit: f64| {
        std::iter::successors(Some(config.first_smoothing), |s| Some(s * config.smoothing_step))
            .take_while(|smoothing| *smoothing > config.last_smoothing)
            .map(fit)
            .find(|fit| fit.rmse < limit)
    };
    let last = fit(config.last_smoothing);
    if last.rmse < config.rmse_target {
        return first_below(config.rmse_target).unwrap_or(last);
    }
    let reason = format!(
        "no increasing curve passes within {:.2} points (RMSE) of the models' subset and full scores, \
         the best within {:.2}: the smoothest curve nearly as good is the mapping",
        100.0 * config.rmse_target,
        100.0 * last.rmse
    );
    let mut chosen = first_below(last.rmse.hypot(config.rmse_target)).unwrap_or(last);
    chosen.diagnostics.push(Diagnostic::MappingFellBack { reason });
    chosen
}

fn rmse(mapping: &Mapping, points: &[(f64, f64)]) -> f64 {
    if points.is_empty() {
        return 0.0;
    }
    let sse: f64 = points.iter().map(|(x, y)| (mapping.apply(*x) - y).powi(2)).sum();
    (sse / points.len() as f64).sqrt()
}
