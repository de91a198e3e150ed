"""Messages that no article should answer, told by their words. Imports no Django.

What a ticket says is data: nothing in it changes what the engine does, it only decides
who answers. Patterns are narrow, since a false alarm costs a customer the fast answer;
`tests/qa_engine/test_policy.py` shows both sides of each.
"""

from __future__ import annotations

import re

from qa_engine.types import Reason

_LEGAL = re.compile(
    r"""\b(?:(?:my|our|a|the|to)\s+(?:lawyer|attorney|solicitor|barrister|advocate)s?
      |lawyers?\s+will|legal\s+(?:action|steps|proceedings|advice)|(?:i|we)(?:'ll|\s+will)?\s+sue
      |sue\s+(?:you|fell\w+|them|your)|(?:take|see|taking|drag)\s+(?:you|this|it)\s+(?:\w+\s+)?to\s+court
      |see\s+you\s+in\s+court|small\s+claims|ombuds(?:man|person)|trading\s+standards
      |consumer\s+(?:protection|authority|rights\s+(?:organi[sz]ation|association))
      |(?:fil|mak|lodg)(?:e|ing)\s+a\s+(?:formal\s+|official\s+)?complaint\s+with|claim\s+damages
      |(?:data\s+protection|supervisory)\s+authority|autoriteit\s+persoonsgegevens|datenschutzbehörde
      |press\s+charges|(?:report|go|going|call|inform)\w*\s+(?:\w+\s+){0,2}(?:to\s+)?the\s+police
      |anwalt|rechtliche\s+schritte|verklagen|advocaat|rechtszaak)\b|律师|起诉|报警""",
    re.IGNORECASE | re.VERBOSE,
)
_HARM = re.compile(
    r"""\b(?:kill\s+(?:myself|you|him|her|them|someone)|end\s+(?:my|it)\s+(?:own\s+)?(?:life|all)
      |suicid\w+|hurt(?:ing)?\s+(?:myself|you)|harm(?:ing)?\s+(?:myself|you)|self[\s-]?harm
      |(?:don'?t|do\s+not|no\s+longer)\s+want\s+to\s+(?:live|be\s+alive)|want\s+to\s+die
      |burn\s+(?:down|your)|(?:find|know)\s+(?:out\s+)?where\s+you\s+live|blow\s+up\s+your
      |you\s+will\s+(?:pay\s+with|regret\s+this)|umbringen|zelfmoord)\b|自杀|杀了""",
    re.IGNORECASE | re.VERBOSE,
)
_INJURY = re.compile(
    r"""\b(?:(?:was|were|went|am|is|are|been|taken|go(?:ing)?)\s+(?:\w+\s+)?(?:at|in|to)\s+(?:the\s+|a\s+)?
         (?:hospital|emergency\s+room|a\s?&\s?e)
      |(?:got|was|were|been|is|badly|seriously)\s+(?:\w+\s+)?injured|injur(?:y|ed)\s+(?:my|his|her|their|me)
      |burn(?:t|ed|s)?\s+(?:on\s+)?(?:my|his|her|their)\s+(?:hands?|fingers?|face|arms?|legs?|skin|hair|eyes?)
      |carbon\s+monoxide\s+poisoning|allergic\s+(?:reaction|shock)|stitches|lost\s+consciousness)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_ANGER = re.compile(
    r"""\b(?:fuck\w*|bullshit|bastards?|assholes?|arschl\w+|scam(?:mers?|med)|(?:is|a|this|total)\s+scam
      |fraudsters?|thieves|thief|crooks?|criminals|liars|you\s+(?:are\s+)?(?:steal|stole)\w*
      |disgusting|disgrace\w*|outrage(?:d|ous)?|furious|(?:absolute|complete|total)(?:ly)?\s+(?:joke|unacceptable)
      |worst\s+(?:shop|company|service|store|customer\s+service)|rip[\s-]?off
      |never\s+(?:again\s+)?(?:buy|order|shop)\w*\s+(?:\w+\s+){0,4}again|i\s+am\s+(?:so|very|really|extremely)\s+angry)\b
      |骗子|垃圾公司""",
    re.IGNORECASE | re.VERBOSE,
)
_CARD = re.compile(r"(?<![\d-])(?:\d[ -]?){12,18}\d(?![\d-])")
_SECURITY_CODE = re.compile(r"\b(?:cvv|cvc)2?\b\D{0,15}\b\d{3,4}\b", re.IGNORECASE)

_PERSON = re.compile(
    r"""\b(?:(?:speak|talk|chat)\w*\s+(?:to|with)\s+(?:an?\s+|some|the\s+|your\s+)?(?:real\s+|actual\s+|live\s+|human\s+)*
         (?:human|person|people|body|one|agent|manager|supervisor|representative|employee|boss|operator|being)
      |(?:real|actual|live)\s+(?:human|person|agent)|human\s+being
      |(?:want|need|give\s+me|get\s+me|connect\s+me\s+(?:to|with)|no\s+bots?,?)\s+an?\s+(?:human|manager|supervisor|person)\b
      |(?:please|can\s+(?:you|someone|somebody)|could\s+(?:you|someone|somebody)|someone\s+should|you\s+must|want\s+you\s+to)
         \s+(?:please\s+)?(?:call|phone|ring)\s+(?:me|us)
      |(?:call|phone|ring)\s+me(?:\s+back)?\s+(?:on|at|under|today|tomorrow|now|please|as\s+soon)|call\s+me\s+back
      |(?:no|not|stop\s+sending)\s+(?:(?:a|an|your|this|more|automat\w+)\s+)*(?:bots?|robots?|automat\w+\s+(?:answers?|repl\w+|messages?))
      |mit\s+einem\s+(?:menschen|mitarbeiter)\s+sprechen|medewerker\s+spreken)\b|人工客服|转人工""",
    re.IGNORECASE | re.VERBOSE,
)

_PARCEL = r"(?:orders?|parcels?|packages?|packets?|delivery|shipment|stuff|items?|purchase|goods)"
_PRODUCT = r"(?:jacket|tent|boots|backpack|shoes|rucksack|stove|mat|bag|trousers|replacement)"
_MINE = (
    rf"(?:(?:my|our|the|this)\s+(?:\w+\s+){{0,2}}?{_PARCEL}"
    rf"|(?:my|our)\s+(?:\w+\s+){{0,2}}?{_PRODUCT})"
)
_ORDER_DATA = re.compile(
    rf"""\b(?:where(?:'s|\s+is|\s+are|s|\s+stays)?\s+(?:is\s+)?{_MINE}\b(?!\s+(?:sent|shipped)\s+from)
      |where\s+(?:it|my\s+\w+)\s+(?:is|stays)\s+(?:now|at\s+the\s+moment)
      |(?:status|whereabouts|progress)\s+(?:of|on|for)\s+(?:my|our|order|the\s+order|this|parcel)
      |(?:what\s+is|what's|whats)\s+(?:the\s+)?status\s+of\s+(?:my|our)
      |(?:has|have|did|is|was)\s+{_MINE}\s+(?:already\s+|been\s+|yet\s+|finally\s+|even\s+)*
         (?:ship(?:ped)?|sent|dispatch(?:ed)?|left|arriv(?:ed?|ing)|lost|deliver(?:ed)?|pack(?:ed)?|processed|confirmed)\b(?!\s+(?:from|with|in|by)\b)
      |(?:has|have|did)\s+you\s+(?:already\s+|yet\s+)?(?:ship(?:ped)?|sent?|dispatch(?:ed)?|receiv(?:ed?)|process(?:ed)?|got)\s+(?:my|our|it\s+yet)
      |when\s+(?:will|does|is|can)\s+(?:i\s+(?:get|receive)\s+)?{_MINE}\s*(?:\d\S*\s*)?(?:will\s+)?(?:be\s+|going\s+to\s+)*
         (?:arriv\w+|come|coming|deliver\w*|ship\w*|sent|here|leave|get\s+here|\?|$)
      |when\s+(?:will|do)\s+i\s+(?:get|receive)\s+(?:my|the)\s+(?:order|parcel|package)\b
      |(?:still\s+)?(?:no|not|never|nothing|hasn'?t|haven'?t|has\s+not)\s+(?:\w+\s+)?(?:arrived?|received?|delivered|came|come)\b
         .{{0,80}}\b(?:where|when|what'?s\s+(?:happening|going\s+on)|status)
      |(?:check|look\s+up|see|find\s+out|tell\s+me)\b[^.?!]{{0,30}}\b(?:status|where)\b[^.?!]{{0,20}}\b{_MINE}
      |where\s+(?:is|'s)\s+(?:order|parcel)\s+\S*\d
      |(?:check|see|tell\s+me|know)\s+(?:whether|if)\s+(?:my|our|the)\s+(?:return|{_PARCEL})\b[^.?!]{{0,25}}
         \b(?:has|have|was|were|is|are|did|already)\b
      |(?:can|could|would|will)\s+you\s+(?:please\s+)?cancel\s+(?:my|the|this|our|order)\b
      |please\s+cancel\s+(?:my|the|this|our|order)\b
      |{_PARCEL}\s+(?:is\s+|was\s+)?al+r?eady\s+(?:sen[dt]|shipped|gone|left|packed)
      |how\s+(?:many|much)\b[^.?!]{{0,30}}\bdo\s+i\s+(?:\w+\s+)?have\b(?!\s+to)
      |which\s+(?:address|size|colou?r|carrier)\s+(?:is|did|was)\b[^.?!]{{0,25}}\bmy\s+order
      |wo\s+(?:ist|bleibt)\s+(?:mein|meine)\s+(?:paket|bestellung|lieferung|sendung)
      |waar\s+(?:is|blijft)\s+mijn\s+(?:pakket|bestelling|pakje|zending))""",
    re.IGNORECASE | re.VERBOSE,
)
_ORDER_DATA_CHINESE = re.compile(r"我的(?:订单|包裹|快递).{0,6}(?:在哪|到哪|什么时候到|状态)")
# "What is going on?" about something with a number: "R-5398", "88-4410".
_REFERENCE = re.compile(r"\b(?:[A-Z]{1,3}-?\d{3,}|\d{2,}-\d{3,})\b")
_WHAT_IS_UP = re.compile(
    r"\bwhat(?:'s|\s+is)\s+(?:going\s+on|happening|up|the\s+(?:status|state))|\bany\s+(?:news|update)",
    re.IGNORECASE,
)
# Asked for the rule or the way, which an article can tell.
_GENERAL = re.compile(
    r"\b(?:how\s+(?:can|do|to|could|would|should)\s*(?:i|we|one)?|how\s+long\s+does|how\s+many\s+days"
    r"|usually|normally|in\s+general|generally|what\s+(?:can|should|do)\s+i\s+do|what\s+if|in\s+case)\b",
    re.IGNORECASE,
)


def triage(text: str, subject: str = "") -> Reason | None:
    """The reason why a person must answer the whole message, if there is one."""
    whole = f"{subject}\n{text}"
    if any(pattern.search(whole) for pattern in (_HARM, _LEGAL, _INJURY)) or _has_card(whole):
        return Reason.SENSITIVE
    if _PERSON.search(whole):
        return Reason.WANTS_PERSON
    return Reason.SENSITIVE if _ANGER.search(whole) or _shouts(text) else None


def needs_order_data(question: str, context: str = "") -> bool:
    """Whether only the shop's order system knows: "where is my parcel?"."""
    if _ORDER_DATA_CHINESE.search(question):
        return True
    if _WHAT_IS_UP.search(question) and _REFERENCE.search(f"{context} {question}"):
        return True
    return _ORDER_DATA.search(question) is not None and not _GENERAL.search(question)


def _has_card(text: str) -> bool:
    if _SECURITY_CODE.search(text):
        return True
    found = (re.sub(r"\D", "", match[0]) for match in _CARD.finditer(text))
    return any(len(digits) >= 13 and digits[0] in "23456" and _luhn(digits) for digits in found)


def _luhn(digits: str) -> bool:
    doubled = (int(digit) * 2 for digit in digits[-2::-2])
    total = sum(int(digit) for digit in digits[-1::-2]) + sum(n - 9 * (n > 9) for n in doubled)
    return total % 10 == 0


def _shouts(text: str) -> bool:
    """Mostly capitals *and* several exclamation marks; either alone is only style."""
    letters = [c for c in text if c.isalpha() and c.isascii()]
    if len(letters) < 25 or text.count("!") < 3:
        return False
    return sum(c.isupper() for c in letters) / len(letters) > 0.7
