"""Texts and tables → HTML, by templates that escape whatever they are given."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from emgdetect._version import __version__
from emgdetect.writers.cells import safe_text

if TYPE_CHECKING:
    from jinja2 import Environment


def render(template: str, **content: Any) -> str:
    """Fill a template; every text is escaped and shows what would otherwise steer a display."""
    return _environment().get_template(template).render(version=__version__, **content)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("emgdetect.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _visible(value: Any) -> Any:
    """Control and direction characters made visible; markup of our own templates left alone."""
    return safe_text(value) if type(value) is str else value
