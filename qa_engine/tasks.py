"""Celery entry points: plain values in, one call, plain values out.

Drafts and indexing come through helpdesk's jobs; only live questions are tasks here, on a
queue of their own, because somebody waits for them.
"""

from __future__ import annotations

from typing import Any

from celery import shared_task

from knowledge.types import Viewer
from qa_engine import answering, wire


@shared_task(queue="live", ignore_result=False)
def answer_live(question: str, is_agent: bool) -> dict[str, Any]:
    return wire.to_json(answering.answer_question(question, viewer=Viewer(is_agent)))
