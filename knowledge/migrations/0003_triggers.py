"""What the knowledge base promises about revisions and search, held by the database.

A revision's text never changes (citations point into it), an article shows only its own
revisions, and what search reads is what is published, whoever publishes it and how.
"""

from django.db import migrations

IMMUTABLE = """
CREATE FUNCTION knowledge_revision_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.article_id, NEW.number, NEW.title, NEW.summary, NEW.body, NEW.note,
        NEW.created_at)
       IS DISTINCT FROM
       (OLD.id, OLD.article_id, OLD.number, OLD.title, OLD.summary, OLD.body, OLD.note,
        OLD.created_at)
    OR (NEW.author_id IS DISTINCT FROM OLD.author_id AND NEW.author_id IS NOT NULL) THEN
        RAISE EXCEPTION 'revision_is_never_changed'
              USING ERRCODE = 'check_violation', DETAIL = format('revision %s', OLD.id);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER knowledge_revision_is_final BEFORE UPDATE ON knowledge_revision
    FOR EACH ROW EXECUTE FUNCTION knowledge_revision_is_final();
"""
DROP_IMMUTABLE = """
DROP TRIGGER knowledge_revision_is_final ON knowledge_revision;
DROP FUNCTION knowledge_revision_is_final();
"""

OWN_REVISIONS = """
CREATE FUNCTION knowledge_article_own_revisions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM unnest(ARRAY[NEW.head_id, NEW.published_revision_id]) AS shown (id)
         WHERE shown.id IS NOT NULL AND NOT EXISTS (
            SELECT FROM knowledge_revision r
             WHERE r.id = shown.id AND r.article_id = NEW.id)
    ) THEN
        RAISE EXCEPTION 'article_shows_only_its_own_revisions'
              USING ERRCODE = 'check_violation', DETAIL = format('article %s', NEW.id);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER knowledge_article_own_revisions
    BEFORE INSERT OR UPDATE OF head_id, published_revision_id ON knowledge_article
    FOR EACH ROW EXECUTE FUNCTION knowledge_article_own_revisions();
"""
DROP_OWN_REVISIONS = """
DROP TRIGGER knowledge_article_own_revisions ON knowledge_article;
DROP FUNCTION knowledge_article_own_revisions();
"""

# English stems, accents ignored. Other languages are matched by their words as written.
CONFIGURATION = """
CREATE TEXT SEARCH CONFIGURATION knowledge (COPY = english);
ALTER TEXT SEARCH CONFIGURATION knowledge
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, english_stem;
"""
DROP_CONFIGURATION = "DROP TEXT SEARCH CONFIGURATION knowledge;"

# In order of the words, so that two publishing transactions cannot wait for each other.
SEARCH = """
CREATE FUNCTION knowledge_article_search() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    shown record;
BEGIN
    IF NEW.published_revision_id IS NULL THEN
        DELETE FROM knowledge_searchentry WHERE article_id = NEW.id;
        RETURN NULL;
    END IF;
    SELECT title, summary, body,
           (SELECT coalesce(string_agg(heading[1], ' '), '')
              FROM regexp_matches(body, '^#{1,6} +(.*)$', 'gn') AS heading) AS headings
      INTO shown FROM knowledge_revision WHERE id = NEW.published_revision_id;
    INSERT INTO knowledge_searchentry (article_id, vector)
    VALUES (NEW.id,
            setweight(to_tsvector('knowledge', shown.title), 'A')
            || setweight(to_tsvector('knowledge', concat_ws(
                   ' ', shown.summary, array_to_string(NEW.tags, ' '), shown.headings)), 'B')
            || setweight(to_tsvector('knowledge', shown.body), 'D'))
    ON CONFLICT (article_id) DO UPDATE SET vector = EXCLUDED.vector;
    INSERT INTO knowledge_word (word)
    SELECT DISTINCT word FROM regexp_split_to_table(
        lower(unaccent(concat_ws(' ', shown.title, shown.summary, shown.body))),
        '[^[:alpha:]]+') AS word
     WHERE length(word) BETWEEN 4 AND 30 ORDER BY word
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER knowledge_article_search
    AFTER INSERT OR UPDATE OF published_revision_id, tags ON knowledge_article
    FOR EACH ROW EXECUTE FUNCTION knowledge_article_search();
"""
DROP_SEARCH = """
DROP TRIGGER knowledge_article_search ON knowledge_article;
DROP FUNCTION knowledge_article_search();
"""


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0002_search")]

    operations = [
        migrations.RunSQL(IMMUTABLE, DROP_IMMUTABLE),
        migrations.RunSQL(OWN_REVISIONS, DROP_OWN_REVISIONS),
        migrations.RunSQL(CONFIGURATION, DROP_CONFIGURATION),
        migrations.RunSQL(SEARCH, DROP_SEARCH),
        # Articles that were published before there was a search.
        migrations.RunSQL("UPDATE knowledge_article SET tags = tags", migrations.RunSQL.noop),
    ]
