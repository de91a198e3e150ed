"""Past questions asked again: of what was known then, with and without a change."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from knowledge.models import Article, Publication
from knowledge.services import archive, publish, save_revision
from knowledge.types import AGENT, CUSTOMER, ArticleText
from qa_engine import indexing
from qa_engine.answering import engine
from qa_engine.replaying.comparing import closeness
from qa_engine.replaying.overlay import OverlayRetriever
from qa_engine.replaying.past import Past
from qa_engine.replaying.running import replay
from qa_engine.replaying.values import Change, Edit, Outcome, Overlay, PastMessage, Shown
from qa_engine.retrieval import HybridRetriever
from qa_engine.types import DraftRequest
from tests.factories import publish_article

NOW = timezone.now()
SWEDEN = ArticleText("Shipping to Sweden", "Standard shipping to Sweden costs €11.95.")


@pytest.fixture
def old_shop(shop):
    """The shop, whose articles are a year old."""
    Publication.objects.update(shown_from=NOW - timedelta(days=365))
    return shop


def asked(text, *, at=NOW, sent="", key=1):
    return PastMessage(key, DraftRequest(text=text, requester_name=""), at, sent)


def edit(revision, body):
    text = ArticleText(revision.title, body, revision.summary)
    return Change(edits=(Edit(revision.article_id, -1, text, revision.text),))


def write(article_id, body):
    """Publish another text of an article; the revision."""
    article = Article.objects.get(pk=article_id)
    text = ArticleText(article.published_revision.title, body)
    revision = save_revision(article=article, text=text, author=None)
    publish(article=article)
    sync()
    return revision


def sync():
    while indexing.sync_due():
        pass


def test_a_new_article_answers_what_nobody_could(old_shop):
    change = Change(edits=(Edit(-1, -1, SWEDEN),))
    questions = ["How much is standard shipping to Sweden?", "How much is shipping to Norway?"]
    found = replay([asked(q, key=n) for n, q in enumerate(questions)], change, engine())

    assert [one.outcome for one in found] == [Outcome.ANSWERED, Outcome.SAME]
    assert "€11.95" in found[0].after.body
    assert found[1].before is None


def test_an_edit_changes_the_answer(old_shop):
    change = edit(old_shop["norway"], "Standard shipping to Norway costs €16.95.")
    [found] = replay([asked("How much is standard shipping to Norway?")], change, engine())

    assert found.outcome is Outcome.CHANGED
    assert "€14.95" in found.before.body
    assert "€16.95" in found.after.body


def test_an_edit_that_takes_the_answer_away_is_a_loss(old_shop):
    change = Change(hidden=frozenset({old_shop["norway"].article_id}))
    [found] = replay([asked("How much is standard shipping to Norway?")], change, engine())

    assert found.outcome is Outcome.LOST


def test_a_higher_threshold_loses_answers(old_shop):
    [found] = replay(
        [asked("How much is standard shipping to Norway?")], Change(min_confidence=1.1), engine()
    )
    assert found.outcome is Outcome.LOST


def test_march_never_sees_aprils_articles(old_shop):
    """What was published since is hidden, what was changed since reads as it did then."""
    march = timezone.now()
    publish_article(SWEDEN.title, SWEDEN.body)
    norway = Article.objects.get(pk=old_shop["norway"].article_id)
    later = ArticleText(norway.title, "Standard shipping to Norway costs €99.95.")
    save_revision(article=norway, text=later, author=None)
    publish(article=norway)
    archive(article=Article.objects.get(pk=old_shop["returns"].article_id))
    sync()
    retriever = OverlayRetriever(HybridRetriever(), Past(march, CUSTOMER).at(march))
    queries = ["shipping to Sweden", "shipping to Norway", "What does a return label cost?"]
    found = retriever.retrieve(queries, viewer=CUSTOMER, top_k=50)
    texts = {one.text for own in found for one in own}

    assert not any("Sweden" in text or "€99.95" in text for text in texts)
    assert any("€14.95" in text for text in texts)
    assert any("€4.95" in text for text in texts)
    assert not any("goodwill" in text for text in texts)
    assert {one.revision_id for one in found[1] if "Norway" in one.title} == {
        old_shop["norway"].pk
    }


def test_aprils_other_edits_are_no_effect_of_a_suggestion(old_shop):
    """Of a suggestion made of April's text, March sees the edit alone."""
    march = timezone.now()
    norway = old_shop["norway"]
    april = write(norway.article_id, f"{norway.body}\n\nParcels to Norway are insured for €500.")
    change = edit(april, april.body.replace("4 to 7", "5 to 9"))
    questions = [
        "For how much are parcels to Norway insured?",
        "How long do parcels to Norway take?",
    ]
    messages = [asked(text, at=march, key=key) for key, text in enumerate(questions)]
    insured, long = replay(messages, change, engine())
    past = Past(march, CUSTOMER, change)
    [shown] = past.changed(past.at(march), march).overlay.shown

    assert shown.text.body == norway.body.replace("4 to 7", "5 to 9")
    assert "€500" not in (insured.after.body if insured.after else "")
    assert "4 to 7" in long.before.body
    assert "5 to 9" in long.after.body


def test_an_article_of_april_is_not_edited_in_march(old_shop):
    march = timezone.now()
    april = publish_article(SWEDEN.title, SWEDEN.body)
    sync()
    change = edit(april, "Standard shipping to Sweden costs €9.95.")
    question = "How much is standard shipping to Sweden?"
    then, now = replay(
        [asked(question, at=march), asked(question, at=timezone.now(), key=2)], change, engine()
    )
    assert then.outcome is Outcome.SAME
    assert now.outcome is Outcome.CHANGED
    assert "€9.95" in now.after.body


def test_where_the_edit_collides_with_the_days_text_nothing_is_claimed(old_shop):
    """March had another price, so what the edit of April's would have made of it is not known."""
    march = timezone.now()
    norway = old_shop["norway"]
    april = write(norway.article_id, norway.body.replace("€14.95", "€15.95"))
    change = edit(april, april.body.replace("€15.95", "€16.95"))
    questions = ["How much is standard shipping to Norway?", "What does a return label cost?"]
    messages = [asked(text, at=march, key=key) for key, text in enumerate(questions)]
    [price, label] = replay(messages, change, engine())

    assert (price.outcome, price.before, price.after) == (Outcome.UNTOLD, None, None)
    assert label.outcome is Outcome.SAME


def test_what_was_merged_in_must_have_said_the_same_on_the_day(old_shop):
    march = timezone.now()
    norway, other = old_shop["norway"], publish_article("Parcels to Norway", "Norway: 4 days.")
    Publication.objects.filter(article=other.article).update(shown_from=NOW - timedelta(days=9))
    both = edit(norway, f"{norway.body}\n\nNorway: 4 days.")
    change = Change(both.edits, hidden=frozenset({other.article_id}))
    past = Past(march, CUSTOMER, change)
    before_it = NOW - timedelta(days=20)
    earlier = Past(before_it, CUSTOMER, change)

    assert past.changed(past.at(march), march).is_certain
    state = earlier.at(before_it)
    assert earlier.changed(state, before_it).overlay == state
    write(other.article_id, "Norway: 5 days.")
    past = Past(march, CUSTOMER, change)
    assert not past.changed(past.at(march), march).is_certain


def test_what_is_internal_is_replayed_for_agents_alone(old_shop):
    before = timezone.now()
    goodwill = Article.objects.get(pk=old_shop["goodwill"].article_id)
    text = ArticleText(goodwill.title, "Agents may grant up to €50.")
    save_revision(article=goodwill, text=text, author=None)
    publish(article=goodwill)
    Publication.objects.filter(article=goodwill).update(visibility="internal")

    assert Past(before, CUSTOMER).at(before).shown == ()
    assert [one.article_id for one in Past(before, AGENT).at(before).shown] == [goodwill.pk]


def test_an_overlay_scores_as_the_index_would(old_shop):
    """The same article is found with the same scores whether it is indexed or laid over."""
    query = ["How much is standard shipping to Norway?"]
    [indexed] = HybridRetriever().retrieve(query, viewer=CUSTOMER, top_k=1)
    norway = old_shop["norway"]
    overlay = Overlay(
        frozenset({norway.article_id}), (Shown(norway.article_id, norway.pk, norway.text),)
    )
    [laid] = OverlayRetriever(HybridRetriever(), overlay).retrieve(query, viewer=CUSTOMER, top_k=1)

    assert laid[0].text == indexed[0].text
    assert laid[0].score == pytest.approx(indexed[0].score, abs=0.01)
    assert laid[0].lanes == pytest.approx(indexed[0].lanes, abs=0.01)


def test_a_draft_further_from_what_was_sent_is_worse(old_shop):
    change = edit(
        old_shop["norway"],
        "Standard shipping to Norway costs whatever size, season and fuel make of it.",
    )
    sent = "Standard shipping to Norway costs €14.95. Parcels take 4 to 7 working days."
    [found] = replay(
        [asked("How much is standard shipping to Norway?", sent=sent)], change, engine()
    )
    assert found.outcome.is_loss


def test_nothing_to_replay_is_nothing():
    assert replay([], Change(), engine=None) == []


def test_closeness_counts_shared_words():
    assert closeness("The jacket is blue", "The jacket is blue") == 1
    assert closeness("The jacket is blue", "Refunds take days") == 0
