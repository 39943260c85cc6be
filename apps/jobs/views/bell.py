"""The bell of every page: one's own jobs that run or ended lately."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.views import View

from apps.core.web.pages import PageMixin
from apps.jobs import selectors
from apps.jobs.services import mark_seen

if TYPE_CHECKING:
    import datetime as dt

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser
    from django.http import HttpRequest

    from apps.jobs.models import Job


class Bell(PageMixin, View):
    """The list behind the bell, and its count; asked often, so one query beside that of the session."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return _bell(request, selectors.jobs_of_person(_user(request)))

    def handle_no_permission(self) -> HttpResponse:  # type: ignore[override]
        """Answer a page whose person signed out elsewhere with nothing, rather than with the sign-in page."""
        return HttpResponse(status=HTTPStatus.NO_CONTENT)


class BellSeen(PageMixin, View):
    """Note that the person saw what ended by `until`, the newest end that the list showed."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        until = _instant(request.POST.get("until", ""))
        if until is None:
            return HttpResponseBadRequest()
        jobs = selectors.jobs_of_person(_user(request))  # before: what is news stays marked in this answer
        mark_seen(_user(request), until=until)
        return _bell(request, jobs, seen=True)


def _bell(request: HttpRequest, jobs: list[Job], *, seen: bool = False) -> HttpResponse:
    news = [job.finished_at for job in jobs if job.finished_at and job.seen_at is None]
    context = {
        "jobs": jobs,
        "active": sum(job.is_active for job in jobs),
        "unseen": 0 if seen else len(news),
        "until": max(news).isoformat() if news else "",
    }
    return render(request, "jobs/bell_jobs.html", context)


def _instant(text: str) -> dt.datetime | None:
    try:
        instant = parse_datetime(text)
    except ValueError:
        return None
    return instant if instant is not None and instant.tzinfo is not None else None


def _user(request: HttpRequest) -> AbstractBaseUser | AnonymousUser:
    return cast("AbstractBaseUser | AnonymousUser", request.user)
