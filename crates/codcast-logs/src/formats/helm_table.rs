//! What HELM's own leaderboards show of each of its scenarios.
//!
//! Source: `run_groups[].environment` in HELM's `schema_classic.yaml`, `schema_lite.yaml` and
//! `schema_capabilities.yaml`. Where the schemas name a metric that falls as models get better
//! (bits per byte, absolute differences), the scenario is left out: it has no score.

/// (run group, main metric, main split).
const MAIN: &[(&str, &str, &str)] = &[
    ("babi_qa", "quasi_exact_match", "test"),
    ("bbq", "quasi_exact_match", "test"),
    ("billsum_legal_summarization", "rouge_2", "test"),
    ("blimp", "exact_match", "test"),
    ("boolq", "quasi_exact_match", "valid"),
    ("civil_comments", "quasi_exact_match", "test"),
    ("code_apps", "test_avg", "test"),
    ("code_humaneval", "pass", "test"),
    ("dyck_language", "exact_match_indicator", "test"),
    ("entity_data_imputation", "quasi_exact_match", "test"),
    ("entity_matching", "quasi_exact_match", "test"),
    ("eurlexsum_legal_summarization", "rouge_2", "test"),
    ("gpqa", "chain_of_thought_correctness", "test"),
    ("gsm", "exact_match_indicator", "test"),
    ("hellaswag", "exact_match", "valid"),
    ("ifeval", "ifeval_strict_accuracy", "test"),
    ("imdb", "quasi_exact_match", "valid"),
    ("legal_support", "quasi_exact_match", "test"),
    ("legalbench", "quasi_exact_match", "test"),
    ("lsat_qa", "quasi_exact_match", "test"),
    ("math_chain_of_thought", "math_equiv_chain_of_thought", "test"),
    ("math_regular", "math_equiv", "test"),
    ("med_qa", "quasi_exact_match", "test"),
    ("mmlu", "exact_match", "test"),
    ("mmlu_pro", "chain_of_thought_correctness", "test"),
    ("msmarco_regular", "RR@10", "valid"),
    ("msmarco_trec", "NDCG@10", "valid"),
    ("multilexsum_legal_summarization", "rouge_2", "test"),
    ("narrative_qa", "f1_score", "test"),
    ("natural_qa_closedbook", "f1_score", "valid"),
    ("natural_qa_openbook_longans", "f1_score", "valid"),
    ("omni_math", "omni_math_accuracy", "test"),
    ("openbookqa", "exact_match", "test"),
    ("quac", "f1_score", "valid"),
    ("raft", "quasi_exact_match", "test"),
    ("summarization_cnndm", "rouge_2", "test"),
    ("summarization_xsum", "rouge_2", "test"),
    ("synthetic_reasoning", "quasi_exact_match", "test"),
    ("synthetic_reasoning_natural", "f1_set_match", "test"),
    ("truthful_qa", "exact_match", "valid"),
    ("wikifact", "quasi_exact_match", "test"),
    ("wildbench", "wildbench_score_rescaled", "test"),
    ("wmt_14", "bleu_4", "test"),
];

/// The main metric and split of a run group.
pub(super) fn main_of(group: &str) -> Option<(&'static str, &'static str)> {
    MAIN.iter().find(|(name, ..)| *name == group).map(|(_, metric, split)| (*metric, *split))
}

/// Statistics of a run that are not scores: counts, costs, log-probabilities.
pub(super) fn is_score(metric: &str) -> bool {
    const PREFIXES: &[&str] = &[
        "num_",
        "finish_reason_",
        "inference_",
        "training_",
        "max_num_",
        "bias_metric",
        "toxic",
        "expected_max_toxicity",
        "max_toxicity",
        "logprob",
        "ece_",
        "platt_",
        "estimated_",
    ];
    const NAMES: &[&str] = &[
        "prompt_truncated",
        "max_prob",
        "batch_size",
        "predicted_index",
        "perplexity",
        "bits_per_byte",
        "absolute_value_difference",
        "edit_distance",
        "wildbench_score",
    ];
    !PREFIXES.iter().any(|prefix| metric.starts_with(prefix)) && !NAMES.contains(&metric)
}
