"""Structured logs: one event a line, with ids and never with what people wrote.

Imported by the settings, so it must not need Django to be set up.
"""

from __future__ import annotations

from typing import Any

import structlog

#: Keys that could carry what a person wrote. Whoever logs them by mistake logs nothing.
PRIVATE_KEYS = frozenset({"body", "body_html", "subject", "text", "question", "query", "email"})


def drop_private(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Replace values that could be a person's words by a mark."""
    for key in PRIVATE_KEYS & event.keys():
        event[key] = "[private]"
    return event


_shared: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    drop_private,
    # Plain text: a traceback with local variables would print what people wrote.
    structlog.processors.format_exc_info,
]


def logging_config(*, json: bool) -> dict[str, Any]:
    """For Django's LOGGING; also configures structlog itself."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if json
        else structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        )
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "event": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processor": renderer,
                "foreign_pre_chain": _shared,
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "event"}},
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            "django.server": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},  # a line a nudge is noise
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.worker.request": {"level": "WARNING"},  # so is one for each that expired
            "celery.beat": {"level": "WARNING"},
            "django_structlog": {"level": "WARNING"},
        },
    }
