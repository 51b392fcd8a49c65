"""Plain sentences that no moderation minds and that do not resemble each other."""

from __future__ import annotations

import random

_WHO = "the painter,my neighbour,our teacher,a sailor,the baker,an old friend,the pilot,a gardener"
_DID = "found,borrowed,carried,described,photographed,repaired,remembered,brought,sketched,counted"
_WHAT = (
    "a green umbrella,the old piano,three lemons,the northern map,a wooden ladder,two tickets,"
    "the silver kettle,a paper boat,the last chapter,a bright lantern,the garden chairs,an atlas"
)
_WHERE = (
    "near the harbour,behind the library,on the terrace,under the bridge,beside the river,"
    "at the market,in the kitchen,by the lighthouse,across the meadow,along the canal"
)
_WHEN = "this morning,before lunch,last winter,on Tuesday,after the rain,at noon,in early spring"


def sentences(count: int, dice: random.Random) -> list[str]:
    """Return different sentences.

    Args:
        count: How many.
        dice: Chooses the words.
    """
    parts = [words.split(",") for words in (_WHO, _DID, _WHAT, _WHERE, _WHEN)]
    found: dict[str, None] = {}
    while len(found) < count:
        found[" ".join(dice.choice(words) for words in parts)] = None
    return list(found)
