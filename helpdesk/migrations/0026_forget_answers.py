"""Whoever deletes a ticket or a message takes what the engine keeps of its words along.

Whichever program deletes the row. Of a ticket that lost a message nothing is kept any more.
"""

from django.db import migrations

FORGET = """
CREATE FUNCTION helpdesk_forget_answers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'helpdesk_ticket' THEN
        DELETE FROM qa_engine_answeredquestion WHERE source = 'ticket:' || OLD.id;
    ELSE
        DELETE FROM qa_engine_answeredquestion WHERE source = 'ticket:' || OLD.ticket_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER helpdesk_forget_answers AFTER DELETE ON helpdesk_ticket
    FOR EACH ROW EXECUTE FUNCTION helpdesk_forget_answers();
CREATE TRIGGER helpdesk_forget_answers AFTER DELETE ON helpdesk_message
    FOR EACH ROW EXECUTE FUNCTION helpdesk_forget_answers();
"""
DROP_FORGET = """
DROP TRIGGER helpdesk_forget_answers ON helpdesk_message;
DROP TRIGGER helpdesk_forget_answers ON helpdesk_ticket;
DROP FUNCTION helpdesk_forget_answers();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("helpdesk", "0025_replay_open_once"),
        ("qa_engine", "0020_answered_questions"),
    ]

    operations = [migrations.RunSQL(FORGET, DROP_FORGET)]
