"""Proposals for the knowledge base: where a fact belongs, what it changes, what is missing."""
