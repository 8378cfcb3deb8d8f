"""Counts and mean scores of the public studies, as pandas computes them.

    python shared_means.py DATA > shared_means.json

DATA: the folder of study folders. Per study the rows, models and tasks; per task, model and checkpoint
the number of samples and their mean score; per task with aggregates the number of models, the mean of
their scores and the mean of their task losses.
"""

import json
import pathlib
import sys

import pandas as pd


def study(folder):
    frame = pd.read_parquet(folder / "samples.parquet")
    models = (folder / "study.toml").read_text().count("[[models]]")
    counts = {"rows": len(frame), "models": models, "tasks": int(frame["task"].nunique())}
    if "score" not in frame:
        frame["score"] = frame["n_correct"] / frame["n_trials"]
    if "checkpoint" not in frame:
        frame["checkpoint"] = pd.NA
    alone = frame["sample_id"] == "*"
    keys = ["task", "model", "checkpoint"]
    runs = [
        [task, model, None if pd.isna(step) else int(step), len(group), float(group["score"].mean())]
        for (task, model, step), group in frame[~alone].groupby(keys, dropna=False, sort=True)
    ]
    aggregates = [
        [task, len(group), float(group["score"].mean()), float(group["task_loss"].mean())]
        for task, group in frame[alone].groupby("task", sort=True)
    ]
    return counts | {"runs": runs, "aggregates": aggregates}


def main(data):
    folders = sorted(path.parent for path in pathlib.Path(data).glob("*/study.toml"))
    lines = [f"{json.dumps(folder.name)}: {json.dumps(study(folder))}" for folder in folders]
    print("{" + ",\n".join(lines) + "}")


main(sys.argv[1])
