#!/usr/bin/env bash
# Logs of the harnesses as released today: lm-eval and inspect_ai from PyPI run a mock model on a local
# task, and the logs are ingested. A new version that writes otherwise shows up here.
# Usage: harnesses.sh CODCAST [VENV]
# VENV: a virtual environment to use (made and filled where it is not there, so that a cache may keep
# it); without it a temporary one. Nothing but PyPI is asked for over the network.
set -euo pipefail
codcast="$(realpath "$1")"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
venv="$(realpath -m "${2:-$work/venv}")"
cd "$work"
if [ ! -x "$venv/bin/pip" ]; then
  python3 -m venv "$venv"
fi
"$venv/bin/pip" install --quiet --upgrade --disable-pip-version-check lm-eval inspect-ai

cat > data.jsonl <<'ROWS'
{"question": "2 + 2", "answer": "4"}
{"question": "3 + 3", "answer": "6"}
{"question": "4 + 5", "answer": "9"}
{"question": "1 + 7", "answer": "8"}
ROWS
mkdir tasks
cat > tasks/sums.yaml <<TASK
task: sums
dataset_path: json
dataset_kwargs: {data_files: {test: $work/data.jsonl}}
test_split: test
output_type: generate_until
doc_to_text: "{{question}} ="
doc_to_target: "{{answer}}"
generation_kwargs: {until: ["\n"]}
metric_list: [{metric: exact_match, aggregation: mean, higher_is_better: true}]
metadata: {version: 1.0}
TASK
cat > lm_eval_mock.py <<'PY'
"""Answers 4 to everything, as any model of lm-eval: one of four right."""
import sys

from lm_eval.api.model import LM
from lm_eval.api.registry import register_model


@register_model("mock")
class Mock(LM):
    def __init__(self, pretrained="demo-org/demo-1b", **kwargs):
        super().__init__()

    def generate_until(self, requests, disable_tqdm=False):
        return ["4" for _ in requests]

    def loglikelihood(self, requests, disable_tqdm=False):
        return [(-1.0, False) for _ in requests]

    def loglikelihood_rolling(self, requests, disable_tqdm=False):
        return [(-1.0,) for _ in requests]


if __name__ == "__main__":
    from lm_eval.__main__ import cli_evaluate

    cli_evaluate()
PY
cat > inspect_mock.py <<'PY'
"""A mock model that says 4 to everything, twice: one of four right."""
from inspect_ai import Task, eval
from inspect_ai.dataset import json_dataset, FieldSpec
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import match
from inspect_ai.solver import generate

data = json_dataset("data.jsonl", FieldSpec(input="question", target="answer"))


def answer():
    output = ModelOutput.from_content("demo-1b", "4")
    # Without it the mock model counts tokens, for which it downloads a tokenizer.
    output.usage = ModelUsage(input_tokens=4, output_tokens=1, total_tokens=5)
    return output


model = get_model("mockllm/demo-1b", custom_outputs=[answer() for _ in range(8)])
logs = eval(Task(dataset=data, solver=generate(), scorer=match(), name="sums_inspect"),
            model=model, epochs=2, log_dir="logs/inspect", display="none")
assert logs[0].status == "success", logs[0].error and logs[0].error.message[:2000]
PY
export HF_HUB_OFFLINE=1 HF_DATASETS_OFFLINE=1
versions=$("$venv"/bin/pip list 2>/dev/null | grep -E '^(lm_eval|lm-eval|inspect_ai|inspect-ai) ' || true)
echo "$versions"
"$venv"/bin/python lm_eval_mock.py run --model mock --model_args pretrained=demo-org/demo-1b --tasks sums \
  --include_path tasks --output_path logs/lm_eval --log_samples > lm_eval.log 2>&1 || { tail -20 lm_eval.log; exit 1; }
"$venv"/bin/python inspect_mock.py

"$codcast" ingest logs --init models.toml --quiet
"$codcast" ingest logs --models models.toml -o study --strict --format json > summary.json
"$venv"/bin/python - <<'PY'
import json

summary = json.load(open("summary.json"))
tasks = {t["task"]: t for t in summary["tasks"]}
assert set(tasks) == {"sums", "sums_inspect"}, tasks
for name, trials in (("sums", 4), ("sums_inspect", 8)):
    assert tasks[name]["mean"] == 0.25 and tasks[name]["trials"] == trials, tasks[name]
verified = summary["verification"]
assert verified["agreed"] == verified["stated"] >= 2, verified
print("ingested:", {name: task["metric"] for name, task in tasks.items()}, verified)
PY
