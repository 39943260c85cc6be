import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('demand', '0002_corrections_and_special_days'),
    ]

    operations = [
        migrations.CreateModel(
            name='HistoryExport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file_name', models.CharField(max_length=255, verbose_name='file')),
                ('content', models.BinaryField(verbose_name='content')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='at')),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
            ],
            options={
                'verbose_name': 'file of history',
                'verbose_name_plural': 'files of history',
            },
        ),
    ]
