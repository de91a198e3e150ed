"""Celery entry points: plain values in, one call, plain values out.

Drafts and indexing come through helpdesk's jobs; only live questions are tasks here, on a
queue of their own, because somebody waits for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from celery import shared_task

from knowledge.types import Viewer
from qa_engine import answering, wire


@shared_task(ignore_result=False)  # its task queue is "live", by CELERY_TASK_ROUTES
def answer_live(question: str, is_agent: bool, groups: Sequence[int] = ()) -> dict[str, Any]:
    viewer = Viewer(
        is_agent, tuple(groups)
    )  # a web process of before there were groups sends none
    return wire.to_json(answering.answer_question(question, viewer=viewer))
