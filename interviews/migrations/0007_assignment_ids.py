import uuid

from django.db import migrations, models


def give_ids(apps, schema_editor):
    """Every row gets an id of its own: a default alone would give all of them the same."""
    assignments = apps.get_model('interviews', 'Assignment').objects.all()
    for assignment in assignments.iterator():
        assignment.public_id = uuid.uuid4()
        assignment.save(update_fields=['public_id'])


class Migration(migrations.Migration):

    dependencies = [
        ('interviews', '0006_names'),
    ]

    operations = [
        migrations.AddField(
            model_name='assignment',
            name='public_id',
            field=models.UUIDField(null=True, editable=False),
        ),
        migrations.RunPython(give_ids, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            model_name='assignment',
            name='public_id',
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
    ]
