"""The Celery application. Its messages are nudges: the work itself is in `Job` rows."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")

app = Celery("helpdesk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Signals of worker processes; the web tier never loads them.
app.autodiscover_tasks(["helpdesk"], related_name="worker")
