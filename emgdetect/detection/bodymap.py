"""Side and limb of a muscle, as far as its site's name tells.

Names are English, Latin, German and Italian, as they are written: whole, cut short, or as initials.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from emgdetect.readers.labels import SIDES

MAYBE_SIDES = {"lt": "left", "rt": "right"}
"""Words for a side where no other one is told: ``LT R`` may be a lower trapezius."""

FIRST = (
    ("trunk", "quadratus lumb, quadrato lomb, quadrato dei lomb, quadr lumb"),
    ("arm", "pronator quad, pronatore quad, lumbric, lombric"),
)  # fmt: skip
"""Beginnings of names that begin like those of another limb: ``quadriceps``, ``lumbar``."""
LIMBS = (
    ("leg", """tib, gastr, sol, vast, rectus fem, retto fem, quad, hams, semit, semim, ischio,
        biceps fem, bizeps fem, bicipite fem, triceps sur, trizeps sur, tricipite sur,
        tricipite della sur, peron, fibul, exten dig brev, abductor hal, hall, alluce, gracil,
        sartor, glut, gesass, gesaess, tensor fasc, tensore della fasc, poplit, plantar, pectin,
        pettin, adductor mag, adductor long, adductor brev, adductors, adduktor mag, adduktor long,
        adduktor brev, adduktoren, adduttore lungo, adduttore grande, adduttore breve, adduttori,
        digitorum brev, digitorum long, digitorum pedis, digiti minimi pedis, digiti quinti pedis,
        dig brev, dig long, lungo delle dita, breve delle dita, zehen, grosszehe, toe, foot, fuss,
        piede, pedis, leg, bein, calf, wade, shin, schienbein, polpaccio, gamba, thigh, schenkel,
        oberschenkel, unterschenkel, kniestrecker, kniebeuger, coscia, edb, edl, fdl, fdb, ehl,
        ehb, fhl, fhb"""),
    ("trunk", """rectus abd, retto add, retto dell add, oblique, obliquus, obliquo, parasp,
        paravert, erector, erettor, pect, pettoral, brust, trap, serrat, dentato, latiss,
        gran dorsale, grande dorsale, thora, torac, intercost, interkost, diaph, zwerchf, diafr,
        multifid, longissimus, iliocost, lumb, lomb, abdom, addom, bauch, rumpf, rucken, ruecken,
        tronco, trunk, rhomb, romboid"""),
    ("head", """tongue, zunge, lingua, genio, gloss, hyogloss, stylogloss, mental, submental,
        masset, kaumuskel, frontal, orbic, zygom, zigom, corrug, stern, scm, splen, platysm, nasal,
        bucc, digastr, risor, procer, temporal, face, facial, gesicht, viso, stirn, kinn"""),
    ("arm", """biceps, bizeps, bicipite, triceps, trizeps, tricipite, delt, fdi, interos, inteross,
        abductor pol, abductor dig, abduktor dig, abduttore del mignolo, apb, apl, adm, adq,
        brachi, brachio, coracobrach, korakobrach, flexor, extensor, flessor, estensor, fcr, fcu,
        ecr, ecu, edc, eip, epl, epb, fds, fdp, fpl, fpb, forearm, unterarm, oberarm, avambraccio,
        braccio, carp, ext dig, abd dig, poll, thenar, hypothenar, tenar, ipotenar, thumb, daumen,
        finger, wrist, hand, mano, arm, opponens, opponente, pronator, supinator, palmar,
        ancone"""),
)  # fmt: skip
"""Beginnings of words of a name, the limb that wins first: ``extensor hallucis`` is of the leg."""
INITIALS = {
    **dict.fromkeys(("ta", "gm", "gl", "mg", "lg", "vl", "vm", "vi", "vmo", "rf", "bf"), "leg"),
    **dict.fromkeys(("bb", "tb", "br", "bic", "tric"), "arm"),
    "ql": "trunk",
}
"""Short words that tell a limb where nothing longer does."""


def side_of(site: str) -> str:
    """``left``, ``right`` or empty: from a word of its own, such as the last of ``BICEPS L``."""
    # Beside the spine, L4 is a vertebra.
    name = re.sub(r"(?<![A-Za-z])L[1-5](?![0-9])", " ", site) if limb_of(site) == "trunk" else site
    words = _words(name)
    for known in (SIDES, MAYBE_SIDES):
        found = {known[word] for word in words if word in known}
        if found:
            return found.pop() if len(found) == 1 else ""
    return ""


@lru_cache(maxsize=1024)
def limb_of(site: str) -> str:
    """``leg``, ``arm``, ``trunk``, ``head`` or empty: from the muscle's name."""
    words = _words(site)
    name = " " + " ".join(words)
    for limb, beginnings in FIRST + LIMBS:
        # A side may be written in one with the muscle: ``LTIBIALIS``.
        if any(f" {side}{begin.strip()}" in name
               for begin in beginnings.split(",") for side in ("", "l", "r")):  # fmt: skip
            return limb
    told = {INITIALS[word] for word in words if word in INITIALS}
    return told.pop() if len(told) == 1 else ""


def _words(site: str) -> list[str]:
    """Words of a name in small letters without accents; ``BicepsL`` is two."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", site)
    plain = unicodedata.normalize("NFKD", apart.casefold()).encode("ascii", "ignore").decode()
    return re.findall(r"[a-z]+", plain)


def may_share_crosstalk(first: str, second: str) -> bool:
    """Whether two sites may lie so close that one hears the other.

    Never across body sides, and never from limb to limb; where names do not tell, they may.
    """
    sides, limbs = {side_of(first), side_of(second)}, {limb_of(first), limb_of(second)}
    return len(sides - {""}) < 2 and len(limbs - {""}) < 2
