"""The plain lists of the admin: people, sorting, the engine's rows."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from helpdesk.models import Draft, Heartbeat, Job, Organization, Queue, Tag, User
from helpdesk.roles import set_role
from tests.factories import NO_GROUPS, QueueFactory, TicketFactory, UserFactory


def changelist(model: type) -> str:
    return reverse(f"admin:helpdesk_{model.__name__.lower()}_changelist")


def make_more(model: type, many: object) -> None:
    if model is User:
        for number in range(10):
            organization = Organization.objects.create(name=f"Club {User.objects.count()}{number}")
            UserFactory(organization=organization)
    elif model is Organization:
        for number in range(10):
            UserFactory(organization=Organization.objects.create(name=f"Shop {number}"))
    elif model is Queue:
        for queue in QueueFactory.create_batch(10):
            TicketFactory(queue=queue)
    elif model is Tag:
        ticket = TicketFactory()
        ticket.tags.set([Tag.objects.create(name=f"tag {number}") for number in range(10)])
    elif model is Draft:
        many(10)
    elif model is Job:
        Job.objects.bulk_create([Job(kind="mail", key=f"x{number}") for number in range(10)])
    else:
        names = (f"worker{number}" for number in range(10))
        Heartbeat.objects.bulk_create([Heartbeat(name=name) for name in names])


@pytest.mark.parametrize("model", [User, Organization, Queue, Tag, Draft, Job, Heartbeat])
def test_a_list_costs_the_same_however_many_rows(
    browser_of, mia, many, model, django_assert_max_num_queries
):
    browser = browser_of(mia)
    browser.get(changelist(model))
    with django_assert_max_num_queries(100) as few:
        browser.get(changelist(model))
    make_more(model, many)
    with django_assert_max_num_queries(len(few) + 1):  # one prefetch may have been idle
        assert browser.get(changelist(model)).status_code == 200


@pytest.mark.parametrize("model", [User, Organization, Job, Heartbeat])
def test_agents_have_no_business_with_people_and_jobs(browser_of, ada, model):
    assert browser_of(ada).get(changelist(model)).status_code == 403


def test_an_admin_adds_an_agent_who_gets_the_role_and_its_group(browser_of, mia):
    fields = {
        "email": "New.Agent@Shop.example",
        "name": "Nia",
        "role": "agent",
        "usable_password": "true",
        "password1": "correct-horse-7",
        "password2": "correct-horse-7",
    }
    response = browser_of(mia).post(reverse("admin:helpdesk_user_add"), fields)
    assert response.status_code == 302
    nia = User.objects.get(email="new.agent@shop.example")
    assert (nia.is_agent, nia.is_staff) == (True, True)
    assert nia.check_password("correct-horse-7")
    assert nia.has_perm("helpdesk.change_ticket")


def test_an_admin_changes_a_role_and_the_permissions_follow(browser_of, mia, ada):
    url = reverse("admin:helpdesk_user_change", args=[ada.pk])
    fields = {"email": ada.email, "name": ada.name, "role": "requester", "is_active": "on"}
    assert browser_of(mia).post(url, fields | NO_GROUPS).status_code == 302
    ada = User.objects.get(pk=ada.pk)
    assert (ada.role, ada.is_staff) == ("requester", False)
    assert not ada.has_perm("helpdesk.change_ticket")


def test_there_is_no_list_of_raw_permissions(browser_of, mia, ada):
    html = browser_of(mia).get(reverse("admin:helpdesk_user_change", args=[ada.pk]))
    assert "user_permissions" not in html.content.decode()


def test_an_admin_does_not_reach_a_superusers_password(browser_of, mia, db):
    root = User.objects.create_superuser("root@shop.example", "x")
    set_role(user=root, role="admin")
    url = reverse("admin:auth_user_password_change", args=[root.pk])
    fields = {
        "usable_password": "true",
        "password1": "stolen-pass-1",
        "password2": "stolen-pass-1",
    }
    assert browser_of(mia).post(url, fields).status_code == 403
    root.refresh_from_db()
    assert root.check_password("x")


def test_a_draft_is_shown_with_its_citations_and_cannot_be_changed(browser_of, ada, draft):
    url = reverse("admin:helpdesk_draft_change", args=[draft.pk])
    html = browser_of(ada).get(url).content.decode()
    assert "within **30 days**" in html
    assert 'name="_save"' not in html
    assert browser_of(ada).post(url, {"body": "x"}).status_code == 403


def test_a_job_that_was_given_up_is_tried_again(browser_of, mia, db):
    dead = Job.objects.create(kind="mail", key="1", state="dead", finished_at=timezone.now())
    fields = {"action": "try_again", "_selected_action": [dead.pk]}
    response = browser_of(mia).post(changelist(Job), fields, follow=True)
    assert "1 job is queued again." in response.content.decode()
    assert Job.objects.filter(kind="mail", key="1", state="queued").count() == 1
    assert not Job.objects.dead().exists()


def test_the_admins_login_is_allauths(client, db):
    response = client.get(reverse("admin:login"))
    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("helpdesk_gap", "What customers asked and nobody answered well"),
        ("helpdesk_replay", "A change tried out on past tickets"),
        ("qa_engine_evaluationrun", "“manage.py evaluate” measures"),
        ("qa_engine_trainingrun", "A training makes a candidate"),
        ("qa_engine_modelversion", "Start a training under Trainings."),
    ],
)
def test_an_empty_list_says_what_it_is_for(browser_of, mia, page, words):
    html = browser_of(mia).get(reverse(f"admin:{page}_changelist")).content.decode()
    assert words in html
    assert "Nothing here yet" in html
    assert "Create a new item" not in html
