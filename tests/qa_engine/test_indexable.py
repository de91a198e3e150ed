"""What search reads of a passage: words, and no Markdown."""

from __future__ import annotations

from math import sqrt

import pytest

from qa_engine import indexable
from qa_engine.sentences import SEPARATOR


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ('See [our terms](../a/b(1).md "Terms").', "See our terms."),
        ('[![A box](box.png){width="600"}](https://shop.example)', "A box"),
        ("> [!NOTE]\n> Keep the [!DNL Fastly] label.", "Keep the Fastly label."),
        ("| Method | Days |\n|---|:-:|\n| PayPal | 1 |", "Method Days PayPal 1"),
        (
            "## **Large** parcels\n\n* `AB-12`, snake_case stays",
            "Large parcels AB-12, snake_case stays",
        ),
        ("```bash\nbin/magento cache:flush\n```", "bin/magento cache:flush"),
        ("Tom &amp; Co <br> <https://shop.example/a>", "Tom & Co shop.example/a"),
    ],
)
def test_markdowns_signs_are_left_out(markdown, words):
    assert indexable.seen(markdown) == words


def test_a_heading_that_repeats_the_title_is_said_once():
    assert indexable.above("Returns", f"Returns{SEPARATOR}How long") == "Returns. How long"
    assert indexable.passage("Returns", "", "30 days.") == "Returns\n30 days."
    assert indexable.passage("", "", "30 days.") == "30 days."


def test_a_mixed_vector_has_length_one_and_lies_between_both():
    mixed = indexable.mixed([1.0, 0.0], [0.0, 1.0])

    assert sqrt(sum(value * value for value in mixed)) == pytest.approx(1)
    assert 0 < mixed[0] < mixed[1]
    assert indexable.mixed(None, [0.0, 1.0]) == [0.0, 1.0]
