"""In which language a reader wants the help pages: asked for, remembered, or their browser's.

Only where articles are published in several languages is there anything to choose. A choice
is part of the address (`?lang=de`), so that it can be sent on, and is kept in a cookie.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Count
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header

from knowledge.languages import Language, name_of
from knowledge.models import Article

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

PARAMETER = "lang"
COOKIE = "help_language"
#: A choice is remembered for a year.
MAX_AGE = 365 * 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Choice:
    """`code` is empty, and `languages` too, where there is nothing to choose."""

    code: str = ""
    languages: tuple[Language, ...] = ()

    @property
    def name(self) -> str:
        return name_of(self.code)


def choice_of(request: HttpRequest) -> Choice:
    """What `request` is to be answered in, of the languages that its user may read."""
    shown = Article.objects.visible_to(request.user).published().order_by()
    counted = shown.values_list("language").annotate(n=Count("pk")).order_by("-n", "language")
    codes = [code for code, _count in counted]
    if len(codes) < 2:
        return Choice()
    code = _chosen(request, codes)
    languages = (
        Language(one, name_of(one), f"{request.path}?{PARAMETER}={one}", one == code)
        for one in sorted(codes, key=name_of)
    )
    return Choice(code, tuple(languages))


def keep_choice(request: HttpRequest, response: HttpResponse, choice: Choice) -> HttpResponse:
    """Remember what the address asked for; caches must know what the answer rests on."""
    if not choice.code:
        return response
    patch_vary_headers(response, ("Accept-Language", "Cookie"))
    if request.GET.get(PARAMETER) == choice.code != request.COOKIES.get(COOKIE):
        response.set_cookie(
            COOKIE,
            choice.code,
            max_age=MAX_AGE,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response


def _chosen(request: HttpRequest, codes: list[str]) -> str:
    """Of `codes`, the most used first."""
    for asked in (request.GET.get(PARAMETER), request.COOKIES.get(COOKIE)):
        if asked in codes:
            return asked
    wanted = [
        code for code, _q in parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    ]
    for one in [*wanted, settings.LANGUAGE_CODE]:
        if found := _nearest(one, codes):
            return found
    return codes[0]


def _nearest(wanted: str, codes: list[str]) -> str:
    """The very language, else another of its regions: a reader of "de-AT" reads "de"."""
    exact = [code for code in codes if code.lower() == wanted.lower()]
    alike = [code for code in codes if _base(code) == _base(wanted)]
    return next(iter([*exact, *alike]), "")


def _base(code: str) -> str:
    return code.lower().replace("_", "-").partition("-")[0]
