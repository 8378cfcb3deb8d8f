"""Arguments that several questions share, as the native module takes them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from codcast._errors import InputError

#: Settings by stage, as in ``codcast.toml``: ``{"cluster": {"quantile": 0.2}}``.
Config = Mapping[str, Any]


def settings(config: Config | None, seed: int | None) -> str:
    """Write settings as JSON; a seed of its own wins over that of `config`."""
    merged = {**(config or {})}
    if seed is not None:
        merged["seed"] = seed
    try:
        return json.dumps(merged, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InputError(f"config: {error}", "bad_setting") from None


def names(names: Sequence[str] | None) -> list[str]:
    """Take a single name for a list of one: a text is a sequence of letters too."""
    return [names] if isinstance(names, str) else list(names or ())
