"""Shifts by `/api/v1/shifts/`: read, changed and taken away through the editing service."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, cast

from django.db import transaction
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core.errors import DomainError, NotFoundError, StaleError
from apps.core.web.api import match_or_refuse, tagged, version_tag
from apps.organization.policies import employees_visible_to
from apps.schedules.api.edit_serializers import (
    OutcomeSerializer,
    ShiftChangeSerializer,
    ShiftDetailSerializer,
    ShiftHistorySerializer,
)
from apps.schedules.choices import EditSource, VariantState
from apps.schedules.models import ScheduleVariant, Shift, ShiftChange
from apps.schedules.policies import changes_visible_to, variants_visible_to
from apps.schedules.selectors.edits import shift_history
from apps.schedules.services import editing
from apps.schedules.types import DeleteShift, MoveShift, ResizeShift

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet
    from rest_framework.request import Request

    from apps.schedules.types import Command, EditOutcome

BODY_NAMES = {"employee_id": "employee"}
HISTORY_FIELDS = [str(name) for name in ShiftHistorySerializer().fields]


def visible_shifts(request: Request) -> QuerySet[Shift]:
    """Give the shifts of the variants and people whom the caller may see."""
    user = cast("Any", request.user)
    rows = Shift.objects.filter(
        variant__in=variants_visible_to(user), employee__in=employees_visible_to(user)
    )
    return rows.prefetch_related("activities__kind")


def visible_shift(request: Request, pk: int) -> Shift:
    shift = visible_shifts(request).filter(pk=pk).first()
    if shift is None:
        raise NotFoundError(_("There is no shift %(key)s.") % {"key": pk})
    return shift


def tag_of(shift: Shift) -> str:
    """Give the tag of a shift: equal ones show the same shift, published or not."""
    return _tag(shift.pk, shift.revision, shift.is_published)


def _tag(pk: int, revision: int, is_published: bool) -> str:  # noqa: FBT001 - what a tag is made of
    return version_tag("shift", pk, revision, "published" if is_published else "planned")


class Shifts(generics.ListAPIView[Shift]):
    """Shifts with their activities; `?variant=&employee=&local_date=&is_published=`."""

    area = "shifts"
    queryset = Shift.objects.none()
    serializer_class = ShiftDetailSerializer
    filterset_fields = {
        "variant": ["exact"],
        "employee": ["exact"],
        "local_date": ["exact", "gte", "lte"],
        "is_published": ["exact"],
    }
    ordering_fields = ["start", "local_date", "employee"]

    def get_queryset(self) -> QuerySet[Shift]:
        return visible_shifts(self.request).order_by("start", "pk")


class ShiftDetail(APIView):
    """One shift with its activities; its `ETag` is what `If-Match` of a change names."""

    area = "shifts"
    tagged_methods = {"PATCH", "DELETE"}

    @extend_schema(responses=ShiftDetailSerializer)
    def get(self, request: Request, pk: int) -> Response:
        shift = visible_shift(request, pk)
        return tagged(request, ShiftDetailSerializer(shift).data, tag=tag_of(shift))

    @extend_schema(request=ShiftChangeSerializer, responses=OutcomeSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Move a shift to another time, change its hours, give it to another person, or all of these.

        A new start alone moves it; with a new end too its lunch and breaks are laid anew. The answer tells
        the effect; a hard labour rule that would newly be broken is a 409 `rule_broken` with that effect.
        """
        wanted = ShiftChangeSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        asked = wanted.validated_data
        shift = visible_shift(request, pk)
        outcome = _edited(request, shift, _commands(shift, asked), asked.get("reason", ""))
        made = next(snapshot for snapshot in outcome.shifts if snapshot.shift_id == pk)
        return tagged(request, outcome.as_data(), tag=_tag(pk, made.revision, shift.is_published))

    @extend_schema(responses={200: OutcomeSerializer})
    def delete(self, request: Request, pk: int) -> Response:
        """Take a shift away; the answer tells the effect. It can be undone."""
        outcome = _edited(request, visible_shift(request, pk), [DeleteShift(pk)], "")
        return Response(outcome.as_data())


class ShiftHistory(APIView):
    """What happened to a shift, newest first: who, when, from what to what; also of one that is gone."""

    area = "shifts"

    @extend_schema(responses=ShiftHistorySerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        user = cast("Any", request.user)
        known = ShiftChange.objects.filter(shift_id=pk, edit__variant__in=variants_visible_to(user))
        if not known.exists():
            visible_shift(request, pk)
        told = [asdict(entry) for entry in shift_history(known & changes_visible_to(user))]
        return Response([{name: row[name] for name in HISTORY_FIELDS} for row in told])


def _commands(shift: Shift, asked: Mapping[str, Any]) -> list[Command]:
    """Say a change of fields in commands: a span of the same length is a move; what is not asked stays."""
    start, end = asked.get("start", shift.start), asked.get("end", shift.end)
    holder = asked.get("employee", shift.employee_id)
    employee_id = None if holder == shift.employee_id else holder
    is_moved = "end" not in asked or end - start == shift.end - shift.start
    if is_moved:
        return [MoveShift(shift.pk, start=asked.get("start"), employee_id=employee_id)]
    handed = [] if employee_id is None else [MoveShift(shift.pk, employee_id=employee_id)]
    return [*handed, ResizeShift(shift.pk, start, end)]


def _edited(request: Request, shift: Shift, commands: list[Command], reason: str) -> EditOutcome:
    """Do the commands on the shift as it was read, and as `If-Match` names it where it does.

    The service looks again once it holds the locks: whatever changed in between is a 412.
    """
    match_or_refuse(request, tag_of(shift), current=ShiftDetailSerializer(shift).data)
    try:
        with transaction.atomic():
            outcome = editing.apply(
                variant_id=shift.variant_id,
                commands=commands,
                actor=cast("Any", request.user),
                expected={shift.pk: shift.revision},
                source=EditSource.API,
                reason=reason,
            )
            _refuse_published_meanwhile(shift)
    except StaleError as error:
        newer = visible_shift(request, shift.pk)
        current = ShiftDetailSerializer(newer).data
        raise StaleError(error.message, etag=tag_of(newer), current=current) from error
    except DomainError as error:
        error.fields = {_body_name(name): texts for name, texts in error.fields.items()}
        raise
    return outcome


def _refuse_published_meanwhile(shift: Shift) -> None:
    """Take the edit back where the variant, whose lock is held now, is not in the state that was seen."""
    published = ScheduleVariant.objects.filter(pk=shift.variant_id, state=VariantState.PUBLISHED)
    if published.exists() != shift.is_published:
        raise StaleError(_("The schedule was published meanwhile; look at it again."))


def _body_name(name: str) -> str:
    last = name.rpartition(".")[2]
    return BODY_NAMES.get(last, last)
