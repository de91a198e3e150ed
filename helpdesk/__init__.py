"""Tickets, people, mail and the desk; also the project package."""

from helpdesk.celery import app as celery_app

__all__ = ["celery_app"]
