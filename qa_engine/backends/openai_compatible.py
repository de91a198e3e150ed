"""Any server that speaks OpenAI's chat completions: vLLM, Ollama, llama.cpp, a hosted one.

Time-outs and a few tries for what may pass; a daily budget of tokens for each process; never
an exception to the caller, whose extractive draft stands. The key is sent and never shown.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime

from qa_engine.protocols import ModelUnavailable
from qa_engine.types import ChatMessage, Generation

TRIES = 3
REST = 60.0  # seconds without another request, once all tries have failed
PAUSE = 0.5  # seconds before the second try, doubled for each next one
AT_ONCE = 8
MAX_RESPONSE = 1_000_000  # bytes
_PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504})


class Passing(Exception):
    """Worth another try."""


class Refused(Exception):
    """Not worth another try; the message says why."""


class Unavailable(Refused):
    """The server, not this answer, is at fault."""


@dataclass
class Budget:
    """Tokens of a day (UTC), counted as the server counts them; 0 is no limit."""

    daily: int
    today: Callable[[], date] = lambda: datetime.now(UTC).date()

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._day = self.today()
        self._spent = 0

    def allows(self, tokens: int) -> bool:
        """Takes what a request may cost at most; `settle` gives back what it did not."""
        with self._lock:
            if self.today() != self._day:
                self._day, self._spent = self.today(), 0
            if self.daily and self._spent + tokens > self.daily:
                return False
            self._spent += tokens
            return True

    def settle(self, reserved: int, spent: int) -> None:
        with self._lock:
            self._spent = max(0, self._spent - reserved + spent)


class OpenAIGenerator:
    def __init__(
        self,
        url: str,
        model: str,
        *,
        key: str = "",
        timeout: float = 30.0,
        max_tokens: int = 300,
        daily_tokens: int = 0,
        pause: float = PAUSE,
    ) -> None:
        self.fingerprint = f"openai/{model.rstrip('/').rsplit('/', 1)[-1][:60]}"
        self.budget = Budget(daily_tokens)
        self._url = url.rstrip("/")
        self._model = model
        self._key = key
        self._timeout = timeout
        self._max_tokens = max_tokens
        self._pause = pause
        self._down_until = 0.0

    def __repr__(self) -> str:
        return f"OpenAIGenerator({self._model!r})"

    def warm_up(self) -> None:
        if not self._url.startswith(("http://", "https://")) or not self._model:
            raise ModelUnavailable("QA_GENERATOR_URL and QA_GENERATOR must name server and model.")

    def generate(self, chats: Sequence[Sequence[ChatMessage]]) -> list[Generation]:
        """All at once, up to eight: the server does its own batching."""
        if not chats:
            return []
        self.warm_up()
        with ThreadPoolExecutor(max_workers=min(AT_ONCE, len(chats))) as pool:
            return list(pool.map(self._answer, chats))

    def _answer(self, chat: Sequence[ChatMessage]) -> Generation:
        # Four characters a token is the usual estimate for English; the server tells exactly.
        most = self._max_tokens + sum(len(turn.content) for turn in chat) // 4
        if not self.budget.allows(most):
            return Generation("", "the day's token budget is spent")
        spent = 0
        try:
            text, spent = self._with_tries(chat)
        except Refused as refused:
            is_down = isinstance(refused, Unavailable)
            return Generation("", str(refused), is_unavailable=is_down)
        finally:
            self.budget.settle(most, spent)
        return Generation(text)

    def _with_tries(self, chat: Sequence[ChatMessage]) -> tuple[str, int]:
        problem = ""
        if time.monotonic() < self._down_until:
            raise Unavailable("the server failed a moment ago")
        for number in range(TRIES):
            if number:
                time.sleep(self._pause * 2 ** (number - 1))
            try:
                return self._ask(chat)
            except Passing as exc:
                problem = str(exc)
        self._down_until = time.monotonic() + REST
        raise Unavailable(f"{problem}, {TRIES} times")

    def _ask(self, chat: Sequence[ChatMessage]) -> tuple[str, int]:
        """The answer, and the tokens that it cost."""
        body = {
            "model": self._model,
            "messages": [{"role": turn.role, "content": turn.content} for turn in chat],
            "max_tokens": self._max_tokens,
            "temperature": 0,
        }
        headers = {"Content-Type": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        request = urllib.request.Request(
            f"{self._url}/chat/completions", json.dumps(body).encode(), headers
        )
        try:
            with urllib.request.urlopen(request, timeout=self._timeout) as response:
                answer = json.loads(response.read(MAX_RESPONSE))
        except urllib.error.HTTPError as exc:
            told = f"the server answered {exc.code}"
            raise (Passing(told) if exc.code in _PASSING else Unavailable(told)) from exc
        except TimeoutError as exc:
            raise Passing("the server took too long") from exc
        except OSError as exc:
            raise Passing("the server cannot be reached") from exc
        except http.client.HTTPException as exc:
            raise Unavailable("the server speaks no HTTP, or its address is wrong") from exc
        except ValueError as exc:
            raise Refused("the server answered no JSON") from exc
        try:
            choice = answer["choices"][0]
            text = choice["message"]["content"]
            spent = int((answer.get("usage") or {}).get("total_tokens") or 0)
        except (KeyError, IndexError, TypeError, ValueError) as exc:
            raise Refused("the server's answer has no text") from exc
        if choice.get("finish_reason") == "length":
            raise Refused("the answer was cut off")
        return str(text or ""), spent or sum(len(turn.content) for turn in chat) // 4
