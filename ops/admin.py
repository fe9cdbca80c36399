"""The admin of the machine room."""

from django.apps import apps
from django.contrib import admin

# A django-q2 schedule row runs any function by name, os.system too: nobody edits those rows.
for model in apps.get_app_config("django_q").get_models():
    if admin.site.is_registered(model):
        admin.site.unregister(model)
