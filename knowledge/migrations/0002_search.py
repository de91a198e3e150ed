"""Who published an article and when, and the tables that search reads."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('knowledge', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        TrigramExtension(),
        UnaccentExtension(),
        migrations.AddField(
            model_name='article',
            name='published_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='published at'),
        ),
        migrations.AddField(
            model_name='article',
            name='published_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='article',
            name='updated_at',
            field=models.DateTimeField(auto_now=True, verbose_name='updated'),
        ),
        migrations.CreateModel(
            name='SearchEntry',
            fields=[
                ('article', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='search_entry', serialize=False, to='knowledge.article')),
                ('vector', django.contrib.postgres.search.SearchVectorField()),
            ],
            options={
                'verbose_name': 'search entry',
                'verbose_name_plural': 'search entries',
                'default_permissions': (),
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['vector'], name='search_entry_vector')],
            },
        ),
        migrations.CreateModel(
            name='Word',
            fields=[
                ('word', models.CharField(max_length=40, primary_key=True, serialize=False)),
            ],
            options={
                'verbose_name': 'word',
                'verbose_name_plural': 'words',
                'default_permissions': (),
                'indexes': [django.contrib.postgres.indexes.GistIndex(fields=['word'], name='word_trigrams', opclasses=['gist_trgm_ops'])],
            },
        ),
    ]
