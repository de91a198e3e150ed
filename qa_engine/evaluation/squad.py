"""SQuAD files, 1.1 and 2.0, of any language, and CSV of labelled questions. No Django."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa_engine.evaluation.data import Loaded, Refused, UnusableData, collect, text

#: The label of a question that nothing answers, as HINT3 writes it.
NOTHING = "NO_NODES_DETECTED"


@dataclass(frozen=True, slots=True)
class SquadQuestion:
    """A question on a paragraph; without answers where the paragraph has none."""

    key: str
    question: str
    title: str
    # Names the paragraph: title and number.
    paragraph: str
    context: str
    answers: tuple[str, ...]

    @property
    def group(self) -> str:
        """The article, spelled the same in both versions of SQuAD."""
        return self.title.replace("_", " ").casefold()


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    text: str
    label: str


def load_squad(path: Path) -> Loaded[SquadQuestion]:
    return collect(path, _squad_rows(path), _question)


def load_labelled(path: Path) -> Loaded[LabelledQuestion]:
    """CSV with the columns `sentence` and `label`."""

    def build(row: Mapping[str, Any]) -> LabelledQuestion:
        sentence = text(row, "sentence", "text", "question")
        return LabelledQuestion(sentence, text(row, "label", "intent", "category").strip())

    return collect(path, _csv_rows(path), build)


def _squad_rows(path: Path) -> Iterator[tuple[str, Any]]:
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))["data"]
    except OSError as error:
        raise UnusableData(f"{path.name} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise UnusableData(f"{path.name} is not in SQuAD's format.") from error
    for number, article in enumerate(data):
        title = str(article.get("title") or f"article {number + 1}")
        for place, paragraph in enumerate(article.get("paragraphs", [])):
            for question in paragraph.get("qas", []):
                where = f"{path.name}: {title}, paragraph {place + 1}"
                yield (
                    f"{where}, {question.get('id', 'no id')}",
                    question
                    | {
                        "title": title,
                        "paragraph": f"{number + 1}.{title}#{place + 1}",
                        "context": paragraph.get("context"),
                    },
                )


def _question(row: Mapping[str, Any]) -> SquadQuestion:
    context = text(row, "context")
    answers = row.get("answers") or []
    if not isinstance(answers, list):
        raise Refused("its answers are not a list")
    said = tuple(str(answer["text"]) for answer in answers if answer.get("text"))
    if row.get("is_impossible"):
        said = ()
    elif not said and "is_impossible" not in row:
        raise Refused("it has no answer, and is not marked as impossible")
    return SquadQuestion(
        key=text(row, "id"),
        question=text(row, "question").strip(),
        title=text(row, "title"),
        paragraph=text(row, "paragraph"),
        context=context,
        answers=said,
    )


def _csv_rows(path: Path) -> Iterator[tuple[str, Any]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            for row in reader:
                yield f"{path.name}:{reader.line_num}", row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnusableData(f"{path.name} cannot be read: {error}") from error
