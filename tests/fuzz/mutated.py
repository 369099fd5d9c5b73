"""Many mutated files through the reader, with limits on time and memory.

    python tests/fuzz/mutated.py [N_FILES] [FIRST_SEED]

Works on the crafted seeds and, where it is there, on the well-formed files of the corpus beside
the checkout. Prints what became of the files; exits 1 on anything but a right result, a finding
or an `EdfError`. Each file may take 10 s; memory may grow by 200 MB and four times the file.
"""

from __future__ import annotations

import collections
import os
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "readers"))

from against_slow import examine
from mutate_edf import mutate, seeds

LIMIT_S = 10
LIMIT_BYTES = 200_000_000
MAX_FILE_BYTES = 70_000
CHUNK = 500


def bases() -> list[bytes]:
    """Files to damage: crafted ones, and small ones of the corpus."""
    home = os.environ.get("EMGDETECT_DATA", Path(__file__).parents[3] / "shared" / "data")
    files = sorted(Path(home).glob("edf_corpus/*"))
    small = [f for f in files if f.suffix.lower() in (".edf", ".bdf")
             and f.stat().st_size < MAX_FILE_BYTES]  # fmt: skip
    return seeds() * 3 + [f.read_bytes() for f in small]


def hang(*_: object) -> None:
    raise TimeoutError(f"more than {LIMIT_S} s")


def resident_bytes() -> int:
    """Largest resident memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def one(content: bytes, suffix: str, folder: Path) -> str:
    """What became of one file, in time and memory."""
    before, started = resident_bytes(), time.monotonic()
    signal.alarm(LIMIT_S)
    try:
        verdict = examine(content, suffix=suffix, folder=folder)
    finally:
        signal.alarm(0)
    grown = resident_bytes() - before
    assert grown <= LIMIT_BYTES + 4 * len(content), f"{grown} bytes for {len(content)}"
    assert time.monotonic() - started < LIMIT_S
    return verdict


def chunk(seed: int, n_files: int, files: list[bytes], folder: Path) -> collections.Counter[str]:
    """What became of some files; a failing one is kept in `folder`."""
    rng = random.Random(seed)
    outcome: collections.Counter[str] = collections.Counter()
    for number in range(n_files):
        content = mutate(rng.choice(files), rng)
        try:
            outcome[one(content, rng.choice((".edf", ".bdf")), folder).split(",")[0]] += 1
        except Exception:
            traceback.print_exc()
            (folder / f"failed_{seed}_{number}.bin").write_bytes(content)
            outcome["FAILED"] += 1
    return outcome


def main() -> int:
    n_files = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    warnings.simplefilter("error")
    signal.signal(signal.SIGALRM, hang)
    files = bases()
    folder = Path(tempfile.mkdtemp(prefix="mutated"))
    total: collections.Counter[str] = collections.Counter()
    for seed in range(first, first + -(-n_files // CHUNK)):
        total += chunk(seed, CHUNK, files, folder)
        print(f"{total.total()} files, {total['FAILED']} failed", file=sys.stderr, flush=True)
    for outcome, count in total.most_common():
        print(f"{count:7d} {outcome}")
    print(f"{total.total()} files, largest memory {resident_bytes() / 1e6:.0f} MB, in {folder}")
    return 1 if total["FAILED"] else 0


if __name__ == "__main__":
    sys.exit(main())
