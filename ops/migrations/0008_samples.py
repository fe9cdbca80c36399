from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ops', '0007_letters_of_one_cause'),
    ]

    operations = [
        migrations.CreateModel(
            name='Sample',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('span', models.CharField(choices=[('minute', 'Minute'), ('hour', 'Hour'), ('total', 'Total')], max_length=6)),
                ('metric', models.CharField(max_length=20)),
                ('label', models.CharField(blank=True, max_length=60)),
                ('at', models.DateTimeField()),
                ('value', models.FloatField(null=True)),
                ('highest', models.FloatField(null=True)),
                ('buckets', models.JSONField(null=True)),
            ],
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['queue', 'run_at', 'token', 'state'], name='job_depth'),
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(condition=models.Q(('finished_at__isnull', False)), fields=['state', 'finished_at', 'queue'], name='job_ended'),
        ),
        migrations.AddConstraint(
            model_name='sample',
            constraint=models.UniqueConstraint(fields=('span', 'metric', 'at', 'label'), name='one_sample_per_minute'),
        ),
    ]
