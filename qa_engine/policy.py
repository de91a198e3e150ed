"""Messages that no article should answer, told by their words. Imports no Django.

What a ticket says is data: nothing in it changes what the engine does, it only decides
who answers. Words that are sensitive are in `sensitive`, those of people and orders here.
"""

from __future__ import annotations

import re

from qa_engine.sensitive import is_angry, shouts, worst_kind
from qa_engine.types import Reason

_PERSON = re.compile(
    r"""\b(?:(?:speak|talk|chat)\w*\s+(?:to|with)\s+(?:an?\s+|some|the\s+|your\s+)?(?:real\s+|actual\s+|live\s+|human\s+)*
         (?:human|person|people|body|one|agent|manager|supervisor|representative|employee|boss|operator|being)
      |(?:real|actual)\s+(?:human|person|agent)|human\s+being
      |(?:want|need|give\s+me|get\s+me|connect\s+me\s+(?:to|with)|no\s+bots?,?)\s+an?\s+(?:live\s+)?(?:human|manager|supervisor|person|agent)\b
      |(?:please|can\s+(?:you|someone|somebody)|could\s+(?:you|someone|somebody)|someone\s+should|you\s+must|want\s+you\s+to)
         \s+(?:please\s+)?(?:(?:have|get|ask)\s+(?:someone|somebody)\s+(?:to\s+)?)?(?:call|phone|ring)\s+(?:me|us)
      |(?:don'?t|do\s+not)\s+want\s+to\s+(?:talk|speak|chat|write)\s+(?:to|with)\s+(?:a\s+)?(?:bot|robot|machine)|put\s+me\s+through|(?:discuss|explain|sort)\w*\s+(?:\w+\s+){0,3}(?:on|over|by)\s+(?:the\s+)?(?:tele)?phone
      |^\s*(?:operator|agent|representative|human)(?:\s+please)?[.!]?\s*$
      |(?:call|phone|ring)\s+me(?:\s+back)?\s+(?:on|at|under|today|tomorrow|now|please|as\s+soon)|call\s+me\s+back
      |(?:no|not|stop\s+sending)\s+(?:(?:a|an|your|this|more|automat\w+)\s+)*(?:bots?|robots?|automat\w+\s+(?:answers?|repl\w+|messages?))
      |(?:mit|an)\s+(?:einem|einer|eine[nr]?|jemand\w*)\s+(?:echten\s+|richtigen\s+)?(?:menschen|mitarbeiter\w*|berater\w*|person|kolleg\w+|vorgesetzten)?
         \s*(?:sprechen|reden|telefonieren|verbinden|verbunden)
      |(?:rufen\s+sie|ruft|ruf)\s+(?:mich|uns)\s+(?:\w+\s+){0,3}(?:an|zurück)|(?:mich|uns)\s+(?:\w+\s+){0,3}(?:zurückrufen|anrufen)|keinen\s+(?:bot|roboter)
      |(?:bitte\s+um|hätte\s+gerne?|wünsche)\s+(?:\w+\s+){0,2}rückruf
      |(?:echte[nr]?|richtige[nr]?)\s+(?:mensch|mitarbeiter|person)\w*|keine\s+automat\w+\s+antwort\w*
      |medewerker\s+(?:te\s+)?spreken|(?:met|aan)\s+(?:een\s+|iemand\s*)(?:echte?\s+)?(?:medewerker|mens|persoon|collega|leidinggevende)?\s*(?:spreken|praten|bellen)
      |bel(?:t|len)?\s+(?:u\s+|je\s+|jullie\s+)?(?:mij|me|ons)\b(?:\s+(?:terug|op))?|(?:mij|me|ons)\s+(?:\w+\s+)?(?:terug)?bellen
      |iemand\s+aan\s+de\s+(?:telefoon|lijn)|echt(?:e)?\s+(?:mens|persoon|medewerker)|geen\s+(?:bot|robot|chatbot|automatische\s+antwoord\w*))\b
      |人工客服|转人工|人工服务|(?:要|找|换)(?:个)?(?:人工|真人|经理|主管)|给我(?:回)?个?打?电话|打(?:个)?电话给我|不要机器人|有(?:没有)?真人|真人(?:客服|回复)""",
    re.IGNORECASE | re.VERBOSE | re.MULTILINE,
)

_PARCEL = r"(?:orders?|parcels?|packages?|packets?|delivery|shipment|stuff|items?|purchase|goods)"
_PRODUCT = r"(?:jacket|tent|boots|backpack|shoes|rucksack|stove|mat|bag|trousers|replacement)"
_MINE = (
    rf"(?:(?:my|our|the|this)\s+(?:\w+\s+){{0,2}}?{_PARCEL}"
    rf"|(?:my|our)\s+(?:\w+\s+){{0,2}}?{_PRODUCT})"
)
_GERMAN = (
    r"(?:mein|unser|der|die|zu)(?:e[nrm]?)?\s+(?:\w+\s+)?(?:paket|päckchen|bestellung|lieferung|sendung"
    r"|rücksendung|erstattung|ware|geld)"
)
_DUTCH = (
    r"(?:mijn|onze|ons)\s+(?:\w+\s+)?(?:pakket(?:je)?|pakje|bestelling|zending|levering|retour"
    r"|terugbetaling|geld)"
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
      |{_MINE}\s+(?:\S*\d\S*\s+)?(?:should\s+have|was\s+(?:supposed|meant)\s+to|hasn'?t|has\s+not|still\s+hasn'?t)
         \s+(?:\w+\s+)?(?:arriv\w+|come|came|be\s+(?:here|delivered)|been\s+(?:here|delivered))\b
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
      |wo\s+(?:ist|sind|bleibt|bleiben)\s+(?:denn\s+|jetzt\s+)?{_GERMAN}
      |(?:ist|wurde|war|hat)\s+{_GERMAN}\b[^.?!]{{0,20}}\b(?:schon|bereits|verschickt|versandt|unterwegs|angekommen)
      |wann\s+(?:kommt|kommen|wird|werden|bekomme\s+ich|erhalte\s+ich)\s+{_GERMAN}|status\s+{_GERMAN}
      |storni\w+\s+(?:sie\s+)?(?:bitte\s+)?{_GERMAN}|können\s+sie\s+{_GERMAN}\s+storni
      |waar\s+(?:is|zijn|blijft|blijven)\s+(?:nou\s+|dan\s+)?{_DUTCH}
      |(?:is|zijn)\s+{_DUTCH}\b[^.?!]{{0,20}}\b(?:al|verstuurd|verzonden|onderweg|aangekomen)
      |wanneer\s+(?:komt|komen|krijg\s+ik|ontvang\s+ik|wordt)\s+{_DUTCH}|status\s+van\s+{_DUTCH}
      |(?:kunnen\s+jullie|kunt\s+u|kan\s+je)\s+{_DUTCH}\s+annuleren)""",
    re.IGNORECASE | re.VERBOSE,
)
_ORDER_DATA_CHINESE = re.compile(
    r"我(?:的|买的|订的).{0,4}(?:订单|包裹|快递|退款|货|东西).{0,8}(?:在哪|到哪|什么时候|何时|状态|发货了?吗|还没)"
    r"|帮我(?:查|取消|看).{0,6}(?:订单|快递|包裹|物流)"
)
# "What is going on?" about something with a number: "R-5398", "88-4410".
_REFERENCE = re.compile(r"\b(?:[A-Z]{1,3}-?\d{3,}|\d{2,}-\d{3,})\b")
_WHAT_IS_UP = re.compile(
    r"\bwhat(?:'s|\s+is)\s+(?:going\s+on|happening|up|the\s+(?:status|state))|\bany\s+(?:news|update)"
    r"|\bwhere\s+(?:is|are)\s+(?:it|they)\b|\bwhen\s+(?:will|does|do)\s+(?:it|they)\s+(?:arrive|come|get\s+here)\b",
    re.IGNORECASE,
)
# Asked for the rule or the way, which an article can tell.
_GENERAL = re.compile(
    r"\b(?:how\s+(?:can|do|to|could|would|should)\s*(?:i|we|one)?|how\s+long\s+does|how\s+many\s+days"
    r"|usually|normally|in\s+general|generally|what\s+(?:can|should|do)\s+i\s+do|what\s+if|in\s+case"
    r"|wie\s+(?:kann|lange)|normalerweise|in\s+der\s+regel|hoe\s+(?:kan|lang)|normaal|meestal)\b",
    re.IGNORECASE,
)


def triage(text: str, subject: str = "") -> Reason | None:
    """The reason why a person must answer the whole message, if there is one."""
    whole = f"{subject}\n{text}"
    if reason := worst_kind(whole):
        return reason
    if _PERSON.search(whole):
        return Reason.WANTS_PERSON
    return Reason.ANGER if is_angry(whole) or shouts(text) else None


def needs_a_person(text: str, subject: str = "") -> bool:
    """Whether no draft may go out without having been read."""
    return triage(text, subject) is not None or needs_order_data(text, subject)


def needs_order_data(question: str, context: str = "") -> bool:
    """Whether only the shop's order system knows: "where is my parcel?"."""
    if _ORDER_DATA_CHINESE.search(question):
        return True
    if _WHAT_IS_UP.search(question) and _REFERENCE.search(f"{context} {question}"):
        return True
    return _ORDER_DATA.search(question) is not None and not _GENERAL.search(question)
