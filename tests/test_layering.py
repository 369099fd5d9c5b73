"""Imports go down the floors only, and each heavy library has its home.

A room may import rooms of lower floors, never of its own floor or of a higher one; so may
the rooms inside `detection` among themselves.
`emgdetect/__init__.py` is the lobby: it names all rooms lazily, and no room imports it.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "emgdetect"
DETECTION = PACKAGE / "detection"

FLOORS = (
    ("_version", "arguments", "cards", "codes", "course", "meanings", "one_thread"),
    ("findings", "columns", "config"),
    ("recording", "detections", "numbers", "cautions"),
    ("readers", "signal", "scoring", "curation"),
    ("detection", "stats", "simulation", "datasets", "showing"),
    ("injection",),
    ("analysis", "checking"),
    ("writers", "plot"),
    ("report",),
    ("batch", "review"),
    ("cli",),
    ("__main__",),
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}

DETECTION_FLOORS = (
    ("rows", "clock", "threads", "bodymap", "trains"),
    ("trace", "firing"),
    ("first_pass",),
    ("rest", "second_pass"),
    ("site",),
    ("cardiac", "shape", "remarks"),
    ("verdicts",),
    ("levels",),
    ("stages", "tabling"),
    ("pipeline",),
)
"""Rooms inside `detection`, and the modules beside them."""

DETECTION_FLOOR_OF = {room: floor for floor, rooms in enumerate(DETECTION_FLOORS) for room in rooms}

ALLOWED = {("recording", "readers")}
"""`Recording.from_array` and `from_mne` hand over to `readers`: the one door up."""

HOMES = {
    "matplotlib": {"plot"},
    "jinja2": {"report"},
    "pydantic": {"config", "writers"},
    "typer": {"cli"},
    "mne": {"readers", "writers", "detections"},
    "edfio": {"readers", "writers"},
    "dask": {"batch"},
    "distributed": {"batch"},
    "starlette": {"review"},
    "uvicorn": {"review"},
    "statsmodels": {"stats"},
    "threadpoolctl": {"detection"},
}
"""Where a library may be imported; the rivals of the benchmark have no home in the package."""

RIVALS = {"neurokit2", "biosppy", "spikeinterface", "yasa", "wfdb"}
KERNELS = {"signal": {"numpy", "scipy"}, "scoring": {"numpy", "scipy"}}
"""Pure rooms: no library but these, and no other room of the house."""


def modules(house: Path = PACKAGE) -> list[Path]:
    return sorted(house.rglob("*.py"))


def room_of(path: Path, house: Path = PACKAGE) -> str:
    """The room a source file belongs to: first folder or module below the house."""
    first = path.relative_to(house).parts[0]
    return first.removesuffix(".py")


def absolute_name(node: ast.ImportFrom, path: Path) -> str:
    """Dotted name a `from … import` refers to, relative dots resolved."""
    if not node.level:
        return node.module or ""
    parts = ["emgdetect", *path.relative_to(PACKAGE).parts][: -node.level]
    return ".".join([*parts, node.module] if node.module else parts)


def imports(path: Path, tree: ast.AST | None = None) -> list[str]:
    """Dotted names imported anywhere in a file, inside functions included."""
    names = []
    tree = tree or ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            source = absolute_name(node, path)
            lobby = source in ("emgdetect", "emgdetect.detection")
            names += [f"{source}.{a.name}" if lobby else source for a in node.names]
    return names


def rooms_imported(path: Path, house: Path = PACKAGE, tree: ast.AST | None = None) -> set[str]:
    """Rooms of a house that a file imports; empty for the house itself, its lobby."""
    above = list(house.relative_to(PACKAGE.parent).parts)
    n = len(above)
    parts = [name.split(".") for name in imports(path, tree)]
    return {p[n] if len(p) > n else "" for p in parts if p[:n] == above}


def libraries_imported(path: Path) -> set[str]:
    """Libraries a file imports when it runs; those it names for annotations only do not count."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            node.body = [ast.Pass()]
    tops = {name.split(".")[0] for name in imports(path, tree)}
    return tops - set(sys.stdlib_module_names) - {"emgdetect", ""}


def breach(room: str, other: str, floor_of: dict[str, int] = FLOOR_OF) -> str:
    """Why `room` must not import `other`, or nothing."""
    if other == room or (room, other) in ALLOWED:
        return ""
    if other not in floor_of:
        return f"{room} imports {other or 'the lobby'}, which is no room"
    if floor_of[other] >= floor_of[room]:
        return f"{room} (floor {floor_of[room]}) imports {other} (floor {floor_of[other]})"
    return ""


def each_module(house: Path = PACKAGE) -> pytest.MarkDecorator:
    paths = [path for path in modules(house) if room_of(path, house) != "__init__"]
    return pytest.mark.parametrize("path", paths, ids=lambda p: str(p.relative_to(house)))


def test_every_module_has_a_room() -> None:
    rooms = {room_of(path) for path in modules()} - {"__init__"}
    assert rooms <= FLOOR_OF.keys()
    inside = {room_of(path, DETECTION) for path in modules(DETECTION)} - {"__init__"}
    assert inside == DETECTION_FLOOR_OF.keys()


@each_module()
def test_imports_go_down_the_floors(path: Path) -> None:
    faults = [breach(room_of(path), other) for other in sorted(rooms_imported(path))]
    assert not list(filter(None, faults))


@each_module(DETECTION)
def test_imports_go_down_the_floors_inside_detection(path: Path) -> None:
    room, others = room_of(path, DETECTION), sorted(rooms_imported(path, DETECTION))
    faults = [breach(room, other, DETECTION_FLOOR_OF) for other in others]
    assert not list(filter(None, faults))


def test_rooms_inside_detection_say_what_they_are_for_and_do_nothing() -> None:
    for path in DETECTION.rglob("__init__.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert ast.get_docstring(tree) and len(tree.body) == 1, path


@each_module()
def test_libraries_stay_at_home(path: Path) -> None:
    room, used = room_of(path), libraries_imported(path)
    assert not used & RIVALS
    assert not {lib for lib in used & HOMES.keys() if room not in HOMES[lib]}
    assert room not in KERNELS or used <= KERNELS[room]


@pytest.mark.parametrize("room", sorted(KERNELS))
def test_kernels_know_no_configuration_and_no_files(room: str) -> None:
    for path in modules():
        if room_of(path) == room:
            assert rooms_imported(path) <= {room}
            assert not {"pathlib", "os", "io"} & set(imports(path))


def test_no_room_bears_the_name_of_a_public_function() -> None:
    import emgdetect

    functions = {name for name in emgdetect.__all__ if name.islower() and name != "__version__"}
    assert not functions & (FLOOR_OF.keys() | DETECTION_FLOOR_OF.keys())


def test_the_test_sees_a_breach() -> None:
    path = PACKAGE / "signal" / "imaginary.py"
    tree = ast.parse("def f():\n    import emgdetect.plot\n    from ..config import A")
    assert imports(path, tree) == ["emgdetect.plot", "emgdetect.config"]
    assert breach("signal", "plot")
    assert breach("stats", "detection")
    assert breach("plot", "")
    assert not breach("plot", "detections")
    assert not breach("plot", "plot")


def test_the_test_sees_a_breach_inside_detection() -> None:
    path = DETECTION / "trace" / "imaginary.py"
    tree = ast.parse(
        "from emgdetect.detection import rows\n"
        "def f():\n    from emgdetect.detection.shape.pops import pops\n    from .. import rest"
    )
    assert rooms_imported(path, DETECTION, tree) == {"rows", "shape", "rest"}
    assert rooms_imported(path, DETECTION, ast.parse("import emgdetect.detection")) == {""}
    assert breach("trace", "shape", DETECTION_FLOOR_OF)
    assert breach("trace", "firing", DETECTION_FLOOR_OF)
    assert breach("trace", "", DETECTION_FLOOR_OF)
    assert not breach("trace", "rows", DETECTION_FLOOR_OF)
    assert not breach("trace", "trace", DETECTION_FLOOR_OF)
