"""What was noticed about a file, and the one error a file may raise."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Severity = Literal["fatal", "repaired", "warning", "note"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One remark about an input: a code, how bad it is, where it is and the way out.

    Attributes
    ----------
    code : str
        Short, stable, lower-case word with dashes, e.g. ``record-count-unknown``.
    severity : {"fatal", "repaired", "warning", "note"}
        Fatal: not analysed. Repaired: analysed with altered reading. Warning: look at it.
    message : str
        One sentence.
    hint : str
        The way out, one sentence; may be empty.
    offset : int or None
        Byte offset in the file, where there is one.
    channel : str
        Label of the channel concerned; empty if the whole file is.
    """

    code: str
    severity: Severity
    message: str
    hint: str = ""
    offset: int | None = None
    channel: str = ""


class EdfError(ValueError):
    """A file that cannot be read rightly.

    Attributes
    ----------
    code, hint : str
    path : Path or None
    offset : int or None
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        path: Path | None = None,
        offset: int | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message if not hint else f"{message} {hint}")
        self.code = code
        self.message = message
        self.path = path
        self.offset = offset
        self.hint = hint
