"""Side and limb by the names of muscles."""

import pytest

from emgdetect.detection.bodymap import limb_of, may_share_crosstalk, side_of
from emgdetect.readers.labels import SIDES, muscle_of


@pytest.mark.parametrize(("site", "side"), [
    ("BICEPS L", "left"), ("Biceps right", "right"), ("r_tibialis", "right"), ("TA_R", "right"),
    ("FDI", ""), ("LATISSIMUS", ""), ("rectus", ""), ("L FDI R", ""), ("", ""), ("APB-li", "left"),
    ("TIBIALIS DX", "right"), ("TIBIALIS SN", "left"), ("TIBIALIS SX", "left"), ("TA RT", "right"),
    ("TA LT", "left"), ("LT R", "right"), ("LT L", "left"), ("DELTOIDEUS dex", "right"),
    ("DELTOIDEUS sin.", "left"), ("Bizeps links", "left"), ("rechter Bizeps", "right"),
    ("Bicipite destro", "right"), ("Deltoide sinistro", "left"), ("bicepsL", "left"),
    ("TibialisDX", "right"), ("PARASP L4 R", "right"), ("PARASP L4", ""), ("MULTIFIDUS L", "left"),
])  # fmt: skip
def test_side(site, side):
    assert side_of(site) == side


@pytest.mark.parametrize(("site", "limb"), [
    ("BICEPS L", "arm"), ("Biceps femoris R", "leg"), ("GASTROC L", "leg"), ("FDI", "arm"),
    ("Rectus abdominis", "trunk"), ("Rectus femoris", "leg"), ("TRAPEZIUS R", "trunk"),
    ("TONGUE", "head"), ("EMG1", ""), ("", ""), ("VASTUS LATERALIS", "leg"),
    ("Adductor pollicis", "arm"),
    ("Adductor longus", "leg"), ("surface biceps", "arm"), ("segmental tibialis", "leg"),
    ("RTIBIALIS", "leg"), ("TibialisDX", "leg"), ("Rücken L", "trunk"), ("Gesäß", "leg"),
])  # fmt: skip
def test_limb(site, limb):
    assert limb_of(site) == limb


BY_LIMB = {
    "leg": """EXTENSOR DIGITORUM LONGUS|FLEXOR DIGITORUM LONGUS|EXTENSOR DIGITORUM BREVIS|FDL
        EXTENSOR HALLUCIS|EXTENSOR HALLUCIS LONGUS|FLEXOR HALLUCIS BREVIS|ABDUCTOR HALLUCIS|EHL
        ABDUCTOR DIGITI MINIMI PEDIS|TRICEPS SURAE|Trizeps surae|TIBIALIS POSTERIOR|TA|VL|VMO|RF|BF
        PERONEUS LONGUS|FIBULARIS|SOLEUS|SOL|SEMIMEMBRANOSUS|TENSOR FASCIAE LATAE|GLUTEUS MAXIMUS
        QUADRATUS FEMORIS|QUADRATUS PLANTAE|QUADRICEPS|Quadrizeps|POPLITEUS|PECTINEUS|PLANTARIS
        Wadenmuskel|Oberschenkel|Unterschenkel|Bein|Fußheber|Zehenstrecker|Adduktoren|Bizeps femoris
        tibiale anteriore|gastrocnemio mediale|soleo|vasto laterale|retto femorale|quadricipite
        bicipite femorale|tricipite della sura|peroneo lungo|estensore lungo delle dita|polpaccio
        estensore dell'alluce|adduttore lungo|grande gluteo|gamba|coscia|piede|EXTENSOR DIG LONG
        EXT DIG BREV|GASTR MED|TIB ANT|ABD HALL|M. tibialis ant.""",
    "arm": """EXTENSOR DIGITORUM|EXTENSOR DIGITORUM COMMUNIS|FLEXOR DIGITORUM SUPERFICIALIS|FDS|FDI
        EXTENSOR CARPI RADIALIS LONGUS|EXTENSOR CARPI RADIALIS BREVIS|FLEXOR CARPI ULNARIS
        ABDUCTOR POLLICIS BREVIS|FLEXOR POLLICIS LONGUS|EXTENSOR POLLICIS LONGUS|ADDUCTOR POLLICIS
        EXTENSOR INDICIS|FLEXOR DIGITI MINIMI|ABDUCTOR DIGITI MINIMI|PALMARIS LONGUS|LUMBRICALIS
        PRONATOR TERES|PRONATOR QUADRATUS|SUPINATOR|ANCONEUS|BRACHIORADIALIS|CORACOBRACHIALIS
        FIRST DORSAL INTEROSSEOUS|OPPONENS POLLICIS|HYPOTHENAR|BICEPS BRACHII|TRICEPS BRACHII
        Bizeps|Trizeps|Oberarm|Unterarm|Handstrecker|Fingerbeuger|Daumenballen|Deltamuskel
        bicipite brachiale|tricipite|primo interosseo dorsale|flessore ulnare del carpo|avambraccio
        abduttore breve del pollice|estensore comune delle dita|mano|deltoide|brachioradiale
        ABD POLL BREV|ADD POLL|EXT DIG COMM|EXT CARP RAD|ABD DIG MIN""",
    "trunk": """QUADRATUS LUMBORUM|quadrato dei lombi|ERECTOR SPINAE|MULTIFIDUS|LONGISSIMUS THORACIS
        LATISSIMUS DORSI|SERRATUS ANTERIOR|EXTERNAL OBLIQUE|OBLIQUUS EXTERNUS|TRAPEZIUS|RHOMBOIDEUS
        PECTORALIS MAJOR|INTERCOSTALS|DIAPHRAGM|Bauchmuskel|Brustmuskel|Zwerchfell|trapezio
        retto dell'addome|retto addominale|gran dorsale|gran pettorale|LUMBAR PARASPINALS|T10 PARASP
        dentato anteriore|Rückenstrecker|ILIOCOSTALIS""",
    "head": """TONGUE|GENIOGLOSSUS|MASSETER|STERNOCLEIDOMASTOIDEUS|SCM|ORBICULARIS ORIS|FRONTALIS
        MENTALIS|SUBMENTAL|Zunge|lingua|massetere|sternocleidomastoideo|Kaumuskel|ZYGOMATICUS
        TEMPORALIS|DIGASTRICUS|SPLENIUS CAPITIS""",
    "": "GRID|FRAGMENTAL|ISOLATED 1|ALARM|SPECTRUM|LEFT|ILIOPSOAS|EMG7",
}


@pytest.mark.parametrize("limb", BY_LIMB)
def test_limb_by_the_names_of_four_languages(limb):
    names = [name.strip() for line in BY_LIMB[limb].split("\n") for name in line.split("|")]
    told = {name: limb_of(name) for side in ("", " R", " DX") for name in [n + side for n in names]}
    assert {name: got for name, got in told.items() if got != limb} == {}


def test_sides_of_readers_and_of_cross_talk_are_the_same():
    for one, side in SIDES.items():
        assert side_of(f"TIBIALIS {one.upper()}") == side_of(f"{one}_biceps") == side
        assert not muscle_of(f"EMG {one}")
        for other in SIDES:
            same = SIDES[other] == side
            assert may_share_crosstalk(f"TIBIALIS {one}", f"TIBIALIS {other}") == same


def test_cross_talk_stays_on_its_side_and_limb_and_is_symmetric():
    assert may_share_crosstalk("BICEPS L", "TRICEPS L")
    assert may_share_crosstalk("EMG1", "EMG2")
    assert may_share_crosstalk("BICEPS L", "EMG2")
    assert not may_share_crosstalk("BICEPS L", "TRICEPS R")
    assert not may_share_crosstalk("BICEPS L", "TIBIALIS L")
    assert not may_share_crosstalk("TIBIALIS DX", "TIBIALIS SN")
    assert not may_share_crosstalk("EXTENSOR DIGITORUM LONGUS R", "EXTENSOR DIGITORUM R")
    assert not may_share_crosstalk("QUADRATUS LUMBORUM L", "QUADRICEPS L")
    names = ["BICEPS L", "TRICEPS R", "EMG1", "SOLEUS L", ""]
    for a in names:
        for b in names:
            assert may_share_crosstalk(a, b) == may_share_crosstalk(b, a)
