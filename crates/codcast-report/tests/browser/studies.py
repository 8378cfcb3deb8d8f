"""Study folders to look at: any number of tasks, with or without names that attack."""

import csv
import math
import os
import random

HOSTILE = [
    "</script><img src=x onerror=\"window.pwned=1\">",
    "<!--<script>window.pwned=1</script>",
    "\u202egnp.exe\u202c right to left",
    "x" * 500,
    "🦀 émoji 日本語 العربية",
    "=cmd|' /C calc'!A0",
    "a,b\"c\nd & e <b>bold</b>",
    "{{ 7*7 }} ${7*7} \u2028",
]


def toml(text):
    """A basic string; the escapes are those of TOML."""
    out = "".join(c if c.isprintable() and c not in "\"\\" else f"\\U{ord(c):08x}" for c in text)
    return f'"{out}"'


def write(folder, tasks, samples=60, trials=20, hostile=False, rungs=8, anchors=True):
    """Pass rates along a plain logistic in log compute; the target lies on it too."""
    os.makedirs(folder, exist_ok=True)
    rng = random.Random(tasks)
    models = [(f"rung-{i}", "ladder", 1e20 * 3.2**i) for i in range(rungs)]
    if hostile:
        models = [(HOSTILE[i % len(HOSTILE)] + f" {i}", role, flops) for i, (_, role, flops) in enumerate(models)]
    models.append(("target </title>" if hostile else "target", "target", 1e20 * 3.2 ** (rungs + 1)))
    models.append(("larger", "target", 1e20 * 3.2 ** (rungs + 2)))
    if anchors:
        models.append(("anchor", "anchor", 1e20 * 3.2 ** (rungs + 0.5)))
    with open(f"{folder}/study.toml", "w", encoding="utf-8") as file:
        file.write(f"name = {toml(HOSTILE[0] if hostile else f'{tasks}-tasks')}\n")
        for name, role, flops in models:
            file.write(f"[[models]]\nname = {toml(name)}\nrole = \"{role}\"\ncompute_flops = {flops:e}\n")
    with open(f"{folder}/samples.csv", "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["model", "task", "sample_id", "n_trials", "n_correct"])
        for task in range(tasks):
            name = HOSTILE[task % len(HOSTILE)] + f" {task}" if hostile else f"task-{task:02}"
            ease = rng.uniform(-1.5, 1.5)
            for sample in range(samples):
                identity = HOSTILE[sample % len(HOSTILE)] + f" {sample}" if hostile else f"s{sample}"
                hard = rng.gauss(0, 2)
                for model, role, flops in models:
                    if model == "larger":
                        continue
                    rate = 1 / (1 + math.exp(-(0.9 * math.log(flops / 2e22) + ease - hard)))
                    correct = sum(rng.random() < rate for _ in range(trials))
                    rows.writerow([model, name, identity, trials, correct])


def write_run(folder, tasks, hostile=False, rungs=6, looks=4):
    """Rungs with checkpoints, and a run that has all but its last; the last it has is half as good on the
    first task. Returns the run's name."""
    os.makedirs(folder, exist_ok=True)
    rng = random.Random(tasks)
    run = HOSTILE[0] if hostile else "run"
    models = [(f"{HOSTILE[i % len(HOSTILE)]} {i}" if hostile else f"rung-{i}", "ladder", 1e20 * 3.2**i)
              for i in range(rungs)]
    models.append((run, "target", 1e20 * 3.2 ** (rungs + 1)))
    with open(f"{folder}/study.toml", "w", encoding="utf-8") as file:
        file.write(f"name = {toml(HOSTILE[2] if hostile else 'watched')}\n")
        for name, role, flops in models:
            file.write(f"[[models]]\nname = {toml(name)}\nrole = \"{role}\"\ncompute_flops = {flops:e}\n"
                       f"checkpoint = {1000 * looks}\n")
    with open(f"{folder}/samples.csv", "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["model", "checkpoint", "task", "sample_id", "n_trials", "n_correct"])
        for name, role, flops in models:
            for look in range(1, looks + 1):
                if role == "target" and look == looks:
                    continue
                for task in range(tasks):
                    title = HOSTILE[task % len(HOSTILE)] + f" {task}" if hostile else f"task-{task}"
                    for sample in range(24):
                        place = math.log10(flops * look / looks / 1e20) - 0.8 - 0.15 * task - sample / 24
                        rate = 1 / (1 + math.exp(-1.5 * place))
                        if role == "target" and look == looks - 1 and task == 0:
                            rate /= 2
                        right = sum(rng.random() < rate for _ in range(20))
                        rows.writerow([name, 1000 * look, title, f"s{sample}", 20, right])
    return run
