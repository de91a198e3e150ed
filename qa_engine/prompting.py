"""What every language model is told alike: data in tags, and what to do where it says nothing.

No Django. What a customer or an article says is never an instruction: it stands between tags
that it cannot close.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from logging import Logger

from qa_engine.grounding.types import UNAVAILABLE
from qa_engine.protocols import Generator, ModelUnavailable
from qa_engine.redaction import Redactor
from qa_engine.types import ChatMessage, DraftRequest, Generation

MAX_MESSAGE = 2_000  # characters of the ticket that the model reads
LANGUAGES = {"en": "English", "de": "German", "nl": "Dutch", "zh": "Simplified Chinese"}
TAG = re.compile(r"</?\s*(?:message|passages?|question)\b[^>]*>", re.IGNORECASE)
ITEM = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)])\s+")


@dataclass(frozen=True, slots=True)
class Asked:
    """A generator that is asked without failing whoever asks."""

    generator: Generator
    log: Logger
    # What is done instead, for the log.
    instead: str
    # Problems that were logged: each once a process, not once a ticket.
    _logged: set[str] = field(default_factory=set, repr=False, compare=False)

    def generate(self, chats: Sequence[Sequence[ChatMessage]]) -> list[Generation]:
        """Never raises for a model that cannot be had."""
        try:
            generations = self.generator.generate(chats)
        except ModelUnavailable as exc:
            generations = [Generation("", str(exc), is_unavailable=True) for _ in chats]
        for problem in dict.fromkeys(one.problem for one in generations if one.is_unavailable):
            if problem not in self._logged:
                self._logged.add(problem)
                self.log.warning("%s%s. %s", UNAVAILABLE, problem.rstrip("."), self.instead)
        return generations


def redactor_of(request: DraftRequest) -> Redactor:
    """Each message has placeholders of its own."""
    return Redactor([request.requester_name], request.references)


def language_of(request: DraftRequest) -> str:
    """Its name, in English."""
    return LANGUAGES.get(request.language.partition("-")[0].lower(), "English")


def message_of(request: DraftRequest, redactor: Redactor) -> list[str]:
    """The ticket's words, redacted, between tags; in lines."""
    message = untagged(redactor.redact(f"{request.subject}\n{request.text}"))[:MAX_MESSAGE]
    return ["<message>", message, "</message>"]


def untagged(text: str) -> str:
    """Data that can neither open nor close a tag of ours."""
    return TAG.sub(" ", text).replace("<", "‹").replace(">", "›")  # noqa: RUF001
