"""What a figure should be, and what the peers reach. Sources are named, not remembered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from qa_engine.evaluation.splits import Part

_HAYSTACK_KB = "Haystack 3.4, BM25 + MiniLM + RRF, same articles and queries"
_HAYSTACK = "Haystack 3.4, BM25 + MiniLM + RRF, same 10,000 passages"
_HINT3 = "best system of Arora et al. 2020 (HINT3)"
_REFUSALS = "best published refusal of unanswerable questions (11–31 %)"
_APPENDING = "appending to the best paragraph, the measuring half of the same edits"
_FIN = "Intercom Fin, median time to the first token"


@dataclass(frozen=True, slots=True)
class Target:
    """A figure of a suite, with the least (or most) it should be; None where there is only
    a peer to compare with. The variant is a pattern.
    """

    suite: str
    variant: str
    figure: str
    wanted: float | None
    is_ceiling: bool = False
    peer: float | None = None
    source: str = ""

    def is_met(self, value: float) -> bool:
        if self.wanted is None:
            return True
        return value <= self.wanted if self.is_ceiling else value >= self.wanted

    @property
    def sign(self) -> str:
        return "≤" if self.is_ceiling else "≥"


TARGETS = (
    *(
        Target("retrieval", variant, figure, wanted, peer=peer, source=_HAYSTACK_KB)
        for variant in ("from-issues", "from-issues plain")
        for figure, wanted, peer in (
            ("hit@1", 0.87, 0.776),
            ("hit@10", 0.975, 0.951),
            ("mrr@10", 0.91, 0.836),
        )
    ),
    Target("retrieval", "passages*", "recall@1", 0.80, peer=0.755, source=_HAYSTACK),
    Target("retrieval", "passages*", "recall@10", 0.98, peer=0.970, source=_HAYSTACK),
    Target("retrieval", "passages*", "mrr@10", 0.87, peer=0.826, source=_HAYSTACK),
    Target("retrieval", "passages*", "cpu_ms_per_query", 35, True, 355, _HAYSTACK),
    Target("retrieval", "passages*", "index_passages_per_second", 101.2, False, 50.6, _HAYSTACK),
    Target("reader", "dev-v1.1", "f1", 78),
    Target("reader", "dev-v2.0", "f1", 64),
    Target("abstain", "routing *curekart*", "mcc", 0.60, peer=0.603, source=_HINT3),
    Target("abstain", "risk dev-v2.0", "refused_keeping_70", 0.70, peer=0.31, source=_REFUSALS),
    Target("drafts", "*", "unsupported_sentences", 0, True),
    Target("drafts", "*", "parts_accounted_for", 1.0),
    Target("drafts", "*", "sure_unanswerable", 0, True),
    Target("drafts", "*", "seconds_per_draft", None, True, 8.0, _FIN),
    Target("grounding", "*", "changed_numbers_passed", 0, True),
    Target("edits", "words*", "changed_f1", 0.28, peer=0.189, source=_APPENDING),
    Target("edits", "lines*", "changed_f1", 0.45, peer=0.195, source=_APPENDING),
    Target("edits", "*", "unrelated_touched", 0.02, is_ceiling=True),
    Target("propagation", "*", "recall", 0.95),
    Target("propagation", "*", "precision", 0.90),
    Target("propagation", "*", "drafts_sent_unsettled", 0, True),
    Target("contradictions", "*", "recall", 0.70),
    Target("contradictions", "*", "precision", 0.90),
    Target("contradictions", "propagation*", "found_untouched", 4, True),
    Target("throughput", "*", "speedup@32", 4.0),
    Target("throughput", "*", "drafts_per_second@32", 5.0),
    Target("throughput", "*", "rest_mb", 1228.8, True),
    Target("throughput", "*", "passages_per_second", 101.2, peer=50.6, source=_HAYSTACK),
)

#: The figure that a history is drawn of, by suite or by suite and the variant's first word.
MAIN = {
    "retrieval": "hit@1",
    "reader": "f1",
    "abstain routing": "mcc",
    "abstain risk": "aurc_by_quote",
    "drafts": "answer_contained",
    "grounding": "recall",
    "propagation": "recall",
    "contradictions": "recall",
    "throughput": "drafts_per_second@32",
    "edits": "changed_f1",
    "gaps": "nmi",
}


def targets_of(suite: str, variant: str) -> dict[str, Target]:
    """Figure → its target, in the order of the list.

    What was measured on the half that nobody tunes on has the target of the whole.
    """
    variant = variant.removesuffix(f" [{Part.MEASURE}]")
    return {
        one.figure: one
        for one in TARGETS
        if one.suite == suite and fnmatchcase(variant, one.variant)
    }


def main_figure(
    suite: str, variant: str, metrics: Mapping[str, float]
) -> tuple[str, float | None]:
    """The name and value of the figure that says most about a run."""
    name = MAIN.get(f"{suite} {variant.partition(' ')[0]}") or MAIN[suite]
    return name, metrics.get(name)
