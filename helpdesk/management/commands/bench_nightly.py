"""`manage.py bench_nightly`: how long a night takes, and how much memory, on a made-up shop."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from helpdesk import jobs
from helpdesk.benching.elsewhere import beside, elsewhere
from helpdesk.benching.filling import make_articles, make_tickets, read_questions
from helpdesk.benching.nights import night, review_beside
from helpdesk.models import Gap, GapNight, Job, Ticket
from knowledge.models import Article, Suggestion
from qa_engine import services as engine
from qa_engine.evaluation.metering import cores, resident_mb
from qa_engine.evaluation.scratch import scratch_database
from qa_engine.models import Passage, ReviewedArticle

FIRST, NEXT = "first", "next"


class Command(BaseCommand):
    help = (
        "Fill a database of its own with articles, tickets and their drafts, work through a "
        "night over all of them, then through one more over a day's new tickets; prints JSON."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--questions", type=Path, nargs="+", required=True, help="CSV with a column `text`"
        )
        parser.add_argument("--tickets", type=int, default=100_000)
        parser.add_argument("--new", type=int, default=1_000, help="tickets of the next day")
        parser.add_argument("--articles", type=Path, help="a file of articles to make more from")
        parser.add_argument("--article-count", type=int, default=10_000)
        parser.add_argument(
            "--workers", type=int, choices=(1, 2), default=1,
            help="2: articles are reviewed by another process, as by a second worker",
        )  # fmt: skip
        parser.add_argument(
            "--keep",
            default="",
            help="keep the database under this name: a run that was stopped goes on where it was",
        )

    def handle(
        self,
        *args: Any,
        questions: list[Path],
        tickets: int,
        new: int,
        articles: Path | None,
        article_count: int,
        workers: int,
        keep: str,
        **options: Any,
    ) -> None:
        try:
            read_questions(questions)
        except (OSError, KeyError) as error:
            raise CommandError(f"No CSV with a column `text`: {error}") from error
        settings.CHECK_OUTSIDE_LINKS = False  # nobody's servers are asked for a measurement
        jobs.on_nudge(lambda kind: None)  # no worker is to come and help
        figures: dict[str, Any] = {
            "cores": cores(), "debug": settings.DEBUG, "workers": workers,
        }  # fmt: skip
        with scratch_database(keep, keep=bool(keep)) as name:
            if articles is None:
                self._say("No --articles: nothing is proposed to any, and none are compared.")
            elif articles.exists():
                elsewhere(name, make_articles, articles, article_count)
            else:
                self._say(f"{articles} is missing: a night without articles.")
            elsewhere(name, make_tickets, questions, tickets)
            engine.warm_up()
            figures |= _shop() | {"rest_mb": round(resident_mb())}
            figures[FIRST] = self._night(FIRST, name, workers)
            elsewhere(name, make_tickets, questions, tickets + new)
            figures |= {"new": new, NEXT: self._night(NEXT, name, workers)}
        self.stdout.write(json.dumps(figures, indent=2))

    def _night(self, key: str, name: str, workers: int) -> dict[str, Any]:
        started = time.monotonic()
        if workers == 1:
            stages = night(key, self._say)
        else:
            other = beside(name, review_beside, key)
            stages = night(key, self._say, [Job.Kind.GAPS, Job.Kind.LINKS])
            stages |= cast("dict[str, dict[str, float]]", other())
        row = GapNight.objects.get(key=key)
        return {
            "wall_seconds": round(time.monotonic() - started, 1),
            "python_cpu_seconds": _total("python_cpu_seconds", stages),
            "database_cpu_seconds": _total("database_cpu_seconds", stages),
            "peak_mb": max(one["peak_mb"] for one in stages.values()),
            "grown_mb": max(one["grown_mb"] for one in stages.values()),
            "finished": row.finished_at is not None,
            "gaps": Gap.objects.count(),
            "suggestions": Suggestion.objects.count(),
            "articles_compared": ReviewedArticle.objects.count(),
            "rows": {stage: told["rows"] for stage, told in row.figures.items()},
            "stages": stages,
        }

    def _say(self, text: str) -> None:
        self.stderr.write(text)


def _total(name: str, stages: dict[str, dict[str, float]]) -> float:
    return round(sum(one[name] for one in stages.values()), 1)


def _shop() -> dict[str, int]:
    return {
        "tickets": Ticket.objects.count(),
        "articles": Article.objects.count(),
        "passages": Passage.objects.count(),
    }
