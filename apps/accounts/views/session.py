"""Sign-in and sign-out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import views as auth_views

from apps.accounts.models import User

if TYPE_CHECKING:
    from django.contrib.auth.forms import AuthenticationForm
    from django.http import HttpResponse

YEAR_S = 365 * 24 * 3600


class SignIn(auth_views.LoginView):
    """Sign in by name and password; the person's own language and theme hold from then on."""

    template_name = "accounts/login.html"
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        user = form.get_user()
        if isinstance(user, User) and user.language:
            set_cookie(response, settings.LANGUAGE_COOKIE_NAME, user.language)
        return response


class SignOut(auth_views.LogoutView):
    next_page = settings.LOGIN_URL


def set_cookie(response: HttpResponse, name: str, value: str) -> None:
    """Keep a choice of the reader in the browser for a year."""
    response.set_cookie(
        name, value, max_age=YEAR_S, samesite="Lax", httponly=True, secure=settings.SESSION_COOKIE_SECURE
    )
