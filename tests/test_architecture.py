"""Rules of the house that no linter knows.

A function's first two arguments may be given by position, the rest by name. Exempt are compiled kernels (numba calls
by position), private functions (all their callers are in the same file), magic methods (the language calls them) and
the verbs of the command line (typer calls them, by name).

Shapes and units of arrays are said in the docstring of the function or class, or, for what a whole class or file has in
common, in the docstring of the class or file around it. Booleans and integers need a shape only.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

MODULE_LINES = 300
FUNCTION_LINES = 40
BY_POSITION = 2
VAGUE = {"utils", "util", "helpers", "helper", "misc", "common"}
NO_CODE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}

SHAPE = re.compile(r"\[[a-z0-9_, +*-]+\]")
UNIT = re.compile(r"\b(mm|ns|MeV|rad|Hz)\b|\bunits?\b|\bpure numbers?\b|\bfractions?\b|\bprobabilit|\"1\"|\bcounts?\b")
HAS_UNIT = re.compile(r"float|number|Any")

Function = ast.FunctionDef | ast.AsyncFunctionDef
Documented = Function | ast.ClassDef


@dataclass(frozen=True)
class Module:
    """One file: its name for messages, its text, and the names that stand for array types anywhere in the package."""

    name: str
    text: str
    aliases: Mapping[str, str]

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)


# Reading the tree


def array_aliases(texts: list[str]) -> dict[str, str]:
    """Names such as ``Floats = NDArray[np.float64]``, with what they stand for."""
    found = {}
    for statement in (s for text in texts for s in ast.parse(text).body if isinstance(s, ast.Assign)):
        value = ast.unparse(statement.value)
        if value.startswith("NDArray[") and isinstance(statement.targets[0], ast.Name):
            found[statement.targets[0].id] = value
    return found


def definitions(tree: ast.AST, path: str = "") -> Iterator[tuple[str, Documented, ast.AST]]:
    """Every class and function with its dotted name and what it is defined in."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Documented):
            yield f"{path}{node.name}", node, tree
            yield from definitions(node, f"{path}{node.name}.")
        else:
            yield from ((name, found, tree) for name, found, _ in definitions(node, path))


def is_public(dotted: str) -> bool:
    return not any(part.startswith("_") for part in dotted.split("."))


def decorators(node: Documented) -> set[str]:
    return {ast.unparse(decorator).split("(")[0].split(".")[-1] for decorator in node.decorator_list}


def array_annotations(node: Documented, aliases: Mapping[str, str]) -> dict[str, str]:
    """Arguments (or fields) that are arrays, with their types; the result is called 'return'."""
    if isinstance(node, ast.ClassDef):
        fields = (s for s in node.body if isinstance(s, ast.AnnAssign))
        given = {ast.unparse(field.target): ast.unparse(field.annotation) for field in fields}
    else:
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        given = {a.arg: ast.unparse(a.annotation) for a in arguments if a.annotation}
        if node.returns:
            given["return"] = ast.unparse(node.returns)
    pattern = re.compile(rf"\b({'|'.join(aliases)})\b") if aliases else None
    if pattern:
        given = {name: pattern.sub(lambda match: aliases[match[1]], text) for name, text in given.items()}
    return {name: text for name, text in given.items() if "NDArray[" in text}


def said_about(*nodes: ast.AST) -> str:
    documented = (node for node in nodes if isinstance(node, Documented | ast.Module))
    return "\n".join(ast.get_docstring(node) or "" for node in documented)


def code_lines(text: str, node: Function) -> int:
    """Lines of a function that hold code: not its docstring, no comments, no blank lines."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in NO_CODE and node.lineno <= token.start[0] <= (node.end_lineno or 0):
            lines.update(range(token.start[0], token.end[0] + 1))
    if ast.get_docstring(node) is not None:
        lines -= set(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    return len(lines)


# The rules: each yields what breaks it


def long_modules(module: Module) -> Iterator[str]:
    lines = len(module.text.splitlines())
    if lines > MODULE_LINES:
        yield f"{module.name}: {lines} lines, more than {MODULE_LINES}"


def vague_names(module: Module) -> Iterator[str]:
    parts = re.split(r"[/_]", module.name.removesuffix(".py"))
    if VAGUE & set(parts) and module.name != "selections/common.py":
        yield f"{module.name}: a name that says nothing; name it after what it holds"


def long_functions(module: Module) -> Iterator[str]:
    for name, node, _ in definitions(module.tree):
        if isinstance(node, Function) and (lines := code_lines(module.text, node)) > FUNCTION_LINES:
            yield f"{module.name}: {name} has {lines} lines of code, more than {FUNCTION_LINES}"


def many_positions(module: Module) -> Iterator[str]:
    for name, node, parent in definitions(module.tree):
        if isinstance(node, ast.ClassDef) or not is_public(name) or "kernel" in decorators(node):
            continue
        if module.name.startswith("na62dump/cli/"):
            continue
        bound = isinstance(parent, ast.ClassDef) and "staticmethod" not in decorators(node)
        positions = [a.arg for a in (*node.args.posonlyargs, *node.args.args)][bound:]
        if len(positions) > BY_POSITION:
            yield f"{module.name}: {name}({', '.join(positions)}): put a * after '{positions[BY_POSITION - 1]}'"


def undocumented_arrays(module: Module) -> Iterator[str]:
    for name, node, parent in definitions(module.tree):
        arrays = array_annotations(node, module.aliases)
        if not arrays or not is_public(name) or "overload" in decorators(node):
            continue
        text = said_about(module.tree, parent, node)
        unnamed = [array for array in arrays if array != "return" and not re.search(rf"\b{array}\b", text)]
        if unnamed:
            yield f"{module.name}: {name}: the docstring does not name {', '.join(unnamed)}"
        if not SHAPE.search(text):
            yield f"{module.name}: {name}: no shape such as float64[pair] in the docstring"
        if any(HAS_UNIT.search(kind) for kind in arrays.values()) and not UNIT.search(text):
            yield f"{module.name}: {name}: no unit (mm, ns, MeV, rad, without unit) in the docstring"


RULES = [long_modules, vague_names, long_functions, many_positions, undocumented_arrays]


# What is held to them


@pytest.fixture(scope="module")
def modules(repository: Path) -> list[Module]:
    paths = [p for folder in ("na62dump", "selections") for p in sorted((repository / folder).rglob("*.py"))]
    texts = [path.read_text(encoding="utf-8") for path in paths]
    aliases = array_aliases(texts)
    return [Module(str(p.relative_to(repository)), text, aliases) for p, text in zip(paths, texts, strict=True)]


@pytest.mark.parametrize("rule", RULES)
def test_the_house_keeps_its_rules(rule: Callable[[Module], Iterator[str]], modules: list[Module]) -> None:
    offenders = [offender for module in modules for offender in rule(module)]
    assert not offenders, "\n".join(offenders)


def test_names_of_test_modules_are_unique(repository: Path) -> None:
    # mypy takes a file without package by its bare name.
    names = [path.stem for path in (repository / "tests").rglob("*.py") if path.name != "conftest.py"]
    assert sorted(names) == sorted(set(names))


def test_the_documented_layers_are_those_of_the_contract(repository: Path) -> None:
    tables = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))
    contract = next(c for c in tables["tool"]["importlinter"]["contracts"] if c["type"] == "layers")
    text = (repository / "docs" / "development.md").read_text(encoding="utf-8").split("## Layers")[1].split("##")[0]
    rows = re.findall(r"^\| (`.+?) \|", text, re.MULTILINE)
    assert [re.findall(r"`(\w+)`", row) for row in rows] == [re.findall(r"\w+", row) for row in contract["layers"]]


def lines_of(number: int, line: str) -> str:
    return "\n".join([line] * number)


LONG = f'def f() -> None:\n    """Doc.\n\n    More.\n    """\n{lines_of(40, "    g()")}\n'
ARRAY = 'def f(x: NDArray[np.float64]) -> None:\n    """{}"""\n'

BROKEN = [
    (long_modules, "a.py", lines_of(301, "# x"), "301 lines"),
    (vague_names, "na62dump/plotting/utils.py", "", "says nothing"),
    (vague_names, "na62dump/plot_helpers.py", "", "says nothing"),
    (vague_names, "na62dump/common/axes.py", "", "says nothing"),
    (long_functions, "a.py", LONG, "f has 41 lines"),
    (many_positions, "a.py", "def f(a, b, c): ...", r"put a \* after 'b'"),
    (many_positions, "a.py", "class A:\n    def f(self, a, b, c): ...", r"A\.f\(a, b, c\)"),
    (many_positions, "a.py", "class A:\n    @staticmethod\n    def f(a, b, c): ...", r"A\.f\(a, b, c\)"),
    (undocumented_arrays, "a.py", ARRAY.format("Doc: x in mm."), "no shape"),
    (undocumented_arrays, "a.py", ARRAY.format("Doc: x float64[n]."), "no unit"),
    (undocumented_arrays, "a.py", ARRAY.format("Doc: float64[n], mm."), "does not name x"),
    (undocumented_arrays, "a.py", "def f(x: Floats): ...", "does not name x"),
    (undocumented_arrays, "a.py", "class A:\n    x: NDArray[np.float64]\n", "does not name x"),
    (undocumented_arrays, "a.py", "class A:\n    @property\n    def x(self) -> NDArray[np.float64]: ...", "no shape"),
]


@pytest.mark.parametrize(("rule", "name", "text", "message"), BROKEN)
def test_a_broken_rule_is_seen(rule: Callable[[Module], Iterator[str]], name: str, text: str, message: str) -> None:
    offenders = list(rule(Module(name, text, {"Floats": "NDArray[np.float64]"})))
    assert re.search(message, "\n".join(offenders))


KEPT = [
    (long_modules, "a.py", lines_of(300, "# x")),
    (vague_names, "selections/common.py", ""),
    (long_functions, "a.py", LONG.replace("    g()\n", "    # why\n\n    g()\n", 1).replace("    g()\n", "", 1)),
    (many_positions, "a.py", "def f(a, b, *, c): ..."),
    (many_positions, "a.py", "def _f(a, b, c): ..."),
    (many_positions, "na62dump/cli/a.py", "def f(a, b, c): ..."),
    (many_positions, "a.py", "@kernel\ndef f(a, b, c): ..."),
    (many_positions, "a.py", "class A:\n    def f(self, a, b): ...\n    def __exit__(self, a, b, c): ..."),
    (undocumented_arrays, "a.py", ARRAY.format("Doc: x float64[n], mm.")),
    (undocumented_arrays, "a.py", ARRAY.format("Doc: x bool[n].").replace("float64", "bool_")),
    (undocumented_arrays, "a.py", "def _f(x: NDArray[np.float64]): ..."),
]


@pytest.mark.parametrize(("rule", "name", "text"), KEPT)
def test_a_kept_rule_is_not_complained_about(rule: Callable[[Module], Iterator[str]], name: str, text: str) -> None:
    assert list(rule(Module(name, text, {}))) == []
