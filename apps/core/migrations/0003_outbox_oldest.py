from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("core", "0002_repeat_keys"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="outboxevent",
            index=models.Index(fields=["occurred_at"], name="outbox_event_oldest"),
        ),
    ]
