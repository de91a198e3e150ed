"""What a training set is, in the questions of "Datasheets for Datasets" (Gebru et al., 2021).

Numbers only: nobody's words. Imports no Django.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qa_engine.training.examples import HELD_OUT, Example

#: With fewer examples of a kind a training is not worth its while; measured figures of a
#: model on fewer held-out questions are mostly noise.
ENOUGH_TO_LEARN = 200
ENOUGH_TO_MEASURE = 50


def advice(usable: int, held_out: int) -> str:
    """Whether there is enough to learn from, in plain words."""
    if usable < ENOUGH_TO_LEARN:
        return (
            f"Too little to learn from: {usable} examples name a passage, at least "
            f"{ENOUGH_TO_LEARN} are needed. Keep answering; the articles alone can be "
            "trained on meanwhile."
        )
    if held_out < ENOUGH_TO_MEASURE:
        return (
            f"Enough to learn from, too little to judge by: {held_out} examples are held out, "
            f"at least {ENOUGH_TO_MEASURE} are needed before a model can be promoted."
        )
    return "Enough to learn from and to judge by."


def datasheet(
    examples: Sequence[Example], counts: Mapping[str, Any], *, digest: str, note: str = ""
) -> str:
    usable = sum(bool(one.positives) for one in examples)
    held_out = sum(one.is_held_out for one in examples if one.positives)
    lines = [
        "# Datasheet",
        "",
        f"Digest `{digest}`. {note}".strip(),
        "",
        f"**{advice(usable, held_out)}**",
        "",
        "## What it is for",
        "",
        "Training this shop's own retriever, reranker, reader and writer, and judging them. "
        "Nothing else: it must not leave the shop.",
        "",
        "## What is in it",
        "",
        *_table("Examples", {"all": len(examples), **counts.get("taught", {})}),
        *_table("Language", counts.get("languages", {})),
        *_table("Queue", counts.get("queues", {})),
        f"{usable} examples name a passage that says what the agent wrote, "
        f"{counts.get('with_negatives', 0)} one that an agent turned down. "
        f"{held_out} of the former are held out (about {HELD_OUT:.0%}, chosen by article, "
        "always the same ones) and never trained on.",
        "",
        "## How it was collected",
        "",
        "Questions are what customers wrote, with quoted mail, signatures and greetings removed. "
        "Replies hold only sentences that an agent wrote or changed: a sentence that the engine "
        "had drafted is never an example of how to write, so that no model learns from its own "
        "echo. A draft that was sent unchanged teaches nothing and is left out. Rejected drafts "
        "are kept as what not to write, with the agent's reason.",
        "",
        "## What was left out",
        "",
        *_table("Reason", counts.get("left_out", {})),
        "## Personal data",
        "",
        "Names, addresses, e-mail addresses, telephone, account and order numbers are replaced "
        "by placeholders before anything is written. What such a filter misses may still be "
        "there: treat the files as personal data. Customers who objected are left out; when "
        "somebody objects later or is erased, their examples are taken out of the files of this "
        "set, which nobody may train on until that is done. Models trained before are listed "
        "with the set.",
        "",
        "## Limits",
        "",
        "It shows what customers of this shop asked and how its agents chose to answer, mistakes "
        "included. Passages are found by the words that a reply shares with an article; a reply "
        "in an agent's own words may name none.",
        "",
    ]
    return "\n".join(lines)


def _table(heading: str, counts: Mapping[str, int]) -> list[str]:
    if not counts:
        return []
    rows = [f"| {name.replace('_', ' ')} | {count} |" for name, count in counts.items()]
    return [f"| {heading} | |", "|---|---|", *rows, ""]
