"""`manage.py pack_reranker MODEL --out DIR`: a reranker in a byte a weight, to ship or to copy.

MODEL is a hub id, a directory or `package:NAME/PATH` of a sequence classifier with one label.
"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from qa_engine.backends import packed
from qa_engine.backends.cross_encoder import CrossEncoder
from qa_engine.protocols import ModelUnavailable


class Command(BaseCommand):
    help = "Write a reranker's weights as bytes with a scale for every row."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("model")
        parser.add_argument("--out", type=Path, required=True, metavar="DIR")
        parser.add_argument("--download", action="store_true", help="from the hub, if need be")

    def handle(self, *args: Any, model: str, out: Path, download: bool, **options: Any) -> None:
        reranker = CrossEncoder(
            model, device="cpu", dtype="float32", allow_download=download, setting="MODEL"
        )
        out.mkdir(parents=True, exist_ok=True)
        try:
            reranker.save_packed(out)
        except ModelUnavailable as exc:
            raise CommandError(str(exc)) from exc
        size = (out / packed.FILE).stat().st_size
        self.stdout.write(f"{out / packed.FILE}: {size / 1e6:.1f} MB")
