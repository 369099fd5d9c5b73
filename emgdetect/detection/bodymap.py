"""Side and limb of a muscle, as far as its site's name tells."""

from __future__ import annotations

import re

LEG = (
    "tib", "gastro", "sol", "vast", "rectus fem", "quad", "hamstr", "semit", "biceps fem", "peron",
    "fibul", "exten dig brev", "edb", "abductor hal", "gracil", "sartor", "glut", "calf", "thigh",
    "digitorum brev", "hallucis", "leg", "adductor mag", "adductor long",
)  # fmt: skip
ARM = (
    "biceps", "triceps", "delt", "fdi", "interos", "abductor pol", "apb", "adm", "abductor dig",
    "brachio", "brachi", "flexor", "extensor", "fcr", "fcu", "ecr", "ecu", "edc", "forearm",
    "adductor pol", "pollicis", "thenar", "hypothenar", "hand", "arm", "opponens",
)  # fmt: skip
TRUNK = ("rectus abd", "oblique", "parasp", "erector", "pect", "trap", "serrat", "latiss", "thora",
         "intercost", "diaph", "multifid")  # fmt: skip
HEAD = ("tongue", "genio", "mental", "masseter", "frontal", "orbic", "zygom", "corrug", "stern",
        "splen", "face")  # fmt: skip
SIDES = {"l": "left", "left": "left", "li": "left", "links": "left",
         "r": "right", "right": "right", "re": "right", "rechts": "right"}  # fmt: skip


def side_of(site: str) -> str:
    """``left``, ``right`` or empty: from a word of its own, such as the last of ``BICEPS L``."""
    words = re.split(r"[^a-z]+", site.lower())
    found = {SIDES[word] for word in words if word in SIDES}
    return found.pop() if len(found) == 1 else ""


def limb_of(site: str) -> str:
    """``leg``, ``arm``, ``trunk``, ``head`` or empty: from the muscle's name."""
    name = site.lower()
    # Leg and trunk first: "biceps femoris" and "rectus abdominis" begin like others.
    for limb, words in (("leg", LEG), ("trunk", TRUNK), ("head", HEAD), ("arm", ARM)):
        if any(word in name for word in words):
            return limb
    return ""


def may_share_crosstalk(first: str, second: str) -> bool:
    """Whether two sites may lie so close that one hears the other.

    Never across body sides, and never from limb to limb; where names do not tell, they may.
    """
    sides, limbs = {side_of(first), side_of(second)}, {limb_of(first), limb_of(second)}
    return len(sides - {""}) < 2 and len(limbs - {""}) < 2
