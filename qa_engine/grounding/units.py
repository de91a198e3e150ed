"""Numbers and units in words, and the one name that each goes by. Imports no Django."""

from __future__ import annotations

WORDS = {
    word: value
    for value, words in {
        "2": "two both zwei twee", "3": "three drei drie", "4": "four vier", "5": "five fünf vijf",
        "6": "six sechs zes", "7": "seven sieben zeven", "8": "eight acht", "9": "nine neun negen",
        "10": "ten zehn tien", "11": "eleven elf", "12": "twelve zwölf twaalf", "13": "thirteen",
        "14": "fourteen vierzehn veertien", "15": "fifteen fünfzehn vijftien",
        "20": "twenty zwanzig twintig", "24": "twenty-four", "30": "thirty dreißig dertig",
        "50": "fifty fünfzig vijftig", "60": "sixty sechzig zestig", "90": "ninety",
        "100": "hundred hundert honderd", "1000": "thousand tausend duizend",
        "0.5": "half halb halben halve", "1/3": "third", "1/4": "quarter",
    }.items()
    for word in words.split()
}  # fmt: skip
CURRENCY = {
    "€": "€", "eur": "€", "euro": "€", "euros": "€", "$": "$", "usd": "$", "dollar": "$",
    "dollars": "$", "£": "£", "gbp": "£", "pound": "£", "pounds": "£", "chf": "chf", "元": "元",
    "¥": "元", "nok": "nok", "sek": "sek", "dkk": "dkk", "cent": "cent", "cents": "cent",
}  # fmt: skip
UNITS = {
    unit: name
    for name, units in {
        "day": "day days tag tage tagen dag dagen 天 日",
        "week": "week weeks woche wochen weken 周",
        "workday": "werktag werktage werktagen werkdag werkdagen 工作日 个工作日",
        "month": "month months monat monate monaten maand maanden 月 个月",
        "year": "year years jahr jahre jahren jaar 年",
        "minute": "minute minutes minuten min 分钟",
        "hour": "hour hours stunde stunden uur h 小时", "%": "% percent per-cent prozent procent",
        "kg": "kg kilo kilos", "g": "g gram grams gramm", "cm": "cm", "mm": "mm", "m": "m metres",
        "km": "km", "l": "l litre litres liter", "ml": "ml", "°c": "°c degrees °",
        "night": "night nights", "item": "item items piece pieces artikel stück 件",
        "time": "times mal keer 次", "point": "point points punkte punten",
        "january": "january jan januar januari", "february": "february feb februar februari",
        "march": "march märz maart", "april": "april apr", "may": "may mai mei",
        "june": "june juni",
        "july": "july juli", "august": "august aug augustus", "september": "september sept",
        "october": "october oct oktober", "november": "november nov",
        "december": "december dec dezember", "am": "am a.m", "pm": "pm p.m", "o'clock": "uhr 点",
    }.items()
    for unit in units.split()
}  # fmt: skip
MONTHS = frozenset(UNITS[name] for name in UNITS if len(name) > 2 and UNITS[name] in {
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
})  # fmt: skip
KINDS_OF_DAY = frozenset({"working", "business", "week"})
COUNTED_ONE = frozenset({"day", "week", "month", "year", "hour", "night", "item", "minute"})
