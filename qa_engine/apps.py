from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QaEngineConfig(AppConfig):
    name = "qa_engine"
    verbose_name = _("Question answering")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from qa_engine import checks  # noqa: F401
