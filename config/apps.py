"""The admin as Django starts it: with our own site in place of the stock one."""

from django.contrib.admin.apps import AdminConfig


class AdministrationConfig(AdminConfig):
    default_site = "ops.admin_site.CandorAdminSite"
