"""Reading logs against what one would write in Python: CPU seconds, wall seconds and peak memory.

    cargo build --release -p codcast-cli
    python speed.py ../../../target/release/codcast WORK_FOLDER      # needs pandas, pyarrow, duckdb

Writes about 2.5 GB to WORK_FOLDER (a 1 GB file of lm-eval samples, a Parquet table of 50 million rows, an
inspect_ai log of a million samples) and says that both sides count the same.
"""

import json
import os
import random
import resource
import subprocess
import sys
import zipfile

codcast, work = os.path.abspath(sys.argv[1]), sys.argv[2]
os.makedirs(work, exist_ok=True)
os.chdir(work)


def lm_eval(size=1 << 30):
    """One task, rows of 4 KB as multiple choice writes them."""
    folder, stamp = "lm_eval/org__m", "2026-01-01T00-00-00.000000"
    path = f"{folder}/samples_t_{stamp}.jsonl"
    if os.path.exists(path):
        return "lm_eval"
    os.makedirs(folder, exist_ok=True)
    r = random.Random(1)
    prompt = " ".join(f"word{r.randrange(5000)}" for _ in range(110))
    n = right = 0
    with open(path, "w") as out:
        while out.tell() < size:
            score = float(r.random() < 0.4)
            arguments = {f"gen_args_{c}": {"arg_0": prompt, "arg_1": f" choice {c} of {n}"} for c in range(4)}
            resps = [[[str(-r.random() * 9), "False"]] for _ in range(4)]
            row = {"doc_id": n, "doc": {"question": prompt, "n": n}, "target": "1", "arguments": arguments,
                   "resps": resps, "filtered_resps": [x[0] for x in resps], "filter": "none",
                   "metrics": ["acc", "acc_norm"], "doc_hash": f"{n:064x}", "prompt_hash": f"{n:064x}",
                   "target_hash": f"{1:064x}", "acc": score, "acc_norm": score}
            out.write(json.dumps(row) + "\n")
            n += 1
            right += score
    results = {"results": {"t": {"acc,none": right / n, "acc_norm,none": right / n}}, "versions": {"t": 1},
               "configs": {"t": {"output_type": "multiple_choice", "metric_list": [{"metric": "acc", "aggregation": "mean"}]}},
               "n-shot": {"t": 0}, "model_name": "org/m", "date": 1.0, "config": {}}
    json.dump(results, open(f"{folder}/results_{stamp}.json", "w"))
    return "lm_eval"


def table(rows=50_000_000):
    """20 models, 5 tasks, 5,000 samples, 100 repeats."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    if os.path.exists("long.parquet"):
        return "long.parquet"
    rng = np.random.default_rng(2)
    schema = pa.schema([("model", pa.string()), ("task", pa.string()), ("sample_id", pa.string()), ("score", pa.float64())])
    with pq.ParquetWriter("long.parquet", schema, compression="zstd") as out:
        for start in range(0, rows, 1_000_000):
            i = np.arange(start, start + 1_000_000)
            model, task, sample = i % 20, i // 20 % 5, i // 100 % 5000
            columns = [np.array([f"model-{k}" for k in range(20)])[model], np.array([f"task-{k}" for k in range(5)])[task],
                       np.array([f"sample-{k}" for k in range(5000)])[sample], (rng.random(len(i)) < 0.4).astype(float)]
            out.write_table(pa.table(columns, schema=schema), row_group_size=1_000_000)
    return "long.parquet"


def inspect(n=1_000_000):
    """One log of a million small samples, as summaries."""
    if os.path.exists("million.eval"):
        return "million.eval"
    header = {"version": 2, "status": "success", "eval": {"task": "t", "model": "org/m", "dataset": {}},
              "results": {"scores": [{"name": "match", "scorer": "match", "metrics": {"accuracy": {"value": 0.5}}}]}}
    rows = (json.dumps({"id": f"s{k}", "epoch": 1, "input": f"question {k}", "target": "x",
                        "scores": {"match": {"value": "CI"[k % 2]}}}) for k in range(n))
    with zipfile.ZipFile("million.eval", "w", zipfile.ZIP_DEFLATED) as z:
        with z.open("summaries.json", "w") as out:
            out.write(b"[" + next(rows).encode())
            for row in rows:
                out.write(b"," + row.encode())
            out.write(b"]")
        z.writestr("header.json", json.dumps(header))
    return "million.eval"


JSON_PANDAS = """
import json, sys, pandas as pd
rows = [json.loads(line) for line in open(sys.argv[1])]
frame = pd.DataFrame({"id": [r["doc_hash"] for r in rows], "acc": [r["acc"] for r in rows]})
print(frame.groupby("id").acc.agg(["count", "sum"])["sum"].sum())
"""
DUCKDB = """
import duckdb
duckdb.sql("SET threads=2")
print(len(duckdb.sql("SELECT model, task, sample_id, count(*), sum(score) FROM 'long.parquet' GROUP BY 1, 2, 3").fetchall()))
"""


def measure(command):
    """CPU seconds, wall seconds, peak MB, output."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = os.times().elapsed
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = run.communicate()
    assert run.returncode == 0, err.decode()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, os.times().elapsed - start, after.ru_maxrss / 1024, out.decode()


def ours(logs, name):
    manifest = f"{name}.toml"
    if not os.path.exists(manifest):
        subprocess.run([codcast, "ingest", logs, "--init", manifest, "--quiet"], check=True)
    subprocess.run(["rm", "-rf", name], check=True)
    *cost, out = measure([codcast, "ingest", logs, "--models", manifest, "-o", name, "--threads", "2", "--quiet", "--format", "json"])
    return *cost, json.loads(out)


# Ours first: the peak of all children so far only grows.
jobs = [("million.eval", inspect, None), ("long.parquet", table, DUCKDB), ("lm_eval", lm_eval, JSON_PANDAS)]
results = []
for name, make, theirs in jobs:
    logs = make()
    cpu, wall, peak, summary = ours(logs, "study-" + name.split(".")[0])
    trials = sum(task["trials"] for task in summary["tasks"])
    results.append((name, cpu, wall, peak, theirs))
    print(f"{name}: codcast {cpu:.2f} CPU-s, {wall:.2f} s, peak so far {peak:.0f} MB, {trials} trials", flush=True)
for name, cpu, wall, _, theirs in results:
    if theirs is None:
        continue
    argument = ["lm_eval/org__m/samples_t_2026-01-01T00-00-00.000000.jsonl"] if name == "lm_eval" else []
    other_cpu, other_wall, other_peak, out = measure([sys.executable, "-c", theirs, *argument])
    print(f"{name}: theirs {other_cpu:.2f} CPU-s, {other_wall:.2f} s, peak so far {other_peak:.0f} MB ({out.strip()}); "
          f"{other_cpu / cpu:.1f}x CPU, {other_wall / wall:.1f}x wall")
