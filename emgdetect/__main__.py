"""``python -m emgdetect`` is the command `emgdetect`."""

from emgdetect.cli import main

main()
