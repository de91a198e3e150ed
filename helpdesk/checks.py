"""System checks: combinations of settings that would fail later, named at start-up."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

#: Seconds: three heartbeats of a worker, each of which renews its leases.
LEAST_LEASE = 30


@register()
def task_limits_are_ordered(**_kwargs: object) -> list[CheckMessage]:
    if settings.CELERY_TASK_SOFT_TIME_LIMIT < settings.CELERY_TASK_TIME_LIMIT:
        return []
    return [
        Error(
            "TASK_SOFT_TIME_LIMIT must be below TASK_TIME_LIMIT.",
            hint="A task killed at the hard limit cannot give back its lease.",
            id="helpdesk.E001",
        )
    ]


@register()
def lease_outlives_its_renewal(**_kwargs: object) -> list[CheckMessage]:
    if min(LEAST_LEASE, settings.CELERY_TASK_SOFT_TIME_LIMIT) <= settings.JOB_LEASE_SECONDS:
        return []
    return [
        Error(
            "JOB_LEASE_SECONDS must be at least 30, or at least TASK_SOFT_TIME_LIMIT.",
            hint="A lease that lapses during the work makes two workers do it.",
            id="helpdesk.E002",
        )
    ]


@register()
def site_url_is_absolute(**_kwargs: object) -> list[CheckMessage]:
    parts = urlsplit(settings.SITE_URL)
    if parts.scheme in {"http", "https"} and parts.netloc:
        return []
    return [
        Error(
            "SITE_URL must begin with http:// or https:// and name a host.",
            hint="Links in mail begin with it, for example https://help.example.com",
            id="helpdesk.E003",
        )
    ]


@register()
def undo_is_short(**_kwargs: object) -> list[CheckMessage]:
    if 0 <= settings.UNDO_SECONDS <= 300:
        return []
    return [
        Error(
            "UNDO_SECONDS must be between 0 and 300.",
            hint="Replies wait that long before they are mailed.",
            id="helpdesk.E004",
        )
    ]


@register()
def replays_have_time(**_kwargs: object) -> list[CheckMessage]:
    if settings.REPLAY_BUDGET_SECONDS > 0:
        return []
    return [
        Error(
            "REPLAY_BUDGET_SECONDS must be more than 0.",
            hint="Past tickets are asked again for so long, newest first; 300 is the default.",
            id="helpdesk.E005",
        )
    ]


@register()
def contradictions_hold_some(**_kwargs: object) -> list[CheckMessage]:
    """Below what an unsure one has, every draft that quotes anything doubtful would wait."""
    if settings.HOLD_CONTRADICTED_FROM >= 0.5:
        return []
    return [
        Error(
            "HOLD_CONTRADICTED_FROM must be at least 0.5.",
            hint="It is a confidence; 0.75 is the default, and above 1 no draft is held.",
            id="helpdesk.E006",
        )
    ]


@register(Tags.security, deploy=True)
def mail_leaves_the_house(**_kwargs: object) -> list[CheckMessage]:
    if settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        return []
    return [
        Warning(
            "Mail is not sent by SMTP, so requesters will not get replies.",
            hint="Set EMAIL_URL, for example smtp+tls://user:password@mail.example.com:587",
            id="helpdesk.W001",
        )
    ]


@register(Tags.security, deploy=True)
def mail_domain_is_set(**_kwargs: object) -> list[CheckMessage]:
    if settings.MAIL_DOMAIN != "localhost":
        return []
    return [
        Warning(
            "MAIL_DOMAIN is localhost, so Message-IDs and the sender look like spam.",
            hint="Set MAIL_DOMAIN to the domain that mail is sent from.",
            id="helpdesk.W002",
        )
    ]
