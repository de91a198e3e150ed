"""What an agent taught by changing a draft: facts added, corrected or contradicted. Pure.

Sentences of the draft and of the reply are aligned; what the reply says differently is a
fact if it holds a number, a condition or a step, and is kept only if it would be true for
the next customer too. An unedited sentence teaches nothing, and a rewording that keeps the
facts does not either.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from qa_engine.sentences import plain, split_sentences
from qa_engine.suggesting.quantities import Quantity, quantities, without_numbers
from qa_engine.text import content_stems, fold, stem, words

#: Sentences this alike say the same thing in other words, unless their facts differ.
#: Of 48 pairs of wordings of one fact 40 are, of 1,080 pairs of different facts none is
#: (tests/qa_engine/agent_facts.json; docs/adr/0013-suggestions.md).
ALIKE = 0.65
#: Within one letter, alike enough for one sentence to have taken another's place; sharing a
#: unit ("days") counts as much as `SHARED_UNIT`.
PAIRED, SHARED_UNIT = 0.45, 0.2
#: Alike enough to be one fact where the values agree.
RELATED = 0.35
_CONDITIONS = (
    r"if|unless|except|only|until|within|before|after|from|as long as|provided|must|need to|has to"
    r"|have to|without|instead|always|never|not|no longer|cannot|can't|don't|doesn't|free|also"
)
_CONDITION = re.compile(rf"\b(?:{_CONDITIONS})\b", re.IGNORECASE)
_STEP = re.compile(
    r"^\W*(?:please\s+|just\s+|then\s+|first,?\s+|next,?\s+)*(?:open|click|go to|choose|select"
    r"|send|print|put|pack|attach|enter|log in|sign in|press|hold|remove|wash|dry|use|add|write"
    r"|reply|take|bring|call|fill|turn|unscrew|set|wait|keep|store|check)\b",
    re.IGNORECASE,
)
_NEGATION = re.compile(
    r"\b(?:not|no longer|never|cannot|no|none|nor|without)\b|n't\b", re.IGNORECASE
)
_ONE_CASE = re.compile(
    r"""\b(?:today|tomorrow|tonight|yesterday|(?:mon|tues|wednes|thurs|fri|satur|sun)day
      |(?:this|next|last)\s(?:week|month|morning|afternoon|evening)|earlier|just\snow
      |exception|this\s(?:once|time)|in\syour\scase|for\syou\b|goodwill|one-off)\b
    |\b(?:i|we)(?:['’]ve|\shave|\shad|['’]d)?\s(?:just\s|already\s|now\s)*
      (?:refunded|sent|shipped|checked|looked|booked|cancel\w+|changed|added|asked|forwarded
        |spoke|talked|created|received|found|see|noticed|passed|arranged|reserved|extended)\b
    |\b(?:i['’]ll|i\swill|i\ can\ see|i['’]m|i\sam|let\ me)\b
    |\byour\s(?:order|parcel|package|refund|return|case|account|ticket|payment|voucher|replacement)
      \s(?:is|was|has|will|should|left|number)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_PLEASANTRY = re.compile(
    r"""^\W*(?:please\s)?(?:let\ (?:me|us)\ know|feel\sfree|do\snot\shesitate|don['’]t\shesitate
      |happy\sto|glad\s|sorry|i\shope|hope\s|thank|thanks|have\sa|enjoy|great\sto|good\sto
      |if\syou\shave\s(?:any|more|further|other)\squestions?|congratulations|best|kind\sregards
      |we\sare\shere|looking\sforward|a\scolleague)""",
    re.IGNORECASE | re.VERBOSE,
)
_PRIVATE = re.compile(
    r"\S+@\S+\.\w+|(?<!\w)#\d{3,}|\b[A-Z]{1,4}-?\d{4,}\b|\b\d{2,}-\d{3,}\b|\b\d{7,}\b|\[[A-Z]+_\d+\]"
)
_DATE = re.compile(
    r"\b\d{1,2}(?:st|nd|rd|th)?\s(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*"
    r"|\b(?:jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec)\w*\s\d{1,2}\b|\b\d{4}-\d{2}-\d{2}\b",
    re.IGNORECASE,
)
_ITEM = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)])\s+")
_YOU = re.compile(r"\byou(?:r|rs)?\b", re.IGNORECASE)

#: For two lists of texts, how alike each pair is in meaning, 0 … 1.
Likeness = Callable[[Sequence[str], Sequence[str]], Sequence[Sequence[float]]]


class Change(StrEnum):
    ADDED = "added"
    CORRECTED = "corrected"  # another number
    CONTRADICTED = "contradicted"  # the opposite


@dataclass(frozen=True, slots=True)
class Taught:
    """A fact that the reply states and the draft did not, or stated otherwise.

    `index` is the draft's sentence that it stands in for or next to; None where nothing in
    the draft is about it.
    """

    change: Change
    said: str
    before: str
    index: int | None
    old: Quantity | None
    new: Quantity | None

    @property
    def fact_key(self) -> str:
        """The same for the same fact in other words, as far as words can tell."""
        return fact_key(self.change, self.said, self.new)


def fact_key(change: Change, said: str, new: Quantity | None) -> str:
    if new is not None:
        return new.key
    lead = "not" if is_negated(said) else "says"
    return f"{lead} {' '.join(sorted(content_stems(said))[:12])}"[:200]


def same_fact(one: str, other: str, likeness: float) -> bool:
    """Whether two fact keys of one paragraph name one fact, their sentences being so alike."""
    mine, theirs = quantities(one), quantities(other)
    if mine and theirs:
        if [found.key for found in mine] == [found.key for found in theirs]:
            return likeness >= RELATED
        # "within a week" beside "5 to 7 days": one end, said less exactly.
        ends = [[(found.high, found.unit) for found in side] for side in (mine, theirs)]
        return ends[0] == ends[1] and likeness >= ALIKE
    if mine or theirs or one.split(" ")[0] != other.split(" ")[0]:
        return False
    return likeness >= ALIKE


def taught_by(
    draft: Sequence[str],
    reply: str,
    *,
    likeness: Likeness | None = None,
    private: Collection[str] = (),
) -> list[Taught]:
    """What the reply teaches beyond the draft's sentences, which claim something each.

    `private` are words that name the customer or the order. Without a draft, every fact of
    the reply is ADDED, and the caller looks for where it belongs.
    """
    claims = [plain(sentence) for sentence in draft]
    known = {_normal(claim) for claim in claims}
    written = sentences_of(reply)
    fresh = [one for one in written if _normal(one) not in known]
    kept = {_normal(one) for one in written}
    left = [index for index, claim in enumerate(claims) if _normal(claim) not in kept]
    alike = (likeness or word_likeness)(fresh, claims) if fresh and claims else []
    pairs = _aligned(fresh, claims, left, alike)
    said_before = {found.key for claim in claims for found in quantities(claim)}
    taught: list[Taught] = []
    for at, sentence in enumerate(fresh):
        if not generalises(sentence, private):
            continue
        index = pairs.get(at)
        if index is not None:
            taught += _compared(sentence, claims[index], index, said_before)
        elif is_fact(sentence):
            near = _nearest(alike[at]) if claims else None
            taught += _added(sentence, near, said_before)
    return taught


def sentences_of(reply: str) -> list[str]:
    """The sentences of a letter, a list item counting as one; its quoted mail left out."""
    found: list[str] = []
    for line in reply.replace("\r\n", "\n").split("\n"):
        if line.lstrip().startswith(">"):
            continue
        text = _ITEM.sub("", line).strip()
        found += [plain(text[start:end]) for start, end in split_sentences(text)]
    return found


def generalises(sentence: str, private: Collection[str] = ()) -> bool:
    """Whether it would be true for the next customer: no name, no order, no "I have sent"."""
    if sentence.rstrip().endswith("?") or _PLEASANTRY.match(sentence):
        return False
    if _ONE_CASE.search(sentence) or _PRIVATE.search(sentence):
        return False
    if len(_DATE.findall(sentence)) == 1 and _YOU.search(sentence):
        return False
    spoken = set(words(sentence))
    return not any(set(words(one)) & spoken for one in private if len(one) > 2)


def is_fact(sentence: str) -> bool:
    """A number, a condition or a step, in a sentence that is about something."""
    if len(content_stems(sentence)) < 2:
        return False
    has_sign = quantities(sentence) or _CONDITION.search(sentence) or _STEP.match(sentence)
    return bool(has_sign)


def is_negated(sentence: str) -> bool:
    return bool(_NEGATION.search(sentence))


def word_likeness(one: Sequence[str], other: Sequence[str]) -> list[list[float]]:
    """Dice's coefficient of the telling words: for hosts without a model."""
    theirs = [content_stems(text) for text in other]
    return [
        [2 * len(mine & stems) / ((len(mine) + len(stems)) or 1) for stems in theirs]
        for mine in (content_stems(text) for text in one)
    ]


def _normal(sentence: str) -> str:
    return " ".join(re.findall(r"\w+", fold(sentence)))


def _aligned(
    fresh: Sequence[str],
    claims: Sequence[str],
    left: Sequence[int],
    alike: Sequence[Sequence[float]],
) -> dict[int, int]:
    """Reply sentence → the vanished draft sentence it stands for; the most alike first."""
    units = [{found.unit for found in quantities(claim)} for claim in claims]
    scored: list[tuple[float, int, int]] = []
    for at, sentence in enumerate(fresh):
        mine = {found.unit for found in quantities(sentence)}
        for index in left:
            score = alike[at][index] + (SHARED_UNIT if mine & units[index] else 0.0)
            if score >= PAIRED:
                scored.append((score, at, index))
    pairs: dict[int, int] = {}
    for _, at, index in sorted(scored, reverse=True):
        if at not in pairs and index not in pairs.values():
            pairs[at] = index
    return pairs


def _compared(sentence: str, claim: str, index: int, said_before: set[str]) -> list[Taught]:
    mine, theirs = quantities(sentence), quantities(claim)
    kept = {found.key for found in mine}
    gone = [found for found in theirs if found.key not in kept]
    come = [found for found in mine if found.key not in said_before]
    taught: list[Taught] = []
    for new in come:
        old = next((found for found in gone if found.unit == new.unit), None)
        if old is not None:
            gone.remove(old)
            taught.append(Taught(Change.CORRECTED, sentence, claim, index, old, new))
    if taught:
        return taught
    if come:
        return [Taught(Change.ADDED, sentence, claim, index, None, come[0])]
    if is_negated(sentence) != is_negated(claim):
        return [Taught(Change.CONTRADICTED, sentence, claim, index, None, None)]
    fresh = content_stems(without_numbers(sentence)) - content_stems(claim)
    has_more = len(fresh) >= 3
    if has_more and _conditions(sentence) - _conditions(claim):
        return [Taught(Change.ADDED, sentence, claim, index, None, None)]
    return []


def _added(sentence: str, near: int | None, said_before: set[str]) -> list[Taught]:
    found = quantities(sentence)
    come = [one for one in found if one.key not in said_before]
    if found and not come:
        return []  # the draft said these numbers
    new = come[0] if come else None
    return [Taught(Change.ADDED, sentence, "", near, None, new)]


def _conditions(sentence: str) -> set[str]:
    return {stem(found.lower()) for found in _CONDITION.findall(sentence)}


def _nearest(row: Sequence[float]) -> int | None:
    index = max(range(len(row)), key=row.__getitem__)
    return index if row[index] >= RELATED else None
