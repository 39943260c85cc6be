"""People: who they are, what holds for them today, what they can."""

from __future__ import annotations

from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from django.db import transaction
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.policies import Capability, require, today
from apps.core.errors import DomainError, NotFoundError
from apps.core.web.api import Repeatable, content_tag, match_or_refuse, tagged
from apps.core.web.api.filters import refuse_unknown
from apps.organization.api.serializers import (
    CardSerializer,
    DismissalSerializer,
    EmployeeChangeSerializer,
    EmployeeDetailSerializer,
    EmployeeSerializer,
    EmployeeSkillsSerializer,
    HireSerializer,
    TermsWriteSerializer,
    terms_facts,
)
from apps.organization.filters import EmployeeFilter
from apps.organization.models import Employee
from apps.organization.policies import employees_visible_to
from apps.organization.selectors import CARD_FIELDS, dated_places, dated_terms, with_todays_facts
from apps.organization.services.cards import change_card, set_skills
from apps.organization.services.checking import locked_employee
from apps.organization.services.employment import change_terms, dismiss, hire_once
from apps.organization.types import CardFacts, TermsFacts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet
    from rest_framework.request import Request

    from apps.accounts.models import User

EDITS = frozenset({"PUT", "PATCH", "DELETE"})
CARD_NAMES = frozenset(CardSerializer().fields)


class EmployeeList(Repeatable, generics.GenericAPIView[Employee]):
    """The people that the signed-in person may see, with what holds for them today, or `on` a day."""

    queryset = Employee.objects.none()
    serializer_class = EmployeeSerializer
    filterset_class = EmployeeFilter
    ordering_fields = ["last_name", "personnel_number", "hired_on"]

    def get_queryset(self) -> QuerySet[Employee]:
        return employees_visible_to(self.request.user)

    @extend_schema(responses=EmployeeSerializer(many=True))
    def get(self, request: Request) -> Response:
        rows = self.filter_queryset(self.get_queryset()).values(*CARD_FIELDS)
        page = cast("list[dict[str, Any]]", self.paginate_queryset(cast("Any", rows)))
        day = parse_date(request.query_params.get("on", ""))  # the filter has refused what is no day
        return self.get_paginated_response(with_todays_facts(page, day=day))

    @extend_schema(
        request=HireSerializer, responses={201: EmployeeDetailSerializer, 200: EmployeeDetailSerializer}
    )
    def post(self, request: Request) -> Response:
        """Hire somebody; the same hire again is answered 200 with the person there is.

        A personnel number that was hired with other facts is a 409 that names them.
        """
        require(request.user, Capability.EDIT_MASTER_DATA)
        asked = HireSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        facts = asked.validated_data
        person, is_new = hire_once(
            card=CardFacts(**{name: facts[name] for name in CARD_NAMES}),
            terms=TermsFacts(**terms_facts(facts["terms"])),
            hired_on=facts["hired_on"],
            actor=cast("User", request.user),
        )
        status = HTTPStatus.CREATED if is_new else HTTPStatus.OK
        response = _shown(request, person.pk, status=status)
        response["Location"] = f"{request.path}{person.pk}/"
        return response


class EmployeeDetail(APIView):
    """One person with what holds today."""

    tagged_methods = EDITS

    @extend_schema(responses=EmployeeDetailSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return _shown(request, pk)

    @extend_schema(request=EmployeeChangeSerializer, responses=EmployeeDetailSerializer)
    def put(self, request: Request, pk: int) -> Response:
        """Write the whole card; other terms hold from a day on, the past stays as it was."""
        asked = EmployeeChangeSerializer(data=request.data)
        return self._change(request, pk, asked)

    @extend_schema(request=EmployeeChangeSerializer(partial=True), responses=EmployeeDetailSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Write the facts that are named; the others stay as they are."""
        asked = EmployeeChangeSerializer(data=request.data, partial=True)
        return self._change(request, pk, asked)

    @extend_schema(parameters=[DismissalSerializer], request=None, responses={204: None})
    @transaction.atomic
    def delete(self, request: Request, pk: int) -> Response:
        """Dismiss the person after `last_day`; nobody is deleted. Who has left already stays so."""
        require(request.user, Capability.EDIT_MASTER_DATA)
        refuse_unknown(request, DismissalSerializer().fields)
        asked = DismissalSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        person = self._locked(request, pk)
        last_day = asked.validated_data.get("last_day")
        if last_day is not None or person.dismissed_on is None:
            dismiss(employee_id=pk, last_day=last_day or today(), actor=cast("User", request.user))
        return Response(status=HTTPStatus.NO_CONTENT)

    @transaction.atomic
    def _change(self, request: Request, pk: int, asked: EmployeeChangeSerializer) -> Response:
        require(request.user, Capability.EDIT_MASTER_DATA)
        person, actor = self._locked(request, pk), cast("User", request.user)
        asked.is_valid(raise_exception=True)
        facts = asked.validated_data
        card = {name: facts.get(name, getattr(person, name)) for name in CARD_NAMES}
        change_card(employee_id=pk, card=CardFacts(**card), actor=actor)
        if "terms" in facts:
            first = facts.get("terms_from") or max(today(), person.hired_on)
            held = person.terms.filter(valid_from__lte=first).order_by("valid_from").last()
            terms = terms_facts(full_terms(facts["terms"], held))
            with _terms_named():
                change_terms(employee_id=pk, terms=TermsFacts(**terms), valid_from=first, actor=actor)
        return _shown(request, pk)

    def _locked(self, request: Request, pk: int) -> Employee:
        """Lock a person and see that the edit builds on what holds now."""
        card = one_card(request, pk)
        if request.headers.get("If-Match"):
            locked_employee(pk)
            card = one_card(request, pk)
            match_or_refuse(request, tag_of(card), current=card)
        return locked_employee(pk)


class EmployeeSkills(APIView):
    """What a person can."""

    tagged_methods = frozenset({"PUT"})

    @extend_schema(responses=EmployeeSkillsSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return tagged(request, {"skills": one_card(request, pk)["skills"]})

    @extend_schema(request=EmployeeSkillsSerializer, responses=EmployeeSkillsSerializer)
    @transaction.atomic
    def put(self, request: Request, pk: int) -> Response:
        """Let the person have these skills and no others."""
        require(request.user, Capability.EDIT_MASTER_DATA)
        one_card(request, pk)
        asked = EmployeeSkillsSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        locked_employee(pk)
        now = {"skills": one_card(request, pk)["skills"]}
        match_or_refuse(request, content_tag(now), current=now)
        set_skills(employee_id=pk, skills=asked.validated_data["skills"], actor=cast("User", request.user))
        return tagged(request, {"skills": one_card(request, pk)["skills"]})


def one_card(request: Request, pk: int) -> dict[str, Any]:
    """Give one person as the API shows it, or `NotFoundError` where the reader may not know of them."""
    rows = employees_visible_to(cast("Any", request.user)).filter(pk=pk).values(*CARD_FIELDS)
    if not rows:
        raise NotFoundError(_("There is no such employee."))
    day, card = today(), with_todays_facts(rows)[0]
    return card | {"terms_ahead": [terms for terms in dated_terms(pk) if terms["valid_from"] > day]}


def tag_of(card: dict[str, Any]) -> str:
    """Give the tag of a card: any change of the person's dated facts, past or ahead, is another one."""
    return content_tag([card, dated_terms(card["id"]), dated_places(card["id"])])


def _shown(request: Request, pk: int, *, status: int = HTTPStatus.OK) -> Response:
    card = one_card(request, pk)
    return tagged(request, card, tag=tag_of(card), status=status)


@contextmanager
def _terms_named() -> Iterator[None]:
    """Name the fields of a refusal of terms by where they stand in the body."""
    try:
        yield
    except DomainError as error:
        error.fields = {
            "terms_from" if name == "valid_from" else f"terms.{name}": texts
            for name, texts in error.fields.items()
        }
        raise


def full_terms(named: dict[str, Any], held: Any) -> dict[str, Any]:
    """Complete the terms that a patch names with those that hold."""
    names = [str(name) for name in TermsWriteSerializer().fields]
    missing = [name for name in names if name not in named]
    if missing and held is None:
        message = _("There are no terms to change on this day.")
        raise DomainError(message, fields={"terms_from": [message]})
    return named | {name: getattr(held, name) for name in missing}
