"""What the database itself holds of the editorial work, whoever writes to it."""

from django.db import migrations

IMMUTABLE = """
CREATE OR REPLACE FUNCTION knowledge_revision_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.article_id, NEW.number, NEW.title, NEW.summary, NEW.body, NEW.note,
        NEW.created_at{more_new})
       IS DISTINCT FROM
       (OLD.id, OLD.article_id, OLD.number, OLD.title, OLD.summary, OLD.body, OLD.note,
        OLD.created_at{more_old})
    OR (NEW.author_id IS DISTINCT FROM OLD.author_id AND NEW.author_id IS NOT NULL) THEN
        RAISE EXCEPTION 'revision_is_never_changed'
              USING ERRCODE = 'check_violation', DETAIL = format('revision %s', OLD.id);
    END IF;
    RETURN NEW;
END $$;
"""

OWN_REVISIONS = """
CREATE OR REPLACE FUNCTION knowledge_article_own_revisions()
RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM unnest(ARRAY[NEW.head_id, NEW.published_revision_id{more}]) AS shown (id)
         WHERE shown.id IS NOT NULL AND NOT EXISTS (
            SELECT FROM knowledge_revision r
             WHERE r.id = shown.id AND r.article_id = NEW.id)
    ) THEN
        RAISE EXCEPTION 'article_shows_only_its_own_revisions'
              USING ERRCODE = 'check_violation', DETAIL = format('article %s', NEW.id);
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER knowledge_article_own_revisions ON knowledge_article;
CREATE TRIGGER knowledge_article_own_revisions
    BEFORE INSERT OR UPDATE OF head_id, published_revision_id{more_of} ON knowledge_article
    FOR EACH ROW EXECUTE FUNCTION knowledge_article_own_revisions();
"""

# A text whose original is gone is out of date with nothing.
NO_ORIGINAL = """
CREATE FUNCTION knowledge_article_without_original() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.outdated_since := NULL;
    NEW.current_with_id := NULL;
    RETURN NEW;
END $$;
CREATE TRIGGER knowledge_article_without_original
    BEFORE UPDATE OF translation_of_id ON knowledge_article
    FOR EACH ROW WHEN (NEW.translation_of_id IS NULL)
    EXECUTE FUNCTION knowledge_article_without_original();
"""
DROP_NO_ORIGINAL = """
DROP TRIGGER knowledge_article_without_original ON knowledge_article;
DROP FUNCTION knowledge_article_without_original();
"""

EVENTS = """
CREATE FUNCTION knowledge_articleevent_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.article_id, NEW.kind, NEW.revision_id, NEW.comment, NEW.created_at)
       IS DISTINCT FROM
       (OLD.id, OLD.article_id, OLD.kind, OLD.revision_id, OLD.comment, OLD.created_at)
    OR (NEW.by_id IS DISTINCT FROM OLD.by_id AND NEW.by_id IS NOT NULL) THEN
        RAISE EXCEPTION 'article_event_is_never_changed'
              USING ERRCODE = 'check_violation', DETAIL = format('event %s', OLD.id);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER knowledge_articleevent_is_final BEFORE UPDATE ON knowledge_articleevent
    FOR EACH ROW EXECUTE FUNCTION knowledge_articleevent_is_final();
"""
DROP_EVENTS = """
DROP TRIGGER knowledge_articleevent_is_final ON knowledge_articleevent;
DROP FUNCTION knowledge_articleevent_is_final();
"""

# What is linked already is taken to say what its original says now.
CURRENT = """
UPDATE knowledge_article AS translation
   SET current_with_id = coalesce(original.published_revision_id, original.head_id)
  FROM knowledge_article AS original WHERE original.id = translation.translation_of_id;
"""


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0008_editorial")]

    operations = [
        migrations.RunSQL(
            IMMUTABLE.format(more_new=", NEW.significance", more_old=", OLD.significance"),
            IMMUTABLE.format(more_new="", more_old=""),
        ),
        migrations.RunSQL(
            OWN_REVISIONS.format(more=", NEW.review_revision_id", more_of=", review_revision_id"),
            OWN_REVISIONS.format(more="", more_of=""),
        ),
        migrations.RunSQL(NO_ORIGINAL, DROP_NO_ORIGINAL),
        migrations.RunSQL(EVENTS, DROP_EVENTS),
        migrations.RunSQL(CURRENT, migrations.RunSQL.noop),
    ]
