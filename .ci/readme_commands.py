"""Print the two set-up commands of README.md, one a line: CI runs what users are told to run."""

import re
import sys
from pathlib import Path

BLOCK = re.compile(r"<!-- set-up -->\s*```bash\n(.*?)```", re.DOTALL)


def commands(readme: str) -> list[str]:
    """The commands of the blocks marked as set-up, in order; comments and empty lines dropped."""
    lines = [line.strip() for block in BLOCK.findall(readme) for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


if __name__ == "__main__":
    found = commands(Path(__file__).parents[1].joinpath("README.md").read_text(encoding="utf-8"))
    if len(found) != 2:
        sys.exit(f"README.md should mark two set-up commands, it marks {len(found)}")
    print("\n".join(found))
