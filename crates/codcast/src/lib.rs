//! Forecasts how well a large language model will score on benchmarks before it is trained, from
//! per-sample evaluations of a ladder of small models.
//!
//! The modules follow the pipeline; a stage knows only the stages before it:
//!
//! | stage | module | from | to |
//! |---|---|---|---|
//! | data | [`evals`] | records | [`evals::Study`] |
//! | 0 | [`passrate`] | a study, rungs, anchors | [`passrate::Ladder`] |
//! | 1 | [`cluster`] | pass rates | difficulty clusters |
//! | 2 | [`fit`] | a cluster's mean curve | one scaling law |
//! | 3 | [`extrapolate`] | laws | classes, subset curve |
//! | 4 | [`map`] | subset and full scores | a monotone map |
//! | all | [`engines`], [`forecast`] | ladder, target | forecast with diagnostics |
//! | judge | [`backtest`] | studies, engines | errors and their ranking |
//!
//! Nothing here reads a file, the clock, the environment, or unseeded randomness; lints hold that.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod config;
pub mod diagnostic;
pub mod error;
pub mod optim;
pub mod projection;
pub mod stats;
pub mod units;

pub mod check;
pub mod evals;
pub mod passrate;

pub mod cluster;
pub mod extrapolate;
pub mod fit;
pub mod map;

pub mod backtest;
pub mod curves;
pub mod detail;
pub mod difficulty;
pub mod engines;
pub mod forecast;
pub mod invert;
pub mod monitor;
pub mod plan;

pub use config::Config;
pub use diagnostic::{Diagnostic, Severity};
pub use error::{Error, Result};
pub use units::Flops;
