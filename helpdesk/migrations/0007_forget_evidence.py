"""Whoever deletes a ticket or a message takes its words out of the evidence, too.

That the need was seen stays; the quotation goes, whichever program deletes the row.
"""

from django.db import migrations

FORGET = """
CREATE FUNCTION helpdesk_forget_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'helpdesk_ticket' THEN
        UPDATE knowledge_suggestionevidence
           SET quote = '', before = '', label = '', forgotten_at = statement_timestamp()
         WHERE ticket_number = OLD.number AND forgotten_at IS NULL;
    ELSE
        UPDATE knowledge_suggestionevidence
           SET quote = '', before = '', label = '', forgotten_at = statement_timestamp()
         WHERE ticket_number = (SELECT number FROM helpdesk_ticket WHERE id = OLD.ticket_id)
           AND message_id = OLD.id AND forgotten_at IS NULL;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER helpdesk_forget_evidence AFTER DELETE ON helpdesk_ticket
    FOR EACH ROW EXECUTE FUNCTION helpdesk_forget_evidence();
CREATE TRIGGER helpdesk_forget_evidence AFTER DELETE ON helpdesk_message
    FOR EACH ROW EXECUTE FUNCTION helpdesk_forget_evidence();
"""
DROP_FORGET = """
DROP TRIGGER helpdesk_forget_evidence ON helpdesk_message;
DROP TRIGGER helpdesk_forget_evidence ON helpdesk_ticket;
DROP FUNCTION helpdesk_forget_evidence();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("helpdesk", "0006_taught_facts"),
        ("knowledge", "0004_suggestions"),
    ]

    operations = [migrations.RunSQL(FORGET, DROP_FORGET)]
