"""One constant of the package with another value: for studies of what a number does.

The change is made to the module's source as it is imported, so that whatever is derived from the
constant, here or in a module that imports its name, follows. Nothing is written to disk.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from emgdetect.numbers import PACKAGE, Constant, assigned

FACTORS = (0.8, 1.25)


@dataclass(frozen=True)
class Change(Constant):
    """A constant and what to make of it.

    Attributes
    ----------
    factor : float
    changed : str
        What it becomes.
    """

    factor: float
    changed: str


def scaled(number: float, factor: float) -> float:
    """A number times a factor; an integer is rounded and moves by one at least: 3 to 2 or to 4.

    Floats are rounded to 12 significant digits: 0.28, not 0.27999999999999997.
    """
    if isinstance(number, int):
        size = abs(number)
        near = round(size * factor)
        moved = min(size - 1, near) if factor < 1 else max(size + 1, near)
        return moved if number > 0 else -moved
    return float(f"{number * factor:.12g}")


def changed_value(value: ast.expr, factor: float) -> ast.expr | None:
    """The expression with its numbers scaled; None if it holds none that a factor changes.

    All numbers of a tuple or of a mapping's values change together. Where floats stand beside
    integers, only the floats change: the integers are orders or counts. Indices and keys stay.
    """
    folded = _Folded().visit(ast.parse(ast.unparse(value), mode="eval")).body
    kinds = {type(n.value) for n in ast.walk(folded) if isinstance(n, ast.Constant)}
    new = _Scaled(factor, float if float in kinds else int).visit(folded)
    return None if ast.unparse(new) == ast.unparse(value) else new


class _Folded(ast.NodeTransformer):
    """Arithmetic of plain numbers becomes its result: `1 << 18`, `-2`."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        parts = (node.left, node.right)
        return _literal(node) if all(isinstance(p, ast.Constant) for p in parts) else node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        self.generic_visit(node)
        return _literal(node) if isinstance(node.operand, ast.Constant) else node


def _literal(node: ast.expr) -> ast.expr:
    code = compile(ast.fix_missing_locations(ast.Expression(node)), "<number>", "eval")
    return ast.Constant(eval(code, {"__builtins__": {}}))


class _Scaled(ast.NodeTransformer):
    """Numbers of one kind times a factor."""

    def __init__(self, factor: float, kind: type) -> None:
        self.factor, self.kind = factor, kind

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if type(node.value) is not self.kind or not node.value:
            return node
        return ast.Constant(scaled(node.value, self.factor))

    def visit_Dict(self, node: ast.Dict) -> ast.expr:
        node.values = [self.visit(value) for value in node.values]
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        node.value = self.visit(node.value)
        return node


class _Put(ast.NodeTransformer):
    """One expression in place of another."""

    def __init__(self, old: ast.expr, new: ast.expr) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else super().visit(node)


def changed_tree(source: str, name: str, factor: float) -> ast.Module:
    """A module's source with one constant changed.

    Raises
    ------
    KeyError
        If no constant of that name stands there, or if a factor does not change it.
    """
    tree = ast.parse(source)
    for statement in tree.body:
        for found, value in assigned(statement):
            if found == name and (new := changed_value(value, factor)) is not None:
                _Put(value, new).visit(statement)
                return ast.fix_missing_locations(tree)
    raise KeyError(name)


def changes_of(path: Path, module: str, name: str, value: str) -> list[Change]:
    """The changes of one constant, downwards first; empty if it only follows another one."""
    expression = _constants(path)[name]
    new = [(factor, changed_value(expression, factor)) for factor in FACTORS]
    return [Change(module, name, value, f, ast.unparse(n)) for f, n in new if n is not None]


@cache
def _constants(path: Path) -> dict[str, ast.expr]:
    """What a module's names are bound to."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return {name: value for statement in body for name, value in assigned(statement)}


class _Loader(SourceFileLoader):
    """Loads a module with one constant changed."""

    def __init__(self, fullname: str, path: str, change: Change) -> None:
        super().__init__(fullname, path)
        self.change = change

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        source = Path(path).read_text(encoding="utf-8")
        tree = changed_tree(source, self.change.name, self.change.factor)
        return compile(tree, path, "exec", dont_inherit=True)


class _Finder(MetaPathFinder):
    """Finds the module to change before anything else does."""

    def __init__(self, change: Change) -> None:
        self.change = change

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != f"{PACKAGE.name}.{self.change.module}":
            return None
        spec = PathFinder.find_spec(fullname, path)
        if spec is not None and spec.origin is not None:
            spec.loader = _Loader(fullname, spec.origin, self.change)
        return spec


def install(change: Change) -> None:
    """Let this process import the package with the change, from now on and for good.

    What was imported of it before is forgotten, so that no copy of the old number is left.
    """
    for name in list(sys.modules):
        if name.split(".")[0] in (PACKAGE.name, "benchmarks") and name != __name__:
            del sys.modules[name]
    sys.meta_path.insert(0, _Finder(change))
