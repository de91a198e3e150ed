"""The durable queue: each job done once, none lost, and only its holder finishes it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from helpdesk import jobs, work
from helpdesk.models import Draft, Job
from helpdesk.services.tickets import open_ticket
from tests.factories import MessageFactory, TicketFactory


@pytest.fixture
def nudges():
    """The kinds that workers are told to look for, in place of Celery messages."""
    kept = list(jobs._nudge)
    told: list[str] = []
    jobs.on_nudge(told.append)
    yield told
    jobs._nudge[:] = kept


def lapse(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(leased_until=timezone.now() - timedelta(seconds=1))


def claim_one(worker: str = "w1") -> Job:
    (job,) = jobs.claim("mail", worker=worker, limit=1)
    return job


def in_threads(count: int, act: Callable[[int], object]) -> list[object]:
    """Run `act` in threads that all start at once, each with its own connection."""
    ready = Barrier(count)

    def run(number: int) -> object:
        try:
            ready.wait(timeout=10)
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


@pytest.mark.django_db(transaction=True)
def test_of_four_workers_each_gets_other_jobs(nudges):
    for number in range(60):
        jobs.enqueue("mail", number)

    def work_through(number: int) -> list[str]:
        done: list[str] = []
        while claimed := jobs.claim("mail", worker=f"w{number}", limit=7):
            assert len(claimed) <= 7
            done += [job.key for job in claimed]
            jobs.finish(claimed)
        return done

    done = [key for keys in in_threads(4, work_through) for key in keys]
    # A worker may find everything locked by others and stop; the next look finds the rest.
    done += work_through(4)
    assert sorted(done, key=int) == [str(number) for number in range(60)]
    assert set(Job.objects.values_list("state", "attempts")) == {("done", 1)}


def test_jobs_are_claimed_in_the_order_in_which_they_are_due(db):
    now = timezone.now()
    for key, age in (("young", 1), ("old", 9), ("middle", 5)):
        jobs.enqueue("mail", key, run_at=now - timedelta(minutes=age))
    jobs.enqueue("mail", "later", run_at=now + timedelta(minutes=1))
    claimed = jobs.claim("mail", worker="w", limit=10)
    assert [job.key for job in claimed] == ["old", "middle", "young"]


def test_the_same_work_is_queued_once(db):
    jobs.enqueue("mail", 1)
    jobs.enqueue("mail", 1)
    jobs.enqueue("index", 1)
    assert Job.objects.filter(kind="mail").count() == 1


def test_work_that_is_wanted_again_while_it_runs_waits_for_its_turn(db):
    jobs.enqueue("mail", 1)
    running = claim_one()
    jobs.enqueue("mail", 1)
    assert jobs.claim("mail", worker="w2", limit=5) == []
    jobs.finish([running])
    assert claim_one("w2").pk != running.pk


def test_the_database_refuses_two_running_jobs_of_one_key(db):
    jobs.enqueue("mail", 1)
    claim_one()
    with pytest.raises(IntegrityError, match="job_running_once"), transaction.atomic():
        Job.objects.create(
            kind="mail", key="1", state="running", leased_until=timezone.now(), leased_by="w2"
        )


def test_a_dead_workers_jobs_come_back_when_its_lease_lapses(db):
    jobs.enqueue("mail", 1)
    job = claim_one()
    assert jobs.sweep() == []
    lapse(job)
    jobs.sweep()
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("queued", 1)
    assert job.run_at > timezone.now()


def test_after_three_tries_a_job_is_given_up(db):
    jobs.enqueue("draft", "1:1")
    for _ in range(3):
        Job.objects.update(run_at=timezone.now())
        (job,) = jobs.claim("draft", worker="w", limit=1)
        jobs.fail(job, "It broke.")
    job.refresh_from_db()
    assert (job.state, job.attempts, job.last_error) == ("dead", 3, "It broke.")
    assert job.finished_at


def test_an_admin_has_a_given_up_job_tried_again(db):
    dead = Job.objects.create(
        kind="mail", key="1", state="dead", attempts=3, finished_at=timezone.now()
    )
    assert jobs.retry_dead([dead]) == 1
    assert jobs.retry_dead([dead]) == 0
    assert [(job.state, job.attempts) for job in Job.objects.all()] == [("queued", 0)]


def test_who_lost_the_lease_neither_finishes_nor_fails_the_job(db):
    jobs.enqueue("mail", 1)
    first = claim_one("w1")
    lapse(first)
    jobs.sweep()
    Job.objects.update(run_at=timezone.now())
    second = claim_one("w2")

    jobs.finish([first])
    jobs.fail(first, "Too late.")
    second.refresh_from_db()
    assert (second.state, second.leased_by, second.last_error) == (
        "running", "w2", "The worker stopped before it had finished.",
    )  # fmt: skip
    assert jobs.held([first, second]) == [second]


def test_two_leases_of_one_worker_are_told_apart(db):
    jobs.enqueue("mail", 1)
    first = claim_one("w1")
    lapse(first)
    jobs.sweep()
    Job.objects.update(run_at=timezone.now())
    second = claim_one("w1")
    jobs.finish([first])
    second.refresh_from_db()
    assert second.state == "running"


def test_a_failed_job_gives_way_to_the_same_one_queued_anew(db):
    jobs.enqueue("mail", 1)
    job = claim_one()
    jobs.enqueue("mail", 1)
    jobs.fail(job, "It broke.")
    assert sorted(Job.objects.values_list("state", flat=True)) == ["done", "queued"]


def test_done_jobs_are_forgotten_and_given_up_ones_kept(db):
    long_ago = timezone.now() - timedelta(days=8)
    for state in ("done", "dead"):
        Job.objects.create(kind="mail", key="1", state=state, finished_at=long_ago)
    assert jobs.purge() == 1
    assert Job.objects.get().state == "dead"


def test_workers_are_nudged_once_the_job_is_committed(
    nudges, db, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        jobs.enqueue("mail", 1)
        assert nudges == []
    assert nudges == ["mail"]


def test_a_job_for_later_nudges_nobody(nudges, db, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        jobs.enqueue("mail", 1, run_at=timezone.now() + timedelta(seconds=15))
    assert nudges == []


def test_a_ticket_is_opened_while_the_broker_is_down(rex, django_capture_on_commit_callbacks):
    from celery import current_app
    from kombu import pools

    kept = current_app.conf.broker_url
    current_app.conf.broker_url = "redis://127.0.0.1:1/0"
    current_app.set_default()
    current_app.amqp._producer_pool = None
    pools.reset()
    try:
        with django_capture_on_commit_callbacks(execute=True):
            open_ticket(requester=rex, subject="Hello", body="How long do returns take?")
    finally:
        current_app.conf.broker_url = kept
        current_app.amqp._producer_pool = None
        pools.reset()
    assert set(Job.objects.values_list("kind", "state")) == {
        ("draft", "queued"),
        ("mail", "queued"),
    }


def test_a_batch_of_messages_is_drafted(db, settings):
    settings.QA_BATCH_SIZE = 3
    messages = [MessageFactory(ticket=TicketFactory()) for _ in range(3)]
    for message in messages:
        jobs.enqueue("draft", f"{message.pk}:1")
    assert work.run_batch("draft", limit=3) == 3
    assert Draft.objects.filter(state="waiting").count() == 3
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}


def test_a_poisoned_job_fails_alone(message):
    jobs.enqueue("draft", "not-a-number:1")
    jobs.enqueue("draft", f"{message.pk}:1")
    assert work.run_batch("draft", limit=10) == 2
    assert Draft.objects.get().message == message
    poisoned = Job.objects.get(key="not-a-number:1")
    assert (poisoned.state, poisoned.last_error) == ("queued", "ValueError")


def test_a_full_batch_asks_for_the_next(nudges, db):
    for number in range(3):
        jobs.enqueue("mail", number)
    work.run_batch("mail", limit=2)
    assert nudges == ["mail"]
    work.run_batch("mail", limit=2)
    assert nudges == ["mail"]


def test_a_job_whose_row_is_gone_is_done(db):
    jobs.enqueue("draft", "404:1")
    jobs.enqueue("mail", "404")
    jobs.enqueue("index", "404")
    for kind in ("draft", "mail", "index"):
        assert work.run_batch(kind, limit=1) == 1
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}


def test_the_lease_of_a_job_that_is_worked_on_is_renewed(db, nudges):
    jobs.enqueue("mail", 1)
    job = claim_one("w1")
    lapse(job)
    with jobs.kept([job]):
        jobs.renew_leases("w1")
        assert not Job.objects.lapsed().exists()


def test_no_other_leases_are_renewed(db, nudges):
    jobs.enqueue("mail", 1)
    abandoned = claim_one("w1")
    lapse(abandoned)
    jobs.renew_leases("w1")  # claimed by it, but not at work on it
    with jobs.kept([abandoned]):
        jobs.renew_leases("w2")  # at work on it, but the lease is another's
    assert Job.objects.lapsed().get() == abandoned
