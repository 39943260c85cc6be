"""The admin site of the product: stock admin, our frame."""

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class WfmAdminSite(AdminSite):
    site_header = "WFM"
    site_title = "WFM"
    index_title = _("Master data")


class WfmAdminConfig(AdminConfig):
    default_site = "wfm.admin.WfmAdminSite"
