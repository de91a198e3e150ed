"""What loads models must not run where mail is sent: a model's start would hold up replies."""

from __future__ import annotations

import pytest
from django.conf import settings

from helpdesk.tasks import TASKS

WITHOUT_MODELS = {"mail", "notice", "links"}


@pytest.mark.parametrize("kind", sorted(set(TASKS) - WITHOUT_MODELS))
def test_what_may_need_a_model_runs_beside_the_models(kind):
    assert settings.CELERY_TASK_ROUTES[TASKS[kind].name] == {"queue": "models"}


@pytest.mark.parametrize("kind", sorted(WITHOUT_MODELS))
def test_mail_waits_for_no_model(kind):
    assert TASKS[kind].name not in settings.CELERY_TASK_ROUTES
