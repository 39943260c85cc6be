"""How a person wants the pages: language, theme and density."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View

from apps.accounts.choices import Density, Theme
from apps.accounts.models import User
from apps.accounts.services.preferences import change_preferences
from apps.accounts.views.session import set_cookie

if TYPE_CHECKING:
    from django.http import HttpRequest


class Preferences(View):
    """Take a language, theme or density and go back; kept with the person, and in a cookie before sign-in."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponseRedirect:
        response = HttpResponseRedirect(_back(request))
        language, theme, density = (request.POST.get(name, "") for name in ("language", "theme", "density"))
        if language in dict(settings.LANGUAGES):
            set_cookie(response, settings.LANGUAGE_COOKIE_NAME, language)
        if theme in Theme.values:
            set_cookie(response, "theme", theme)
        if density in Density.values:
            set_cookie(response, "density", density)
        if isinstance(request.user, User):
            change_preferences(user=request.user, language=language, theme=theme, density=density)
        return response


def _back(request: HttpRequest) -> str:
    target = request.POST.get("next", "")
    allowed = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if allowed else settings.LOGIN_REDIRECT_URL
