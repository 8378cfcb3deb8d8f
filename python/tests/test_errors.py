"""Errors: Python's usual classes, and a code."""

from __future__ import annotations

import json
import pathlib
import pickle
import re
from typing import Any, cast

import numpy as np
import pytest

import codcast
from codcast import CodcastError, FileError, InputError, MissingFileError, Study

from .conftest import MODELS, ROOT, columns, command

QUESTIONS: list[tuple[Any, type[Exception], str, str]] = [
    (lambda s: Study.from_dir("no/such"), FileNotFoundError, "no_folder", "no/such: no such folder"),
    (lambda s: s.forecast("nobody"), ValueError, "unknown_name", 'no model "nobody"'),
    (lambda s: s.forecast(engine="magic"), ValueError, "unknown_name", 'no engine "magic"'),
    (lambda s: s.forecast(compute=-1.0), ValueError, "bad_compute", "compute is -1"),
    (lambda s: s.forecast(level=1.0), ValueError, "bad_setting", "level is 1"),
    (lambda s: s.forecast(compute=1.0), CodcastError, "small_target", "not more than the largest"),
    (lambda s: s.forecast("r1", compute=1e30), ValueError, "bad_setting", "not both"),
    (lambda s: s.forecast(tokens=1e9), ValueError, "bad_setting", "go with compute"),
    (lambda s: s.clusters(["x"]), ValueError, "unknown_name", 'no task "x"'),
    (lambda s: s.clusters("x"), ValueError, "unknown_name", 'no task "x"'),
    (lambda s: s.check(config={"cluster": {"quantile": 3}}), ValueError, "bad_setting", "quantile is 3"),
    (lambda s: s.check(config={"clusters": {}}), ValueError, "bad_setting", "unknown field `clusters`"),
    (lambda s: s.check(config={"seed": float("nan")}), ValueError, "bad_setting", "config: "),
    (lambda s: s.backtest(min_rungs=1), ValueError, "bad_setting", "min_rungs is 1"),
    (lambda s: s.backtest(engines=["magic"]), ValueError, "unknown_name", 'no engine "magic"'),
    (lambda s: codcast.backtest([s, s]), ValueError, "duplicate", "share a name"),
    (lambda s: s.pass_rates("x"), ValueError, "unknown_name", 'no task "x"'),
    (lambda s: s.check().to_frame("excel"), ValueError, "unknown_name", "pandas, polars, pyarrow"),
]


@pytest.mark.parametrize(("ask", "kind", "code", "message"), QUESTIONS)
def test_errors_say_what_is_wrong(ask: Any, kind: type[Exception], code: str, message: str) -> None:
    with pytest.raises(kind) as raised:
        ask(Study.from_frame(columns(), MODELS))
    error = raised.value
    assert isinstance(error, CodcastError)
    assert error.code == code
    assert message in str(error)
    # The command's flags are not Python's arguments.
    assert "--" not in str(error)


def test_what_cannot_be_answered_is_no_value_error() -> None:
    alone = Study.from_frame(columns(), [*MODELS[:4], {**MODELS[4], "role": "ignore"}])
    with pytest.raises(CodcastError) as raised:
        alone.forecast()
    assert raised.value.code == "nothing_to_forecast"
    assert "target=NAME or compute=FLOPS" in str(raised.value)
    assert not isinstance(raised.value, ValueError)


def test_files_that_cannot_be_used(tmp_path: pathlib.Path) -> None:
    with pytest.raises(MissingFileError, match=r"no study\.toml"):
        Study.from_dir(tmp_path)
    (tmp_path / "study.toml").write_text("name = 3")
    with pytest.raises(FileNotFoundError, match="no table of samples"):
        Study.from_dir(tmp_path)
    (tmp_path / "samples.csv").write_text("model,task\n")
    with pytest.raises(InputError, match="models is missing"):
        Study.from_dir(tmp_path)
    with pytest.raises(InputError, match="is a file"):
        Study.from_dir(tmp_path / "study.toml")
    with pytest.raises(FileNotFoundError):
        Study.from_frame(columns(), tmp_path / "absent.toml")
    with pytest.raises(FileError) as raised:
        Study.demo().write(tmp_path / "study.toml" / "below")
    assert isinstance(raised.value, OSError)


@pytest.mark.parametrize("kind", [CodcastError, InputError, FileError, MissingFileError])
def test_errors_can_be_sent_between_processes(kind: type[CodcastError]) -> None:
    error = pickle.loads(pickle.dumps(kind("what happened", "a_code")))
    assert type(error) is kind
    assert (str(error), error.code) == ("what happened", "a_code")


ARRAYS: list[tuple[Any, str]] = [
    (lambda: codcast.estimate_bandwidth([1.0, 2.0]), "1 dimensions; expected 2"),
    (lambda: codcast.estimate_bandwidth(np.zeros((0, 3))), r"shape \(0, 3\)"),
    (lambda: codcast.estimate_bandwidth([[1.0]], quantile=2.0), "quantile is 2"),
    (lambda: codcast.MeanShift(bandwidth=0.0).fit([[1.0]]), "bandwidth is 0"),
    (lambda: codcast.MeanShift(bandwidth=1.0).fit([[np.nan]]), "not finite"),
    (lambda: codcast.ImprovedMeanShift(min_size=0).fit([[1.0]]), "min_size is 0"),
    (lambda: codcast.ImprovedMeanShift(bandwidth=-1.0).fit([[1.0]]), "bandwidth is -1"),
    (lambda: codcast.MeanShift().set_params(width=1), "no parameter 'width'"),
    (lambda: codcast.fit_law([1e20], [0.1, 0.2]), "1 sizes, 2 scores"),
    (lambda: codcast.fit_law([0.0, 1e20], [0.1, 0.2]), "compute is 0"),
    (lambda: codcast.fit_law([1e20], [0.1], law=cast(Any, "new")), 'no law "new"'),
    (lambda: codcast.fit_law([1e20], [0.1], min_b=5.0), "min_b is 5"),
    (lambda: codcast.predict(codcast.Law(1.0, 1.0, 0.0, 0.0), [np.inf]), "compute is inf"),
    (lambda: codcast.fit_law([1e20, 1e21], [0.0, 0.0]).predict(1e22), "no law .all-zero."),
]


@pytest.mark.parametrize(("call", "message"), ARRAYS)
def test_arrays_are_checked(call: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()


def test_every_code_is_explained() -> None:
    """Those that the package itself writes, found in its sources; the others are the command's."""
    rust = re.compile(r'(?:input|internal|raised)\((?:[^"()]|\(\))*?"([a-z_]+)"')
    python = re.compile(r'Error\((?:[^()]|\([^()]*\))*?"([a-z_]+)",?\s*\)')
    texts = [(rust, path.read_text()) for path in (ROOT / "python" / "src").glob("*.rs")]
    texts += [(python, path.read_text()) for path in (ROOT / "python" / "codcast").glob("*.py")]
    codes = {code for pattern, text in texts for code in pattern.findall(text)}
    assert {"bad_setting", "bad_shape", "no_logs", "nothing_to_ingest", "unknown_name"} <= codes
    known = {entry["code"] for entry in json.loads(command("explain").stdout)["entries"]}
    assert codes | {"internal"} <= known
