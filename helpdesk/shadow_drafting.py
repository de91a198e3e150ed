"""Shadow drafts: what a candidate would have written, kept beside what was shown.

A job of its own, so that no draft waits for it; nobody ever sends one.
"""

from __future__ import annotations

from collections.abc import Sequence

from helpdesk.drafting import request_for
from helpdesk.models import Draft, Job, ShadowDraft
from qa_engine import services as engine
from qa_engine.training_models import ModelVersion


def draft_in_the_shadow(claimed: Sequence[Job]) -> dict[int, str]:
    version = ModelVersion.objects.shadowing()
    if version is None:
        return {}
    rows = Draft.objects.select_related(
        "message__ticket__requester", "message__ticket__queue", "message__author"
    ).prefetch_related("message__ticket__requester__reader_groups")
    drafts = list(rows.in_bulk([int(job.key) for job in claimed]).values())
    with engine.using(version):
        results = engine.write_drafts([request_for(draft.message) for draft in drafts])
    for draft, result in zip(drafts, results, strict=True):
        ShadowDraft.objects.update_or_create(
            draft=draft,
            version_id=version.pk,
            defaults={
                "body": result.body,
                "reason": result.reason or "",
                "confidence": result.confidence,
                "is_same": result.body.split() == draft.body.split(),
            },
        )
    return {}
