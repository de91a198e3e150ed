"""A made-up shop of any size, and how its nights and its workers are timed on it."""
