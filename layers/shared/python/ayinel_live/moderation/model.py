"""What moderation says about a message, and what a channel may set about it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from hashlib import blake2b
from types import MappingProxyType
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.alias_generators import to_camel

BLOCKED_TERMS_MAX: Final = 500
ALLOWED_TERMS_MAX: Final = 500
ALLOWED_DOMAINS_MAX: Final = 100

Term = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Domain = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        to_lower=True,
        max_length=253,
        pattern=r"^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]{2,63}$",
    ),
]


class Decision(StrEnum):
    """What happens to the message."""

    ALLOW = "allow"
    HOLD = "hold"
    REJECT = "reject"


class Tier(StrEnum):
    """Who decided."""

    RULES = "rules"
    CLASSIFIER = "classifier"
    COMPREHEND = "comprehend"


class Category(StrEnum):
    """What was found in a message."""

    BLOCKED_TERM = "blocked-term"
    HATE = "hate"
    HARASSMENT = "harassment"
    THREAT = "threat"
    SELF_HARM = "self-harm"
    SEXUAL = "sexual"
    PROFANITY = "profanity"
    PERSONAL_DATA = "personal-data"
    LINK = "link"
    CAPS = "caps"
    FLOOD = "flood"
    DUPLICATE = "duplicate"
    SCAM = "scam"


class Strictness(StrEnum):
    """How much of a category a channel bears; `off` does not look for it."""

    OFF = "off"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class ModerationMode(StrEnum):
    """Whether a message is shown after its verdict (`pre`) or before it (`post`)."""

    PRE = "pre"
    POST = "post"


class TermKind(StrEnum):
    """How a channel's own term is compared: a whole word, the start of one, or words in order."""

    EXACT = "exact"
    PREFIX = "prefix"
    PHRASE = "phrase"


class _Settings(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
        defer_build=True,
    )


class BlockedTerm(_Settings):
    """A term that a channel blocks for itself.

    Attributes:
        term: The term, 1 to 80 characters, compared after evasion folding.
        kind: How it is compared.
        decision: What a message that holds it comes to.
    """

    term: Term
    kind: TermKind = TermKind.EXACT
    decision: Decision = Decision.REJECT

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not any(character.isalnum() for character in self.term):
            raise ValueError("a blocked term needs a letter or a digit")
        if self.decision is Decision.ALLOW:
            raise ValueError("a blocked term is held or rejected")
        return self


_LEVEL_FIELDS: Final[Mapping[Category, str]] = MappingProxyType(
    {
        category: category.value.replace("-", "_")
        for category in (
            Category.HATE,
            Category.HARASSMENT,
            Category.THREAT,
            Category.SELF_HARM,
            Category.SEXUAL,
            Category.PROFANITY,
        )
    }
)


class CategoryLevels(_Settings):
    """How strict a channel is, category by category."""

    hate: Strictness = Strictness.MEDIUM
    harassment: Strictness = Strictness.MEDIUM
    threat: Strictness = Strictness.MEDIUM
    self_harm: Strictness = Strictness.MEDIUM
    sexual: Strictness = Strictness.MEDIUM
    profanity: Strictness = Strictness.MEDIUM

    def of(self, category: Category) -> Strictness:
        """The strictness of a category; those without a level of their own are medium."""
        level: Strictness = getattr(self, _LEVEL_FIELDS.get(category, ""), Strictness.MEDIUM)
        return level


class ModerationSettings(_Settings):
    """What a channel may set about the moderation of its chat; the defaults suit a new channel.

    Attributes:
        mode: Show after the verdict (`pre`) or retract after it (`post`).
        levels: Strictness by category.
        blocked_terms: The channel's own terms.
        allowed_terms: Words and phrases that are never counted as a listed term here.
        links_allowed: Whether links may be posted at all.
        allowed_domains: Domains that may be linked although links are off, with their subdomains.
        personal_data_held: Whether e-mail addresses, phone and card numbers are kept back.
        caps_share_max: Highest share of capitals in a message of `caps_letters_min` letters or
            more; 1 turns the rule off.
        caps_letters_min: Messages with fewer letters are never counted as shouting.
        repeated_characters_max: Longest run of one character.
        repeated_words_max: Highest number of times that one word may stand in a message.
        duplicates_max: How many of the sender's recent messages may be the same as this one;
            0 turns the rule off.
    """

    mode: ModerationMode = ModerationMode.PRE
    levels: CategoryLevels = CategoryLevels()
    blocked_terms: Annotated[tuple[BlockedTerm, ...], Field(max_length=BLOCKED_TERMS_MAX)] = ()
    allowed_terms: Annotated[tuple[Term, ...], Field(max_length=ALLOWED_TERMS_MAX)] = ()
    links_allowed: bool = True
    allowed_domains: Annotated[tuple[Domain, ...], Field(max_length=ALLOWED_DOMAINS_MAX)] = ()
    personal_data_held: bool = True
    caps_share_max: Annotated[float, Field(ge=0.3, le=1.0)] = 1.0
    caps_letters_min: Annotated[int, Field(ge=5, le=500)] = 20
    repeated_characters_max: Annotated[int, Field(ge=5, le=500)] = 60
    repeated_words_max: Annotated[int, Field(ge=3, le=500)] = 30
    duplicates_max: Annotated[int, Field(ge=0, le=20)] = 2

    @cached_property
    def version(self) -> str:
        """A digest of the settings: equal settings share one compiled matcher."""
        return blake2b(self.model_dump_json().encode(), digest_size=12).hexdigest()


REASONS: Final[Mapping[Category, str]] = MappingProxyType(
    {
        Category.BLOCKED_TERM: "Your message has a word that this channel does not allow.",
        Category.HATE: "Your message reads as an attack on who people are.",
        Category.HARASSMENT: "Your message reads as an insult.",
        Category.THREAT: "Your message reads as a threat.",
        Category.SELF_HARM: (
            "Your message speaks of self-harm. If you are in distress, local emergency and crisis "
            "lines are there to help."
        ),
        Category.SEXUAL: "Your message reads as sexual content.",
        Category.PROFANITY: "Your message has strong language.",
        Category.PERSONAL_DATA: "Your message seems to give away personal data.",
        Category.LINK: "Links are not allowed in this chat.",
        Category.CAPS: "Your message is mostly in capitals.",
        Category.FLOOD: "Your message repeats itself too much.",
        Category.DUPLICATE: "You have sent this message already.",
        Category.SCAM: "Your message reads as advertising or a scam.",
    }
)
"""One plain sentence for the sender for each category; none repeats what was written."""


class Verdict(BaseModel):
    """What moderation decided about one message.

    Attributes:
        decision: Allow, hold for a moderator, or reject.
        categories: What counted towards the decision, heaviest first.
        scores: Score in 0..1 of each category that was found, whether it counted or not.
        tier: Who decided.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    decision: Decision = Decision.ALLOW
    categories: tuple[Category, ...] = ()
    scores: Mapping[Category, float] = Field(default_factory=dict)
    tier: Tier = Tier.RULES

    @property
    def reason_code(self) -> Category | None:
        """The heaviest category, or None where nothing counted."""
        return self.categories[0] if self.categories else None

    @property
    def reason(self) -> str | None:
        """One plain sentence for the sender, without a word of the message."""
        return REASONS[self.categories[0]] if self.categories else None


class MessageToModerate(BaseModel):
    """One message of a batch.

    Attributes:
        text: The message as it was sent.
        settings: Those of the channel that it was sent to.
        recent: The sender's recent messages on that channel, newest last.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    text: str
    settings: ModerationSettings = ModerationSettings()
    recent: tuple[str, ...] = ()
