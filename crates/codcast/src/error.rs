//! What can be wrong with a question, as opposed to with an answer ([`crate::Diagnostic`]).

/// The result of checking input at the door.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A study or a request that makes no sense. Every variant names the offender and what to do.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// Compute must be a finite positive number.
    #[error("compute is {value}; expected a finite positive number of FLOPs")]
    Compute {
        /// The offending number.
        value: f64,
    },
    /// A model needs compute to take part in a ladder.
    #[error(
        "model {model:?} has no compute: give compute_flops, or compute_per_token_flops and tokens, \
         or params and tokens"
    )]
    NoCompute {
        /// The model.
        model: String,
    },
    /// Two rungs cannot be ordered.
    #[error(
        "models {first:?} and {second:?} have the same compute ({flops}); rungs must differ: correct \
         it, or give one of them role \"ignore\""
    )]
    EqualCompute {
        /// The first model in the study's order.
        first: String,
        /// The second.
        second: String,
        /// Their compute.
        flops: crate::Flops,
    },
    /// No model of role `ladder`.
    #[error(
        "the study has no model of role \"ladder\": give the small models that role in study.toml"
    )]
    NoLadder,
    /// One rung shows no trend.
    #[error(
        "the ladder has one rung, {model:?}; a trend needs at least two: evaluate more small models"
    )]
    OneRung {
        /// The only model.
        model: String,
    },
    /// The target must be larger than what it is forecast from.
    #[error(
        "target {target:?} has {flops}, not more than the largest rung {rung:?} ({largest}): \
         name a larger target, or give {rung:?} another role"
    )]
    SmallTarget {
        /// The target.
        target: String,
        /// Its compute.
        flops: crate::Flops,
        /// The largest rung.
        rung: String,
        /// Its compute.
        largest: crate::Flops,
    },
    /// A name that is not in the study.
    #[error("there is no {kind} {name:?}; there is: {known}")]
    Unknown {
        /// `model`, `task`, `target` or `engine`.
        kind: &'static str,
        /// The name asked for.
        name: String,
        /// What there is, comma-separated.
        known: String,
    },
    /// The study names no target and the request gives none.
    #[error(
        "nothing to forecast: give --target NAME or --compute FLOPS, or a model role \"target\""
    )]
    NoTarget,
    /// Two models, or two tasks, share a name.
    #[error("{kind} {name:?} is listed twice; names must be unique")]
    Duplicate {
        /// `model` or `task`.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// A setting out of its range.
    #[error("{field} is {value}; expected {expected}")]
    Setting {
        /// The path of the setting, e.g. `cluster.quantile`.
        field: &'static str,
        /// What was given.
        value: String,
        /// The range.
        expected: &'static str,
    },
    /// A run without results.
    #[error(
        "model {model:?} has no results to look at: evaluate a checkpoint of it, and give rows with \
         its name and checkpoint in the table of samples"
    )]
    NoCheckpoints {
        /// The run.
        model: String,
    },
    /// A run whose end is not known.
    #[error(
        "model {model:?} has checkpoints, but where its training ends is not known: give its last \
         checkpoint as checkpoint = N in study.toml, or with --last-checkpoint N"
    )]
    NoLastCheckpoint {
        /// The run.
        model: String,
    },
    /// An engine that cannot say what is beyond chance.
    #[error("engine {engine:?} gives no intervals, which this question needs: use engine codcast")]
    NoIntervals {
        /// The engine.
        engine: &'static str,
    },
    /// Two studies have nothing to compare.
    #[error(
        "studies {first:?} and {second:?} have no task with common samples: evaluate both on the same"
    )]
    NothingShared {
        /// One study.
        first: String,
        /// The other.
        second: String,
    },
}

impl Error {
    /// Whether the question makes sense and the data cannot answer it, as opposed to a wrong question.
    pub fn is_unanswerable(&self) -> bool {
        match self {
            Self::NoLadder
            | Self::OneRung { .. }
            | Self::EqualCompute { .. }
            | Self::SmallTarget { .. }
            | Self::NoTarget
            | Self::NoCompute { .. }
            | Self::NoCheckpoints { .. }
            | Self::NoLastCheckpoint { .. }
            | Self::NothingShared { .. } => true,
            Self::NoIntervals { .. }
            | Self::Compute { .. }
            | Self::Unknown { .. }
            | Self::Duplicate { .. }
            | Self::Setting { .. } => false,
        }
    }
}

/// Gives an error enum its stable codes, each written once: `code()` of a value, and `CODES`, all of
/// them.
#[doc(hidden)]
#[macro_export]
macro_rules! error_codes {
    ($type:ident { $($variant:ident => $code:literal),* $(,)? } $(, inner $inner:ident)*) => {
        impl $type {
            /// Every code of this type, in the order of its variants.
            pub const CODES: &'static [&'static str] = &[$($code),*];

            /// Stable, for scripts and `codcast explain`.
            pub fn code(&self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => $code,)*
                    $(Self::$inner(inner) => inner.code(),)*
                }
            }
        }
    };
}

error_codes!(Error {
    Compute => "bad_compute",
    NoCompute => "no_compute",
    EqualCompute => "equal_compute",
    NoLadder => "no_ladder",
    OneRung => "one_rung",
    SmallTarget => "small_target",
    Unknown => "unknown_name",
    NoTarget => "nothing_to_forecast",
    Duplicate => "duplicate",
    Setting => "bad_setting",
    NoCheckpoints => "no_checkpoints",
    NoLastCheckpoint => "no_last_checkpoint",
    NoIntervals => "no_intervals",
    NothingShared => "nothing_shared",
});
