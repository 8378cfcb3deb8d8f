"""The page of the Python package, made from its sources: signatures and docstrings, read, not imported."""

import ast
import re
from pathlib import Path

from mkdocs.structure.files import File

PACKAGE = Path(__file__).resolve().parent.parent / "python" / "codcast"
HEAD = """# Every function and class

The package `codcast` as its sources document it; [the overview](python.md) says what is for what.
"""


def on_files(files, config):
    files.append(File.generated(config, "api.md", content=page()))
    return files


def page() -> str:
    parts = [HEAD]
    package = module("codcast")
    for name in exported(package):
        if node := find(name, package):
            parts.append(entry(node, f"codcast.{name}"))
    spark = module("codcast.spark")
    parts.append("\n## codcast.spark\n\n" + text(spark))
    for name in exported(spark):
        if node := find(name, spark):
            parts.append(entry(node, f"codcast.spark.{name}"))
    return "\n".join(parts)


def module(name: str) -> ast.Module:
    path = PACKAGE.parent / name.replace(".", "/")
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(path.read_text(encoding="utf-8"))


def exported(module: ast.Module) -> list[str]:
    lists = (node.value for node in module.body if isinstance(node, ast.Assign) and node.targets[0].id == "__all__")
    return ast.literal_eval(next(lists))


def find(name: str, here: ast.Module):
    """Its definition, here or in the module it is imported from; values, such as the version, have none.

    A name may be another thing in another module: `backtest` is a function, and what draws one.
    """
    for node in here.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == name:
            return node
        imports = isinstance(node, ast.ImportFrom) and node.module != "codcast._native"
        if imports and any(alias.name == name for alias in node.names):
            return find(name, module(node.module))
    return None


def entry(node, name: str, level: str = "##") -> str:
    """A function, or a class with what is public in it."""
    if isinstance(node, ast.FunctionDef):
        is_property = any(getattr(mark, "id", None) == "property" for mark in node.decorator_list)
        shown = f"{name}: {ast.unparse(node.returns)}" if is_property and node.returns else signature(node, name)
        return f"\n{level} {name}\n\n```python\n{shown}\n```\n\n{text(node)}"
    made = next((part for part in node.body if getattr(part, "name", "") == "__init__"), None)
    parts = [f"\n{level} {name}\n"]
    # Others are made by this package only.
    if made and re.search(r"^Parameters$", ast.get_docstring(node) or "", re.MULTILINE):
        parts.append(f"```python\n{signature(made, name)}\n```\n")
    parts.append(text(node))
    fields = [part for part in node.body if isinstance(part, ast.AnnAssign) and not part.target.id.startswith("_")]
    if fields:
        parts += ["| field | type |", "|---|---|"]
        parts += [f"| `{part.target.id}` | `{ast.unparse(part.annotation)}` |".replace(" | None`", " or None`") for part in fields]
    for part in node.body:
        if isinstance(part, ast.FunctionDef) and not part.name.startswith("_") and ast.get_docstring(part):
            parts.append(entry(part, f"{node.name}.{part.name}", "###"))
    return "\n".join(parts)


def signature(node: ast.FunctionDef, name: str) -> str:
    """The call with its defaults, an argument a line where it is long."""
    args = node.args
    plain = [*args.posonlyargs, *args.args]
    defaults = [None] * (len(plain) - len(args.defaults)) + args.defaults
    shown = [argument(*pair) for pair in zip(plain, defaults) if pair[0].arg not in ("self", "cls")]
    if args.vararg or args.kwonlyargs:
        shown.append(f"*{argument(args.vararg, None)}" if args.vararg else "*")
    shown += [argument(*pair) for pair in zip(args.kwonlyargs, args.kw_defaults)]
    if args.kwarg:
        shown.append(f"**{argument(args.kwarg, None)}")
    returns = f" -> {ast.unparse(node.returns)}" if node.returns and node.name != "__init__" else ""
    line = f"{name}({', '.join(shown)}){returns}"
    if len(line) <= 96:
        return line
    return "\n    ".join([f"{name}(", *(f"{arg}," for arg in shown)]) + f"\n){returns}"


def argument(arg: ast.arg, default) -> str:
    kind = f": {ast.unparse(arg.annotation)}" if arg.annotation else ""
    return f"{arg.arg}{kind}" + (f" = {ast.unparse(default)}" if default is not None else "")


def text(node) -> str:
    """A docstring of NumPy's style as Markdown."""
    out, section = [], None
    lines = (ast.get_docstring(node) or "").replace("``", "`").split("\n")
    at = 0
    while at < len(lines):
        line = lines[at]
        if at + 1 < len(lines) and re.fullmatch(r"-{3,}", lines[at + 1]):
            section, at = line, at + 2
            out += ["", f"**{section}**", ""]
            continue
        if line.startswith(">>>"):
            end = at
            while end < len(lines) and lines[end].strip():
                end += 1
            out += ["", "```python", *lines[at:end], "```", ""]
            at = end
            continue
        if section in ("Parameters", "Attributes", "Raises", "Returns", "Yields") and line.strip():
            named = not line.startswith(" ")
            out.append(f"- `{line.strip()}`" if named else f"  {escaped(line.strip())}")
        else:
            out.append(escaped(line))
        at += 1
    return "\n".join(out) + "\n"


def escaped(line: str) -> str:
    """Text that is not read as a tag."""
    return line.replace("<", "&lt;")
