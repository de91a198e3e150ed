"""The page on confidence: drawn without scripts, with numbers beside each picture."""

from __future__ import annotations

import pytest
from django.urls import reverse

from helpdesk.desk.curves import bins_of, reliability, risk_drawing, risk_points
from helpdesk.models import DraftDecision, ErrorPromise
from helpdesk.services.promises import set_promise
from qa_engine.models import CalibrationVersion
from tests.helpdesk.test_promises import decided


@pytest.fixture
def page() -> str:
    return reverse("admin:helpdesk_errorpromise_changelist")


def at(name: str, *args: int) -> str:
    return reverse(f"admin:helpdesk_errorpromise_{name}", args=args)


def test_without_decisions_the_page_says_what_is_missing(browser_of, mia, ticket, page):
    html = browser_of(mia).get(page).content.decode()
    assert "0 decisions so far: 20 are needed" in html
    assert "After 200 more decisions it learns from yours." in html
    assert "Nothing is promised" in html


def test_with_decisions_it_draws_and_lists_them(browser_of, mia, ticket, page):
    decided(ticket.queue, 40, wrong=10)
    html = browser_of(mia).get(page).content.decode()
    assert html.count("desk-curve") == 2
    assert "90 % – 100 %" in html
    assert "75 %" in html  # were right
    other = browser_of(mia).get(page, {"queue": "nowhere"}).content.decode()
    assert "0 decisions so far" in other


def test_agents_do_not_see_it(browser_of, ada, ticket, page):
    assert browser_of(ada).get(page).status_code == 403
    assert browser_of(ada).post(at("set", ticket.queue_id)).status_code == 403


def test_an_admin_promises_and_switches_sending_on_and_off(browser_of, mia, ticket, page):
    decided(ticket.queue, 120)
    browser = browser_of(mia)
    fields = {"most_wrong": "5", "surety": "95", "checked_share": "10"}
    html = browser.post(at("set", ticket.queue_id), fields, follow=True).content.decode()
    assert "Proven by 120 decisions, of which 0 were wrong" in html
    browser.post(at("sending", ticket.queue_id), {"sends": "on"})
    assert ErrorPromise.objects.get().sends
    html = browser.get(page).content.decode()
    assert "sends by itself" in html
    assert "Mia Hart: sending switched on" in html
    browser.post(at("sending", ticket.queue_id), {"sends": "off"})
    assert not ErrorPromise.objects.get().sends
    browser.post(at("set", ticket.queue_id), {"drop": "1"})
    assert not ErrorPromise.objects.exists()


def test_too_few_decisions_are_refused_with_their_number(browser_of, mia, ticket):
    decided(ticket.queue, 20)
    browser = browser_of(mia)
    fields = {"most_wrong": "5", "surety": "95", "checked_share": "10"}
    browser.post(at("set", ticket.queue_id), fields)
    url = at("sending", ticket.queue_id)
    html = browser.post(url, {"sends": "on"}, follow=True).content.decode()
    assert "at least 66 more on sure drafts are needed" in html
    assert not ErrorPromise.objects.get().sends


@pytest.mark.parametrize("wrong", ["0", "60", "many", ""])
def test_senseless_rates_are_refused(browser_of, mia, ticket, wrong):
    fields = {"most_wrong": wrong, "surety": "95", "checked_share": "10"}
    browser_of(mia).post(at("set", ticket.queue_id), fields)
    assert not ErrorPromise.objects.exists()


def test_a_calibration_is_rolled_back_in_one_click(browser_of, mia, ticket, page):
    old = CalibrationVersion.objects.create(state="retired", decisions=200)
    new = CalibrationVersion.objects.create(
        state="active", decisions=300, activated_at=old.created_at
    )
    browser = browser_of(mia)
    browser.post(at("calibration"), {"version": old.pk})
    assert CalibrationVersion.objects.in_force().get() == old
    assert CalibrationVersion.objects.get(pk=new.pk).state == "retired"
    browser.post(at("calibration"))
    assert not CalibrationVersion.objects.in_force().exists()


def test_the_page_costs_the_same_however_many_decisions(
    browser_of, mia, ticket, page, django_assert_max_num_queries
):
    browser = browser_of(mia)
    browser.get(page)
    with django_assert_max_num_queries(60) as few:
        browser.get(page)
    decided(ticket.queue, 50)
    assert DraftDecision.objects.count() == 50
    with django_assert_max_num_queries(len(few)):
        browser.get(page)


def test_bins_and_points_are_those_of_the_decisions():
    judged = [(0.95, True)] * 9 + [(0.95, False)] + [(0.55, True)] * 5 + [(0.55, False)] * 5
    low, high = bins_of(judged)
    assert (low.count, low.right, high.count, high.right) == (10, 0.5, 10, 0.9)
    points, aurc = risk_points(judged)
    assert [(point.count, round(point.risk, 2)) for point in points][2:] == [
        (10, 0.1), (15, 0.23), (20, 0.3),
    ]  # fmt: skip
    assert 0.1 < aurc < 0.3
    drawing = reliability([low, high])
    assert [dot.said for dot in drawing.dots] == ["55% → 50% (n = 10)", "95% → 90% (n = 10)"]
    assert risk_drawing(judged).line.count(",") == 20
    assert risk_drawing([]).line == ""


def test_a_proof_for_another_engine_is_not_shown_as_one(browser_of, mia, ticket, page):
    decided(ticket.queue, 120)
    promise = set_promise(
        queue=ticket.queue, most_wrong=0.05, surety=0.95, checked_share=0.1, by=mia
    )
    assert "Proven by 120 decisions" in browser_of(mia).get(page).content.decode()
    ErrorPromise.objects.filter(pk=promise.pk).update(fingerprint="an older engine")
    html = browser_of(mia).get(page).content.decode()
    assert "Proven by" not in html
    assert "The engine has changed since this was proven" in html
