"""Does the size of an EDF file add up with its header, and how many data records are there?"""

from __future__ import annotations

from emgdetect.findings import Finding, finding, refusal
from emgdetect.readers import edf_fields as fields
from emgdetect.readers.text import quoted


def count_records(header: bytes, record_bytes: int, file_size: int) -> tuple[int, list[Finding]]:
    """Complete data records in the file, and what does not add up.

    Parameters
    ----------
    header : bytes
        The whole header, as long as its number of signals asks for.
    record_bytes : int
        Size of one data record.
    file_size : int

    Raises
    ------
    EdfError
        If it is unclear where the data begin, or there is no complete record.
    """
    findings = _check_header_size(header, record_bytes, file_size)
    n_records, found = _complete_records(header, record_bytes, file_size)
    return n_records, findings + found


def _check_header_size(header: bytes, record_bytes: int, file_size: int) -> list[Finding]:
    """Data begin after the signal headers, as the header-size field should say.

    If it says otherwise the file size decides, with the number of records; where it cannot,
    header text might be read as signal or signal be lost, so the file is refused.
    """
    given, standard = fields.integer(header[184:192])
    text = quoted(header[184:192])
    if given == len(header):
        message = f"The header size is written {text}."
        return [] if standard else [finding("number-format", message, offset=184)]
    message = f"The header size is given as {text}, but the signals need {len(header)} bytes."
    n_records, _ = fields.integer(header[236:244])
    if n_records and n_records > 0 and len(header) + n_records * record_bytes == file_size:
        return [finding("header-size", message, offset=184)]
    raise refusal("header-size-unclear", message, offset=184)


def _complete_records(
    header: bytes, record_bytes: int, file_size: int
) -> tuple[int, list[Finding]]:
    data_bytes = file_size - len(header)
    if record_bytes <= 0 or data_bytes < record_bytes:
        message = f"{data_bytes} bytes follow the header, a data record has {record_bytes}."
        raise refusal("no-data", message)
    n_there, rest = divmod(data_bytes, record_bytes)
    given, standard = fields.integer(header[236:244])
    if given is not None and 2 <= given < n_there and rest:
        # What follows is no whole number of records: something was appended. The header counts.
        n_there, rest = given, data_bytes - given * record_bytes
    findings = _count_findings(header[236:244], given, standard, n_there)
    if rest:
        cut = given is None or given < 0 or given > n_there
        message = f"{rest} bytes follow the last complete data record."
        offset = file_size - rest
        code = "record-truncated" if cut else "trailing-bytes"
        findings.append(finding(code, message, offset=offset))
    return n_there, findings


def _count_findings(field: bytes, given: int | None, standard: bool, n_there: int) -> list[Finding]:
    text = quoted(field)
    if given == -1:
        return [finding("record-count-unknown", offset=236)]
    if given != n_there:
        message = f"The header says {text} data records, the file has {n_there}."
        return [finding("record-count", message, offset=236)]
    message = f"The record count is written {text}."
    return [] if standard else [finding("number-format", message, offset=236)]
