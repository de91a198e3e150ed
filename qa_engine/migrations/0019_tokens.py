"""What an encoder says of each word, beside each passage's vector."""

from django.db import migrations, models

# Signed bytes without a pattern: PostgreSQL need not try to compress them.
_AS_THEY_ARE = "ALTER TABLE qa_engine_passageembedding ALTER COLUMN tokens SET STORAGE EXTERNAL"


class Migration(migrations.Migration):
    dependencies = [("qa_engine", "0018_query_encoder")]

    operations = [
        migrations.AddField(
            "embeddingindex", "token_width", models.PositiveSmallIntegerField(default=0)
        ),
        migrations.AddField("passageembedding", "tokens", models.BinaryField(null=True)),
        migrations.RunSQL(_AS_THEY_ARE, migrations.RunSQL.noop),
    ]
