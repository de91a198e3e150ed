"""Compiles every template of the project, so that a broken one is found before a visitor.

python -m helpdesk.running.templates
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.template.loader import get_template


def problems(directory: Path) -> list[str]:
    """What is wrong with the templates below `directory`, one line each."""
    found = []
    for path in sorted(directory.rglob("*")):
        if path.suffix not in {".html", ".txt"}:
            continue
        name = path.relative_to(directory).as_posix()
        try:
            get_template(name)
        except (TemplateSyntaxError, TemplateDoesNotExist, UnicodeDecodeError) as exc:
            found.append(f"{path}: {exc}")
    return found


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
    django.setup()
    found = problems(settings.BASE_DIR / "templates")
    sys.stderr.write("".join(f"{line}\n" for line in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
