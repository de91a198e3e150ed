"""The Celery application. Its messages are nudges: the work itself is in `Job` rows."""

import os
import sys

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")

app = Celery("helpdesk")
app.config_from_object("django.conf:settings", namespace="CELERY")
# Celery would close the database's connection before and after each task, whatever CONN_MAX_AGE
# says; `worker` closes those that are old or broken.
app.conf.update(CELERY_DB_REUSE_MAX=sys.maxsize)
app.autodiscover_tasks()
# Signals of worker processes; the web tier never loads them.
app.autodiscover_tasks(["helpdesk"], related_name="worker")
