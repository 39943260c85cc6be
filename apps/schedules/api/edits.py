"""Edits of a schedule by `/api/v1/schedules/{id}/edits/`: show their effect, do, undo and redo them."""

from __future__ import annotations

from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from django.db.models import Exists, OuterRef
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core.errors import DomainError
from apps.core.web.api import Repeatable
from apps.schedules.api.edit_serializers import (
    EditRequestSerializer,
    EditSerializer,
    EffectSerializer,
    OutcomeSerializer,
    PreviewRequestSerializer,
    RedoRequestSerializer,
    UndoRequestSerializer,
)
from apps.schedules.api.views import visible_variant
from apps.schedules.choices import EditSource
from apps.schedules.models import ScheduleEdit, ShiftChange
from apps.schedules.policies import changes_visible_to
from apps.schedules.selectors.edits import edits_of
from apps.schedules.services import editing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet
    from rest_framework.request import Request

OF_THE_BODY = ("commands", "expected", "reason", "source")


class EditList(Repeatable, generics.ListAPIView[ScheduleEdit]):
    """The log of a variant's edits, newest first: who asked for what, when, from where; `?kind=&state=`.

    Of edits that concern people whom the reader may not see nothing is told.
    """

    area = "schedules"
    queryset = ScheduleEdit.objects.none()
    serializer_class = EditSerializer
    filterset_fields = ["kind", "state", "source", "actor"]
    ordering_fields = ["number"]

    def get_queryset(self) -> QuerySet[ScheduleEdit]:
        variant = visible_variant(self.request, self.kwargs["pk"])
        known = changes_visible_to(cast("Any", self.request.user)).values("pk")
        others = ShiftChange.objects.filter(edit=OuterRef("pk")).exclude(pk__in=known)
        return edits_of(variant).exclude(Exists(others))

    @extend_schema(request=EditRequestSerializer, responses={201: OutcomeSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Do commands as one edit, all or none; the answer tells the effect and the shifts as they are.

        `expected` holds the revisions seen, by shift: another one now is a 412 with the shifts as they are. A
        hard labour rule that would newly be broken is a 409 `rule_broken` with the whole effect.
        """
        asked = _asked(EditRequestSerializer, request)
        with in_place(len(asked["commands"])):
            outcome = editing.apply(
                variant_id=pk, actor=cast("Any", request.user), source=EditSource.API, **asked
            )
        return Response(outcome.as_data(), status=HTTPStatus.CREATED)


class EditPreview(APIView):
    """What commands would do; nothing is changed. What `edits` would refuse is told by `is_refused`."""

    area = "schedules"
    repeatable = False

    @extend_schema(request=PreviewRequestSerializer, responses=EffectSerializer)
    def post(self, request: Request, pk: int) -> Response:
        asked = _asked(PreviewRequestSerializer, request)
        with in_place(len(asked["commands"])):
            effect = editing.preview(variant_id=pk, actor=cast("Any", request.user), **asked)
        return Response(effect.as_data())


class EditUndo(Repeatable, APIView):
    """Undo the caller's last edit of the variant, or `edit_id`; 409: there is none, 412: others edited since.

    `skip_overtaken` leaves those of the caller's edits as they are whose shifts others have edited since, and
    undoes the last one before them.
    """

    area = "schedules"

    @extend_schema(request=UndoRequestSerializer, responses={201: OutcomeSerializer})
    def post(self, request: Request, pk: int) -> Response:
        wanted = UndoRequestSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        outcome = editing.undo(variant_id=pk, actor=cast("Any", request.user), **wanted.validated_data)
        return Response(outcome.as_data(), status=HTTPStatus.CREATED)


class EditRedo(Repeatable, APIView):
    """Do again what the caller undid last in the variant, or `edit_id`; refuses as undo does."""

    area = "schedules"

    @extend_schema(request=RedoRequestSerializer, responses={201: OutcomeSerializer})
    def post(self, request: Request, pk: int) -> Response:
        wanted = RedoRequestSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        outcome = editing.redo(variant_id=pk, actor=cast("Any", request.user), **wanted.validated_data)
        return Response(outcome.as_data(), status=HTTPStatus.CREATED)


def _asked(serializer: type[PreviewRequestSerializer], request: Request) -> dict[str, Any]:
    wanted = serializer(data=request.data)
    wanted.is_valid(raise_exception=True)
    return dict(wanted.validated_data)


@contextmanager
def in_place(commands: int) -> Iterator[None]:
    """Name the fields of the only command by its place, as those of several commands are."""
    try:
        yield
    except DomainError as error:
        if commands == 1:
            error.fields = {
                name if name.split(".")[0] in OF_THE_BODY else f"commands.0.{name}": texts
                for name, texts in error.fields.items()
            }
        raise
