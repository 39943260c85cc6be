from __future__ import annotations

from django.urls import path

from apps.accounts.views.preferences import Preferences
from apps.accounts.views.session import SignIn, SignOut

app_name = "accounts"
urlpatterns = [
    path("accounts/login/", SignIn.as_view(), name="login"),
    path("accounts/logout/", SignOut.as_view(), name="logout"),
    path("accounts/preferences/", Preferences.as_view(), name="preferences"),
]
