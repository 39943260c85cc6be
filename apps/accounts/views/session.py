"""Sign-in and sign-out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import views as auth_views
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.services.guessing import wait_s

if TYPE_CHECKING:
    from django.http import HttpResponse

YEAR_S = 365 * 24 * 3600


class SignInForm(AuthenticationForm):
    """Says why nobody is let in after many failures."""

    def clean(self) -> dict[str, Any]:
        seconds = wait_s(self.cleaned_data.get("username", ""), self.request)
        if seconds:
            message = _("Too many wrong passwords: wait %(seconds)s s.") % {"seconds": seconds}
            raise ValidationError(message, code="throttled")
        return super().clean()


class SignIn(auth_views.LoginView):
    """Sign in by name and password; the person's own language and theme hold from then on."""

    template_name = "accounts/login.html"
    redirect_authenticated_user = True
    authentication_form = SignInForm

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
