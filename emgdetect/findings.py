"""What was noticed about a file, and the one error a file may raise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from emgdetect.codes import CODES, Severity

MOST_ALIKE = 4
"""Findings of one code that are told one by one."""
_BY_NAME = {code.name: code for code in CODES}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One remark about an input: a code, how bad it is, where it is and the way out.

    Attributes
    ----------
    code : str
        Short, stable, lower-case word with dashes, e.g. ``record-count``; see `emgdetect.codes`.
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
    code : str
        Short, stable word of the list in `emgdetect.codes`, e.g. ``no-emg``.
    message, hint : str
        What is wrong and the way out, one sentence each; the hint may be empty.
    path : Path or None
        The file, where it is known.
    offset : int or None
        Byte at which the trouble stands, where there is one.
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

    def __reduce__(
        self,
    ) -> tuple[object, tuple[str, str, Path | None, int | None, str]]:
        return _rebuild, (self.code, self.message, self.path, self.offset, self.hint)


def _rebuild(code: str, message: str, path: Path | None, offset: int | None, hint: str) -> EdfError:
    return EdfError(code, message, path=path, offset=offset, hint=hint)


def finding(
    name: str,
    message: str = "",
    *,
    severity: Severity | None = None,
    offset: int | None = None,
    channel: str = "",
) -> Finding:
    """A finding of a listed code, with its usual severity and way out.

    Parameters
    ----------
    name : str
        A name in `CODES`.
    message : str
        What exactly was found; the code's meaning by default.
    severity : {"fatal", "repaired", "warning", "note"}, optional
        The code's own by default.
    offset : int, optional
    channel : str

    Raises
    ------
    KeyError
        If the code is not listed.
    """
    code = _BY_NAME[name]
    return Finding(
        code=name, severity=severity or code.severity, message=message or code.meaning,
        hint=code.way_out, offset=offset, channel=channel,
    )  # fmt: skip


def refusal(name: str, message: str = "", *, offset: int | None = None) -> EdfError:
    """An `EdfError` of a listed code, to be raised; the caller adds the path.

    Raises
    ------
    KeyError
        If the code is not listed.
    """
    code = _BY_NAME[name]
    return EdfError(name, message or code.meaning, offset=offset, hint=code.way_out)


def summarise(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings, those of one code beyond `MOST_ALIKE` as a single one that says how many.

    A grid of 128 channels whose unit is misspelt is one remark, not 128.
    """
    counts = Counter((found.code, found.severity) for found in findings)
    kept: list[Finding] = []
    said: set[tuple[str, str]] = set()
    for found in findings:
        key = (found.code, found.severity)
        if counts[key] <= MOST_ALIKE:
            kept.append(found)
        elif key not in said:
            said.add(key)
            message = f"{found.message} The same holds {counts[key] - 1} times more."
            kept.append(replace(found, message=message, channel=""))
    return tuple(kept)
