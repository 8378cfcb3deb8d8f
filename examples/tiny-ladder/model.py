"""A small decoder-only transformer in JAX: parameters, forward pass, answer loss."""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

Params = dict[str, jax.Array]


@dataclass(frozen=True)
class Shape:
    """Size of one transformer.

    width: residual stream; layers: blocks; heads: attention heads (width must divide);
    vocab: token types; context: longest position.
    """

    width: int
    layers: int
    heads: int
    vocab: int
    context: int

    @property
    def params(self) -> int:
        """N: block matrices plus the tied embedding; gains and positions are left out."""
        return 12 * self.layers * self.width**2 + self.vocab * self.width


def init(shape: Shape, seed: int) -> Params:
    """Random parameters (float32), layers stacked on the first axis."""
    rng = np.random.default_rng(seed)
    d, n = shape.width, shape.layers

    def normal(*size: int, std: float) -> jax.Array:
        return jnp.asarray(rng.normal(0.0, std, size), jnp.float32)

    out_std = 1 / np.sqrt(2 * n)
    return {
        "embed": normal(shape.vocab, d, std=d**-0.5),
        "place": normal(shape.context, d, std=d**-0.5),
        "qkv": normal(n, d, 3 * d, std=d**-0.5),
        "proj": normal(n, d, d, std=out_std * d**-0.5),
        "up": normal(n, d, 4 * d, std=d**-0.5),
        "down": normal(n, 4 * d, d, std=out_std * (4 * d) ** -0.5),
        "gain_attn": jnp.ones((n, d)),
        "gain_mlp": jnp.ones((n, d)),
        "gain_out": jnp.ones(d),
    }


def _norm(x: jax.Array, gain: jax.Array) -> jax.Array:
    return x * jax.lax.rsqrt(jnp.mean(x * x, axis=-1, keepdims=True) + 1e-6) * gain


def logits(p: Params, heads: int, tokens: jax.Array, place: jax.Array) -> jax.Array:
    """Next-token logits [row, position, vocab].

    tokens, place: int [row, position]. `place` counts from 0 within each example; a
    position attends to earlier positions of its own example only.
    """
    rows, length = tokens.shape
    d = p["embed"].shape[1]
    at = jnp.arange(length)
    first = at[None, :] - place  # index of the first token of each position's example
    allowed = (at[None, None, :] <= at[None, :, None]) & (at[None, None, :] >= first[:, :, None])
    mask = jnp.where(allowed, 0.0, -1e9)[:, None]
    x = p["embed"][tokens] * d**0.5 + p["place"][place] * d**0.5
    for i in range(p["qkv"].shape[0]):
        h = _norm(x, p["gain_attn"][i]) @ p["qkv"][i]
        q, k, v = jnp.moveaxis(h.reshape(rows, length, 3, heads, d // heads), 2, 0)
        w = jnp.einsum("rqhc,rkhc->rhqk", q, k) * (d // heads) ** -0.5 + mask
        w = jax.nn.softmax(w, axis=-1)
        x = x + jnp.einsum("rhqk,rkhc->rqhc", w, v).reshape(rows, length, d) @ p["proj"][i]
        h = jax.nn.relu(_norm(x, p["gain_mlp"][i]) @ p["up"][i])
        x = x + (h * h) @ p["down"][i]
    return _norm(x, p["gain_out"]) @ p["embed"].T


def answer_loss(p: Params, heads: int, tokens: jax.Array, place: jax.Array, answer: jax.Array) -> jax.Array:
    """Mean cross-entropy in nats over answer tokens (those where `answer` is 1)."""
    logp = jax.nn.log_softmax(logits(p, heads, tokens[:, :-1], place[:, :-1]))
    picked = jnp.take_along_axis(logp, tokens[:, 1:, None], axis=-1)[..., 0]
    weight = answer[:, 1:].astype(jnp.float32)
    return -jnp.sum(picked * weight) / jnp.sum(weight)
