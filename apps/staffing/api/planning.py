"""Calculators of queueing: arrays in, arrays out, nothing kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.policies import Capability, require
from apps.algorithms.queueing import QueuePerformance, erlang_a, erlang_c
from apps.core.errors import DomainError
from apps.core.web.api.bodies import Body

if TYPE_CHECKING:
    from rest_framework.request import Request

MOST_ELEMENTS = 10_000
MOST_AGENTS, MOST_S = 100_000, 86_400
LOAD = OpenApiExample("A quarter of an hour", {"agents": [10, 11, 12], "load_erl": 8.5, "aht_s": 240})


class NumbersField(serializers.ListField):
    """A list of numbers; one number stands for a list of it."""

    def __init__(self, *, min_value: float, max_value: float, **kwargs: Any) -> None:
        child = serializers.FloatField(min_value=min_value, max_value=max_value)
        super().__init__(child=child, min_length=1, max_length=MOST_ELEMENTS, **kwargs)

    def to_internal_value(self, data: Any) -> list[float]:
        numbers: list[float] = super().to_internal_value(data if isinstance(data, list) else [data])
        return numbers


class ErlangCSerializer(Body):
    """Lists of one length, or single numbers; the load in erlang is calls × AHT / interval."""

    agents = NumbersField(min_value=0, max_value=MOST_AGENTS)
    load_erl = NumbersField(min_value=0, max_value=MOST_AGENTS)
    aht_s = NumbersField(min_value=0.001, max_value=MOST_S)
    threshold_s = NumbersField(min_value=0, max_value=MOST_S, required=False, default=[20.0])

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        lengths = {len(values) for values in attrs.values()} - {1}
        if len(lengths) > 1:
            raise serializers.ValidationError(_("The lists are of one length, or hold one number."))
        return attrs


class ErlangASerializer(ErlangCSerializer):
    """With callers who hang up: mean patience in seconds."""

    patience_s = NumbersField(min_value=0.001, max_value=MOST_S)


class PerformanceSerializer(serializers.Serializer[Any]):
    """Lists of one length; `asa_s` is null where the queue grows without bound."""

    p_wait = serializers.ListField(child=serializers.FloatField())
    service_level = serializers.ListField(child=serializers.FloatField())
    asa_s = serializers.ListField(child=serializers.FloatField(allow_null=True))
    occupancy = serializers.ListField(child=serializers.FloatField())
    p_abandon = serializers.ListField(child=serializers.FloatField())


class Calculator(APIView):
    """What the calculators share: a POST that changes nothing."""

    area = "planning"
    reads_by_post = True
    repeatable = False
    asked: type[ErlangCSerializer] = ErlangCSerializer

    def calculate(self, numbers: dict[str, Any]) -> QueuePerformance:
        return erlang_c(numbers.pop("agents"), numbers.pop("load_erl"), **numbers)

    def answer(self, request: Request) -> Response:
        require(request.user, Capability.VIEW_PLANNING)
        query = self.asked(data=request.data)
        query.is_valid(raise_exception=True)
        try:
            found = self.calculate(dict(query.validated_data))
        except ValueError as error:
            raise DomainError(str(error)) from error
        return Response({name: _finite(values) for name, values in vars(found).items()})


class ErlangC(Calculator):
    """Service level, waiting and occupancy where callers never hang up (Erlang C)."""

    @extend_schema(request=ErlangCSerializer, responses={200: PerformanceSerializer}, examples=[LOAD])
    def post(self, request: Request) -> Response:
        return self.answer(request)


class ErlangA(Calculator):
    """Service level, waiting, occupancy and hang-ups where callers have patience (Erlang A)."""

    asked = ErlangASerializer

    def calculate(self, numbers: dict[str, Any]) -> QueuePerformance:
        return erlang_a(numbers.pop("agents"), numbers.pop("load_erl"), **numbers)

    @extend_schema(request=ErlangASerializer, responses={200: PerformanceSerializer})
    def post(self, request: Request) -> Response:
        return self.answer(request)


def _finite(values: np.ndarray[Any, np.dtype[np.float64]]) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in np.atleast_1d(values)]
