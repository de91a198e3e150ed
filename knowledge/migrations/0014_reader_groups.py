"""Articles for groups of readers; the publications tell for which, and the groups exist."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


KEEP = """
CREATE OR REPLACE FUNCTION knowledge_article_keep_publications() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    at timestamptz := clock_timestamp();
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.state, OLD.published_revision_id, OLD.visibility,
                             {old} OLD.valid_from, OLD.valid_until)
       IS NOT DISTINCT FROM (NEW.state, NEW.published_revision_id, NEW.visibility,
                             {new} NEW.valid_from, NEW.valid_until) THEN
        RETURN NULL;
    END IF;
    -- What ended before it began, in one transaction, was never seen.
    DELETE FROM knowledge_publication
     WHERE article_id = NEW.id AND shown_until IS NULL AND shown_from >= at;
    UPDATE knowledge_publication SET shown_until = at
     WHERE article_id = NEW.id AND shown_until IS NULL;
    IF NEW.state = 'published' AND NEW.published_revision_id IS NOT NULL THEN
        INSERT INTO knowledge_publication
            (article_id, revision_id, visibility, {column} valid_from, valid_until, shown_from)
        VALUES (NEW.id, NEW.published_revision_id, NEW.visibility, {new}
                NEW.valid_from, NEW.valid_until, at);
    END IF;
    RETURN NULL;
END $$;
"""
WITH_GROUPS = KEEP.format(
    old="OLD.reader_groups,", new="NEW.reader_groups,", column="reader_groups,"
)
WITHOUT_GROUPS = KEEP.format(old="", new="", column="")

# In order and each once, so that articles for the same readers have equal columns. The rows are
# locked, so that no group goes while an article is being restricted to it.
KNOWN = """
CREATE FUNCTION knowledge_article_known_readers() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    known bigint[];
BEGIN
    IF cardinality(NEW.reader_groups) = 0 THEN
        RETURN NEW;
    END IF;
    SELECT coalesce(array_agg(id ORDER BY id), '{}') INTO known FROM (
        SELECT id FROM knowledge_readergroup
         WHERE id = ANY(NEW.reader_groups) ORDER BY id FOR KEY SHARE) AS locked;
    IF NOT NEW.reader_groups <@ known THEN
        RAISE EXCEPTION 'article_is_restricted_to_known_groups'
              USING ERRCODE = 'check_violation', DETAIL = format('article %s', NEW.id);
    END IF;
    NEW.reader_groups := known;
    RETURN NEW;
END $$;
CREATE TRIGGER knowledge_article_known_readers
    BEFORE INSERT OR UPDATE OF reader_groups ON knowledge_article
    FOR EACH ROW EXECUTE FUNCTION knowledge_article_known_readers();

CREATE FUNCTION knowledge_readergroup_is_needed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM knowledge_article
                WHERE visibility = 'restricted' AND reader_groups @> ARRAY[OLD.id]) THEN
        RAISE EXCEPTION 'group_of_readers_has_articles'
              USING ERRCODE = 'check_violation', DETAIL = format('group %s', OLD.id);
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER knowledge_readergroup_is_needed BEFORE DELETE ON knowledge_readergroup
    FOR EACH ROW EXECUTE FUNCTION knowledge_readergroup_is_needed();
"""
FORGET = """
DROP TRIGGER knowledge_article_known_readers ON knowledge_article;
DROP FUNCTION knowledge_article_known_readers();
DROP TRIGGER knowledge_readergroup_is_needed ON knowledge_readergroup;
DROP FUNCTION knowledge_readergroup_is_needed();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('knowledge', '0013_settled_by_hand'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ReaderGroup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='Such as Wholesale customers. Customers never see it.', max_length=100, verbose_name='name')),
                ('description', models.CharField(blank=True, help_text='Who is in it, and why.', max_length=300, verbose_name='description')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                'verbose_name': 'group of readers',
                'verbose_name_plural': 'groups of readers',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='ReaderGroupMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('added_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='since')),
            ],
            options={
                'verbose_name': 'member',
                'verbose_name_plural': 'members',
                'ordering': ['person__email'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='article',
            name='article_known_visibility',
        ),
        migrations.AddField(
            model_name='article',
            name='reader_groups',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, size=None, verbose_name='groups of readers'),
        ),
        migrations.AddField(
            model_name='publication',
            name='reader_groups',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None),
        ),
        migrations.AlterField(
            model_name='article',
            name='visibility',
            field=models.CharField(choices=[('public', 'Public'), ('restricted', 'Restricted to groups'), ('internal', 'Internal (agents only)')], default='public', max_length=10, verbose_name='visibility'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=django.contrib.postgres.indexes.GinIndex(condition=models.Q(('visibility', 'restricted')), fields=['reader_groups'], name='article_readers'),
        ),
        migrations.AddConstraint(
            model_name='article',
            constraint=models.CheckConstraint(condition=models.Q(('visibility__in', ['public', 'restricted', 'internal'])), name='article_known_visibility'),
        ),
        migrations.AddConstraint(
            model_name='article',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('visibility', 'restricted'), models.Q(('reader_groups', []), _negated=True)), models.Q(models.Q(('visibility', 'restricted'), _negated=True), ('reader_groups', [])), _connector='OR'), name='article_restricted_iff_to_groups'),
        ),
        migrations.AddField(
            model_name='readergroupmember',
            name='group',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='knowledge.readergroup', verbose_name='group'),
        ),
        migrations.AddField(
            model_name='readergroupmember',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reader_memberships', to=settings.AUTH_USER_MODEL, verbose_name='person'),
        ),
        migrations.AddField(
            model_name='readergroup',
            name='members',
            field=models.ManyToManyField(related_name='reader_groups', through='knowledge.ReaderGroupMember', to=settings.AUTH_USER_MODEL, verbose_name='members'),
        ),
        migrations.AddConstraint(
            model_name='readergroupmember',
            constraint=models.UniqueConstraint(fields=('person', 'group'), name='reader_group_member_once', violation_error_message='They are in this group already.'),
        ),
        migrations.AddConstraint(
            model_name='readergroup',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('name'), name='reader_group_name_once', violation_error_message='There is a group of this name already.'),
        ),
        migrations.AddConstraint(
            model_name='readergroup',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('name__contains', ','), _negated=True)), name='reader_group_name_has_no_comma', violation_error_message='Please name it without a comma.'),
        ),
        migrations.RunSQL(WITH_GROUPS, WITHOUT_GROUPS),
        migrations.RunSQL(KNOWN, FORGET),
    ]
