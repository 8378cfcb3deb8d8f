//! The middle forecast.

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::engines::{Curve, Engine, EngineInfo, Fit, Refusal};
use crate::passrate::{Ladder, Target};
use crate::stats::median;

/// The median of the forecasts of other engines, of those that give one.
pub struct Median {
    others: Vec<Box<dyn Engine>>,
}

impl Median {
    /// Of these engines.
    pub fn of(others: Vec<Box<dyn Engine>>) -> Self {
        Self { others }
    }
}

struct Middle(Vec<Box<dyn Curve>>);

/// The median of fewer is not a compromise.
const FEWEST: usize = 2;

fn too_few(have: usize) -> Diagnostic {
    Diagnostic::FitFailed {
        reason: format!("{have} of the other engines gave a forecast; {FEWEST} are needed"),
    }
}

/// The median of the forecasts that were given.
pub(crate) fn middle(scores: &[f64]) -> Result<f64, Diagnostic> {
    median(scores).filter(|_| scores.len() >= FEWEST).ok_or_else(|| too_few(scores.len()))
}

impl Curve for Middle {
    fn score(&self, at: &Target) -> Result<f64, Diagnostic> {
        let scores: Vec<f64> = self.0.iter().filter_map(|curve| curve.score(at).ok()).collect();
        middle(&scores)
    }
}

impl Engine for Median {
    fn info(&self) -> EngineInfo {
        EngineInfo {
            name: "median",
            summary: "the median of the other engines' forecasts",
            source: "folklore of forecast combination",
            needs: "2 engines that give a forecast",
            min_rungs: 1,
        }
    }

    fn members(&self) -> Option<Vec<&'static str>> {
        Some(self.others.iter().map(|engine| engine.info().name).collect())
    }

    fn fit(&self, ladder: &Ladder, config: &Config) -> Vec<Result<Fit, Refusal>> {
        let mut curves: Vec<Vec<Box<dyn Curve>>> =
            ladder.tasks.iter().map(|_| Vec::new()).collect();
        for engine in &self.others {
            for (curves, fit) in curves.iter_mut().zip(engine.fit(ladder, config)) {
                curves.extend(fit.ok().map(|fit| fit.curve));
            }
        }
        curves
            .into_iter()
            .map(|curves| {
                if curves.len() < FEWEST {
                    Err(vec![too_few(curves.len())])
                } else {
                    Ok(Fit::new(Middle(curves)))
                }
            })
            .collect()
    }
}
