"""How well the detector does, and how well anything could; run from a checkout."""
