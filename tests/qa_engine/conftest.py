"""A small published knowledge base, the same in every test of the engine."""

from __future__ import annotations

import pytest

from knowledge.models import Article, Revision
from qa_engine import indexing
from tests.factories import publish_article

RETURNS = """You can return any unused item within 30 days of delivery.

## What it costs

A return label costs €4.95 from Germany. However, labels for faulty items are free.

## How to send a parcel back

1. Open **Account > Orders** and click Return items.
2. Print the label.
"""
REFUNDS = """We check a return within 3 working days.

| Payment method | Time after the check |
|---|---|
| PayPal | 1 working day |
| Credit card | 3 to 5 working days |
"""
NORWAY = "Standard shipping to Norway costs €14.95. Parcels take 4 to 7 working days."
GOODWILL = "Agents may grant a goodwill voucher of up to €25 without asking."


@pytest.fixture
def shop(db: None) -> dict[str, Revision]:
    """Four articles, one of them internal, with their passages and embeddings."""
    articles = {
        "returns": publish_article("Returning an item", RETURNS),
        "refunds": publish_article("When you get your refund", REFUNDS),
        "norway": publish_article("Shipping to Norway", NORWAY),
        "goodwill": publish_article("Goodwill vouchers", GOODWILL),
    }
    internal = Article.objects.filter(pk=articles["goodwill"].article_id)
    internal.update(visibility=Article.Visibility.INTERNAL)
    while indexing.sync_due():
        pass
    return articles
