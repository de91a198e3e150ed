"""Files of a tiny shop, made anew for each test."""

from __future__ import annotations

import json

import pytest

ARTICLES = [
    {
        "external_id": "returns",
        "title": "Returning an item",
        "body": "# Returning an item\n\nYou can return any unused item within 30 days of "
        "delivery.\n\n## Cost\n\nA return label from Ireland costs €7.95.\n",
        "issue": "",
    },
    {
        "external_id": "washing",
        "title": "Washing a rain jacket",
        "body": "# Washing a rain jacket\n\n## Issue\n\nThe ACSD-123 jacket [smells](x) of smoke "
        "after a *camp fire* and shower gel did not help.\n\n## Solution\n\nWash the rain jacket "
        "in a machine at 30 degrees with liquid detergent.\n",
        "issue": "The ACSD-123 jacket [smells](x) of smoke after a *camp fire* and shower gel "
        "did not help.",
    },
    {
        "external_id": "margins",
        "title": "Margins of the warehouse",
        "body": "Our margin on tents is forty percent.",
        "visibility": "internal",
    },
]
TICKETS = [
    {
        "id": "t1",
        "subject": "Return",
        "requester": {"name": "Rex Ortega"},
        "messages": [
            {"from": "requester", "body": "Within how many days can I return an unused item?"}
        ],
        "gold": {
            "answerable": True,
            "category": "answerable",
            "questions": [
                {
                    "text": "How many days do I have to return an item?",
                    "articles": ["returns"],
                    "answer_contains": ["within 30 days"],
                }
            ],
        },
    },
    {
        "id": "t2",
        "subject": "Lawyer",
        "body": "I will sue you, my lawyer will take you to court.",
        "gold": {"answerable": False, "category": "sensitive", "questions": []},
    },
]
SQUAD = {
    "version": "2.0",
    "data": [
        {
            "title": "Tents",
            "paragraphs": [
                {
                    "context": "The Tarn weighs 1.9 kg. It was first sold in 2014.",
                    "qas": [
                        {
                            "id": "s1",
                            "question": "What does the Tarn weigh?",
                            "answers": [{"text": "1.9 kg", "answer_start": 16}],
                            "is_impossible": False,
                        },
                        {
                            "id": "s2",
                            "question": "Who founded the Swiss post office?",
                            "answers": [],
                            "is_impossible": True,
                        },
                    ],
                }
            ],
        },
        {
            "title": "Stoves",
            "paragraphs": [
                {
                    "context": "The Ember stove boils a litre of water in four minutes.",
                    "qas": [
                        {
                            "id": "s3",
                            "question": "How long does the Ember stove need for a litre?",
                            "answers": [{"text": "four minutes", "answer_start": 42}],
                            "is_impossible": False,
                        }
                    ],
                }
            ],
        },
    ],
}
TRAIN = "sentence,label\nwhere is my parcel,ORDER\nparcel not here,ORDER\npay by card,PAYMENT\n" \
    "can I pay with a card,PAYMENT\n"  # fmt: skip
TEST = "sentence,label\nparcel is not here,ORDER\npay with card,PAYMENT\n" \
    "zebra giraffe elephant,NO_NODES_DETECTED\n"  # fmt: skip


def write_jsonl(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def articles_file(tmp_path):
    return write_jsonl(tmp_path / "articles.jsonl", ARTICLES)


@pytest.fixture
def tickets_file(tmp_path):
    return write_jsonl(tmp_path / "tickets.jsonl", TICKETS)


@pytest.fixture
def squad_file(tmp_path):
    path = tmp_path / "tiny.json"
    path.write_text(json.dumps(SQUAD), encoding="utf-8")
    return path


@pytest.fixture
def hint3_files(tmp_path):
    train, test = tmp_path / "train.csv", tmp_path / "curekart_test.csv"
    train.write_text(TRAIN, encoding="utf-8")
    test.write_text(TEST, encoding="utf-8")
    return train, test
