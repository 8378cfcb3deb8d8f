"""Questions that are not to one study."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from codcast import _native
from codcast._errors import InputError
from codcast._progress import Bar
from codcast._results.backtest import Backtest
from codcast._results.engines import Engines
from codcast._settings import Config, names, settings

if TYPE_CHECKING:
    from codcast._study import Study


def backtest(
    studies: Sequence[Study],
    *,
    engines: Sequence[str] | None = None,
    min_factor: float = 2.0,
    min_rungs: int = 4,
    level: float = 0.9,
    seed: int | None = None,
    config: Config | None = None,
    progress: bool | None = None,
) -> Backtest:
    """Hide the largest models of some studies, forecast them, and score every engine.

    Every model of role ladder or target takes its turn as the target; its ladder is every such model
    with at most 1 / `min_factor` of its compute. Ctrl-C stops it.

    Parameters
    ----------
    studies : sequence of Study
        Of different names.
    engines : list of str, optional
        The methods; default: all.
    min_factor : float
        A target has at least so many times the compute of its largest rung.
    min_rungs : int
        A case needs so many rungs.
    level : float in (0, 1)
        Nominal coverage of the intervals that are judged.
    seed : int, optional
        Seed of everything random; default: that of `config`, or 0.
    config : mapping, optional
        Settings by stage, as in ``codcast.toml``.
    progress : bool, optional
        Whether to show a bar; needs tqdm. Default: where tqdm is installed and stderr is a terminal.

    Returns
    -------
    Backtest

    Raises
    ------
    InputError
        If there is no such engine, a setting is out of range, or two studies share a name; also a
        ValueError.

    Examples
    --------
    >>> import codcast
    >>> result = codcast.backtest([codcast.Study.demo()], engines=["last"])
    >>> result.best
    'last'
    """
    if len({study.name for study in studies}) < len(studies):
        raise InputError("two studies share a name: their cases would count twice", "duplicate")
    bar = Bar(progress, "backtest")
    try:
        text = _native.backtest(
            [study._native for study in studies],
            names(engines),
            float(min_factor),
            min_rungs,
            float(level),
            settings(config, seed),
            bar.callback,
        )
    finally:
        bar.close()
    libraries = {study._library for study in studies}
    return Backtest(text, libraries.pop() if len(libraries) == 1 else None)


def engines() -> Engines:
    """List the engines, what they need and where they come from.

    Returns
    -------
    Engines
        Iterates over `EngineInfo`.

    Examples
    --------
    >>> import codcast
    >>> codcast.engines().default
    'codcast'
    >>> "power" in [engine.name for engine in codcast.engines()]
    True
    """
    return Engines(_native.engines())
