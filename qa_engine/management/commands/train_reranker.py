"""`manage.py train_reranker`: a reranker of the shop's own; docs/training.md tells the rest."""

from __future__ import annotations

from qa_engine.training.command import TrainingCommand
from qa_engine.training_models import Work


class Command(TrainingCommand):
    help = "Train the reranker on what people taught and on the articles; keep it as a candidate."
    kind = Work.RERANKER
