"""Run the lm-eval example of a README as it stands there, with a mock in place of the models.

``python lm_eval_example.py README.md ...`` runs the Python blocks that import lm_eval, each in a folder of
its own that has what a user would have: a task (``tasks/sums.yaml``) and ``models.toml``. The models, which
nobody wants to download for a test, answer additions: the larger ones more of them.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import pathlib
import re
import sys
import tempfile
from typing import Any

os.environ.update({"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"})

import lm_eval.api.registry
from lm_eval.api.model import LM

BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: Parameters in millions, and the share of questions that a model can answer.
SKILLS = {"60m": 0.05, "120m": 0.15, "250m": 0.3, "500m": 0.45, "1b": 0.6, "2b": 0.7}
TASK = """\
task: sums
dataset_path: json
dataset_kwargs: {{data_files: {{test: {data}}}}}
test_split: test
output_type: generate_until
doc_to_text: "{{{{question}}}} ="
doc_to_target: "{{{{answer}}}}"
generation_kwargs: {{until: ["\\n"]}}
metric_list: [{{metric: exact_match, aggregation: mean, higher_is_better: true}}]
metadata: {{version: 1.0}}
"""


class Mock(LM):
    """Answers additions, those that are easy first."""

    def __init__(self, pretrained: str, **kwargs: object) -> None:
        super().__init__()
        self.skill = SKILLS[pretrained.rpartition("-")[2]]

    @classmethod
    def create_from_arg_string(cls, text: str, config: Any = None) -> Mock:
        """Take what a user gives to any model."""
        return cls(**dict(part.split("=") for part in text.split(",")))

    def generate_until(self, requests: list[Any], disable_tqdm: bool = False) -> list[str]:
        """Answer."""
        return [self.answer(request.args[0]) for request in requests]

    def answer(self, question: str) -> str:
        """Give the sum, or a wrong one."""
        a, b = map(int, re.findall(r"\d+", question)[-2:])
        difficulty = int(hashlib.sha256(question.encode()).hexdigest()[:8], 16) / 2**32
        return str(a + b + (difficulty > self.skill))

    def loglikelihood(self, requests: list[Any], disable_tqdm: bool = False) -> Any:
        """Nothing here asks for it."""
        raise NotImplementedError

    loglikelihood_rolling = loglikelihood


def set_up(folder: pathlib.Path) -> None:
    """Write what a user has."""
    data = folder / "sums.jsonl"
    rows = [f'{{"question": "{a} + {b}", "answer": "{a + b}"}}' for a in range(10, 25) for b in range(4)]
    data.write_text("\n".join(rows) + "\n")
    (folder / "tasks").mkdir()
    (folder / "tasks" / "sums.yaml").write_text(TASK.format(data=data))
    models = ['name = "my-ladder"']
    units = {"m": 1e6, "b": 1e9}
    for size in [*SKILLS, "7b"]:
        params = float(size[:-1]) * units[size[-1]]
        models += [
            "[[models]]",
            f'name = "my-{size}"',
            f'match = "my-org/my-{size}"',
            f'role = "{"target" if size == "7b" else "ladder"}"',
            f"params = {params:g}",
            f"tokens = {20 * params:g}",
        ]
    (folder / "models.toml").write_text("\n".join(models) + "\n")


def run(page: pathlib.Path, block: str) -> None:
    """Run a block, and look at what it prints."""
    lines = [line for line in block.splitlines() if line.strip()]
    if len(lines) > 10:
        sys.exit(f"{page}: the example has {len(lines)} lines; ten are promised")
    printed = io.StringIO()
    with tempfile.TemporaryDirectory() as name, contextlib.redirect_stdout(printed):
        set_up(pathlib.Path(name))
        os.chdir(name)
        exec(compile(block, str(page), "exec"), {"__name__": "__main__"})
        os.chdir("/")
    print(printed.getvalue())
    if "sums" not in printed.getvalue() or "my-7b" not in printed.getvalue():
        sys.exit(f"{page}: the example does not end in a forecast of my-7b on sums")


def main(pages: list[pathlib.Path]) -> None:
    """Run every block of the pages that is about lm_eval; there must be one."""
    known = lm_eval.api.registry.get_model
    lm_eval.api.registry.get_model = lambda name: Mock if name == "hf" else known(name)
    blocks = [(page, block) for page in pages for block in BLOCK.findall(page.read_text())]
    blocks = [(page, block) for page, block in blocks if "lm_eval" in block]
    if not blocks:
        sys.exit("none of these pages has a Python block that imports lm_eval")
    for page, block in blocks:
        run(page, block)


if __name__ == "__main__":
    main([pathlib.Path(page).resolve() for page in sys.argv[1:]])
