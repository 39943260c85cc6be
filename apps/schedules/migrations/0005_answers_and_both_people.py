"""An edit keeps who had answered for what before it, a change both people of a shift handed over."""

import django.db.models.deletion
from django.db import migrations, models

FORTH = """
ALTER TABLE schedules_shiftchange DISABLE TRIGGER change_stays_as_written;
UPDATE schedules_shiftchange SET former_id = (before ->> 'employee_id')::bigint
 WHERE after IS NOT NULL AND (before ->> 'employee_id')::bigint <> employee_id;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE schedules_shiftchange ENABLE TRIGGER change_stays_as_written;
"""
STATES = [
    ("done", "Done"),
    ("undone", "Undone"),
    ("discarded", "Undone for good"),
    ("overtaken", "Left as it is"),
]


class Migration(migrations.Migration):
    dependencies = [("schedules", "0004_edits_stay_as_written")]

    operations = [
        migrations.AlterField(
            model_name="scheduleedit",
            name="state",
            field=models.CharField(choices=STATES, default="done", max_length=10, verbose_name="state"),
        ),
        migrations.AddField(
            model_name="scheduleedit",
            name="answered",
            field=models.JSONField(default=list, verbose_name="let pass before"),
        ),
        migrations.AddField(
            model_name="shiftchange",
            name="former",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organization.employee",
                verbose_name="person before",
            ),
        ),
        migrations.RunSQL(FORTH, migrations.RunSQL.noop),
    ]
