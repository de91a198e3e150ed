"""The helpdesk's settings, with what tests need to be quick and alone.

The database and the broker are real: the embedded ones, in a place of their own, unless
DATABASE_URL and REDIS_URL name others.
"""

import os
from pathlib import Path

from helpdesk.embedded import Services

os.environ.setdefault("DATA_DIR", str(Path(__file__).resolve().parent.parent / "var" / "test"))
os.environ.setdefault("SECRET_KEY", "tests-only")
os.environ.setdefault("DEBUG", "1")
if "DATABASE_URL" not in os.environ or "REDIS_URL" not in os.environ:
    Services(Path(os.environ["DATA_DIR"])).start()

from helpdesk.settings import *  # noqa: F403
from helpdesk.settings import DATA_DIR, DATABASES, STATIC_ROOT

DEBUG = False
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # whitenoise warns of a missing one
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MEDIA_ROOT = DATA_DIR / "media"
DATABASES["default"]["TEST"] = {"NAME": os.environ.get("TEST_DATABASE", "test_helpdesk")}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
QA_EMBEDDER = "hashing"
QA_READER_MODEL = ""
ACCOUNT_RATE_LIMITS = False
