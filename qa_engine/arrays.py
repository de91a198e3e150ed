"""Lists of numbers as PostgreSQL reads them.

psycopg looks at each element of a list before it writes it, for each list again; of a query's
Python, that was a tenth.
"""

from __future__ import annotations

from collections.abc import Iterable


def literal(numbers: Iterable[int]) -> str:
    """For a parameter that is cast to an array of numbers: "{1,2,3}"."""
    return f"{{{','.join(map(str, numbers))}}}"
