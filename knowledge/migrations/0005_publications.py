"""What readers saw, and when: kept by a trigger, whoever publishes an article and how."""

import django.db.models.deletion
from django.db import migrations, models

KEEP = """
CREATE FUNCTION knowledge_article_keep_publications() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    at timestamptz := clock_timestamp();
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.state, OLD.published_revision_id, OLD.visibility,
                             OLD.valid_from, OLD.valid_until)
       IS NOT DISTINCT FROM (NEW.state, NEW.published_revision_id, NEW.visibility,
                             NEW.valid_from, NEW.valid_until) THEN
        RETURN NULL;
    END IF;
    -- What ended before it began, in one transaction, was never seen.
    DELETE FROM knowledge_publication
     WHERE article_id = NEW.id AND shown_until IS NULL AND shown_from >= at;
    UPDATE knowledge_publication SET shown_until = at
     WHERE article_id = NEW.id AND shown_until IS NULL;
    IF NEW.state = 'published' AND NEW.published_revision_id IS NOT NULL THEN
        INSERT INTO knowledge_publication
            (article_id, revision_id, visibility, valid_from, valid_until, shown_from)
        VALUES (NEW.id, NEW.published_revision_id, NEW.visibility,
                NEW.valid_from, NEW.valid_until, at);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER knowledge_article_keep_publications
    AFTER INSERT OR UPDATE ON knowledge_article
    FOR EACH ROW EXECUTE FUNCTION knowledge_article_keep_publications();

INSERT INTO knowledge_publication
    (article_id, revision_id, visibility, valid_from, valid_until, shown_from)
SELECT id, published_revision_id, visibility, valid_from, valid_until,
       coalesce(published_at, created_at)
  FROM knowledge_article
 WHERE state = 'published' AND published_revision_id IS NOT NULL;
"""
DROP = """
DROP TRIGGER knowledge_article_keep_publications ON knowledge_article;
DROP FUNCTION knowledge_article_keep_publications();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('knowledge', '0004_suggestions'),
    ]

    operations = [
        migrations.CreateModel(
            name='Publication',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('visibility', models.CharField(max_length=10)),
                ('valid_from', models.DateTimeField(null=True)),
                ('valid_until', models.DateTimeField(null=True)),
                ('shown_from', models.DateTimeField(verbose_name='from')),
                ('shown_until', models.DateTimeField(null=True, verbose_name='until')),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='publications', to='knowledge.article')),
                ('revision', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='publications', to='knowledge.revision')),
            ],
            options={
                'verbose_name': 'publication',
                'verbose_name_plural': 'publications',
                'ordering': ['article', 'shown_from'],
                'indexes': [models.Index(fields=['shown_from'], name='publication_from')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('shown_until', None)), fields=('article',), name='publication_one_open_per_article'), models.CheckConstraint(condition=models.Q(('shown_until', None), ('shown_from__lte', models.F('shown_until')), _connector='OR'), name='publication_from_before_until')],
            },
        ),
            migrations.RunSQL(KEEP, DROP),
    ]
