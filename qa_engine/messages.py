"""A customer's message without what is no part of the question. Imports no Django.

Quoted mail, signatures, greetings and thanks are left out; what remains is a list of
sentences, also where the writer used no punctuation.
"""

from __future__ import annotations

import re

from qa_engine.sentences import is_abbreviation, split_sentences

_QUOTED_FROM_HERE = re.compile(
    r"""^\s*(?:
        (?:on|am|op|le|el)\b.{5,120}(?:wrote|schrieb.*|schreef.*|a\ écrit|escribió)\s*:\s*$
      | -{3,}\s*(?:original|forwarded|ursprüngliche|oorspronkelijk).*
      | _{10,}\s*$
      | (?:from|von|van)\s*:\s.+@.+
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_SENT_FROM = re.compile(
    r"^\s*(?:sent from|get outlook|von meinem|verzonden vanaf)\b", re.IGNORECASE
)
_SIGN_OFF = re.compile(
    r"""^\s*(?:(?:thanks|thank\ you|thx|many\ thanks|cheers|greetings|greets|bye|best|love
        |(?:best|kind|warm|many)\s+(?:regards|wishes|greetings)|regards|sincerely
        |yours(?:\s+(?:sincerely|faithfully|truly))?|mit\ freundlichen\ grüßen|viele\ grüße
        |liebe\ grüße|mfg|lg|met\ vriendelijke\ groet(?:en)?|groet(?:en|jes)?|mvg|谢谢|祝好)
        [\s,.!]*)(?:(?P<name>[^\W\d][^?!.\d]{0,40})[.!]?)?$""",
    re.IGNORECASE | re.VERBOSE,
)
_GREETING = re.compile(
    r"""^\s*(?:hi|hello|hey|hallo|helo|hoi|dear|good\s+(?:morning|day|afternoon|evening)|greetings
        |bonjour|salut|hola|ol[aá]|ciao|salve|buon\s*giorno|hei|hej|salam|merhaba|servus|moi
        |guten\s+(?:tag|morgen|abend)|goede(?:n|morgen|middag|dag)\w*|beste|liebe[rs]?|moin
        |sehr\ geehrte\w*|您好|你好|大家好)\b
        (?:\s+(?:there|all|team|everyone|everybody|sir|madam|and|or|/|friends?|support|service
        |customer|people|folks|guys|mr|mrs|ms|damen|herren|und|the|\w*(?:mark|shop|store)
        |[A-Z]\w+)){0,5}\s*(?:[,!.:;，！。-]+|$)\s*""",  # noqa: RUF001
    re.VERBOSE | re.IGNORECASE,
)
_BARE_GREETING = re.compile(
    r"^\s*(?:hi|hello|hey|helo|hallo)(?:\s+(?:there|team|sir|dear|friend))*\s+(?=\w)",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"""^\W*(?:(?:ok|great|super|nice|and)[\s,]+)*
        (?:(?:many\ |a\ lot\ of\ )?thanks?(?:\ you|s)?|thx|tnx|cheers|danke|bedankt|谢谢)\b
        [^?]{0,60}$
      | ^\W*(?:i\ )?(?:hope|look(?:ing)?\ forward)\b.{0,50}
        (?:hear|reply|answer|well|help)[^?]{0,30}$
      | ^\W*(?:have\ a|enjoy\ your)\s+(?:nice|good|great|lovely)?\s*(?:day|weekend|evening).{0,20}$
      | ^\W*(?:please\s+)?(?:reply|answer|respond)(?:\s+(?:me|asap|soon|quickly|fast))*\W*$
      | ^\W*(?:sorry|apologies)\s+for\s+(?:my|the)\s+(?:bad\s+|poor\s+)?(?:english|typos?)\W*$""",
    re.IGNORECASE | re.VERBOSE,
)
_SMALL_START = re.compile(r"(?<=[a-z\d)])\.+\s+(?=[a-z])")
_CLAUSE = re.compile(r"(?<=[?!])\s+|\s+[-–—]{1,2}\s+(?=[A-Z])")


def own_words(text: str) -> str:
    """The newest message alone: no quoted mail, no signature."""
    kept: list[str] = []
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for line in lines:
        if _QUOTED_FROM_HERE.match(line) or line.rstrip() == "--" or _SENT_FROM.match(line):
            break
        if not line.lstrip().startswith(">"):
            kept.append(line.rstrip())
    for at, line in enumerate(kept):
        rest = [later for later in kept[at + 1 :] if later.strip()]
        if at and line and _SIGN_OFF.match(line) and len(rest) <= 6 and "?" not in "".join(rest):
            kept = kept[:at]
            break
    return "\n".join(kept).strip()


def sentences(text: str) -> list[str]:
    """What the writer says, sentence by sentence, without greetings and thanks."""
    found: list[str] = []
    for paragraph in _paragraphs(own_words(text)):
        for start, end in split_sentences(paragraph):
            for part in _CLAUSE.split(paragraph[start:end]):
                found += _at_small_letters(part)
    stripped = (_without_greeting(sentence).strip() for sentence in found)
    return [one for one in stripped if one and not _THANKS.match(one) and re.search(r"\w", one)]


def _paragraphs(text: str) -> list[str]:
    """Lines joined where a mail program broke them, apart where the writer did."""
    paragraphs: list[str] = []
    is_open = False
    for line in text.split("\n"):
        words = re.sub(r"^\s*(?:[-*•]|\d{1,2}[.)])\s+", "", line).strip()
        is_item = words != line.strip()
        if not words:
            is_open = False
            continue
        if is_open and not is_item and (words[0].islower() or len(paragraphs[-1]) > 55):
            paragraphs[-1] += " " + words
        else:
            paragraphs.append(words)
        is_open = words[-1] not in ".?!:。？！"  # noqa: RUF001
    return paragraphs


def _at_small_letters(sentence: str) -> list[str]:
    """Hurried writers start a sentence small: "no money yet. when do i get it"."""
    parts: list[str] = []
    start = 0
    for stop in _SMALL_START.finditer(sentence):
        if not is_abbreviation(sentence[start : stop.start()]):
            parts.append(sentence[start : stop.start() + 1])
            start = stop.end()
    return [*parts, sentence[start:]]


def _without_greeting(sentence: str) -> str:
    rest = _GREETING.sub("", sentence, count=1)
    return _BARE_GREETING.sub("", rest, count=1)
