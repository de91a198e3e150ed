"""An article is compared anew when it is for other readers than it was."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('qa_engine', '0015_thresholds'),
    ]

    operations = [
        migrations.AddField(
            model_name='reviewedarticle',
            name='reader_groups',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None),
        ),
        migrations.AddField(
            model_name='reviewedarticle',
            name='visibility',
            field=models.CharField(default='public', max_length=10),
        ),
    ]
