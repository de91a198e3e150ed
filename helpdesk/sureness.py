"""From which confidence on a draft is called sure, where a queue promises nothing of its own."""

from __future__ import annotations

SURE = 0.8
FAIRLY_SURE = 0.5
