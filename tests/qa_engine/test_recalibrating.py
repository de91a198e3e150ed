"""The confidence learns from decisions, scope by scope, and goes back in one step."""

from __future__ import annotations

from random import Random

import pytest
from django.db import IntegrityError, transaction

from qa_engine import calibrations
from qa_engine.models import CalibrationVersion
from qa_engine.recalibrating import (
    Decision,
    Scale,
    digest_of,
    fit,
    fit_scales,
    folds_of,
    learn,
    scale_for,
)


def decisions(count: int, *, bent: float = 0.5, language: str = "en", segment: str = "orders"):
    """The truth: the engine is twice as sure, in log-odds, as it should be."""
    random = Random(5)
    truth = Scale(0.0, bent)
    return [
        Decision(f"{language}{segment}{n}", sure, random.random() < truth(sure), language, segment)
        for n, sure in enumerate(random.uniform(0.05, 0.95) for _ in range(count))
    ]


def test_the_truth_is_found():
    found = fit(decisions(4000))
    assert found.slope == pytest.approx(0.5, abs=0.06)
    assert found.offset == pytest.approx(0, abs=0.1)


def test_order_is_kept_whatever_the_decisions_say():
    upside_down = [Decision(str(n), 0.9, False) for n in range(300)]
    upside_down += [Decision(str(n), 0.1, True) for n in range(300)]
    assert fit(upside_down).slope > 0


def test_few_decisions_hardly_move_it():
    assert fit([Decision("1", 0.9, False)])(0.9) > 0.5


def test_a_scope_needs_two_hundred_of_its_own():
    few = decisions(199, language="de")
    assert fit_scales(few) == {}
    scales = fit_scales(few + decisions(200, language="en"))
    assert "language:en" in scales
    assert "language:de" not in scales
    assert scales["queue:orders"].decisions == 399


def test_the_most_particular_scope_decides():
    scales = {"": Scale(1), "queue:orders": Scale(2), "language:de queue:orders": Scale(3)}
    assert scale_for(scales, "de", "orders").offset == 3
    assert scale_for(scales, "en", "orders").offset == 2
    assert scale_for(scales, "de", "press").offset == 1
    assert scale_for({}, "de", "press")(0.7) == pytest.approx(0.7)


def test_it_is_judged_on_tickets_it_has_not_seen():
    fitted = learn(decisions(1000), {})
    assert fitted.is_better
    assert fitted.figures["ece_after"] < fitted.figures["ece_before"]
    assert not learn(decisions(1000, bent=1.0), {}).figures["log_loss_after"] < 0.4


def test_a_version_is_kept_with_what_it_was_fitted_on(db):
    found = decisions(500)
    version = calibrations.recalibrate(decisions=found, fingerprint="engine/1")
    assert version is not None
    assert (version.state, version.decisions) == ("active", 500)
    assert version.decisions_digest == digest_of(reversed(found))
    assert calibrations.scales_in_force("engine/1")[""].slope < 0.8
    assert calibrations.scales_in_force("engine/2") == {}


def test_what_is_no_better_is_kept_but_not_put_in_force(db):
    calibrations.recalibrate(decisions=decisions(3000), fingerprint="engine/1")
    random = Random(9)
    few = [Decision(f"x{n}", 0.5, random.random() < 0.5) for n in range(200)]
    refused = calibrations.recalibrate(decisions=few, fingerprint="engine/1")
    assert refused is not None
    if refused.state == "refused":
        assert CalibrationVersion.objects.in_force().get() != refused


def test_rolling_back_is_one_step(db):
    first = calibrations.recalibrate(decisions=decisions(400), fingerprint="engine/1")
    second = calibrations.recalibrate(decisions=decisions(4000, bent=0.2), fingerprint="engine/1")
    assert first is not None
    assert CalibrationVersion.objects.in_force().get() == second
    calibrations.put_in_force(version=first)
    assert CalibrationVersion.objects.in_force().get() == first
    calibrations.put_out_of_force()
    assert calibrations.scales_in_force("engine/1") == {}


def test_one_version_at_most_is_in_force(db):
    calibrations.recalibrate(decisions=decisions(400), fingerprint="engine/1")
    version = CalibrationVersion.objects.get()
    version.pk = None
    with pytest.raises(IntegrityError, match="calibration_one_in_force"), transaction.atomic():
        version.save(force_insert=True)


def test_no_fold_holds_every_ticket():
    """Else nothing would be learnt for it, and what was learnt would look no better."""
    for first in range(60):
        assert len(set(folds_of([str(first), str(first + 1)]).values())) == 2
    folds = folds_of(str(number) for number in range(23))
    sizes = [list(folds.values()).count(fold) for fold in range(5)]
    assert sorted(sizes) == [4, 4, 5, 5, 5]
    assert folds == folds_of(str(number) for number in reversed(range(23)))
