"""Receivers of what happens in the apps below, and in allauth.

A changed article is indexed by a job, so that no change is lost while the worker is away.
"""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.account.signals import authentication_step_completed
from django.db.models.signals import post_migrate, post_save, pre_delete
from django.dispatch import receiver

from helpdesk import contradicted, jobs, notifying, replay_gate, replays
from helpdesk.models import Job, Ticket, User
from helpdesk.redrafting import redraft_for
from helpdesk.roles import sync_groups
from helpdesk.services.learning import forget_tickets
from knowledge.models import ArticleEvent, Suggestion
from knowledge.signals import (
    article_changed,
    article_stepped,
    membership_changed,
    places_settled,
    source_changed,
    suggestion_proposed,
)
from qa_engine.models import ModelVersion
from qa_engine.signals import promotion_asked


@receiver(article_changed, dispatch_uid="helpdesk.queue_index")
def queue_index(article_id: int, **_kwargs: object) -> None:
    jobs.enqueue(Job.Kind.INDEX, article_id)
    jobs.enqueue(Job.Kind.SOURCE, "settle")


@receiver(article_stepped, dispatch_uid="helpdesk.tell_of_step")
def tell_of_step(event_id: int, **_kwargs: object) -> None:
    event = ArticleEvent.objects.select_related("by", "revision", "article__category")
    notifying.tell_of(event.get(pk=event_id))


@receiver(membership_changed, dispatch_uid="helpdesk.redraft_for_reader")
def redraft_for_reader(user_id: int, **_kwargs: object) -> None:
    redraft_for(user_id)


@receiver(source_changed, dispatch_uid="helpdesk.follow_source")
def follow_source(version_id: int, **_kwargs: object) -> None:
    jobs.enqueue(Job.Kind.SOURCE, version_id)


@receiver(post_save, sender=Suggestion, dispatch_uid="helpdesk.settle")
def settle_what_was_decided(instance: Suggestion, **_kwargs: object) -> None:
    holds_drafts = (
        instance.origin == Suggestion.Origin.SOURCE
        or instance.kind == Suggestion.Kind.CONTRADICTION
    )
    if not instance.is_open and holds_drafts:
        jobs.enqueue(Job.Kind.SOURCE, "settle")


@receiver(places_settled, dispatch_uid="helpdesk.settle_places")
def settle_what_was_said(**_kwargs: object) -> None:
    jobs.enqueue(Job.Kind.SOURCE, "settle")


@receiver(suggestion_proposed, dispatch_uid="helpdesk.replay_suggestion")
def replay_suggestion(suggestion_id: int, **_kwargs: object) -> None:
    """So that whoever opens the suggestion finds what it would change."""
    suggestion = Suggestion.objects.get(pk=suggestion_id)
    if suggestion.kind != Suggestion.Kind.CHECK:  # which proposes no other text
        replays.ask_for_replay(suggestion=suggestion)
    if suggestion.kind == Suggestion.Kind.CONTRADICTION:
        contradicted.hold_waiting(suggestion=suggestion)


@receiver(promotion_asked, dispatch_uid="helpdesk.replay_gate")
def say_what_past_tickets_say(version: ModelVersion, **_kwargs: object) -> list[str]:
    return replay_gate.refusals(version)


@receiver(pre_delete, sender=Ticket, dispatch_uid="helpdesk.forget_ticket")
def forget_the_words(instance: Ticket, **_kwargs: object) -> None:
    """What is deleted here must not live on in a training set."""
    forget_tickets([instance.pk])


@receiver(post_migrate, dispatch_uid="helpdesk.groups")
def create_groups(using: str, **_kwargs: object) -> None:
    """Permissions exist only after every app has migrated; the last call has them all."""
    sync_groups(using)


@receiver(authentication_step_completed, dispatch_uid="helpdesk.know_address")
def know_the_address(user: User, method: str, email: str | None = None, **_kwargs: object) -> None:
    """Whoever typed in a mailed code has the address; allauth needs a row to note it in.

    People who wrote in before they had an account have none, and would be asked to
    prove their address a second time.
    """
    if method == "code" and email and email == user.email:
        EmailAddress.objects.get_or_create(user=user, email=email, defaults={"primary": True})
