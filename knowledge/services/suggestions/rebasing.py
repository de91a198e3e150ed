"""Keeping open suggestions in step with articles that move on."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from knowledge.merging import merge_texts
from knowledge.models import Article, Revision, Suggestion
from knowledge.paragraphs import paragraphs
from knowledge.signals import suggestion_proposed
from knowledge.types import ArticleText


def text_for_head(suggestion: Suggestion, head: Revision) -> ArticleText | None:
    """What the article would say if accepted now; None where the edit cannot follow.

    Pure but for the base revision, which is read if it is not there yet.
    """
    base = suggestion.base_revision
    assert base is not None
    if suggestion.kind == Suggestion.Kind.RETIRE:
        return head.text
    proposed = ArticleText(suggestion.title, suggestion.body, suggestion.summary)
    return merge_texts(base.text, proposed, head.text)


@transaction.atomic
def rebase(suggestion: Suggestion) -> bool:
    """Move an open suggestion to the article's newest revision; whether that was possible.

    One that cannot follow stays as it is and says so (`conflicts_with`). One whose words
    the article has taken over meanwhile is superseded. A new article has nothing to follow.
    """
    row = Suggestion.objects.select_for_update(of=("self",)).get(pk=suggestion.pk)
    if not row.is_open or row.article_id is None:
        return True
    article = Article.objects.select_related("head").get(pk=row.article_id)
    head = article.head
    assert head is not None
    text = text_for_head(row, head)
    if row.base_revision_id != head.pk:
        _follow(row, head, text)
    elif row.conflicts_with_id is not None:
        row.conflicts_with = None
        row.save()
    suggestion.refresh_from_db()
    return text is not None


def rebase_open(article_id: int) -> int:
    """Rebase every open suggestion of the article; how many cannot follow it."""
    rows = Suggestion.objects.open().filter(article=article_id).order_by("pk")
    return sum(not rebase(row) for row in rows)


def _follow(row: Suggestion, head: Revision, text: ArticleText | None) -> None:
    if text is None:
        row.conflicts_with = head
        row.save()
        return
    if text == head.text and row.kind in {Suggestion.Kind.EDIT, Suggestion.Kind.CONTRADICTION}:
        row.state = Suggestion.State.SUPERSEDED
        row.decided_at = timezone.now()
        row.save()
        return
    _move_paragraph(row, head)
    if _is_taken(row):
        # The paragraph has become what another open suggestion is about already.
        row.state = Suggestion.State.SUPERSEDED
        row.decided_at = timezone.now()
    row.title, row.summary, row.body = text.title, text.summary, text.body
    row.base_revision, row.conflicts_with = head, None
    row.effect.pop("replay", None)  # of another text
    row.save()
    if row.is_open:
        suggestion_proposed.send(Suggestion, suggestion_id=row.pk)


def _move_paragraph(row: Suggestion, head: Revision) -> None:
    """Find the paragraph in the new text: the same words, else the same place in line."""
    if row.paragraph_start is None or row.base_revision is None:
        return
    old = paragraphs(row.base_revision.body)
    new = paragraphs(head.body)
    if not new:
        return
    index = next((i for i, one in enumerate(old) if one.start == row.paragraph_start), 0)
    same = [one for one in new if one.key == row.paragraph_key]
    nearest = new[min(index, len(new) - 1)]
    found = min(same, key=lambda one: abs(one.start - nearest.start)) if same else nearest
    row.paragraph_key = found.key
    row.paragraph_start, row.paragraph_end = found.start, found.end


def _is_taken(row: Suggestion) -> bool:
    others = Suggestion.objects.open().exclude(pk=row.pk)
    return others.filter(
        article=row.article_id, paragraph_key=row.paragraph_key, fact_key=row.fact_key
    ).exists()
