"""Reading logs against what one would write in Python: CPU seconds, wall seconds and peak memory.

    cargo build --release -p codcast-cli
    python speed.py ../../../target/release/codcast WORK_FOLDER [TIMES]      # needs pandas, pyarrow, duckdb

Writes about 2.5 GB to WORK_FOLDER (a 1 GB file of lm-eval samples, a Parquet table of 50 million rows, an
inspect_ai log of a million samples) and says that both sides count the same.
"""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
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
    text = pa.dictionary(pa.int32(), pa.string())
    schema = pa.schema([("model", text), ("task", text), ("sample_id", text), ("score", pa.float64())])
    with pq.ParquetWriter("long.parquet", schema, compression="zstd") as out:
        for start in range(0, rows, 1_000_000):
            i = np.arange(start, start + 1_000_000)
            model, task, sample = i % 20, i // 20 % 5, i // 100 % 5000
            names = lambda of, numbers, n: pa.DictionaryArray.from_arrays(numbers.astype("int32"), [f"{of}-{k}" for k in range(n)])
            columns = [names("model", model, 20), names("task", task, 5), names("sample", sample, 5000),
                       pa.array((rng.random(len(i)) < 0.4).astype(float))]
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
JSON_ZIP = """
import json, sys, zipfile, pandas as pd
rows = json.loads(zipfile.ZipFile(sys.argv[1]).read("summaries.json"))
frame = pd.DataFrame({"id": [r["id"] for r in rows], "c": [r["scores"]["match"]["value"] == "C" for r in rows]})
print(frame.groupby("id").c.agg(["count", "sum"])["sum"].sum())
"""
DUCKDB = """
import duckdb
duckdb.sql("SET threads=2")
duckdb.sql("CREATE TABLE rates AS SELECT model, task, sample_id, count(*) AS n, sum(score) AS c FROM 'long.parquet' GROUP BY 1, 2, 3")
print(duckdb.sql("SELECT sum(n), sum(c) FROM rates").fetchall())
"""


def measure(command):
    """CPU seconds, wall seconds, peak MB (each of this process alone), output."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        run = subprocess.Popen(command, stdout=out, stderr=err)
        _, status, used = os.wait4(run.pid, 0)
        wall = time.perf_counter() - start
        run.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0), err.seek(0)
        assert run.returncode == 0, err.read().decode()
        return used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024, out.read().decode()


def ours(logs, name):
    manifest = f"{name}.toml"
    if not os.path.exists(manifest):
        subprocess.run([codcast, "ingest", logs, "--init", manifest, "--quiet"], check=True)
    subprocess.run(["rm", "-rf", name], check=True)
    *cost, out = measure([codcast, "ingest", logs, "--models", manifest, "-o", name, "--threads", "2", "--quiet", "--format", "json"])
    summary = json.loads(out)
    verified = summary["verification"]
    assert verified["agreed"] == verified["stated"], verified
    return *cost, sum(task["trials"] for task in summary["tasks"])


# Both sides are run in turn, so that other work on the machine meets both; the median of each counts.
samples = "lm_eval/org__m/samples_t_2026-01-01T00-00-00.000000.jsonl"
jobs = [("lm_eval", lm_eval, JSON_PANDAS), ("long.parquet", table, DUCKDB), ("million.eval", inspect, JSON_ZIP)]
for name, make, theirs in jobs:
    logs = make()
    mine, other = [], []
    for _ in range(int(sys.argv[3]) if len(sys.argv) > 3 else 3):
        mine.append(ours(logs, "study-" + name.split(".")[0]))
        other.append(measure([sys.executable, "-c", theirs, samples if name == "lm_eval" else logs]))
    middle = lambda runs, of: statistics.median(run[of] for run in runs)
    cpu, wall, peak = (middle(mine, of) for of in range(3))
    other_cpu, other_wall, other_peak = (middle(other, of) for of in range(3))
    print(f"{name}: codcast {cpu:.2f} CPU-s, {wall:.2f} s, {peak:.0f} MB, {mine[0][3]} trials; theirs {other_cpu:.2f} CPU-s, "
          f"{other_wall:.2f} s, {other_peak:.0f} MB ({other[0][3].strip()}); {other_cpu / cpu:.1f}x CPU, {other_wall / wall:.1f}x wall", flush=True)
