"""The pages of trainings: they follow a run while it works, and rest when it is over."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from qa_engine.training_models import TrainingRun


def test_a_trainings_page_looks_again_only_while_it_works(browser_of, mia):
    run = TrainingRun.objects.create(kind="retriever", state="running", step=3, steps=10)
    page = reverse("admin:qa_engine_trainingrun_change", args=[run.pk])
    html = browser_of(mia).get(page).content.decode()
    assert 'hx-trigger="every 3s" hx-select="#content-main"' in html
    assert "3/10 (30%)" in html
    assert "Look again how far it is" in html  # without scripts

    TrainingRun.objects.update(state="done", finished_at=timezone.now())
    assert "every 3s" not in browser_of(mia).get(page).content.decode()
