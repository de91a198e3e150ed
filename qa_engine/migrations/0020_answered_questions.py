"""Questions that people answered, with the sentences of articles that say what they wrote."""

import django.db.models.deletion
import django.utils.timezone
import pgvector.django.vector
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("knowledge", "0014_reader_groups"),
        ("qa_engine", "0019_tokens"),
    ]

    operations = [
        migrations.CreateModel(
            name="AnsweredQuestion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.CharField(max_length=60)),
                ("number", models.PositiveSmallIntegerField()),
                ("question", models.TextField(verbose_name="question")),
                ("quote", models.TextField(verbose_name="sentence")),
                ("vector", pgvector.django.vector.VectorField(null=True)),
                ("embedder", models.CharField(blank=True, max_length=200)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "article",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answered_questions",
                        to="knowledge.article",
                    ),
                ),
            ],
            options={
                "verbose_name": "answered question",
                "verbose_name_plural": "answered questions",
                "ordering": ["-created_at", "-pk"],
                "indexes": [models.Index(fields=["embedder"], name="answered_by_embedder")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("source", "number"), name="answered_once_a_source"
                    ),
                    models.CheckConstraint(
                        condition=~Q(question="") & ~Q(quote=""),
                        name="answered_says_something",
                    ),
                    models.CheckConstraint(
                        condition=Q(vector=None, embedder="")
                        | (Q(vector__isnull=False) & ~Q(embedder="")),
                        name="answered_vector_has_embedder",
                    ),
                ],
            },
        ),
    ]
