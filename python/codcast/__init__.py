"""Forecast how well a large language model will score on benchmarks before it is trained.

From per-sample evaluations of a ladder of small models to a forecast with intervals, and to the reasons
to doubt it. Nothing is computed here: every number is the one that the `codcast` command prints.

>>> import codcast
>>> study = codcast.Study.demo()
>>> forecast = study.forecast()
>>> forecast.engine, len(forecast.targets), len(forecast.targets[0].tasks)
('codcast', 1, 10)
"""

from codcast._cluster import ImprovedMeanShift, MeanShift, estimate_bandwidth
from codcast._errors import CodcastError, FileError, InputError, MissingFileError
from codcast._law import Law, LawFit, fit_law, predict
from codcast._logs import LogFile, Partials, ingest, merge, partials
from codcast._native import __version__
from codcast._questions import backtest, engines
from codcast._results.backtest import Backtest, Case, EngineSummary
from codcast._results.base import Diagnostic, Interval, Result
from codcast._results.check import Check, ModelCheck, TaskCheck
from codcast._results.clusters import Cluster, Clusters, TaskClusters
from codcast._results.engines import EngineInfo, Engines
from codcast._results.forecast import Forecast, TargetForecast, TaskForecast
from codcast._results.ingestion import IngestedTask, Ingestion
from codcast._results.monitor import Alarm, FinalForecast, Look, Monitor, OverallLook, TaskLook
from codcast._results.plan import (
    Addition,
    Additions,
    ComputeFor,
    Needed,
    Plan,
    Recipes,
    TaskChoice,
    TaskWidth,
    Worth,
)
from codcast._study import Model, Note, PassRates, Study

__all__ = [
    "Addition",
    "Additions",
    "Alarm",
    "Backtest",
    "Case",
    "Check",
    "Cluster",
    "Clusters",
    "CodcastError",
    "ComputeFor",
    "Diagnostic",
    "EngineInfo",
    "EngineSummary",
    "Engines",
    "FileError",
    "FinalForecast",
    "Forecast",
    "ImprovedMeanShift",
    "IngestedTask",
    "Ingestion",
    "InputError",
    "Interval",
    "Law",
    "LawFit",
    "LogFile",
    "Look",
    "MeanShift",
    "MissingFileError",
    "Model",
    "ModelCheck",
    "Monitor",
    "Needed",
    "Note",
    "OverallLook",
    "Partials",
    "PassRates",
    "Plan",
    "Recipes",
    "Result",
    "Study",
    "TargetForecast",
    "TaskCheck",
    "TaskChoice",
    "TaskClusters",
    "TaskForecast",
    "TaskLook",
    "TaskWidth",
    "Worth",
    "__version__",
    "backtest",
    "engines",
    "estimate_bandwidth",
    "fit_law",
    "ingest",
    "merge",
    "partials",
    "predict",
]
