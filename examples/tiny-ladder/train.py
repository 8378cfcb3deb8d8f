"""Trains one model of the ladder; resumes from its last saved state.

Constant learning rate after warm-up, Adam, and an exponential moving average of the
weights, which is what is evaluated. Three checkpoints are kept: at 96, 100 and 104 % of
the model's token count; the middle one stands for the model.
"""

from __future__ import annotations

import csv
import json
import os
import pickle
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

import corpus
from ladder import Run
from model import Params, answer_loss, init

CHUNK = 20  # steps per compiled call
STATE_EVERY_S = 60.0  # seconds between saved states
BETAS = (0.9, 0.98)


def ema_decay(step: jax.Array, steps: int) -> jax.Array:
    """Decay of the weight average: a horizon of 2 % of the run, shorter at its start."""
    return 1 - 1 / jnp.minimum(0.1 * step + 1.0, 0.02 * steps + 1.0)


def step_function(run: Run):
    """A compiled function that does CHUNK steps on rows [CHUNK, batch, 33]."""
    warm = run.warmup_steps

    def one(carry, batch):
        p, m, v, ema, t = carry
        tokens, place, answer = (b.astype(jnp.int32) for b in batch)
        loss, g = jax.value_and_grad(answer_loss)(p, run.shape.heads, tokens, place, answer)
        norm = jnp.sqrt(sum(jnp.sum(x * x) for x in jax.tree.leaves(g)))
        g = jax.tree.map(lambda x: x * jnp.minimum(1.0, 1.0 / (norm + 1e-9)), g)
        t = t + 1
        rate = run.learning_rate * jnp.minimum(1.0, t / warm)
        m = jax.tree.map(lambda a, x: BETAS[0] * a + (1 - BETAS[0]) * x, m, g)
        v = jax.tree.map(lambda a, x: BETAS[1] * a + (1 - BETAS[1]) * x * x, v, g)
        c0, c1 = 1 - BETAS[0] ** t, 1 - BETAS[1] ** t
        p = jax.tree.map(lambda w, a, b: w - rate * (a / c0) / (jnp.sqrt(b / c1) + 1e-8), p, m, v)
        keep = ema_decay(t, run.steps)
        ema = jax.tree.map(lambda e, w: keep * e + (1 - keep) * w, ema, p)
        return (p, m, v, ema, t), loss

    return jax.jit(lambda carry, batches: jax.lax.scan(one, carry, batches))


_loss = jax.jit(answer_loss, static_argnums=1)


def validation_loss(p: Params, run: Run, rows: np.ndarray) -> float:
    """Mean loss over the answer tokens of held-out rows, nats per token."""
    place, answer = corpus.places(rows)
    blocks = [tuple(x[i : i + 256].astype(np.int32) for x in (rows, place, answer)) for i in range(0, len(rows), 256)]
    parts = [_loss(p, run.shape.heads, *block) for block in blocks]
    weights = [answer[i : i + 256, 1:].sum() for i in range(0, len(rows), 256)]
    return float(np.average(np.array(parts, np.float64), weights=weights))


def _save(path: Path, value: object) -> None:
    part = path.with_suffix(".part")
    part.write_bytes(pickle.dumps(value))
    os.replace(part, path)


def train(run: Run, data: np.ndarray, validation: np.ndarray, folder: Path) -> None:
    """Trains `run` on the first rows of `data`, writing checkpoints, loss.csv and done.json to `folder`."""
    if (folder / "done.json").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    state = folder / "state.pkl"
    if state.exists():
        carry, log, seconds = pickle.loads(state.read_bytes())
    else:
        p = init(run.shape, run.seed)
        zero = jax.tree.map(jnp.zeros_like, p)
        carry, log, seconds = (p, zero, zero, p, jnp.zeros((), jnp.int32)), [], 0.0
    advance = step_function(run)
    done, last_save, began = int(carry[4]), time.time(), time.time() - seconds
    marks = run.checkpoints
    while done < run.last_step:
        rows = data[done * run.batch : (done + CHUNK) * run.batch]
        shaped = [x.reshape(CHUNK, run.batch, corpus.ROW) for x in (rows, *corpus.places(rows))]
        carry, losses = advance(carry, shaped)
        train_loss, done = float(jnp.mean(losses)), done + CHUNK
        if done in marks or done % run.log_every == 0:
            log.append((done, done * run.batch * corpus.TOKENS_PER_ROW, train_loss, validation_loss(carry[3], run, validation)))
            print(f"{run.name} step {done}/{run.last_step} loss {train_loss:.4f} validation {log[-1][3]:.4f} {time.time() - began:.0f} s", flush=True)
        if done in marks:
            _save(folder / f"checkpoint-{done}.pkl", jax.tree.map(np.asarray, carry[3]))
        if time.time() - last_save > STATE_EVERY_S:
            _save(state, (jax.tree.map(np.asarray, carry), log, time.time() - began))
            last_save = time.time()
    with (folder / "loss.csv").open("w", newline="") as f:
        csv.writer(f).writerows([("step", "tokens", "train_loss", "validation_loss"), *log])
    final = next(r[3] for r in log if r[0] == marks[1])
    record = {"validation_loss": final, "seconds": round(time.time() - began), "finished": time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime())}
    (folder / "done.json").write_text(json.dumps(record))
    state.unlink(missing_ok=True)
