//! What file names say where the file itself does not: code benchmarks and a few others keep the
//! model, the temperature or the task there and nowhere else.

/// What a file name tells of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Named {
    /// The model, as far as the name can tell: slashes have become `--` or `_` and stay so.
    pub(super) model: String,
    pub(super) task: Option<String>,
    pub(super) temperature: Option<f64>,
    /// Generations per sample.
    pub(super) n: Option<u64>,
}

/// `<model>_<backend>_temp_<t>[-sanitized][_|.]eval_results.json` of EvalPlus.
pub(super) fn evalplus(file: &str) -> Option<Named> {
    const BACKENDS: &[&str] = &[
        "vllm",
        "hf",
        "openai",
        "anthropic",
        "google",
        "bedrock",
        "gptqmodel",
        "ollama",
        "huggingface",
        "mistral",
    ];
    let stem = file.strip_suffix("eval_results.json")?.trim_end_matches(['_', '.']);
    let stem = stem.strip_suffix(".jsonl").unwrap_or(stem);
    let stem = stem.strip_suffix("-sanitized").unwrap_or(stem);
    let (model, temperature) = match stem.rsplit_once("_temp_") {
        Some((model, t)) if t.parse::<f64>().is_ok() => (model, t.parse().ok()),
        _ => (stem, None),
    };
    let model = match model.rsplit_once('_') {
        Some((model, backend)) if BACKENDS.contains(&backend) => model,
        _ => model,
    };
    Some(Named { model: model.to_owned(), temperature, ..Named::default() })
}

/// `<model>--bigcodebench[-hard]-<split>--<backend>-<t>-<n>-sanitized[_calibrated]_eval_results.json`
/// of BigCodeBench.
pub(super) fn bigcodebench(file: &str) -> Option<Named> {
    let stem = file.strip_suffix("_eval_results.json")?;
    let at = stem.find("--bigcodebench-")?;
    let (model, rest) = (&stem[..at], &stem[at + 2..]);
    let (task, run) = rest.split_once("--")?;
    // <backend>-<temperature>-<n>-<more>
    let mut parts = run.split('-').skip(1);
    let temperature = parts.next().and_then(|t| t.parse().ok());
    let n = parts.next().and_then(|n| n.parse().ok());
    Some(Named { model: model.to_owned(), task: Some(task.to_owned()), temperature, n })
}

/// `<samples>_results.jsonl` of HumanEval, where `<samples>` is mostly `<model>_samples.jsonl`.
pub(super) fn humaneval(file: &str) -> Option<Named> {
    let stem = file.strip_suffix("_results.jsonl")?;
    let stem = stem.strip_suffix(".jsonl").unwrap_or(stem);
    let model = stem.strip_suffix("samples").unwrap_or(stem).trim_end_matches(['_', '-', '.']);
    Some(Named { model: model.to_owned(), ..Named::default() })
}

/// `Scenario.<scenario>_<n>_<t>_eval_all.json` of LiveCodeBench, in a folder named after the model.
pub(super) fn livecodebench(file: &str, folder: Option<&str>) -> Option<Named> {
    let stem = file.strip_prefix("Scenario.")?.strip_suffix(".json")?;
    let stem = stem.strip_suffix("_eval_all").or(stem.strip_suffix("_eval")).unwrap_or(stem);
    let (stem, temperature) = stem.rsplit_once('_')?;
    let (scenario, n) = stem.rsplit_once('_')?;
    Some(Named {
        model: folder.unwrap_or_default().to_owned(),
        task: Some(format!("livecodebench/{scenario}")),
        temperature: temperature.parse().ok(),
        n: n.parse().ok(),
    })
}

/// `<eval>_<model>_<date>_<time>_allresults.json` of simple-evals.
pub(super) fn simple_evals(file: &str) -> Option<Named> {
    // The names with an underscore; all others end at the first one.
    const LONG: &[&str] = &["healthbench_hard", "healthbench_consensus", "healthbench_meta"];
    let mut stem = file.strip_suffix("_allresults.json")?;
    // The stamp came in 2025: _YYYYmmdd_HHMMSS.
    let digits = |text: &str, n: usize| text.len() == n && text.bytes().all(|b| b.is_ascii_digit());
    if let Some((rest, time)) = stem.rsplit_once('_')
        && let Some((rest, date)) = rest.rsplit_once('_')
        && digits(date, 8)
        && digits(time, 6)
    {
        stem = rest;
    }
    stem = stem.strip_suffix("_DEBUG").unwrap_or(stem);
    let task = LONG.iter().find(|task| stem.starts_with(&format!("{task}_")));
    let task =
        task.map_or_else(|| stem.split_once('_').map(|(task, _)| task), |task| Some(*task))?;
    let model = &stem[task.len() + 1..];
    Some(Named { model: model.to_owned(), task: Some(task.to_owned()), ..Named::default() })
}

/// `task-<nnn>-<task>-predictions.jsonl` of OLMES; public releases drop the prefix.
pub(super) fn olmes_task(file: &str) -> Option<&str> {
    let stem = file.strip_suffix("-predictions.jsonl")?;
    let numbered = stem.strip_prefix("task-").and_then(|rest| rest.split_once('-'));
    match numbered {
        Some((n, task)) if !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()) => Some(task),
        _ => Some(stem),
    }
}

/// `details_<task>|<shots>_<time>.parquet` of lighteval: the task, with its suite in old versions,
/// and the number of examples shown.
pub(super) fn lighteval_task(file: &str) -> Option<(&str, Option<u32>)> {
    let stem = file.strip_prefix("details_")?.strip_suffix(".parquet")?;
    let (task, _time) = stem.rsplit_once('_')?;
    Some(lighteval_shots(task))
}

/// `demo:gsm|0` into the task and the number of examples shown.
pub(super) fn lighteval_shots(name: &str) -> (&str, Option<u32>) {
    match name.rsplit_once('|') {
        Some((task, shots)) if shots.parse::<u32>().is_ok() => (task, shots.parse().ok()),
        _ => (name, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(model: &str, task: Option<&str>, temperature: Option<f64>, n: Option<u64>) -> Named {
        Named { model: model.to_owned(), task: task.map(str::to_owned), temperature, n }
    }

    #[test]
    fn evalplus_names_of_three_versions() {
        let org = "demo-org--demo-7b_vllm_temp_0.8.eval_results.json";
        assert_eq!(evalplus(org), Some(named("demo-org--demo-7b", None, Some(0.8), None)));
        let old = "demo_7b_temp_0.2-sanitized_eval_results.json";
        assert_eq!(evalplus(old), Some(named("demo_7b", None, Some(0.2), None)));
        assert_eq!(evalplus("eval_results.json"), Some(named("", None, None, None)));
        assert_eq!(evalplus("other.json"), None);
    }

    #[test]
    fn bigcodebench_models_may_hold_double_dashes() {
        let file = "org--m-7b--main--bigcodebench-hard-instruct--vllm-0.8-3-sanitized_calibrated_eval_results.json";
        let task = Some("bigcodebench-hard-instruct");
        assert_eq!(bigcodebench(file), Some(named("org--m-7b--main", task, Some(0.8), Some(3))));
        assert_eq!(bigcodebench("x_eval_results.json"), None);
    }

    #[test]
    fn humaneval_names_lose_their_endings() {
        assert_eq!(humaneval("demo-7b_samples.jsonl_results.jsonl").unwrap().model, "demo-7b");
        assert_eq!(humaneval("samples.jsonl_results.jsonl").unwrap().model, "");
    }

    #[test]
    fn livecodebench_takes_the_folder_as_the_model() {
        let file = "Scenario.codegeneration_10_0.2_eval_all.json";
        let task = Some("livecodebench/codegeneration");
        assert_eq!(
            livecodebench(file, Some("M (N=1)")),
            Some(named("M (N=1)", task, Some(0.2), Some(10)))
        );
    }

    #[test]
    fn simple_evals_split_at_the_first_underscore_but_for_known_names() {
        let file = "gpqa_gpt_4o_mini_20261121_184500_allresults.json";
        assert_eq!(simple_evals(file), Some(named("gpt_4o_mini", Some("gpqa"), None, None)));
        let file = "healthbench_hard_o3_allresults.json";
        assert_eq!(simple_evals(file), Some(named("o3", Some("healthbench_hard"), None, None)));
    }

    #[test]
    fn tasks_of_olmes_and_lighteval() {
        assert_eq!(
            olmes_task("task-002-codex_humaneval-predictions.jsonl"),
            Some("codex_humaneval")
        );
        assert_eq!(olmes_task("task-oriented-predictions.jsonl"), Some("task-oriented"));
        assert_eq!(olmes_task("arc_challenge-predictions.jsonl"), Some("arc_challenge"));
        let time = "2026-11-21T18-51-02.968118";
        let file = format!("details_custom|demo:mc|5_{time}.parquet");
        assert_eq!(lighteval_task(&file), Some(("custom|demo:mc", Some(5))));
        assert_eq!(lighteval_shots("demo_mixed"), ("demo_mixed", None));
    }
}
