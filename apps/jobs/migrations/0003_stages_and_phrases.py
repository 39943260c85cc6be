import apps.core.phrases
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

TO_PHRASE = """
UPDATE jobs_job SET reason = CASE
    WHEN reason = '' THEN '{"message": "", "parameters": {}}'
    ELSE jsonb_build_object('message', '%(text)s', 'parameters', jsonb_build_object('text', reason))::text
END
"""
TO_TEXT = """
UPDATE jobs_job SET reason = CASE
    WHEN reason::jsonb ->> 'message' = '%(text)s' THEN reason::jsonb #>> '{parameters,text}'
    ELSE reason::jsonb ->> 'message'
END
"""


class Migration(migrations.Migration):

    dependencies = [
        ("jobs", "0002_as_system"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(TO_PHRASE, migrations.RunSQL.noop),
        migrations.RunSQL(migrations.RunSQL.noop, TO_TEXT),
        migrations.AlterField(
            model_name="job",
            name="reason",
            field=apps.core.phrases.PhraseField(
                blank=True, default=apps.core.phrases.Phrase, verbose_name="reason"
            ),
        ),
        migrations.AddField(
            model_name="job",
            name="deaths",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="attempts whose worker died"),
        ),
        migrations.AddField(
            model_name="job",
            name="progress_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="progress told at"),
        ),
        migrations.AddField(
            model_name="job",
            name="stages",
            field=models.JSONField(blank=True, default=list, verbose_name="stages"),
        ),
        migrations.AddField(
            model_name="job",
            name="seen_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="end seen by its starter at"),
        ),
        migrations.AddField(
            model_name="job",
            name="repeat_of",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="repeats",
                to="jobs.job",
                verbose_name="repeat of",
            ),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(fields=["created_by", "-created_at"], name="job_newest_of_person"),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(("state__in", ("queued", "running")), _negated=True),
                fields=["finished_at"],
                name="job_oldest_finished",
            ),
        ),
    ]
