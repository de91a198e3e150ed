"""Personal data out of a text, and back into what was made of it. Imports no Django.

    redactor = Redactor(people=["Anna Berg"])
    redactor.redact("Anna here, anna@example.org")  → "[PERSON_1] here, [EMAIL_1]"
    redactor.restore("Hi [PERSON_1],")              → "Hi Anna,"

A value has one placeholder in all texts of a redactor, so "this number" stays this number.
What a placeholder stands for is kept in memory alone, for as long as the redactor lives.
"""

from __future__ import annotations

from collections.abc import Sequence

from qa_engine.redaction.finding import (
    PLACEHOLDER,
    REGIONS,
    Kind,
    find_personal_data,
    is_card_number,
)

__all__ = ["Kind", "Redactor", "find_personal_data", "is_card_number", "redact"]


class Redactor:
    """For one ticket: its subject, its messages, and the reply to them."""

    def __init__(
        self,
        people: Sequence[str] = (),
        references: Sequence[str] = (),
        regions: Sequence[str] = REGIONS,
    ) -> None:
        """As `find_personal_data`: names of the ticket's people, its order numbers."""
        self._people = tuple(people)
        self._references = tuple(references)
        self._regions = tuple(regions)
        self._placeholders: dict[tuple[Kind, str], str] = {}
        self._values: dict[str, str] = {}

    def __repr__(self) -> str:
        """Without the values: a representation ends up in logs."""
        return f"Redactor({len(self._values)} values)"

    def redact(self, text: str) -> str:
        """The text with a typed placeholder for each piece of personal data."""
        parts: list[str] = []
        at = 0
        for found in find_personal_data(text, self._people, self._references, self._regions):
            parts += [
                text[at : found.start],
                self._placeholder(found.kind, text[found.start : found.end]),
            ]
            at = found.end
        return "".join([*parts, text[at:]])

    def restore(self, text: str) -> str:
        """The text with what was taken out; a placeholder that nobody gave stays as it is."""
        return PLACEHOLDER.sub(lambda one: self._values.get(one[0], one[0]), text)

    def placeholders(self) -> frozenset[str]:
        return frozenset(self._values)

    def _placeholder(self, kind: Kind, value: str) -> str:
        if (known := self._placeholders.get((kind, value))) is not None:
            return known
        number = 1 + sum(other is kind for other, _ in self._placeholders)
        placeholder = f"[{kind}_{number}]"
        self._placeholders[kind, value] = placeholder
        self._values[placeholder] = value
        return placeholder


def redact(text: str, people: Sequence[str] = (), references: Sequence[str] = ()) -> str:
    """One text, never to be restored: for training data and logs."""
    return Redactor(people, references).redact(text)
