"""Groups of readers on the staff side: who reads an article, and who is in which group."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from helpdesk.roles import sync_groups
from knowledge.models import ReaderGroup, ReaderGroupMember
from knowledge.services import join_group
from tests.knowledge.factories import again, restricted
from tests.knowledge.test_admin import change_url, filled

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(browser_of, mia):
    sync_groups()
    return browser_of(mia)


def test_an_admin_restricts_an_article_to_groups(admin, article, wholesale):
    page = admin.get(change_url(article)).content.decode()
    assert "Wholesale customers (nobody yet: only agents read it)" in page
    said = filled(article, visibility="restricted", reader_groups=[wholesale.pk])
    assert admin.post(change_url(article), said).status_code == 302
    article.refresh_from_db()
    assert (article.visibility, article.reader_groups) == ("restricted", [wholesale.pk])
    chosen = f'<option value="{wholesale.pk}" selected>'
    assert chosen in admin.get(change_url(article)).content.decode()


@pytest.mark.parametrize("visibility", ["public", "internal", "restricted"])
def test_the_form_wants_both_or_neither(admin, article, wholesale, visibility):
    groups = [] if visibility == "restricted" else [wholesale.pk]
    said = filled(article, visibility=visibility, reader_groups=groups)
    assert admin.post(change_url(article), said).status_code == 422
    article.refresh_from_db()
    assert (article.visibility, article.reader_groups) == ("public", [])


def test_the_list_names_the_groups_and_filters_by_one(admin, prices, club, article):
    address = reverse("admin:knowledge_article_changelist")
    assert "Wholesale customers" in admin.get(address).content.decode()
    found = admin.get(address, {"readers": prices.reader_groups[0]}).context["cl"].result_list
    assert [one.pk for one in found] == [prices.pk]
    assert not admin.get(address, {"readers": club.pk}).context["cl"].result_list
    assert admin.get(address, {"readers": "x" * 40}).status_code == 200


def test_the_lists_cost_the_same_queries_however_many_groups(admin, wholesale, wim):
    for name in ("knowledge_article", "knowledge_readergroup"):
        address = reverse(f"admin:{name}_changelist")
        counts = []
        for more in (1, 8):
            for number in range(more):
                group = ReaderGroup.objects.create(name=f"{name} {more} {number}")
                join_group(group=group, person=wim)
                restricted(f"{name} {more} {number}", group, wholesale)
            admin.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert admin.get(address).status_code == 200
            counts.append(len(queries))
        assert counts[0] == counts[1]


def management(prefix: str, *rows: dict[str, object], initial: int = 0) -> dict[str, object]:
    form: dict[str, object] = {
        f"{prefix}-TOTAL_FORMS": len(rows),
        f"{prefix}-INITIAL_FORMS": initial,
    }
    for number, row in enumerate(rows):
        form |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return form


def test_people_join_and_leave_on_the_groups_page(admin, wholesale, wim, olga):
    address = reverse("admin:knowledge_readergroup_change", args=[wholesale.pk])
    assert "1 person, and agents" in admin.get(address).content.decode()
    row = ReaderGroupMember.objects.get()
    said = {"name": wholesale.name, "description": ""} | management(
        "memberships",
        {"id": row.pk, "group": wholesale.pk, "person": wim.pk, "DELETE": "on"},
        {"id": "", "group": wholesale.pk, "person": olga.pk},
        initial=1,
    )
    assert admin.post(address, said).status_code == 302
    assert [one.person for one in ReaderGroupMember.objects.all()] == [olga]


def paste(admin, group, addresses):
    row = ReaderGroupMember.objects.filter(group=group).first()
    rows = [{"id": row.pk, "group": group.pk, "person": row.person_id}] if row else []
    said = {"name": group.name, "description": "", "addresses": addresses}
    said |= management("memberships", *rows, initial=len(rows))
    address = reverse("admin:knowledge_readergroup_change", args=[group.pk])
    return admin.post(address, said, follow=True).content.decode()


def test_people_are_added_by_a_list_of_addresses(admin, wholesale, wim, olga):
    page = paste(admin, wholesale, f"{olga.email.upper()}; {wim.email},\nnew@example.com\n")
    assert {one.person for one in ReaderGroupMember.objects.all()} == {wim, olga}
    assert "1 person was added." in page
    assert "new@example.com. Add them again" in page


def test_a_list_with_what_is_no_address_adds_nobody_and_is_kept(admin, wholesale, olga):
    page = paste(admin, wholesale, f"{olga.email}\nolga at example")
    assert "Not an e-mail address: olga, at, example. Nobody was added." in page
    assert f"{olga.email}\nolga at example" in page
    assert not ReaderGroupMember.objects.filter(person=olga).exists()
    many = paste(admin, wholesale, ",".join(f"a{n}@example.com" for n in range(2_001)))
    assert "At most 2000 at a time, please; these are 2001." in many


def test_a_customers_page_shows_their_groups_and_adds_one(admin, wim, club):
    address = reverse("admin:helpdesk_user_change", args=[wim.pk])
    assert "Wholesale customers" in admin.get(address).content.decode()
    row = ReaderGroupMember.objects.get()
    said = {"email": wim.email, "name": wim.name, "role": "requester", "is_active": "on"}
    said |= management(
        "reader_memberships",
        {"id": row.pk, "person": wim.pk, "group": row.group_id},
        {"id": "", "person": wim.pk, "group": club.pk},
        initial=1,
    )
    assert admin.post(address, said).status_code == 302
    assert again(wim).reader_group_ids == tuple(sorted((row.group_id, club.pk)))


def test_people_are_listed_by_their_group(admin, wim, olga, wholesale):
    address = reverse("admin:helpdesk_user_changelist")
    found = admin.get(address, {"reader_groups__id__exact": wholesale.pk}).context["cl"]
    assert list(found.result_list) == [wim]


def test_a_group_with_articles_has_no_delete_button(admin, prices, wholesale, club):
    for group, status in ((wholesale, 403), (club, 200)):
        address = reverse("admin:knowledge_readergroup_delete", args=[group.pk])
        assert admin.get(address).status_code == status


def test_an_empty_group_says_that_nobody_but_agents_reads_it(admin, club):
    for address in (
        reverse("admin:knowledge_readergroup_changelist"),
        reverse("admin:knowledge_readergroup_change", args=[club.pk]),
    ):
        assert "only agents read its articles" in admin.get(address).content.decode()
