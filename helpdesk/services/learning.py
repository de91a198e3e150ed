"""What the shop's models may learn from, and forgetting what they may not."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from helpdesk import jobs, training_data
from helpdesk.models import Job, TaughtFact, Ticket, User
from knowledge.services.suggestions import forget_tickets as forget_quotations
from qa_engine import services as engine
from qa_engine.training import running, sets
from qa_engine.training.datasheet import advice
from qa_engine.training_models import TrainingSet, Work


def export_training_data(*, by: User | None = None) -> TrainingSet:
    """Collect what people taught into a training set. Raises TooLittleData.

    Who objects or is erased while it is being written is taken out right after.
    """
    started = timezone.now()
    found = training_data.collect()
    made = sets.keep(found.examples, left_out=found.left_out, by=by)
    late = User.objects.filter(objected_to_training_at__gte=started)
    tickets = Ticket.objects.filter(requester__in=late)
    kept = _ids(made) - set(Ticket.objects.filter(pk__in=_ids(made)).values_list("pk", flat=True))
    forget_tickets({*tickets.values_list("pk", flat=True), *kept})
    return made


@transaction.atomic
def set_training_allowed(*, user: User, is_allowed: bool) -> User:
    """The person's own choice. An objection reaches the sets that were made before it."""
    user = User.objects.select_for_update().get(pk=user.pk)
    if is_allowed:
        user.objected_to_training_at = None
    elif user.objected_to_training_at is None:
        user.objected_to_training_at = timezone.now()
        forget_tickets(Ticket.objects.filter(requester=user).values_list("pk", flat=True))
    user.save(update_fields=["objected_to_training_at"])
    return user


@transaction.atomic
def forget_tickets(ticket_ids: Iterable[int]) -> int:
    """Nobody may train on the words of these tickets any more; how many sets held some.

    Call it in the transaction that erases or deletes them. The sets are refused at once,
    and a job takes the words out of their files. Suggestions lose their quotations too, and no
    later question leans on them.
    """
    ids = list(ticket_ids)
    engine.forget_answers(map(training_data.source_of, ids))
    held = sets.refuse_sets_with(map(training_data.source_of, ids))
    for training_set_id in held:
        jobs.enqueue(Job.Kind.FORGET, training_set_id)
    numbers = Ticket.objects.filter(pk__in=ids).values_list("number", flat=True)
    forget_quotations(numbers)
    TaughtFact.objects.filter(ticket__in=ids).delete()
    return len(held)


def export(watched: running.Watched) -> str:
    """The export as a run that an admin asked for."""
    watched.phase("Reading what people wrote")
    made = export_training_data(by=watched.run.created_by)
    watched.run.training_set = made
    watched.run.save(update_fields=["training_set"])
    told = advice(made.counts["with_positives"], made.held_out)
    return f"{made.examples} examples. {told}"


running.register(Work.EXPORT, export)


def _ids(made: TrainingSet) -> set[int]:
    names = made.sources.values_list("source", flat=True)
    return {int(name.removeprefix("ticket:")) for name in names}
