"""How often articles are read: counted in Valkey, added to the database each minute.

A page view costs one increment in memory and no write to the database, so nothing waits
however many read the same article. Only numbers are kept, nobody's address or session. Where
Valkey is away views go uncounted; a page never fails for it.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta
from functools import cache

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest
from django.utils import timezone
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

log = structlog.get_logger(__name__)

#: Days that are kept one by one, and after which even months are forgotten.
DAYS_APART = 90
DAYS_KEPT = 3 * 365

#: What programs call themselves; a reader's browser names an engine and none of these.
_PROGRAM = re.compile(
    r"bot|crawl|spider|slurp|scrape|fetch|preview|monitor|checker|validator|lighthouse|headless"
    r"|facebookexternalhit|embedly|curl|wget|python|java/|go-http|libwww|httpclient|axios|node",
    re.IGNORECASE,
)
_ADD = """
INSERT INTO knowledge_articleviews (article_id, day, count)
SELECT article.id, seen.day, seen.times
  FROM unnest(%s::bigint[], %s::date[], %s::int[]) AS seen (article, day, times)
  JOIN knowledge_article AS article ON article.id = seen.article
ON CONFLICT (article_id, day)
   DO UPDATE SET count = knowledge_articleviews.count + EXCLUDED.count
"""
# Both statements see the table as it was, so that nothing is counted twice.
_ROLL_UP = """
WITH gone AS (
        DELETE FROM knowledge_articleviews
         WHERE day < %(before)s AND day <> date_trunc('month', day)::date
        RETURNING article_id, day, count)
INSERT INTO knowledge_articleviews (article_id, day, count)
SELECT article_id, date_trunc('month', day)::date, sum(count) FROM gone GROUP BY 1, 2
ON CONFLICT (article_id, day)
   DO UPDATE SET count = knowledge_articleviews.count + EXCLUDED.count
"""


def is_reader(request: HttpRequest) -> bool:
    """A person who opened the page to read it: no program, no member of staff."""
    if request.method != "GET" or getattr(request.user, "is_staff", False):
        return False
    if "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", "")):
        return False
    name = request.headers.get("User-Agent", "")
    return "Mozilla/" in name and not _PROGRAM.search(name)


def count_view(article_id: int) -> None:
    """Note that somebody read the article. Never raises."""
    try:
        _valkey().hincrby(_key("new"), f"{article_id}:{timezone.localdate()}", 1)
    except RedisError as exc:
        log.warning("view_not_counted", error=type(exc).__name__)


def add_counted() -> int:
    """Add what was counted since the last time to the database; return how many views.

    One process at a time. What was taken but not written, as the process died, is written
    the next time; should it die between the commit's last two steps, a minute is lost.
    """
    valkey = _valkey()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('knowledge_articleviews'))")
        if not valkey.exists(_key("taken")):
            if not valkey.exists(_key("new")):
                return 0
            valkey.rename(_key("new"), _key("taken"))
        seen: Counter[tuple[int, str]] = Counter()
        for field, times in valkey.hgetall(_key("taken")).items():
            article, _colon, day = str(field).partition(":")
            seen[int(article), day] += int(times)
        articles = [article for article, _day in seen]
        days = [day for _article, day in seen]
        cursor.execute(_ADD, [articles, days, list(seen.values())])
        valkey.delete(_key("taken"))
    return seen.total()


@transaction.atomic
def roll_up(today: date | None = None) -> int:
    """Sum up days long past by month, and forget what is older still; how many rows went."""
    today = today or timezone.localdate()
    before = (today - timedelta(days=DAYS_APART)).replace(day=1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM knowledge_articleviews")
        had = cursor.fetchone()[0]
        cursor.execute(_ROLL_UP, {"before": before})
        oldest = today - timedelta(days=DAYS_KEPT)
        cursor.execute("DELETE FROM knowledge_articleviews WHERE day < %s", [oldest])
        cursor.execute("SELECT count(*) FROM knowledge_articleviews")
        return int(had - cursor.fetchone()[0])


@cache
def _valkey() -> Redis:
    return Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=1,
        socket_connect_timeout=0.5,
        retry=Retry(NoBackoff(), 1),  # a lost connection; a reader does not wait for more
        decode_responses=True,
    )


def _key(part: str) -> str:
    """One installation may share its Valkey with another, not its database."""
    return f"views:{connection.settings_dict['NAME']}:{part}"
