"""Drafts from before promised error rates: sure as they were shown."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("helpdesk", "0008_decisions")]

    operations = [
        migrations.RunSQL(
            "UPDATE helpdesk_draft SET own_confidence = confidence, "
            "is_sure = (confidence >= 0.8 AND body <> '')",
            migrations.RunSQL.noop,
        ),
    ]
