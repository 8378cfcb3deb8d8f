"""Study folders from published tables, of models that (but for Pythia) took no part in making the engine.

    python crates/codcast/examples/unseen_ladders.py EVAL_RESULTS OUT
    codcast backtest OUT/*

EVAL_RESULTS is the folder `eval_results` of github.com/ryoungj/ObsScaling (Ruan, Maddison and
Hashimoto 2024, Observational Scaling Laws, arXiv 2405.10938): scores of public base models, one
number a task, no samples. The families with five sizes or more are the studies; the largest model
is the target. (GPT-Neo, J and NeoX share data and builders rather than one recipe.) The folder as of
commit 43dad32, the file of small models as of 4d6e1e4.
"""

import csv
import sys
from pathlib import Path

# Where several files hold a model, the later one's numbers count.
FILES = (
    "base_llm_benchmark_eval_sub_10b.csv",
    "base_llm_benchmark_eval.csv",
    "base_llm_emergent_capability_eval.csv",
)
# Task: column, number of questions (XWinograd is a mean over languages, of about so many), score of guessing.
TASKS = {
    "mmlu": ("MMLU", 14042, 0.25),
    "arc_challenge": ("ARC-C", 1172, 0.25),
    "hellaswag": ("HellaSwag", 10042, 0.25),
    "winogrande": ("Winograd", 1267, 0.5),
    "truthfulqa": ("TruthfulQA", 817, None),
    "gsm8k": ("GSM8K", 1319, None),
    "xwinograd": ("XWinograd", 2325, 0.5),
    "humaneval": ("HumanEval", 164, None),
    "parsinlu": ("parsinlu_qa_2_acc", 1050, 0.25),
    "unscramble": ("word_unscrambling_2_exact_match", 2000, None),
    "ipa": ("ipa_transliterate_2_exact_match", 1003, None),
    "sub3": ("arithmetic_3ds_2_acc", 2000, None),
    "add3": ("arithmetic_3da_2_acc", 2000, None),
    "mul2": ("arithmetic_2dm_2_acc", 2000, None),
    "add2": ("arithmetic_2da_2_acc", 2000, None),
}
# Study: how its models' names begin.
FAMILIES = {
    "pythia": "EleutherAI/pythia-",
    "bloom": "bigscience/bloom",
    "gpt-neo": "EleutherAI/gpt-",
    "opt": "facebook/opt-",
    "qwen1.5": "Qwen/Qwen1.5-",
    "cerebras-gpt": "cerebras/Cerebras-GPT-",
    "rwkv-4": "RWKV/rwkv-4-",
}
PILE_TOKENS = 0.332  # trillions; RWKV-4's are not in the table (Peng et al. 2023, arXiv 2305.13048)


def read(folder):
    """One row a model, the columns of all files together."""
    models = {}
    for name in FILES:
        with (folder / name).open(newline="") as file:
            for row in csv.DictReader(file):
                models.setdefault(row["Model"], {}).update({k: v for k, v in row.items() if v})
    return models


def study(name, models, out):
    """Writes the study of one family: the tasks that all its models answered."""
    size = {m: float(row["Model Size (B)"]) for m, row in models.items()}
    tokens = {m: float(row.get("Pretraining Data Size (T)", PILE_TOKENS)) for m, row in models.items()}
    largest = max(models, key=lambda m: size[m] * tokens[m])
    tasks = {t: v for t, v in TASKS.items() if all(v[0] in row for row in models.values())}
    toml = [f'name = "{name}"']
    for m in models:
        role = "target" if m == largest else "ladder"
        toml += ["", "[[models]]", f'name = "{m}"', f'role = "{role}"', f"params = {size[m] * 1e9:e}", f"tokens = {tokens[m] * 1e12:e}"]
    for task, (_, questions, chance) in tasks.items():
        toml += ["", "[[tasks]]", f'name = "{task}"', f"n_samples = {questions}", *([f"chance = {chance}"] if chance else [])]
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.toml").write_text("\n".join(toml) + "\n")
    with (folder / "samples.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("model", "task", "sample_id", "score"))
        rows.writerows((m, t, "*", models[m][TASKS[t][0]]) for m in models for t in tasks)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    published, out = map(Path, sys.argv[1:])
    table = read(published)
    for name, start in FAMILIES.items():
        study(name, {m: row for m, row in table.items() if m.startswith(start)}, out)


if __name__ == "__main__":
    main()
