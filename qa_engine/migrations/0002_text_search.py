"""A text search configuration for English that does not care about accents.

Shoppers type "Cafe" and "Zurich" for "Café" and "Zürich", in questions and in articles.
"""

from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations

CREATE = """
CREATE TEXT SEARCH CONFIGURATION qa_english (COPY = pg_catalog.english);
ALTER TEXT SEARCH CONFIGURATION qa_english
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, english_stem;
"""
DROP = "DROP TEXT SEARCH CONFIGURATION IF EXISTS qa_english;"


class Migration(migrations.Migration):
    dependencies = [("qa_engine", "0001_initial")]

    operations = [
        TrigramExtension(),
        UnaccentExtension(),
        migrations.RunSQL(CREATE, DROP),
    ]
