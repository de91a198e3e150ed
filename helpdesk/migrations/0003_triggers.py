"""What the helpdesk promises about drafts and its audit trail, held by the database.

A citation's quote is what the cited revision says at that place, and the timeline is
never rewritten (only the actor may become unknown when a person is erased).
"""

from django.db import migrations

CITATION = """
CREATE FUNCTION helpdesk_citation_quotes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.quote IS DISTINCT FROM (
        SELECT substring(body FROM NEW.start + 1 FOR NEW."end" - NEW.start)
          FROM knowledge_revision WHERE id = NEW.revision_id
    ) THEN
        RAISE EXCEPTION 'citation_quote_is_not_in_the_revision'
              USING ERRCODE = 'check_violation',
                    DETAIL = format('revision %s, characters %s to %s',
                                    NEW.revision_id, NEW.start, NEW."end");
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER helpdesk_citation_quotes BEFORE INSERT OR UPDATE ON helpdesk_citation
    FOR EACH ROW EXECUTE FUNCTION helpdesk_citation_quotes();
"""
DROP_CITATION = """
DROP TRIGGER helpdesk_citation_quotes ON helpdesk_citation;
DROP FUNCTION helpdesk_citation_quotes();
"""

EVENT = """
CREATE FUNCTION helpdesk_event_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.ticket_id, NEW.kind, NEW.data, NEW.created_at)
       IS DISTINCT FROM (OLD.ticket_id, OLD.kind, OLD.data, OLD.created_at) THEN
        RAISE EXCEPTION 'event_is_never_changed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER helpdesk_event_is_final BEFORE UPDATE ON helpdesk_ticketevent
    FOR EACH ROW EXECUTE FUNCTION helpdesk_event_is_final();
"""
DROP_EVENT = """
DROP TRIGGER helpdesk_event_is_final ON helpdesk_ticketevent;
DROP FUNCTION helpdesk_event_is_final();
"""


class Migration(migrations.Migration):
    dependencies = [("helpdesk", "0002_initial")]

    operations = [
        migrations.RunSQL(CITATION, DROP_CITATION),
        migrations.RunSQL(EVENT, DROP_EVENT),
    ]
