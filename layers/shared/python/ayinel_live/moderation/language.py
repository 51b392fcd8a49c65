"""Whether a message reads as English: cheap, and sure enough to choose a classifier."""

from __future__ import annotations

import re
from typing import Final

from ayinel_live.moderation.slang import word_set

_WORD: Final = re.compile(r"[^\W\d_]+")
_LATIN_END: Final = "\u0250"
_FOREIGN_LETTERS_MAX: Final = 0.3

_ENGLISH: Final = word_set(
    """
    the of and to in is you that it he was for on are as with his they i at be this have from or
    one had by not but what all were we when your can said there use an each which she do how their
    if will up about out many then them these so some her would make like him into time has look
    two more go see no could my than been who its now did get may new good just dont im u ur lol
    """
)
_FOREIGN: Final = word_set(
    """
    el la los las que es por una con para como pero este esta muy yo tu eres soy mas nada todo
    puta mierda le les des est une dans pas vous nous je suis avec sur mais tres c'est ca oui der
    die das und ist nicht ich du ein eine mit auf sie wir auch aber bist schon nao voce uma com
    os isso esse aqui muito seu sua tem mas eu ele ela il lo gli che non sono sei ma questo molto
    bir ve bu ne icin cok ben sen degil var yok het een niet ik jij zijn maar wat jest nie sie na
    jak ale ty ja och att det som inte pa jag ar och
    """
)


def reads_as_english(text: str) -> bool:
    """Guesses from letters and small words whether a message is English.

    Args:
        text: A message.

    Returns:
        False where many letters are not Latin, or where small words of other languages outweigh
        English ones; True in doubt, because most names and slang are in no list.
    """
    words = _WORD.findall(text.lower())
    letters = "".join(words)
    if not letters:
        return True
    foreign_letters = sum(letter >= _LATIN_END for letter in letters)
    if foreign_letters > _FOREIGN_LETTERS_MAX * len(letters):
        return False
    foreign = sum(word in _FOREIGN for word in words)
    return foreign < 2 or foreign <= sum(word in _ENGLISH for word in words)
