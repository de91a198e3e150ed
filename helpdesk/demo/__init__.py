"""The demo shop: its people, articles and tickets, for trying things out."""
