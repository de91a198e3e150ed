"""`manage.py bench_workers`: one, two, four worker processes on one database; batches of sizes."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from celery import current_app
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from helpdesk import jobs
from helpdesk.benching import workers
from helpdesk.demo import records
from helpdesk.demo.records import CONTENT
from helpdesk.models import Queue
from qa_engine.evaluation.metering import cores
from qa_engine.evaluation.scratch import scratch_database

#: What the product is to reach: drafts a second with storing them, and memory at rest.
LEAST_DRAFTS_PER_SECOND = 5.0
MOST_REST_MB = 1200


class Command(BaseCommand):
    help = (
        "Start worker processes on a database of their own, queue tickets, and see how many "
        "drafts a second they store, that none is written twice, and what a worker holds at "
        "rest; prints JSON. PostgreSQL and the broker are those that are configured."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--processes", type=int, nargs="*", default=[1, 2, 4])
        parser.add_argument("--tickets", type=int, default=400, help="for each of them")
        parser.add_argument(
            "--batches", type=int, nargs="*", default=[], metavar="SIZE",
            help="one process with batches of each size, storing included, beside those",
        )  # fmt: skip

    def handle(
        self, *args: Any, processes: list[int], tickets: int, batches: list[int], **options: Any
    ) -> None:
        jobs.on_nudge(lambda kind: None)
        current_app.conf.update(broker_url=workers.broker_url())
        try:
            with scratch_database() as name:
                _open_shop()
                env = workers.environment(name)
                runs = [self._run(count, tickets, env) for count in processes]
                of_size = {
                    size: self._run(1, tickets, env | {"QA_BATCH_SIZE": str(size)})
                    for size in batches
                }
        except workers.WorkersFailed as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(_told(runs) | _by_size(of_size), indent=2))

    def _run(self, count: int, tickets: int, env: dict[str, str]) -> dict[str, Any]:
        self.stderr.write(f"{count} processes …")
        with workers.workers(count, env) as pids:
            rest = workers.at_rest(pids)
            workers.queue_tickets(tickets, _texts())
            cold = workers.draft_all(pids)
            workers.queue_tickets(tickets, _texts())
            # What the articles' sentences say is kept by then, as in a worker that runs for days.
            return workers.draft_all(pids) | rest | {"cold": cold}


def _open_shop() -> None:
    Queue.objects.get_or_create(slug="bench", defaults={"name": "Bench", "is_default": True})
    # What they say is no JSON.
    call_command("import_articles", str(CONTENT / "articles"), verbosity=0, stdout=sys.stderr)
    call_command("build_index", verbosity=0, stdout=sys.stderr)


def _texts() -> list[tuple[str, str]]:
    """Subject and body of what customers of the demo shop wrote first."""
    written = [(one.subject, one.messages[0].body) for one in records.tickets() if one.messages]
    return written + [(text[:80], text) for text in records.questions()]


def _is_once(run: workers.Figures) -> bool:
    is_each_done = run["tickets"] == run["drafts"] == run["tickets_with_exactly_one_draft"]
    return is_each_done and not run["jobs_tried_twice"]


def _none_twice(runs: Iterable[dict[str, Any]]) -> bool:
    return all(_is_once(run) and _is_once(run["cold"]) for run in runs)


def _by_size(runs: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """Of one process: what batches of a size gain over the smallest that was asked for."""
    if not runs:
        return {}
    least = float(runs[min(runs)]["drafts_per_second"])
    return {
        "batches": {
            str(size): run | {"times_the_smallest": round(run["drafts_per_second"] / least, 2)}
            for size, run in sorted(runs.items())
        },
        "batches_none_twice": _none_twice(runs.values()),
    }


def _told(runs: list[dict[str, Any]]) -> dict[str, Any]:
    if not runs:
        return {"cores": cores()}
    best = max(float(run["drafts_per_second"]) for run in runs)
    rest = max(int(run["rest_pss_mb"]) for run in runs)
    one = next((run for run in runs if run["processes"] == 1), runs[0])
    return {
        "cores": cores(),
        "runs": runs,
        "times_one": {
            str(run["processes"]): round(
                float(run["drafts_per_second"]) / float(one["drafts_per_second"]), 2
            )
            for run in runs
        },
        "targets": {
            "drafts_per_second": {
                "wanted": LEAST_DRAFTS_PER_SECOND,
                "found": best,
                "is_met": best >= LEAST_DRAFTS_PER_SECOND,
            },
            "rest_mb": {"wanted": MOST_REST_MB, "found": rest, "is_met": rest < MOST_REST_MB},
            "none_twice": _none_twice(runs),
        },
    }
