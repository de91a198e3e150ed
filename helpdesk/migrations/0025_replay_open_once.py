from django.db import migrations, models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

OPEN = ["queued", "running"]


def end_second_ones(apps, schema_editor):
    """Of two that wait for the same change the newer one tells all that the older would."""
    replays = apps.get_model("helpdesk", "Replay").objects.filter(state__in=OPEN)
    newer = replays.filter(
        Q(suggestion=OuterRef("suggestion"))
        | Q(threshold=OuterRef("threshold"))
        | Q(version=OuterRef("version")),
        pk__gt=OuterRef("pk"),
    )
    replays.filter(Exists(newer)).update(
        state="failed", finished_at=timezone.now(), error="Asked for twice at the same moment."
    )


class Migration(migrations.Migration):
    dependencies = [
        ("helpdesk", "0024_macros"),
        ("knowledge", "0014_reader_groups"),
        ("qa_engine", "0017_article_claims"),
    ]

    operations = [
        migrations.RunPython(end_second_ones, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="replay",
            constraint=models.UniqueConstraint(
                condition=Q(state__in=OPEN),
                fields=("suggestion", "threshold", "version"),
                name="replay_open_once",
                nulls_distinct=False,
            ),
        ),
    ]
