"""Coverage-guided fuzzing of the EDF reader with atheris; see `RESULT.md` beside this file.

    python tests/fuzz/fuzz_edf.py -max_total_time=3600 -timeout=10 -rss_limit_mb=600 CORPUS_FOLDER

The first byte of an input chooses the suffix, the rest is the file. Anything that escapes from the
reader except `EdfError`, and any silent difference from the slow reader, is a crash.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parents[1] / "readers"))

with atheris.instrument_imports(include=["emgdetect.readers", "emgdetect.findings"]):
    from against_slow import examine
    from mutate_edf import seeds

    import emgdetect.readers.context
    import emgdetect.readers.edf
    import emgdetect.readers.sanity  # noqa: F401 (imported here to be instrumented)

warnings.simplefilter("error")


def one_input(data: bytes) -> None:
    """Examine one file."""
    if data:
        examine(data[1:], suffix=".bdf" if data[0] & 1 else ".edf")


def main() -> None:
    folders = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    for folder in folders[:1]:
        Path(folder).mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(seeds()):
            (Path(folder) / f"seed{number}").write_bytes(b"\0" + seed)
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
