"""Contributor, reviewer, publisher: from a draft to what readers see, and who did what."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from helpdesk.roles import set_role
from knowledge.exceptions import ArticleInvalid, ArticleMovedOn, NotAllowed
from knowledge.exchange.importing import Import
from knowledge.exchange.reading import Record
from knowledge.models import Article, ArticleEvent
from knowledge.owning import categories_of, owner_of
from knowledge.services import (
    approve,
    archive,
    category_at,
    change_details,
    confirm,
    look_after,
    publish,
    rename,
    restore,
    save_revision,
    send_back,
    submit_for_review,
    unpublish,
    withdraw,
)
from knowledge.services.suggestions import accept, dismiss, propose
from knowledge.services.upkeep import REVIEW_AFTER
from knowledge.types import ArticleDetails, ArticleText
from tests.factories import NO_GROUPS
from tests.knowledge.factories import make_article, make_proposal
from tests.knowledge.test_admin import change_url, filled

pytestmark = pytest.mark.django_db
NEW = ArticleText("Returns", "Unused items can be returned within **60 days**.")


@pytest.fixture
def draft(cai):
    article = make_article("Kayaks", "Yes, by lorry.", is_published=False)
    save_revision(article=article, text=ArticleText("Kayaks", "Yes, by truck."), author=cai)
    article.refresh_from_db()
    return article


def steps(article: Article) -> list[tuple[str, str]]:
    rows = ArticleEvent.objects.filter(article=article).order_by("pk").select_related("by")
    return [(row.kind, row.by.name.split()[0] if row.by else "") for row in rows]


def step_url(article: Article, step: str) -> str:
    return reverse("admin:knowledge_article_step", args=[article.pk, step])


def test_from_a_draft_to_readers_by_three_people_and_who_did_what_is_kept(
    draft, cai, rhea, pia, changes
):
    submit_for_review(article=draft, by=cai, comment="Is truck right?")
    assert (draft.state, draft.review_asked_by) == ("in_review", cai)
    send_back(article=draft, by=rhea, comment="Say how long it takes.")
    assert (draft.state, draft.is_in_review) == ("draft", False)
    text = ArticleText("Kayaks", "Yes, by truck, in 9 days.")
    save_revision(article=draft, text=text, author=cai)
    submit_for_review(article=draft, by=cai)
    approve(article=draft, by=rhea, revision=draft.review_revision)
    assert (draft.state, draft.approved_by) == ("in_review", rhea)
    assert changes == []
    publish(article=draft, by=pia)
    assert (draft.state, draft.is_in_review, draft.published_by) == ("published", False, pia)
    assert draft.publications.count() == 1
    archive(article=draft, by=pia)
    restore(article=draft, by=cai)
    assert draft.state == "draft"
    assert steps(draft) == [
        ("submitted", "Cai"), ("sent_back", "Rhea"), ("submitted", "Cai"), ("approved", "Rhea"),
        ("published", "Pia"), ("archived", "Pia"), ("restored", "Cai"),
    ]  # fmt: skip


@pytest.mark.parametrize("who", ["ada", "cai", "rhea"])
def test_only_who_may_publish_decides_what_readers_see(request, article, who):
    person = request.getfixturevalue(who)
    save_revision(article=article, text=NEW)
    for decide in (publish, archive, unpublish):
        with pytest.raises(NotAllowed):
            decide(article=article, by=person)
    with pytest.raises(NotAllowed):
        change_details(article=article, details=ArticleDetails("internal"), by=person)
    with pytest.raises(NotAllowed):
        rename(article=article, slug="elsewhere", by=person)
    article.refresh_from_db()
    assert (article.state, article.published_revision.number) == ("published", 1)


def test_who_only_answers_tickets_does_not_ask_and_a_contributor_does_not_approve(draft, ada, cai):
    with pytest.raises(NotAllowed):
        submit_for_review(article=draft, by=ada)
    submit_for_review(article=draft, by=cai)
    with pytest.raises(NotAllowed):
        approve(article=draft, by=cai)
    with pytest.raises(NotAllowed):
        send_back(article=draft, by=cai, comment="No.")


def test_nobody_approves_their_own_text(draft, rhea):
    save_revision(article=draft, text=NEW, author=rhea)
    submit_for_review(article=draft, by=rhea)
    with pytest.raises(NotAllowed, match="somebody else"):
        approve(article=draft, by=rhea)


def test_a_text_saved_after_the_approval_has_to_be_approved_anew(draft, cai, rhea):
    submit_for_review(article=draft, by=cai)
    read = draft.review_revision
    approve(article=draft, by=rhea, revision=read)
    save_revision(article=draft, text=NEW, author=cai)
    draft.refresh_from_db()
    assert (draft.approved_at, draft.review_revision) == (None, draft.head)
    with pytest.raises(ArticleMovedOn):
        approve(article=draft, by=rhea, revision=read)


def test_an_article_that_readers_see_stays_while_its_next_text_is_reviewed(article, cai, mia):
    with pytest.raises(ArticleInvalid, match="nothing to review"):
        submit_for_review(article=article, by=cai)
    save_revision(article=article, text=NEW, author=cai)
    submit_for_review(article=article, by=cai)
    assert (article.state, article.is_in_review) == ("published", True)
    publish(article=article, by=mia, revision=article.revisions.get(number=1))
    assert article.is_in_review
    withdraw(article=article, by=cai)
    assert (article.state, article.is_in_review) == ("published", False)


def test_sending_back_says_why_and_what_nobody_asks_for_is_not_decided(draft, cai, rhea):
    with pytest.raises(ArticleInvalid, match="Nobody asks"):
        send_back(article=draft, by=rhea, comment="No.")
    submit_for_review(article=draft, by=cai)
    with pytest.raises(ArticleInvalid, match="say what"):
        send_back(article=draft, by=rhea, comment="  ")


def test_an_accepted_suggestion_of_a_contributor_waits_for_its_review(article, cai, rhea):
    suggestion = propose(make_proposal(article.head)).suggestion
    with pytest.raises(NotAllowed):
        dismiss(suggestion=suggestion, reviewer=cai, reason="wrong")
    accept(suggestion=suggestion, reviewer=cai)
    article.refresh_from_db()
    assert (article.head.number, article.published_revision.number) == (2, 1)
    assert article.review_revision == article.head
    approve(article=article, by=rhea) if article.head.author != rhea else None
    assert article.approved_by == rhea


def test_what_a_contributor_imports_are_drafts(cai, pia):
    record = Record("line 1", {"title": "Skis", "body": "Yes.", "external_id": "1"})
    [said] = Import(by=cai).run([record])
    article = Article.objects.get(external_id="1")
    assert (said.outcome, article.state) == ("created", "draft")
    [said] = Import(by=pia).run([Record("line 1", record.fields | {"body": "No, sorry."})])
    article.refresh_from_db()
    assert (said.outcome, article.head.body) == ("updated", "No, sorry.")


def test_the_page_offers_each_person_what_they_may_do(browser_of, draft, cai, rhea, pia):
    offered = {}
    submit_for_review(article=draft, by=cai, comment="Is truck right?")
    for person in (cai, rhea, pia):
        said = browser_of(person).get(change_url(draft)).content.decode()
        assert "Is truck right?" in said
        words = ("Approve</button>", 'value="publish"', 'value="archive"', 'value="review"')
        offered[person] = [word in said for word in words]
    assert offered == {
        cai: [False, False, False, True],
        rhea: [True, False, False, True],
        pia: [True, True, True, True],
    }


def test_a_review_is_asked_for_decided_and_published_in_the_admin(browser_of, article, cai, pia):
    writer, publisher = browser_of(cai), browser_of(pia)
    data = filled(article, action="review", note="Now 60 days", significance="major")
    assert writer.post(change_url(article), data).status_code == 302
    article.refresh_from_db()
    assert (article.is_in_review, article.head.significance) == (True, "major")
    assert writer.post(step_url(article, "publish")).status_code == 403
    stale = {"revision": article.revisions.get(number=1).pk, "comment": "x"}
    said = publisher.post(step_url(article, "approve"), stale, follow=True).content.decode()
    assert "saved a newer revision" in said
    read = {"revision": article.review_revision_id, "comment": "Good"}
    publisher.post(step_url(article, "approve"), read)
    publisher.post(step_url(article, "publish"), read)
    article.refresh_from_db()
    assert (article.published_revision.number, article.is_in_review) == (2, False)
    history = reverse("admin:knowledge_article_history", args=[article.pk])
    assert "Now 60 days" in writer.get(history).content.decode()
    assert publisher.post(step_url(article, "dance")).status_code == 404


def test_a_contributor_cannot_change_what_readers_see_with_the_form_either(
    browser_of, article, cai
):
    writer = browser_of(cai)
    data = filled(article, action="save", visibility="internal", slug="elsewhere")
    writer.post(change_url(article), data)
    article.refresh_from_db()
    assert (article.visibility, article.slug, article.head.number) == ("public", "returns", 2)
    response = writer.post(change_url(article), filled(article, action="publish"))
    assert response.status_code == 422
    assert "You may not decide what readers see" in response.content.decode()


def test_an_editorial_role_is_given_in_the_admin_and_goes_with_the_agents_role(
    browser_of, mia, ada
):
    admin = browser_of(mia)
    address = reverse("admin:helpdesk_user_change", args=[ada.pk])
    said = NO_GROUPS | {"email": ada.email, "name": ada.name, "role": "agent", "is_active": "on"}
    admin.post(address, said | {"editorial_role": "reviewer"})
    ada = type(ada).objects.get(pk=ada.pk)
    assert (ada.editorial_role, ada.has_perm("knowledge.review_article")) == ("reviewer", True)
    assert not ada.has_perm("knowledge.publish_article")
    admin.post(address, said | {"role": "requester", "editorial_role": "reviewer"})
    ada = type(ada).objects.get(pk=ada.pk)
    assert (ada.role, ada.editorial_role, ada.groups.count()) == ("requester", "", 0)


def test_an_article_falls_to_the_owner_of_its_shelf_and_who_owns_it_confirms_it(
    browser_of, mia, cai, bo
):
    shelf = category_at(path=["Products", "Tents"])
    article = make_article(category=shelf)
    form = {"name": "Products", "slug": "products", "position": 0, "owner": cai.pk}
    address = reverse("admin:knowledge_category_change", args=[shelf.parent_id])
    assert browser_of(mia).post(address, form).status_code == 302
    article = Article.objects.get(pk=article.pk)
    assert (owner_of(article), set(categories_of(cai.pk))) == (cai, {shelf.parent_id, shelf.pk})
    day = timezone.localdate()
    look_after(article=article, owner=None, review_by=day - timedelta(days=1), by=mia)
    assert "Its review was due" in browser_of(cai).get(change_url(article)).content.decode()
    browser_of(cai).post(step_url(article, "confirm"), {"next_review": ""})
    article.refresh_from_db()
    assert article.review_by == day + REVIEW_AFTER
    look_after(article=article, owner=bo, review_by=article.review_by, by=mia)
    assert owner_of(article) == bo
    with pytest.raises(NotAllowed, match="owner or a reviewer"):
        confirm(article=article, by=cai)


def test_admins_may_do_all_of_it_and_a_changed_role_takes_its_group_along(mia, pia):
    permissions = [f"knowledge.{what}_article" for what in ("change", "review", "publish")]
    assert mia.has_perms(permissions)
    assert pia.has_perms(permissions)
    set_role(user=pia, role="agent", editorial_role="contributor")
    pia = type(pia).objects.get(pk=pia.pk)
    assert [pia.has_perm(one) for one in permissions] == [True, False, False]


def test_an_owner_who_only_reads_articles_may_say_that_theirs_still_holds(
    browser_of, article, ada, bo
):
    look_after(article=article, owner=ada, review_by=timezone.localdate(), by=None)
    url = change_url(article)
    assert "It still holds" in browser_of(ada).get(url).content.decode()
    assert "It still holds" not in browser_of(bo).get(url).content.decode()
    assert browser_of(bo).post(step_url(article, "confirm")).status_code == 403
    assert browser_of(ada).post(step_url(article, "confirm")).status_code == 302
    article.refresh_from_db()
    assert article.review_by == timezone.localdate() + REVIEW_AFTER
    assert browser_of(ada).post(step_url(article, "submit")).status_code == 403
