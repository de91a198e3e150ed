"""People with a browser each, and what their browsers complained about."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response

from helpdesk.demo.passwords import DemoLogin

DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


class Visitors:
    def __init__(
        self, browser: Browser, url: str, logins: Mapping[str, DemoLogin], screenshots: Path
    ) -> None:
        self._browser = browser
        self._url = url
        self._logins = logins
        self._screenshots = screenshots
        self._contexts: list[BrowserContext] = []
        self.troubles: list[str] = []

    def arrive(self, viewport: Any = DESK, *, javascript: bool = True) -> Page:
        """Somebody who has never been here."""
        context = self._browser.new_context(
            viewport=viewport, base_url=self._url, java_script_enabled=javascript
        )
        context.set_default_timeout(20_000)
        self._contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.troubles.append(f"{page.url}: {error}"))
        page.on("console", self._note_console)
        page.on("response", self._note_response)
        return page

    def log_in(self, role: str, viewport: Any = DESK) -> Page:
        page = self.arrive(viewport)
        page.goto("/accounts/login/")
        page.fill("input[name=login]", self._logins[role].email)
        page.fill("input[name=password]", self._logins[role].password)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda url: "/accounts/login" not in url)
        return page

    def look(self, page: Page, name: str) -> None:
        """Keep a screenshot, and ask axe whether everybody can use what is on it."""
        page.wait_for_load_state("networkidle")
        self._screenshots.mkdir(exist_ok=True)
        page.screenshot(path=self._screenshots / f"{name}.png")
        found = Axe().run(page).response["violations"]
        self.troubles += [
            f"{name}: {one['id']}: {one['help']}: {one['nodes'][0]['html'][:200]}"
            for one in found
            if one["impact"] in {"serious", "critical"}
        ]

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def _note_console(self, message: ConsoleMessage) -> None:
        # A refused request is an answer, not a failure; `_note_response` knows which are.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.troubles.append(f"{message.location.get('url')}: {message.text}")

    def _note_response(self, response: Response) -> None:
        if response.status >= 500 or response.status == 404:
            self.troubles.append(f"{response.url}: {response.status}")
