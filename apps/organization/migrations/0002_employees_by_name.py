from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organization", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="employee",
            index=models.Index(fields=["last_name", "first_name", "id"], name="employee_by_name"),
        ),
    ]
