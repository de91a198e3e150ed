"""Drafts that quote what nobody is sure of stay held until that very question is answered."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from helpdesk import drafting, jobs
from helpdesk.models import Draft, DraftHold, Job, Message
from helpdesk.services.drafts import approve_draft
from helpdesk.work import run_batch
from knowledge.exceptions import NotAllowed
from knowledge.models import Article, FactPlace, SourceDocument, Suggestion
from knowledge.services import publish, save_revision
from knowledge.services.settling import say_not_about_it
from knowledge.services.sources import add_version
from knowledge.services.suggestions import accept, dismiss, expire
from knowledge.sourcing.reading import read_pasted
from knowledge.types import ArticleText
from tests.factories import MessageFactory, TicketFactory
from tests.knowledge.factories import make_article

RETURNS = "Unused items can be returned within {} of delivery. Keep the receipt."
CARE = "Wash the jacket at 30 °C every 30 days."


def work(*kinds: str) -> None:
    for kind in kinds:
        while run_batch(kind, limit=8):
            pass


def change_policy() -> None:
    for days in ("30 days", "14 days"):
        text = read_pasted("policy", RETURNS.format(days))
        add_version(name="Returns policy", source=text)
        work("source")


def rewrite(article: Article, body: str) -> None:
    article.refresh_from_db()
    assert article.head is not None
    revision = save_revision(
        article=article, text=ArticleText(article.head.title, body), author=None,
        base_revision=article.head,
    )  # fmt: skip
    publish(article=article, revision=revision)
    work("index", "source", "draft")


def ask(rex, body: str = "How often should I wash the jacket?") -> Draft:
    message: Message = MessageFactory(ticket=TicketFactory(requester=rex), author=rex, body=body)
    jobs.enqueue(Job.Kind.DRAFT, drafting.job_key(message, 1))
    work("draft")
    return Draft.objects.get(message=message)


@pytest.fixture
def care(db) -> Article:
    """It holds the number of days about something else."""
    return make_article("Washing a jacket", CARE)


@pytest.fixture
def held(care, rex) -> Draft:
    """A draft that quotes it, held since the policy changed; no article states the policy."""
    make_article("Gift cards", "A gift card never expires.")
    work("index")
    draft = ask(rex)
    assert "every 30 days" in draft.body
    change_policy()
    assert not Suggestion.objects.filter(kind="edit").exists()
    assert is_held(draft)
    return draft


def is_held(draft: Draft) -> bool:
    return DraftHold.objects.filter(draft=draft, released_at=None).exists()


def test_publishing_another_article_leaves_the_draft_held(held):
    rewrite(Article.objects.get(slug="gift-cards"), "A gift card lasts for ten years.")

    assert is_held(held)


def test_whoever_says_that_it_is_not_about_it_lets_the_draft_go(held, browser_of, mia, ada):
    document = SourceDocument.objects.get()
    place = FactPlace.objects.get()
    page = f"/admin/knowledge/sourcedocument/{document.pk}/"
    shown = browser_of(mia).get(f"{page}change/").content.decode()
    assert "This is not about it" in shown
    assert f'name="place" value="{place.pk}"' in shown

    answer = browser_of(mia).post(f"{page}settle/", {"place": [place.pk]})
    work("source")

    assert answer.status_code == 302
    assert DraftHold.objects.get().outcome == "settled"
    place.refresh_from_db()
    assert place.settled_by == mia
    assert place.settled_at is not None
    after = browser_of(mia).get(f"{page}change/").content.decode()
    assert "Mia Hart said on" in after
    assert "This is not about it" not in after
    approve_draft(draft=held, by=ada)


def test_an_agent_may_not_say_so(held, browser_of, ada):
    document = SourceDocument.objects.get()
    place = FactPlace.objects.get()
    page = f"/admin/knowledge/sourcedocument/{document.pk}/settle/"

    assert browser_of(ada).post(page, {"place": [place.pk]}).status_code == 403
    with pytest.raises(NotAllowed):
        say_not_about_it(document=document, places=[place.pk], by=ada)

    work("source")
    assert is_held(held)


def test_it_is_said_of_places_of_that_source_only(held, mia):
    other = add_version(name="Repairs", source=read_pasted("policy", "Zips are free.")).version

    settled = say_not_about_it(
        document=other.document, places=[FactPlace.objects.get().pk], by=mia
    )

    assert settled == 0


def test_an_edit_that_waits_is_decided_and_not_said_away(db, mia):
    make_article("Returns", "You can return any unused item within thirty days of delivery.")
    change_policy()
    place = FactPlace.objects.get(suggestion__state="open")

    settled = say_not_about_it(document=SourceDocument.objects.get(), places=[place.pk], by=mia)

    assert settled == 0


def test_deciding_on_the_fact_settles_what_nobody_was_sure_of(care, rex, mia):
    make_article("Returns", "You can return any unused item within thirty days of delivery.")
    work("index")
    draft = ask(rex)
    change_policy()
    assert is_held(draft)

    accept(suggestion=Suggestion.objects.open().get(kind="edit"), reviewer=mia)
    work("index", "source")

    assert not is_held(draft)


def test_a_draft_on_the_words_in_their_place_is_free(held, care):
    rewrite(care, "Wash the jacket at 30 °C once a month.")

    assert not FactPlace.objects.filter(settled_at=None).exists()
    new = Draft.objects.waiting().get(ticket=held.ticket)
    assert "once a month" in new.body
    assert not is_held(new)


def test_a_place_follows_its_words_into_the_newer_text(held, care, rex):
    rewrite(care, f"Close every zip first. {CARE}")

    place = FactPlace.objects.get()
    care.refresh_from_db()
    assert place.revision == care.published_revision
    assert place.revision.body[place.start : place.end] == place.quote
    assert place.settled_at is None
    assert is_held(held)
    assert is_held(ask(rex))


def test_what_a_source_says_does_not_expire(db):
    make_article("Returns", "You can return any unused item within thirty days of delivery.")
    change_policy()

    assert expire(unseen_since=timezone.now()) == 0
    assert Suggestion.objects.open().exists()


def test_who_settled_a_place_did_so_at_some_time(held, mia):
    refused = pytest.raises(IntegrityError, match="fact_place_settled_by_somebody_at_some_time")
    with refused, transaction.atomic():
        FactPlace.objects.update(settled_by=mia)


def test_the_edits_page_counts_the_drafts_that_are_held_for_it_and_leads_to_them(
    db, rex, mia, browser_of
):
    make_article("Returns", "You can return any unused item within thirty days of delivery.")
    work("index")
    held = [ask(rex, "Within how many days can I return an unused item?") for _ in range(2)]
    other = TicketFactory(requester=rex, subject="Something else")
    change_policy()
    suggestion = Suggestion.objects.get(kind="edit")
    page = f"/admin/knowledge/suggestion/{suggestion.pk}/change/"
    inbox = f"/admin/helpdesk/ticket/?tab=all&held={suggestion.pk}"

    shown = browser_of(mia).get(page).content.decode()
    assert "2 drafts are held until this is settled." in shown
    assert inbox.replace("&", "&amp;") in shown
    rows = browser_of(mia).get(inbox).context["page"].rows
    assert {row.ticket for row in rows} == {draft.ticket for draft in held}
    assert other not in {row.ticket for row in rows}

    dismiss(suggestion=suggestion, reviewer=mia, reason="wrong")
    work("source")
    assert "held until this is settled" not in browser_of(mia).get(page).content.decode()
    assert browser_of(mia).get(inbox).context["page"].rows == []
