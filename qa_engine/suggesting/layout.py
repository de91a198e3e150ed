"""How an article of the house is laid out, in the languages a shop writes in. Pure.

Not gettext, as in `phrases.py`: an article is in the language of its readers, not of the
process. In a language that is not here nothing is told apart, so no heading is needed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Layout:
    conditions: str
    steps: str
    # What a step begins with; what a condition has in it.
    step: re.Pattern[str]
    condition: re.Pattern[str]


_LAYOUTS = {
    "en": Layout(
        "Conditions",
        "Steps",
        re.compile(
            r"(?:first|then|next|finally|after that|open|click|choose|go to|press|select)\b",
            re.IGNORECASE,
        ),
        re.compile(
            r"\b(?:if|unless|only|except|provided|must|cannot|until)\b",
            re.IGNORECASE,
        ),
    ),
    "de": Layout(
        "Bedingungen",
        "Schritte",
        re.compile(
            r"(?:zuerst|zunächst|dann|danach|anschließend|zum schluss|schließlich"
            r"|(?:öffnen|klicken|wählen|gehen|drücken) sie)\b",
            re.IGNORECASE,
        ),
        re.compile(
            r"\b(?:wenn|falls|sofern|nur|außer|ausgenommen|ausnahmen?|es sei denn|jedoch"
            r"|allerdings|andernfalls|muss|müssen|erst nach|bis zu)\b",
            re.IGNORECASE,
        ),
    ),
    "nl": Layout(
        "Voorwaarden",
        "Stappen",
        re.compile(
            r"(?:eerst|dan|daarna|vervolgens|ten slotte|tot slot|open|klik|kies|ga naar|druk"
            r"|selecteer)\b",
            re.IGNORECASE,
        ),
        re.compile(
            r"\b(?:als|indien|mits|alleen|behalve|uitgezonderd|tenzij|echter|anders|moet|moeten"
            r"|pas na)\b",
            re.IGNORECASE,
        ),
    ),
    "zh": Layout(
        "条件",
        "步骤",
        re.compile(r"(?:首先|然后|接着|最后|打开|点击|选择|进入)"),
        re.compile(r"(?:除非|但|不过|否则|仅|只有|如果|必须)"),
    ),
}


def lay_out(sentences: Sequence[str], language: str) -> str:
    """The short answer, the rest of it, what it holds on, and what to do."""
    first, *rest = sentences
    layout = _LAYOUTS.get(language.partition("-")[0].lower())
    if layout is None:
        return "\n\n".join([first, " ".join(rest)] if rest else [first]) + "\n"
    steps = [text for text in rest if layout.step.match(text)]
    conditions = [text for text in rest if text not in steps and layout.condition.search(text)]
    other = [text for text in rest if text not in {*steps, *conditions}]
    parts = [first]
    if other:
        parts.append(" ".join(other))
    if conditions:
        items = "\n".join(f"- {text}" for text in conditions)
        parts.append(f"## {layout.conditions}\n\n{items}")
    if steps:
        numbered = "\n".join(f"{number}. {text}" for number, text in enumerate(steps, start=1))
        parts.append(f"## {layout.steps}\n\n{numbered}")
    return "\n\n".join(parts) + "\n"
