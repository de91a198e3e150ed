"""How often one address may do something. Counted in the cache, atomically."""

from __future__ import annotations

import ipaddress
import logging
import math
import time
from dataclasses import dataclass

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import ngettext
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` times in `seconds`; the setting of that name overrides `most`."""

    setting: str
    most: int
    seconds: int

    @property
    def allowed(self) -> int:
        return int(getattr(settings, self.setting, self.most))


TICKETS = Limit("PORTAL_TICKETS_PER_HOUR", 20, 3600)
REPLIES = Limit("PORTAL_REPLIES_PER_HOUR", 60, 3600)
SUGGESTIONS = Limit("PORTAL_SUGGESTIONS_PER_MINUTE", 120, 60)
LIVE_ANSWERS = Limit("PORTAL_LIVE_ANSWERS_PER_MINUTE", 30, 60)


def seconds_to_wait(limit: Limit, request: HttpRequest) -> int:
    """Count this request; 0 where it may go on, else when the next one may.

    Without the cache nothing is counted: a ticket matters more than a limit.
    """
    now = time.time()
    window = int(now // limit.seconds)
    key = f"limit:{limit.setting}:{_neighbourhood(request)}:{window}"
    try:
        cache.add(key, 0, limit.seconds)
        count = cache.incr(key)
    except (RedisError, OSError) as exc:
        logger.warning("cannot count requests: %s", type(exc).__name__)
        return 0
    except ValueError:  # the key lapsed between the two calls
        return 0
    if count <= limit.allowed:
        return 0
    return math.ceil((window + 1) * limit.seconds - now)


def in_minutes(seconds: int) -> str:
    minutes = max(1, math.ceil(seconds / 60))
    return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}


def _neighbourhood(request: HttpRequest) -> str:
    """The client's address; of IPv6 the network, which one customer has to themselves."""
    text = get_adapter(request).get_client_ip(request)
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return "unknown"
    if address.version == 6:
        return str(ipaddress.ip_network(f"{address}/64", strict=False).network_address)
    return str(address)
