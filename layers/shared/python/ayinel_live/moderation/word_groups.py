"""Groups of words that tell whom a term is said to, and in what spirit."""

from __future__ import annotations

from typing import Final

from ayinel_live.moderation.slang import word_set

SECOND_PERSON: Final = frozenset(["you", "your", "yours", "yourself"])
THIRD_PERSON: Final = word_set(
    """
    he she they him them her his hers their theirs who people person guy guys team everyone
    everybody someone anyone nobody dude dudes kid kids girl girls boy boys woman women
    streamer streamers laner jungler adc supp healer carry mod mods admin admins dev devs teammate
    teammates player players president
    senator politician politicians government voters supporters fans liberal liberals lib libs
    leftist leftists conservative conservatives democrat democrats republican republicans rednecks
    trump trumps biden obama hillary clinton cops cop police feminists immigrants foreigners wife
    husband mother father mom dad daughter brother sister family parents neighbor chick
    author actor actress celebrity folks bunch those
    """
)
FIRST_PERSON: Final = frozenset(["i", "myself", "we", "am"])
OWN: Final = frozenset(["my", "our", "mine"])
NEGATION: Final = word_set(
    """
    not never no dont doesnt wasnt arent cant nobody without
    """
)
INTENSIFIER: Final = word_set(
    """
    fucking such so what absolute total complete utter stupid dumb ugly fat dirty little damn
    goddamn real another bunch of big literal actual another
    """
)
INSULTED_NOUN: Final = word_set(
    """
    team noob player players teammate teammates streamer mods mod kid kids guy dude bitch ass
    face support mid jungler adc clown idiot moron person people
    """
)
CHEERFUL: Final = word_set(
    """
    yeah yes yea ye awesome amazing love loved good great nice insane sick clutch goat epic
    cool crazy hilarious beautiful cracked clean hype go finally legend hot hell best perfect
    funny yay congrats gg pog poggers lets holy lmao lol haha wow omg brilliant fun close
    lucky win won incredible dope fire lit genius god huge right gorgeous wild unreal nuts
    based
    """
)
PRAISE: Final = word_set(
    """
    awesome amazing love loved great nice insane sick clutch goat goated epic beautiful cracked
    legend best perfect congrats brilliant incredible genius gorgeous grats impressive
    """
)
EXCLAIMING: Final = word_set(
    """
    holy oh what the as ah aw when how why where who wtf
    """
)

ONESELF: Final = frozenset(["i", "am", "we", "my"])
INTENDING: Final = word_set(
    """
    will would should might may could can going to have had want need just did almost about ever
    actually really probably maybe
    """
)
REPORTING: Final = word_set(
    """
    called call calls calling named said says saying word words
    """
)
IN_PLAY: Final = word_set(
    """
    round game games match lobby lane mid respawn boss kart smash gg ggs 1v1 duel ranked scrim
    arena raid quest level map mode minecraft fortnite valorant roblox chess pvp lol haha xd
    tournament again server spawn spawns respawns paintball duel duels rematch combo laser tag
    base tower lap race kart karts
    """
)

IN_EARNEST: Final = frozenset(["irl", "real", "life", "house", "family", "outside"])
POSSESSIVE: Final = frozenset(["his", "their", "theirs"])
DEGRADING: Final = word_set(
    """
    sick inferior criminals criminal terrorists rapists thieves animals disease diseased dirty
    garbage trash ruining destroying invading mental crazy savages abomination sinners sinful
    unnatural violent invaders
    """
)
COPULA: Final = frozenset(["is", "are", "was", "were", "being", "like", "such"])
LINKING: Final = word_set(
    """
    are is am was were be being a an the this that like look looks sound sound act play plays smell
    and or very really just all too pretty quite kinda of as most more still also lol bro dude man
    guys people team both always actually literally seriously clearly honestly sure one by far not
    """
)
LEADING_ON: Final = word_set(
    """
    for with by of from about against vs to at in on like than into no any some my our his her
    """
)
THINGS: Final = word_set(
    """
    boss level map game gun quest lag grind puzzle fight hitbox patch jump build weapon item skin
    ai mission dungeon camera update server servers ping internet pc mouse keyboard
    """
)
POINTING: Final = frozenset(["this", "these", "that", "those"])
