from django.db import migrations, models

import apps.core.clock


class Migration(migrations.Migration):
    dependencies = [("core", "0001_outbox")]

    operations = [
        migrations.CreateModel(
            name="RepeatKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("owner", models.CharField(max_length=40, verbose_name="owner")),
                ("key", models.CharField(max_length=255, verbose_name="key")),
                ("method", models.CharField(max_length=8, verbose_name="method")),
                ("path", models.CharField(max_length=500, verbose_name="address")),
                ("body_sha256", models.CharField(max_length=64, verbose_name="digest of the body")),
                ("status", models.PositiveSmallIntegerField(default=0, verbose_name="status")),
                ("headers", models.JSONField(default=dict, verbose_name="headers")),
                ("answer", models.BinaryField(default=b"", verbose_name="answer")),
                ("created_at", models.DateTimeField(db_index=True, default=apps.core.clock.now, verbose_name="created at")),
            ],
            options={
                "verbose_name": "key of a repeatable request",
                "verbose_name_plural": "keys of repeatable requests",
            },
        ),
        migrations.AddConstraint(
            model_name="repeatkey",
            constraint=models.UniqueConstraint(fields=("owner", "key"), name="repeat_key_once_per_owner"),
        ),
    ]
