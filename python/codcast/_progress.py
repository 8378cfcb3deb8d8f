"""Bars of long work, where tqdm is installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Bar:
    """A progress bar that is made when there is progress to show."""

    def __init__(self, wanted: bool | None, doing: str, **options: Any) -> None:
        self._bar: Any = None
        self._make: Any = None
        self.callback: Callable[[int, int], object] | None = None
        if wanted is False:
            return
        try:
            from tqdm.auto import tqdm  # type: ignore[import-untyped, unused-ignore]
        except ImportError:
            if wanted:
                raise
            return
        # disable=None: tqdm shows nothing where stderr is no terminal.
        hidden = None if wanted is None else False
        self._make = lambda total: tqdm(total=total, desc=doing, disable=hidden, **options)
        self.callback = self._update

    def _update(self, done: int, total: int) -> None:
        if self._bar is None:
            self._bar = self._make(total)
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
