"""Shapes of personal data in English, German, Dutch, Chinese and some French letters.

A group `it` is the personal part where the words around it belong to the shape.
"""

from __future__ import annotations

import re

# A letter of an address; not the "please send to" in front of one.
HAN = r"(?![请寄送到在住是我往至])[\u4e00-\u9fff]"

EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+'-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?![\w-])", re.IGNORECASE | re.ASCII
)
IBAN = re.compile(
    r"(?<![\w])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}(?!\w)", re.IGNORECASE | re.ASCII
)
CARD = re.compile(r"(?<![\w-])(?<![A-Z]{2}\d{2} )(?:\d[ -]?){12,18}\d(?![\w-])", re.ASCII)
SECURITY_CODE = re.compile(
    r"\b(?:cvv2?|cvc2?|security\s+code|prüfziffer|kartenprüfnummer)\b\D{0,12}(?P<it>\d{3,4})\b",
    re.IGNORECASE,
)
SECRET = re.compile(
    r"(?:\b(?:password|passwort|kennwort|wachtwoord|pin(?:\s?code)?|pass\s*code)\b|密码)\s*"
    r"(?:is|was|ist|lautet|:|=|是|：)+\s*[\"'“„]?(?P<it>(?=\S*\d)[^\s\"'”“,]{3,39}[^\s\"'”“,.])",  # noqa: RUF001
    re.IGNORECASE,
)
BIRTHDAY = re.compile(
    r"(?:\b(?:born(?:\s+on)?|birthday|date\s+of\s+birth|d\.?o\.?b\.?|geboren(?:\s+(?:am|op))?"
    r"|geburtsdatum|geboortedatum)|出生日期)\W{0,4}(?:is\s+|ist\s+)?"
    r"(?P<it>\d{1,4}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}\.?\s+[^\W\d]+\s+\d{4}|[^\W\d]+\s+\d{1,2},\s*\d{4})",
    re.IGNORECASE,
)

# --- numbers of orders and parcels ------------------------------------------
ORDER_WORD = re.compile(
    r"""(?:\b(?:orders?|order\s*id|purchase|invoice|return|rma|customer|client|account|tracking
        |parcel|shipment|ticket|reference|bestellung|bestell|auftrag|auftrags|rechnung|rechnungs
        |kunden|sendung|sendungs|bestelling|bestel|factuur|klant|zending|retour)
        [\s-]*(?:numbers?|nummer|no|nr|id|code|ref(?:erence)?)?\b\.?\s*(?:is|was|ist|lautet)?\s*[:#=(]*\s*
      |(?:订单|运单|快递|发票|退货)(?:号码?|编号)?\s*(?:是|为)?\s*[:：\#]?\s*|\#\s?)
      (?P<it>(?=[A-Z0-9/-]*\d(?:[A-Z0-9/-]*\d){2})[A-Z0-9]+(?:[/-][A-Z0-9]+)*)(?![A-Z0-9_%])""",  # noqa: RUF001
    re.IGNORECASE | re.VERBOSE,
)
# Carriers' own: universal postal S10, UPS, Amazon, DHL.
PARCEL = re.compile(
    r"\b(?:[A-Z]{2}\d{9}[A-Z]{2}|1Z[0-9A-Z]{16}|JJ?D\d{16,20}|\d{3}-\d{7}-\d{7})\b",
    re.ASCII,
)
UNIT_AHEAD = re.compile(r"\s*(?:€|\$|£|eur\b|usd\b|days?\b|tage\b|kg\b|ml\b|cm\b|items?\b)", re.I)

# --- addresses --------------------------------------------------------------
HOUSE = r"\d{1,4}\s?[A-Za-z]?(?:[-/]\d{1,4}[A-Za-z]?)?"
CAPITAL = r"[A-ZÄÖÜÉ][\w'’äöüßéèë-]*"
STREET_EN = (
    rf"\b{HOUSE},?\s+(?:{CAPITAL}\s+){{1,4}}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr"
    r"|Close|Court|Ct|Boulevard|Blvd|Way|Square|Sq|Crescent|Gardens|Terrace|Place|Pl|Mews)\b\.?"
)
STREET_DE = (
    rf"(?:\b(?:{CAPITAL}[ -]){{0,3}}[A-ZÄÖÜ]?[\wäöüß-]*"
    r"(?:straße|strasse|str\.|gasse|allee|weg|platz|ufer|damm|ring)"
    rf"|\b(?:{CAPITAL}[ -]){{1,3}}(?:Straße|Strasse|Str\.|Gasse|Allee|Weg|Platz|Ring))\s+{HOUSE}\b"
)
STREET_NL = (
    rf"\b(?:{CAPITAL}\s+){{0,3}}[A-Z][\w'’ëé-]*(?:straat|gracht|laan|weg|plein|kade|singel|dijk|hof|steeg)"
    rf"\s+{HOUSE}\b"
)
STREET_FR = (
    rf"\b{HOUSE},?\s+(?:rue|avenue|boulevard|place|chemin|impasse)\s+"
    rf"(?:(?:de|du|des|la|le|les)\s+|d[’']|l[’'])*{CAPITAL}(?:\s+{CAPITAL})*"
)
POST_UK = r"\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[ABD-HJLNP-UW-Z]{2}\b"
POST_NL = rf"\b[1-9]\d{{3}}\s?(?!SA|SD|SS)[A-Z]{{2}}(?=\s*,?\s+{CAPITAL}|\s*(?:[,.]|$))"
STATES = (
    "A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]"
    "|T[NX]|UT|V[AT]|W[AIVY]"
)
POST_US = rf"\b(?:{STATES})\s+\d{{5}}(?:-\d{{4}})?\b"
CITY = rf"{CAPITAL}(?:[ -](?:am|an\ der|{CAPITAL}))*"
POST_DE_SURE = rf"\b(?:D|A|CH|PLZ)[- ]\d{{4,5}}(?:\s+{CITY})?"
POST_DE_LINE = rf"(?m)^[ \t]*\d{{4,5}}[ \t]+{CITY}[ \t]*$"
ADDRESS_CN = re.compile(
    rf"(?:(?:{HAN}){{2,8}}(?:省|自治区))?(?:{HAN}){{2,6}}市(?:[\u4e00-\u9fff]{{1,6}}[区县])?"
    r"[\u4e00-\u9fff]{1,10}[路街道巷]\s?\d{1,5}\s?[号弄]"
    r"(?:[\d\w\u4e00-\u9fff-]{0,12}(?:室|楼|单元|栋))?"
)
STREETS = [re.compile(one) for one in (STREET_EN, STREET_DE, STREET_NL, STREET_FR)]
POSTCODES = [re.compile(one) for one in (POST_UK, POST_NL, POST_US, POST_DE_SURE, POST_DE_LINE)]
# What continues an address that a street began: ", 10115 Berlin", ", London", postcode, country.
CONTINUED = re.compile(
    rf"(?:\s*,\s*|\s*\n\s*|\s+)(?:\d{{4,5}}\s+{CITY}|(?:{POST_NL}|{POST_UK})(?:\s*,?\s+{CITY})?"
    rf"|{POST_US}|{CITY}\s*,?\s+(?:{POST_UK}|{POST_US}))|\s*,\s*{CITY}(?=\s*(?:[.,;!?\n]|$))"
)

# --- names ------------------------------------------------------------------
TITLED = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Herrn?|Frau|Dhr|Mevr(?:ouw)?|Meneer|Monsieur|Madame)\b\.?\s+"
    rf"(?P<it>(?:(?:van|von|de|der|den|ter|du)\s+)*{CAPITAL}(?:\s+(?:(?:van|von|de|der|den)\s+)*{CAPITAL}){{0,2}})"
)
INTRODUCED = re.compile(
    r"(?i:\b(?:my\s+name\s+is|my\s+name['’]s|name\s*:|mein\s+name\s+ist|ich\s+heiße|mijn\s+naam\s+is|ik\s+heet))"
    rf"\s*(?P<it>{CAPITAL}(?:\s+(?:(?:van|von|de|der|den)\s+)*{CAPITAL}){{0,3}})"
    r"|(?:我叫|我的名字是|我是(?=[\u4e00-\u9fff]{2,4}[，,。]))(?P<zh>[\u4e00-\u9fff]{2,4})"  # noqa: RUF001
)
SIGNED = re.compile(
    r"(?im:^[ \t]*(?:(?:many\s+|kind\s+|best\s+|warm\s+)?"
    r"(?:thanks|thank\s+you|regards|wishes|greetings)|cheers|sincerely|yours(?:\s+\w+)?"
    r"|mit\s+freundlichen\s+grüßen|viele\s+grüße|liebe\s+grüße|mfg|lg"
    r"|met\s+vriendelijke\s+groet(?:en)?|groet(?:en|jes)?|mvg)[ \t]*[,.!]*)[ \t]*\n?[ \t]*"
    rf"(?P<it>{CAPITAL}(?:[ \t]+(?:(?:van|von|de|der|den)[ \t]+)*{CAPITAL}){{0,2}})"
    r"[ \t]*[.]?[ \t]*(?=\n|$)"
)
NOT_A_NAME = frozenset(
    [
        "team",
        "support",
        "service",
        "shop",
        "store",
        "customer",
        "may",
        "will",
        "mark",
        "rose",
        "hope",
        "grace",
        "sent",
        "best",
        "all",
    ]
)


# In front of a number that names a thing, not a telephone.
THING = re.compile(
    r"\b(?:gtin|ean|upc|isbn|serial|serien|model|barcode|article|artikel)\b[^\d.!?]{0,25}$",
    re.IGNORECASE,
)
