"""The product's addresses, and doors through which these tests ask for work."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model, login
from django.db import transaction
from django.http import JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apps.core import events
from apps.core.dispatch import enqueue
from tests.force.points import start_one
from wfm import urls

if TYPE_CHECKING:
    from django.http import HttpRequest

handler404 = urls.handler404
handler500 = urls.handler500


@csrf_exempt
@require_POST
def sign_in(request: HttpRequest) -> JsonResponse:
    user, _made = get_user_model().objects.get_or_create(username="force")
    login(request, user)
    return JsonResponse({})


@csrf_exempt
@require_POST
def start(request: HttpRequest) -> JsonResponse:
    """Start jobs, one for each of `params`; their keys are the answer, and a promise."""
    wanted = json.loads(request.body)
    with transaction.atomic():
        jobs = [start_one(wanted.get("kind", "force.store"), None, params) for params in wanted["params"]]
    return JsonResponse({"jobs": [str(job.pk) for job in jobs]})


@csrf_exempt
@require_POST
def emit(request: HttpRequest) -> JsonResponse:
    """Make events happen; their keys are the answer, and a promise."""
    with transaction.atomic():
        made = [
            events.emit("force.happened", aggregate="force", aggregate_id=number, data={})
            for number in range(json.loads(request.body)["count"])
        ]
    return JsonResponse({"events": [str(event.pk) for event in made]})


@csrf_exempt
@require_POST
def sweep(request: HttpRequest) -> JsonResponse:
    """Have several workers sweep at once."""
    for _ in range(json.loads(request.body)["count"]):
        enqueue("jobs.sweep")
    return JsonResponse({})


urlpatterns = [
    path("force/sign-in/", sign_in),
    path("force/start/", start),
    path("force/emit/", emit),
    path("force/sweep/", sweep),
    *urls.urlpatterns,
]
