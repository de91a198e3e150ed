"""Asks past questions again, of the knowledge base as it was then, with and without a change."""
