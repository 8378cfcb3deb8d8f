//! Warnings are values: they travel beside the result and carry advice.

use serde::Serialize;

/// How much a diagnostic matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// The forecast may be off because of it.
    Warning,
    /// No forecast because of it.
    Error,
}

macro_rules! diagnostics {
    ($( $(#[$doc:meta])* $variant:ident $( { $( $(#[$fdoc:meta])* $field:ident : $type:ty ),* $(,)? } )?
        = $code:literal, $severity:ident, $message:literal ; )*) => {
        /// Everything the tool may have to say about a result.
        ///
        /// One line a diagnostic: its data, stable code, severity and message. The message says what
        /// was found and what would help.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Diagnostic { $(
            $(#[$doc])*
            $variant $( { $( $(#[$fdoc])* $field : $type ),* } )?,
        )* }

        impl Diagnostic {
            /// Every code, with its severity, in the order of the variants.
            pub const CODES: &'static [(&'static str, Severity)] = &[$( ($code, Severity::$severity) ),*];

            /// Stable, for scripts.
            pub fn code(&self) -> &'static str {
                match self { $( Self::$variant { .. } => $code, )* }
            }

            /// How much it matters.
            pub fn severity(&self) -> Severity {
                match self { $( Self::$variant { .. } => Severity::$severity, )* }
            }

            /// For people: what was found and what would help.
            pub fn message(&self) -> String {
                match self { $( Self::$variant $( { $( $field ),* } )? => format!($message), )* }
            }
        }
    };
}

diagnostics! {
    /// Fewer rungs than an engine needs.
    TooFewRungs { /** Rungs with this task. */ have: usize, /** The engine's minimum. */ need: usize }
        = "too_few_rungs", Error,
        "the task has {have} rung(s); this engine needs at least {need}: evaluate more small models";
    /// Enough to fit, few for trust.
    FewRungs { /** Rungs. */ have: usize, /** Advised. */ advised: usize }
        = "few_rungs", Warning,
        "{have} rung(s); at least {advised} are advised";
    /// Samples not shared by all rungs were left out.
    SamplesDropped { /** Dropped. */ dropped: usize, /** Of how many. */ of: usize, /** The model with most missing. */ model: String }
        = "samples_dropped", Warning,
        "{dropped} of {of} samples are not answered by every rung and were left out; {model:?} misses most: evaluate it on the rest";
    /// Rungs have no sample in common.
    NoCommonSamples { /** The model with most missing. */ model: String }
        = "no_common_samples", Error,
        "the rungs have no sample in common; {model:?} misses most: evaluate all rungs on the same samples";
    /// The engine needs samples; the task has aggregates.
    NeedsSamples = "needs_samples", Error,
        "only the task's mean score is known; this engine needs per-sample results";
    /// Samples have no counted scores at all.
    NoScores = "no_scores", Error,
        "no rung has a score on this task: evaluate the rungs on it, or leave the task out";
    /// A rung has no result on the task.
    RungAbsent { /** The model. */ model: String }
        = "rung_absent", Warning,
        "model {model:?} is not a rung here: it has no result on this task at the checkpoint that stands for it, or only a mean where others have samples; evaluate it, or correct its checkpoint in study.toml";
    /// An anchor does not share the samples.
    AnchorDropped { /** Its name. */ anchor: String, /** Shared samples. */ shared: usize, /** Of how many. */ of: usize }
        = "anchor_dropped", Info,
        "anchor {anchor:?} has {shared} of the {of} common samples and was left out: evaluate it on all of them";
    /// The actual score covers not all common samples.
    ActualPartial { /** Answered. */ shared: usize, /** Of how many. */ of: usize }
        = "actual_partial", Warning,
        "the target answered {shared} of the {of} common samples; its actual score is the mean of these, the forecast is of all: compare with care";
    /// No sample ever scores.
    AllZero = "all_zero", Error,
        "no rung ever scores on this task: nothing has emerged to extrapolate; add larger rungs or easier samples";
    /// The labels file knows none of the samples.
    NoLabels { /** Samples of the task. */ samples: usize }
        = "no_labels", Error,
        "the labels given put none of the task's {samples} samples in a cluster: use labels found on the same task and samples";
    /// No cluster passed the criteria.
    NoPredictableCluster { /** Clusters found. */ clusters: usize }
        = "no_predictable_cluster", Error,
        "no cluster is extrapolatable ({clusters} found): scores are flat, falling, near chance, too coarse to group, or outside the criteria's unit of compute (codcast clusters shows each reason); try another engine, or more generations a sample";
    /// The predictable subset is a small part of the set.
    SmallPredictableShare { /** Percent of the samples. */ percent: u32 }
        = "small_predictable_share", Warning,
        "only {percent} % of the samples are predictable; the rest is guessed through the mapping";
    /// The largest rung is not better than the smallest.
    NotIncreasing = "not_increasing", Warning,
        "scores do not increase along the ladder: a larger rung would show whether they will";
    /// Scores are within noise of guessing.
    NearChance { /** Chance, percent. */ percent: u32 }
        = "near_chance", Warning,
        "all rungs are near the score of guessing ({percent} %): a forecast can only say that little changes";
    /// Too few rungs rise above guessing for a law of the part above it.
    TooFewAboveChance { /** Rungs clearly above chance. */ have: usize, /** Needed. */ need: usize, /** Chance, percent. */ percent: u32 }
        = "too_few_above_chance", Error,
        "{have} rungs are clearly above the score of guessing ({percent} %); this engine needs {need}: add larger rungs";
    /// The target is far beyond the ladder.
    FarTarget { /** Rounded factor. */ times: u64 }
        = "far_target", Warning,
        "the target has {times} times the compute of the largest rung that has this task; the method was shown for up to 27 times: add a larger rung";
    /// Scores so low that nothing of the set has emerged.
    EmergencePossible { /** Percent at the largest rung, rounded up. */ percent: u32 }
        = "emergence_possible", Warning,
        "the largest rung scores below {percent} %: scores that low have jumped within one step of public ladders, which no interval can foresee; add easier samples or a larger rung";
    /// Rungs do not lie on a curve.
    NoisyLadder { /** Percent of the -log score. */ percent: u32 }
        = "noisy_ladder", Warning,
        "rungs deviate from a smooth curve by about {percent} % of their -log score: the ladder is not one recipe, or training is not stable; repeat a rung with another seed";
    /// The law failed on the ladder itself.
    RungsMissed { /** How much wider the interval is for it, rounded. */ times: u64 }
        = "rungs_missed", Warning,
        "forecasts of this ladder's own larger rungs from its smaller ones missed by far more than a smooth law expects; the interval is {times} times as wide for it: add a rung nearer the target";
    /// The target's tokens per parameter are outside the ladder's.
    DifferentRecipe { /** Target's tokens per parameter. */ ratio: u64 }
        = "different_recipe", Warning,
        "the target has {ratio} tokens per parameter, over four times outside what the rungs have: its shape is extrapolated too; add a rung like it";
    /// One generation a sample.
    FewTrials { /** Median trials. */ trials: u32 }
        = "few_trials", Warning,
        "{trials} generation(s) a sample: pass rates are coarse; sample more generations";
    /// The target's size is not known.
    TargetWithoutCompute { /** Its name. */ target: String }
        = "target_without_compute", Error,
        "target {target:?} has no compute: give compute_flops, or params and tokens";
    /// The target is not above the ladder.
    TargetInsideLadder { /** Its name. */ target: String }
        = "target_inside_ladder", Error,
        "target {target:?} has not more compute than the largest rung: nothing to extrapolate";
    /// Nobody is to be forecast.
    NoTargetNamed = "no_target", Warning,
        "no model has role \"target\": a forecast needs --target NAME or --compute FLOPS";
    /// The engine needs a loss.
    NeedsLoss { /** Which loss. */ which: &'static str }
        = "needs_loss", Error,
        "this engine needs {which} for every rung";
    /// The engine needs parameters and tokens.
    NeedsParamsAndTokens = "needs_params_tokens", Error,
        "this engine needs params and tokens for every rung and the target";
    /// The engine needs an anchor.
    NeedsAnchor = "needs_anchor", Error,
        "no anchor of at least half the target's compute, itself known, answered these samples";
    /// A fit did not end well.
    FitFailed { /** Why. */ reason: String }
        = "fit_failed", Error,
        "the fit gave no usable curve: {reason}";
    /// A setting the engine fell back from.
    MappingFellBack { /** From what to what. */ reason: String }
        = "mapping_fell_back", Info,
        "{reason}";
    /// Labels from another ladder do not group this one's samples by difficulty.
    LabelsNoLongerFit { /** Percent of the variance that the given labels explain. */ percent: u32, /** Percent that new clusters would. */ own: u32 }
        = "labels_no_longer_fit", Warning,
        "the clusters taken over explain {percent} % of the variance of the pass rates here, new ones would explain {own} %: they no longer fit this ladder; cluster it anew";
    /// Rungs have no checkpoint at the run's share of training.
    ComparedAtEqualCompute { /** Looks without. */ looks: usize, /** Of how many. */ of: usize }
        = "compared_at_equal_compute", Warning,
        "{looks} of {of} checkpoints are compared with finished rungs at equal compute, since fewer than three rungs have a checkpoint at the same share of training: an unfinished run differs from a finished model of its compute; evaluate the rungs' checkpoints";
    /// The bands could not be checked on the ladder.
    FewRungsAsRuns { /** Rungs that could be looked at as runs. */ have: usize }
        = "few_rungs_as_runs", Warning,
        "{have} rung(s) could be forecast from smaller ones to see how healthy runs deviate here: bands and alarms rest on the engine's word; add rungs";
    /// The ladder's own rungs deviate more than the engine expects.
    SurprisingLadder { /** Largest factor over tasks. */ times: String }
        = "surprising_ladder", Warning,
        "rungs forecast from smaller ones are off by up to {times} times what the engine expects; bands are widened by that, and smaller faults stay unseen";
    /// Evaluation cannot be priced.
    EvaluationNotPriced = "evaluation_not_priced", Warning,
        "params are not known for every rung, so the cost of evaluation is left out: give params in study.toml";
    /// Nothing fits the budget.
    BudgetTooSmall = "budget_too_small", Warning,
        "no addition costs at most the budget: raise it";
}

impl Serialize for Diagnostic {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut fields = serializer.serialize_struct("Diagnostic", 3)?;
        fields.serialize_field("code", self.code())?;
        fields.serialize_field("severity", &self.severity())?;
        fields.serialize_field("message", &self.message())?;
        fields.end()
    }
}
