"""Raw generations of one rung in the layout of lm-evaluation-harness 0.4.x sample logs.

The harness itself was not run: this file writes the same fields with the same meaning,
so that the ingest of such logs can be tried on answers of a model that was really trained.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np

import corpus
import evaluate
from ladder import Run
from study import weights_at

STAMP, DATE = "2026-11-21T22-00-00.000000", 1795298400.0  # fixed, so that the files do not change from run to run
SAMPLES, GENERATIONS = 20, 20
FAMILIES = ("modular", "reverse", "brackets", "substitute")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def write_log(run: Run, work: Path, logs: Path) -> None:
    """Writes one results file and one samples file a task for the named checkpoint of `run`."""
    name = f"tiny-ladder/{run.name}"
    folder = logs / name.replace("/", "__")
    folder.mkdir(parents=True, exist_ok=True)
    weights, rng = weights_at(run, run.steps, work), np.random.default_rng(17)
    arguments = {"until": ["."], "do_sample": True, "temperature": 1.0, "top_p": evaluate.TOP_P}
    results: dict[str, object] = {}
    hashes: dict[str, str] = {}
    for task in FAMILIES:
        asked = [q for q in corpus.questions() if q.task == task]
        asked = asked[:: len(asked) // SAMPLES][:SAMPLES]
        rows, scores = [], []
        for i, q in enumerate(asked):
            answers = evaluate.generate(weights, run.shape.heads, q, GENERATIONS, rng)
            scores.append(sum(a == q.answer for a in answers) / GENERATIONS)
            doc = {"id": q.sample_id, "question": q.question + "=", "answer": q.answer}
            rows.append({
                "doc_id": i, "doc": doc, "target": q.answer,
                "arguments": {"gen_args_0": {"arg_0": doc["question"], "arg_1": arguments}},
                "resps": [answers], "filtered_resps": [answers], "filter": "none", "metrics": ["pass@1"],
                "doc_hash": _hash(json.dumps(doc, indent=2, ensure_ascii=False)),
                "prompt_hash": _hash(doc["question"]), "target_hash": _hash(q.answer), "pass@1": scores[-1],
            })  # fmt: skip
        hashes[task] = _hash("".join(r["doc_hash"] + r["prompt_hash"] + r["target_hash"] for r in rows))
        results[task] = {"alias": task, "pass@1,none": float(np.mean(scores)),
                         "pass@1_stderr,none": float(np.std(scores, ddof=1) / SAMPLES**0.5)}  # fmt: skip
        (folder / f"samples_{task}_{STAMP}.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    config = {
        "output_type": "generate_until", "generation_kwargs": arguments, "repeats": GENERATIONS, "num_fewshot": 0,
        "metric_list": [{"metric": "pass@1", "aggregation": "mean", "higher_is_better": True}],
        "filter_list": [{"name": "none", "filter": []}],
    }  # fmt: skip
    counts = {"original": SAMPLES, "effective": SAMPLES}
    (folder / f"results_{STAMP}.json").write_text(json.dumps({
        "results": results, "group_subtasks": {}, "configs": {t: {"task": t, **config} for t in FAMILIES},
        "versions": dict.fromkeys(FAMILIES, 1.0), "n-shot": dict.fromkeys(FAMILIES, 0),
        "higher_is_better": {t: {"pass@1": True} for t in FAMILIES},
        "n-samples": dict.fromkeys(FAMILIES, counts),
        "config": {"model": "tiny-ladder", "model_args": {"pretrained": name}, "model_num_parameters": run.params,
                   "gen_kwargs": {}, "limit": None},
        "date": DATE, "task_hashes": hashes, "model_source": "tiny-ladder", "model_name": name,
        "model_name_sanitized": folder.name,
    }, indent=2) + "\n")  # fmt: skip


