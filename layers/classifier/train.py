"""Fits the classifier's head on our own examples: `python -m layers.classifier.train`.

The head is a ridge-penalised logistic regression over the encoder's vectors and what the rules
found, solved by Newton's method, so the same examples give the same head. It is written to
`head.json`, which `build` puts beside the encoder's weights. The evaluation half of the labelled
chat and every published set stay out of it.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from ayinel_live.moderation.calibration import EVIDENCE_OF, evidence
from ayinel_live.moderation.encoder import Encoder
from ayinel_live.moderation.model import Category, ModerationSettings
from ayinel_live.moderation.plain_text import plain_text
from ayinel_live.moderation.rules import find
from ayinel_live.moderation.weights import find_weights
from layers.classifier.build import HEAD

_EXAMPLES: Final = Path(__file__).with_name("examples.tsv")
_TEST_DATA: Final = Path(__file__).parents[2] / "tests" / "unit" / "moderation" / "data"
_PENALTY: Final = 150.0
_KIND_PENALTY: Final = 60.0
_STEPS: Final = 30
_SENTENCES: Final = 400
_BIAS_SHIFT: Final = -1.7
_DIGITS: Final = 4
_FOLDS: Final = 5
_KINDS: Final = {
    "hate": Category.HATE,
    "threat": Category.THREAT,
    "selfharm": Category.SELF_HARM,
    "self-harm": Category.SELF_HARM,
    "sexual": Category.SEXUAL,
    "swear": Category.PROFANITY,
    "insult": Category.HARASSMENT,
    "harassment": Category.HARASSMENT,
}

Array = np.ndarray[Any, np.dtype[np.float64]]


class Example(NamedTuple):
    """A labelled message."""

    is_toxic: bool
    kind: str
    text: str


def read_examples() -> list[Example]:
    """All examples that the head is fitted on, without repeats.

    Insults of other languages are left to the rules: the encoder learnt English, and would take
    the language for the insult.
    """
    found = [*_labelled(_EXAMPLES), *_labelled(_TEST_DATA / "chat_development.tsv")]
    found += [Example(True, "", line) for line in _lines("toxic.txt")]
    found += [Example(False, "", line) for line in _lines("benign.txt")]
    found += [Example(line[0] == "1", "", line[2:]) for line in _lines("comments.tsv")]
    found += [Example(False, "", line) for line in _plain_sentences()]
    kept_apart = {one.text.lower() for one in _labelled(_TEST_DATA / "chat_evaluation.tsv")}
    unique = {one.text.lower(): one for one in reversed(found)}
    return [
        one
        for text, one in unique.items()
        if text not in kept_apart and not (one.is_toxic and one.kind == "foreign")
    ]


def _labelled(path: Path) -> Iterator[Example]:
    for line in path.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            label, kind, text = line.split("\t")
            yield Example(label == "toxic", kind, text)


def _lines(name: str) -> list[str]:
    return [line for line in (_TEST_DATA / name).read_text("utf-8").split("\n") if line]


def _plain_sentences() -> Iterator[str]:
    """Sentences about nothing in particular: what is said to `you` is not an insult by itself."""
    words = json.loads(Path(__file__).with_name("sentences.json").read_text("utf-8"))
    chance = random.Random(20_260_101)  # noqa: S311  the same sentences each time
    for _ in range(_SENTENCES):
        pattern = chance.choice(words["patterns"])
        yield pattern.format(**{part: chance.choice(words[part]) for part in words})


def fit(features: Array, wanted: Array, penalty: float) -> Array:
    """Fits a logistic regression, both classes weighed the same.

    Args:
        features: A row for each example; a column of ones is added.
        wanted: 1 or 0 for each example.
        penalty: Weight of the squared coefficients (of scaled columns), not of the bias.

    Returns:
        Coefficients of the columns as they were given, and the bias last.
    """
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-9
    columns = np.c_[(features - mean) / spread, np.ones(len(features))]
    share = np.where(wanted > 0, 0.5 / wanted.mean(), 0.5 / (1 - wanted.mean()))
    ridge = np.full(columns.shape[1], penalty)
    ridge[-1] = 1e-6
    solved = np.zeros(columns.shape[1])
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-(columns @ solved)))
        slope = columns.T @ (share * (chance - wanted)) + ridge * solved
        bend = (columns * (share * chance * (1 - chance))[:, None]).T @ columns + np.diag(ridge)
        solved = solved - np.linalg.solve(bend, slope)
    coefficients = solved[:-1] / spread
    joined: Array = np.r_[coefficients, solved[-1] - coefficients @ mean]
    return joined


def _features(encoder: Encoder, examples: list[Example]) -> tuple[Array, Array]:
    settings = ModerationSettings()
    texts = [plain_text(one.text) for one in examples]
    batches = [encoder.encode(texts[at : at + 32]) for at in range(0, len(texts), 32)]
    found = [evidence(find(one.text, settings).scores) for one in examples]
    return np.concatenate(batches).astype(float), np.array(found)


def _cross_validate(features: Array, wanted: Array) -> Array:
    """For each example, the margin of a head that has not seen it."""
    fold = np.random.default_rng(0).integers(_FOLDS, size=len(wanted))
    margins = np.zeros(len(wanted))
    for held_out in range(_FOLDS):
        solved = fit(features[fold != held_out], wanted[fold != held_out], _PENALTY)
        margins[fold == held_out] = features[fold == held_out] @ solved[:-1] + solved[-1]
    return margins


def main() -> None:
    """Fits the head, writes it, and prints what an unseen example may expect."""
    folder = find_weights()
    with np.load(folder / "encoder.npz", allow_pickle=False) as stored:
        weights = {name: stored[name] for name in stored.files}
    encoder = Encoder(json.loads((folder / "model.json").read_text("utf-8")), weights)
    examples = read_examples()
    vectors, found = _features(encoder, examples)
    features = np.c_[vectors, found]
    wanted = np.array([float(one.is_toxic) for one in examples])
    margins = _cross_validate(features, wanted) + _BIAS_SHIFT
    right = float(((margins > 0) & (wanted > 0)).sum())
    solved = fit(features, wanted, _PENALTY)
    size = vectors.shape[1]
    head = {
        "toxic": [*_rounded(solved[:size]), *_rounded(solved[-1:] + _BIAS_SHIFT)],
        "categories": {
            category: _rounded(_fit_kind(vectors, examples, category))
            for category in dict.fromkeys(_KINDS.values())
        },
    }
    HEAD.write_text(json.dumps(head) + "\n", "utf-8")
    weighed = dict(zip(EVIDENCE_OF, np.round(solved[size:-1], 2).tolist(), strict=True))
    report = {
        "examples": len(examples),
        "precision": round(right / float((margins > 0).sum()), 3),
        "recall": round(right / float(wanted.sum()), 3),
        "benign flagged": round(float((margins > 0)[wanted == 0].mean()), 4),
        "evidence": weighed,
    }
    sys.stdout.write(json.dumps(report, indent=2) + "\n")


def _fit_kind(vectors: Array, examples: list[Example], category: Category) -> Array:
    known = [place for place, one in enumerate(examples) if one.kind in _KINDS]
    wanted = np.array([float(_KINDS[examples[place].kind] is category) for place in known])
    return fit(vectors[known], wanted, _KIND_PENALTY)


def _rounded(values: Array) -> list[float]:
    rounded: list[float] = np.round(values, _DIGITS).tolist()
    return rounded


if __name__ == "__main__":
    main()
