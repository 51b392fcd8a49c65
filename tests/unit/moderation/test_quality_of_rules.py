"""What the rule tier reaches on messages written for these tests."""

from __future__ import annotations

import pytest

from ayinel_live.moderation.model import Category, Decision, ModerationSettings
from ayinel_live.moderation.rules import moderate_with_rules
from tests.unit.moderation.samples import labelled_chat, labelled_comments, lines

DEFAULTS = ModerationSettings()


def is_flagged(text: str) -> bool:
    return moderate_with_rules(text, DEFAULTS).decision is not Decision.ALLOW


@pytest.mark.parametrize("text", lines("evasions.txt"))
def test_evasion_of_a_listed_term_is_caught(text: str) -> None:
    assert is_flagged(text)


def test_at_most_two_in_a_hundred_benign_messages_are_flagged() -> None:
    benign = lines("benign.txt")
    flagged = [text for text in benign if is_flagged(text)]
    assert len(flagged) <= 0.02 * len(benign), flagged


def test_most_toxic_messages_are_flagged() -> None:
    toxic = lines("toxic.txt")
    missed = [text for text in toxic if not is_flagged(text)]
    assert len(missed) <= 0.15 * len(toxic), missed


def test_comments_are_flagged_with_precision() -> None:
    judged = [(is_toxic, is_flagged(text)) for is_toxic, text in labelled_comments()]
    right = sum(is_toxic and flagged for is_toxic, flagged in judged)
    assert right >= 0.85 * sum(flagged for _, flagged in judged)
    assert right >= 0.7 * sum(is_toxic for is_toxic, _ in judged)


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("gas the jews", Category.HATE),
        ("all muslims are criminals", Category.HATE),
        ("you are a pathetic loser", Category.HARASSMENT),
        ("i know where you live", Category.THREAT),
        ("drink bleach", Category.SELF_HARM),
        ("i want to kill myself", Category.SELF_HARM),
        ("send nudes", Category.SEXUAL),
        ("fuck", Category.PROFANITY),
        ("free vbucks here", Category.SCAM),
    ],
)
def test_message_is_put_in_its_category(text: str, category: Category) -> None:
    assert moderate_with_rules(text, DEFAULTS).reason_code is category


@pytest.mark.parametrize(
    ("heavier", "lighter"),
    [
        ("you are an idiot", "i am an idiot"),
        ("you are an idiot", "you are not an idiot"),
        ("i will kill you", "i will kill you next round"),
        ("he is a faggot", "they called me a faggot"),
        ("fuck this guy", "fuck yeah that was awesome"),
    ],
)
def test_context_weighs(heavier: str, lighter: str) -> None:
    def heaviest(text: str) -> float:
        return max(moderate_with_rules(text, DEFAULTS).scores.values(), default=0.0)

    assert heaviest(heavier) > heaviest(lighter)


@pytest.mark.parametrize(
    ("unwanted", "harmless"),
    [
        ("i will kill you irl", "im going to kill you at spawn"),
        ("jump off a bridge", "jump off the bridge to skip the fight"),
        ("you are a washed up clown", "your cousin washed two tickets at noon"),
        ("we got raped mid", "the rape scene in that movie was hard to watch"),
        ("suck my dick", "moby dick is a long book"),
        ("you are a piece of shit", "oh shit i missed"),
        ("dick", "shit"),
        ("rape", "grape"),
        ("report this noob feeder", "reported for feeding"),
        ("you are weak", "his turret is weak shoot the hatch"),
        ("you toxic piece of trash", "toxic players should get longer bans"),
        ("you are a bitch", "this boss is a bitch lol"),
        ("posting your address in 5 minutes", "what is your email address for"),
        ("his home is 14 elm street, dayton ohio 45402", "a nightmare on elm street"),
        ("fuck you", "fucking lag"),
        ("you are so stupid", "you bought two stupid hats"),
        ("the game would be better without you", "the game would be better without lag"),
        ("you belong in a zoo", "you belong in the hall of fame"),
        ("your voice makes my ears bleed", "your voice makes my day"),
        ("you make bots look good", "you make this look easy"),
        ("nobody would miss you", "nobody would miss that goal"),
        ("you are what is wrong with this community", "what is wrong with the servers"),
        ("even the bots are better than you", "even the bots are better than me"),
        ("uninstall yourself", "uninstall the mod and reinstall"),
        ("uninstall the game", "i will uninstall the game"),
        ("sewer slide", "the slide in the sewer level"),
        ("what a clown", "new clown skin"),
        ("my grandma has quicker reflexes than you", "my grandma has quicker reflexes than me"),
        ("a rock has more brains than you", "the rock has more fans than you think"),
        ("my cat got higher iq than you", "my cat got higher ranked"),
        ("you are about as sharp as a brick", "you are as sharp as a pro today"),
        ("you are as useful as wet paper", "you are as useful as a second healer, thanks"),
    ],
)
def test_what_is_meant_decides(unwanted: str, harmless: str) -> None:
    assert is_flagged(unwanted)
    assert not is_flagged(harmless)


def test_talk_of_being_stuck_is_for_a_moderator_to_judge() -> None:
    verdict = moderate_with_rules("no wonder you are hardstuck on that boss", DEFAULTS)
    assert verdict.decision is Decision.HOLD


def test_chat_is_flagged_with_precision_by_rules_alone() -> None:
    chat = labelled_chat("evaluation")
    flagged = [one for one in chat if is_flagged(one.text)]
    right = sum(one.is_toxic for one in flagged)
    assert right >= 0.95 * len(flagged)
    assert right >= 0.75 * sum(one.is_toxic for one in chat)
