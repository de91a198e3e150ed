"""Messages that only say that all is well: "Replacement is here, thanks a lot."

They ask nothing, and an article on lost parcels would be an odd reply. Imports no Django.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

MAX_SENTENCES = 3
_THING = (
    r"(?:it|that|this|they|everything|all|(?:the\s+|my\s+)?(?:\w+\s+)?(?:money|refund|replacement|parcel"
    r"|package|order|label|delivery|voucher))"
)
_SETTLED = re.compile(
    rf"""\W*(?:(?:ok(?:ay)?|great|perfect|super|nice|cool|excellent|wonderful|good|yes)\b[\s,.!]*)*
      (?:$|got\s+it\b|found\s+it\b|fair\s+enough|will\s+(?:do|use|try)\b|done\b|solved\b|ordered\b|received\b
        |never\s*mind|all\s+(?:good|fine|well)|sounds\s+good|makes\s+sense|understood|(?:photos?|pictures?|files?|invoice)\s+(?:is\s+|are\s+)?attached
        |{_THING}\s+(?:has\s+|have\s+|is\s+|are\s+|was\s+|just\s+|now\s+|finally\s+)*
          (?:arrived?|here|came|fine|solved|works?|worked|helped|fits?|back)\b
        |(?:arrived|works|worked|fits?)\b|(?:size\s+)?[smlx]{{1,3}}\s+fits|(?:i|we)\s+(?:have\s+)?(?:got|received|found)\b
        |got\s+(?:one|it|them|my|the)\b)""",
    re.IGNORECASE | re.VERBOSE,
)
# Something is still the matter.
_OPEN = re.compile(
    r"""\b(?:not|no|never|but|still|only|without|except|however|wrong|broken|damaged|missing|late|too|empty
      |how|when|why|what|which|who|please|pls|need|want|should|can|could|would|again|instead|already
      |problem|issue|different|dirty|used|faulty|defect\w*)\b|n['’]t\b|\?""",
    re.IGNORECASE | re.VERBOSE,
)


def is_settled(said: Sequence[str]) -> bool:
    """Whether a message without greetings and thanks says nothing but that all is well."""
    if not said or len(said) > MAX_SENTENCES or _OPEN.search(" ".join(said)):
        return False
    return _SETTLED.match(said[0]) is not None
