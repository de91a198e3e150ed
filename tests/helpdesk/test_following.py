"""From a changed policy text to edits that wait, drafts that are held, and new drafts."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from helpdesk import following, holding
from helpdesk.exceptions import DraftHeld
from helpdesk.models import Draft, DraftHold, Job
from helpdesk.services.drafts import approve_draft
from helpdesk.work import run_batch
from knowledge.models import FactChange, FactPlace, SourceVersion, Suggestion
from knowledge.services.sources import add_version
from knowledge.services.suggestions import accept, dismiss
from knowledge.sourcing.reading import read_pasted
from qa_engine import indexing
from tests.factories import MessageFactory, TicketFactory, publish_article

RETURNS = "Unused items can be returned within {} of delivery. Keep the receipt."


@pytest.fixture
def shop(db):
    """An article on returns, and one that holds the same number about something else."""
    articles = {
        "returns": publish_article(
            "Returning an item within 30 days",
            "You can return any unused item within thirty days of delivery.\n\n"
            "## When the 30 days end\n\nKeep the receipt until then.",
        ),
        "care": publish_article("Washing a jacket", "Wash the jacket at 30 °C every 30 days."),
    }
    while indexing.sync_due():
        pass
    return articles


def version(days: str) -> SourceVersion:
    text = RETURNS.format(days)
    return add_version(name="Returns policy", source=read_pasted("policy", text)).version


def work(kind: str) -> None:
    while run_batch(kind, limit=8):
        pass


@pytest.fixture
def draft(shop, rex):
    """Rex asked, and the waiting draft quotes the article on returns."""
    ticket = TicketFactory(requester=rex)
    message = MessageFactory(
        ticket=ticket, author=rex, body="Within how many days can I return an unused item?"
    )
    from helpdesk import drafting, jobs

    jobs.enqueue(Job.Kind.DRAFT, drafting.job_key(message, 1))
    work("draft")
    draft = Draft.objects.get(ticket=ticket)
    assert "thirty days" in draft.body
    return draft


def change_policy() -> Suggestion:
    version("30 days")
    work("source")
    version("14 days")
    work("source")
    return Suggestion.objects.get()


def test_a_changed_policy_proposes_one_edit_with_every_place(shop):
    suggestion = change_policy()

    assert suggestion.article_id == shop["returns"].article_id
    assert suggestion.title == "Returning an item within 14 days"
    assert "within fourteen days of delivery" in suggestion.body
    assert "## When the 14 days end" in suggestion.body
    assert "14 days" in suggestion.rationale
    assert suggestion.evidence.get().source_version_id == SourceVersion.objects.latest("pk").pk
    change = FactChange.objects.exclude(kind="added").get()
    assert change.places.filter(is_sure=True).count() == 3


def test_a_draft_on_the_old_fact_is_held_and_the_database_keeps_it(draft, ada):
    change_policy()

    [reason] = holding.open_reasons(draft)
    assert "14 days" in reason
    with pytest.raises(DraftHeld), transaction.atomic():
        approve_draft(draft=draft, by=ada)
    with pytest.raises(IntegrityError), transaction.atomic():
        Draft.objects.filter(pk=draft.pk).update(state="approved", decided_by=ada,
                                                 decided_at=draft.created_at)  # fmt: skip


def test_an_agent_who_read_the_reason_may_send_it(draft, ada):
    change_policy()

    approve_draft(draft=draft, by=ada, despite_hold=True)

    hold = DraftHold.objects.get()
    assert (hold.outcome, hold.released_by) == ("overridden", ada)


def test_a_draft_written_while_it_is_unsettled_is_held_too(shop, rex, ada):
    change_policy()
    ticket = TicketFactory(requester=rex)
    message = MessageFactory(
        ticket=ticket, author=rex, body="Within how many days can I return an unused item?"
    )
    from helpdesk import drafting, jobs

    jobs.enqueue(Job.Kind.DRAFT, drafting.job_key(message, 1))
    work("draft")

    with pytest.raises(DraftHeld), transaction.atomic():
        approve_draft(draft=Draft.objects.get(ticket=ticket), by=ada)


def test_accepting_drafts_anew_with_the_new_fact(draft, mia, ada):
    suggestion = change_policy()

    accept(suggestion=suggestion, reviewer=mia)
    work("index")
    following.settle()
    work("draft")

    new = Draft.objects.get(ticket=draft.ticket, state=Draft.State.WAITING)
    assert "fourteen days" in new.body
    assert "thirty days" not in new.body
    assert holding.open_reasons(new) == []
    approve_draft(draft=new, by=ada)


def test_dismissing_lets_the_draft_go(draft, mia, ada):
    suggestion = change_policy()

    dismiss(suggestion=suggestion, reviewer=mia, reason="wrong")
    work("source")

    assert DraftHold.objects.get().outcome == "settled"
    approve_draft(draft=draft, by=ada)


def test_a_third_version_replaces_the_suggestion_of_the_second(shop):
    first = change_policy()
    version("60 days")
    work("source")

    first.refresh_from_db()
    assert first.state == Suggestion.State.SUPERSEDED
    assert "sixty days" in Suggestion.objects.open().get().body


def test_a_policy_that_goes_back_leaves_nothing_open(draft, ada):
    change_policy()
    version("30 days")
    work("source")

    assert not Suggestion.objects.open().exists()
    assert not FactPlace.objects.filter(settled_at=None).exists()
    following.settle()
    approve_draft(draft=draft, by=ada)


FEED = "id,name,price\nC,Cairn jacket,{}\nT,Tarn tent,449\n"


def test_a_feed_changes_prices_retires_and_adds_products(db, mia):
    jacket = publish_article("Cairn jacket", "The Cairn costs €249.\n\nA footprint costs €249.")
    publish_article("Tarn tent", "The Tarn costs €449.")

    def feed(text: str) -> None:
        add_version(name="Products", source=read_pasted("feed", text))
        work("source")

    feed(FEED.format(249))
    assert not Suggestion.objects.exists()
    feed("id,name,price\nC,Cairn jacket,259.95\nB,Brook filter,45\n")

    by_kind = {one.kind: one for one in Suggestion.objects.all()}
    assert by_kind["edit"].article == jacket.article
    assert "The Cairn costs €259.95." in by_kind["edit"].body
    assert "A footprint costs €249." in by_kind["edit"].body
    assert by_kind["retire"].title == "Tarn tent"
    assert by_kind["new"].title == "Brook filter"
    assert by_kind["new"].body.startswith("The Brook filter costs €45.")


def test_a_version_never_changes(shop):
    stored = version("30 days")
    with pytest.raises(IntegrityError), transaction.atomic():
        SourceVersion.objects.filter(pk=stored.pk).update(text="else")


def test_comparing_twice_changes_nothing(shop):
    change_policy()
    SourceVersion.objects.update(state="waiting", compared_at=None)
    for stored in SourceVersion.objects.all():
        from qa_engine.services import compare_version

        compare_version(stored.pk)

    assert Suggestion.objects.count() == 1


def add_sentence(sentence: str) -> None:
    version("30 days")
    work("source")
    text = f"{RETURNS.format('30 days')} {sentence}"
    add_version(name="Returns policy", source=read_pasted("policy", text))
    work("source")


def test_a_sentence_that_a_policy_adds_is_put_into_the_article_about_it_and_holds_nothing(
    draft, shop, browser_of, mia
):
    add_sentence("A returned item must be unused and in its delivery packaging.")

    suggestion = Suggestion.objects.get()
    source = SourceVersion.objects.latest("pk").document_id
    page = browser_of(mia).get(f"/admin/knowledge/sourcedocument/{source}/change/")
    assert f"/admin/knowledge/suggestion/{suggestion.pk}/change/" in page.content.decode()
    base = shop["returns"]
    assert (suggestion.kind, suggestion.article_id) == ("edit", base.article_id)
    assert "must be unused and in its delivery packaging" in suggestion.body
    assert "within thirty days of delivery" in suggestion.body
    assert suggestion.evidence.get().source_version_id == SourceVersion.objects.latest("pk").pk
    assert not DraftHold.objects.exists()


@pytest.mark.parametrize(
    "sentence",
    [
        "You can return any unused item within thirty days of delivery.",  # said already
        "Journalists may use our photos free of charge.",  # no article is about it
    ],
)
def test_what_is_said_already_or_belongs_to_no_article_proposes_nothing(shop, sentence):
    add_sentence(sentence)
    assert FactChange.objects.filter(new=sentence, kind="added").exists()
    assert not Suggestion.objects.exists()


def test_an_addition_that_is_taken_back_is_no_longer_proposed(shop):
    add_sentence("A returned item must be unused and in its delivery packaging.")
    version("30 days")
    work("source")

    assert not Suggestion.objects.open().exists()
