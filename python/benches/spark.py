"""What a Spark cluster makes of logs, against one machine: the same bytes, and how fast.

``python python/benches/spark.py table [MILLION_ROWS] [WORKERS]`` writes a table of that many generations
(20 million) of ten models on ten tasks as JSON Lines, six files, one of them as large as the other five
together. ``python python/benches/spark.py lm-eval [GIGABYTES] [WORKERS]`` writes logs of
lm-evaluation-harness of ten models on ten tasks, with prompts and generations of some thousand characters
(2 GB). Both are ingested here with one thread and with as many as there are workers, and on a local Spark
cluster of that many workers (2) with a core each. The studies must be the same to the byte. Printed are
seconds, CPU seconds (of Spark: of all its processes, and which took them) and megabytes of logs a
CPU-second: for Spark once the session is up, with the way of the counts to the driver and the study. What
so many cores would take for terabytes of such logs is computed from the rate of the second time on Spark.
Needs Linux's /proc.
"""

from __future__ import annotations

import filecmp
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
from typing import Any

import numpy as np

MODELS, TASKS, REPEATS = 10, 10, 100
INGEST = """
import sys, time, codcast
start = time.perf_counter()
codcast.ingest(sys.argv[1], sys.argv[2], output=sys.argv[3], progress=False)
print(time.perf_counter() - start, time.process_time())
"""


def write_table(folder: pathlib.Path, millions: float) -> None:
    """Write rows of generations."""
    samples = round(millions * 1e6 / (MODELS * TASKS * REPEATS))
    random = np.random.default_rng(11)
    # Half of all rows are of one file: whoever reads it in one go is late.
    places = [0] * (MODELS // 2) + list(range(1, MODELS // 2 + 1))
    files = [(folder / f"part-{place}.jsonl").open("a") for place in places]
    for model, file in enumerate(files):
        for task in range(TASKS):
            rates = random.random(samples) ** (1 + (MODELS - model) / 3)
            right = random.random((samples, REPEATS)) < rates[:, None]
            for sample, row in enumerate(right.tolist()):
                head = f'{{"model": "org/m{model}", "task": "t{task}", "sample_id": "t{task}/test/{sample:05}", "repeat": '
                file.write("".join(f'{head}{n}, "score": {int(s)}}}\n' for n, s in enumerate(row)))
    for file in files:
        file.close()


def write_lm_eval(folder: pathlib.Path, gigabytes: float) -> None:
    """Write logs as lm-eval 0.4.13 does: a results file a model, and a file of samples a task."""
    random = np.random.default_rng(11)
    words = [f"w{n:x}" for n in random.integers(0, 1 << 20, 5000)]

    def prose(characters: int) -> str:
        return " ".join(words[n] for n in random.integers(0, len(words), characters // 6))

    texts, time_of_run = [prose(3000) for _ in range(200)], "2026-01-01T00-00-00.000000"
    samples = round(gigabytes * 1e9 / (MODELS * TASKS * 11_000))
    for model in range(MODELS):
        here = folder / f"org__m{model}"
        here.mkdir()
        results: dict[str, Any] = {"results": {}, "configs": {}, "versions": {}, "n-shot": {}}
        for task in range(TASKS):
            right = random.random(samples) < (model + 1) / 12
            with (here / f"samples_t{task}_{time_of_run}.jsonl").open("w") as file:
                for doc, score in enumerate(right.tolist()):
                    question, answer = texts[(doc + task) % 200], texts[(7 * doc + model) % 200]
                    row = {
                        **{"doc_id": doc, "doc": {"question": f"{doc} {question}"}, "target": "1"},
                        "arguments": {"gen_args_0": {"arg_0": f"{doc} {question}", "arg_1": {"until": []}}},
                        **{"resps": [[answer]], "filtered_resps": ["1"], "filter": "none"},
                        **{"metrics": ["exact_match"], "doc_hash": f"{doc:064x}", "prompt_hash": f"{doc:064x}"},
                        **{"target_hash": f"{1:064x}", "exact_match": float(score)},
                    }
                    file.write(json.dumps(row) + "\n")
            results["results"][f"t{task}"] = {"exact_match,none": float(right.mean())}
            results["configs"][f"t{task}"] = {
                "output_type": "generate_until",
                "metric_list": [{"metric": "exact_match", "aggregation": "mean"}],
            }
            results["versions"][f"t{task}"], results["n-shot"][f"t{task}"] = 1, 0
        results["config"] = {"model": "hf", "model_args": f"pretrained=org/m{model}"}
        (here / f"results_{time_of_run}.json").write_text(json.dumps(results))


def here(
    logs: pathlib.Path, models: pathlib.Path, output: pathlib.Path, threads: int
) -> tuple[float, float]:
    """Seconds and CPU seconds of one machine."""
    env = os.environ | {"RAYON_NUM_THREADS": str(threads)}
    command = [sys.executable, "-c", INGEST, logs, models, output]
    said = subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout
    wall, cpu = map(float, said.split())
    return wall, cpu


def cpu_seconds() -> dict[str, float]:
    """CPU seconds so far: of this process, and of Java and Python among all that it started."""
    fields, names = {}, {}
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            pid, _, rest = path.read_text().partition(" (")
        except OSError:  # it has ended
            continue
        names[int(pid)], _, rest = rest.rpartition(") ")
        fields[int(pid)] = rest.split()
    ours = {os.getpid()}
    while more := {pid for pid, of in fields.items() if int(of[1]) in ours} - ours:
        ours |= more
    spent = {"Java": 0.0, "Python workers": 0.0, "here": 0.0}
    for pid in ours:
        who = "Java" if names[pid] == "java" else "Python workers"
        # utime, stime, and those of its children that have ended
        ticks = sum(int(n) for n in fields[pid][11:15])
        spent["here" if pid == os.getpid() else who] += ticks / os.sysconf("SC_CLK_TCK")
    return spent


def session(workers: int) -> Any:
    """Workers with a core each, with their Python processes up."""
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master(f"local-cluster[{workers},1,1024]").appName("codcast")
    builder = builder.config("spark.ui.enabled", "false").config("spark.driver.memory", "2g")
    builder = builder.config("spark.driver.host", "127.0.0.1")
    spark = builder.config("spark.driver.bindAddress", "127.0.0.1").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    spark.range(2 * workers).repartition(workers).mapInArrow(lambda batches: batches, "id bigint").count()
    return spark


def size_up(rate: float) -> None:
    """Print hours for terabytes, computed from megabytes a CPU-second."""
    cores = (16, 64, 256)
    print("computed:  " + "".join(f"{f'{count} cores':>12}" for count in cores))
    for terabytes in (1, 10, 100):
        hours = [terabytes * 1e6 / rate / count / 3600 for count in cores]
        print(f"{terabytes:7} TB " + "".join(f"{f'{hour:.2g} h':>12}" for hour in hours))


def main() -> None:
    """Print the table."""
    kind = sys.argv[1] if len(sys.argv) > 1 else "table"
    amount = float(sys.argv[2]) if len(sys.argv) > 2 else {"table": 20.0, "lm-eval": 2.0}[kind]
    workers = int(sys.argv[3]) if len(sys.argv) > 3 else 2
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        logs, models = folder / "logs", folder / "models.toml"
        logs.mkdir()
        {"table": write_table, "lm-eval": write_lm_eval}[kind](logs, amount)
        size = sum(path.stat().st_size for path in logs.rglob("*.json*")) / 1e6
        listed = [
            f'[[models]]\nname = "m{n}"\nmatch = "org/m{n}"\nrole = "ladder"\ncompute_flops = {1e20 * 2**n}\n'
            for n in range(MODELS)
        ]
        models.write_text('name = "generated"\n' + "\n".join(listed))
        print(f"{kind}: {f'{amount:g} million rows, ' if kind == 'table' else ''}{size:.0f} MB", flush=True)

        def say(what: str, wall: float, cpu: float) -> float:
            print(f"{what:40} {wall:7.1f} s {cpu:7.1f} CPU-s {size / cpu:7.1f} MB a CPU-s", flush=True)
            return size / cpu

        say("one machine, one thread", *here(logs, models, folder / "one", 1))
        say(f"one machine, {workers} threads", *here(logs, models, folder / "threads", workers))
        import codcast.spark

        spark = session(workers)
        rate = 0.0
        for again in ("first", "second"):
            start, before = time.perf_counter(), cpu_seconds()
            codcast.spark.write_study(spark, str(logs), models, folder / again)
            wall, after = time.perf_counter() - start, cpu_seconds()
            spent = {who: seconds - before[who] for who, seconds in after.items()}
            rate = say(f"Spark, {workers} workers, {again} time", wall, sum(spent.values()))
            print("  " + ", ".join(f"{who} {seconds:.1f} CPU-s" for who, seconds in spent.items()), flush=True)
        spark.stop()
        for other in ("threads", "first", "second"):
            names = [path.name for path in (folder / "one").iterdir()]
            same, differ, missing = filecmp.cmpfiles(folder / "one", folder / other, names, shallow=False)
            if differ or missing or len(same) < 4:
                sys.exit(f"{other} differs from one machine's: {differ + missing}")
        print("the four studies are the same to the byte")
        size_up(rate)


if __name__ == "__main__":
    main()
