from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from apps.core.web.api.bodies import Body, Day, ModelBody
from apps.organization.choices import Membership
from apps.organization.models import (
    Department,
    OpeningHours,
    Position,
    Queue,
    Service,
    Site,
    Skill,
)


class SiteSerializer(ModelBody):
    class Meta:
        model = Site
        fields = ["id", "code", "name", "time_zone", "calendar_code", "latitude", "longitude"]


class DepartmentSerializer(ModelBody):
    class Meta:
        model = Department
        fields = ["id", "code", "name", "parent", "manager"]


class PositionSerializer(ModelBody):
    class Meta:
        model = Position
        fields = ["id", "name", "is_planned"]


class ServiceSerializer(ModelBody):
    class Meta:
        model = Service
        fields = ["id", "code", "name"]


class SkillSerializer(ModelBody):
    class Meta:
        model = Skill
        fields = ["id", "code", "name"]


class OpeningHoursSerializer(ModelBody):
    class Meta:
        model = OpeningHours
        fields = ["weekday", "opens_minute", "closes_minute"]


class QueueSerializer(ModelBody):
    """`opening_hours` in minutes of the queue's day, Monday is 0; a queue without any is always open."""

    service = serializers.SlugRelatedField(slug_field="code", queryset=Service.objects.all())
    opening_hours = OpeningHoursSerializer(many=True, required=False)

    class Meta:
        model = Queue
        fields = [
            "id",
            "code",
            "name",
            "service",
            "channel",
            "priority",
            "time_zone",
            "step_minutes",
            "calendar_code",
            "closed_on_holidays",
            "opening_hours",
        ]


class NamedSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class TermsSerializer(serializers.Serializer[Any]):
    """What the contract says today; minutes a week are already scaled by the rate."""

    valid_from = serializers.DateField()
    department = NamedSerializer()
    site = NamedSerializer()
    position = NamedSerializer()
    time_zone = serializers.CharField(help_text="The person's own, or else that of the site.")
    rate = serializers.FloatField()
    weekly_norm_minutes = serializers.IntegerField()
    max_shift_minutes = serializers.IntegerField(allow_null=True)
    overtime_consent = serializers.BooleanField()
    night_consent = serializers.BooleanField()


class PlaceSerializer(serializers.Serializer[Any]):
    """A place in a queue today."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    kind = serializers.ChoiceField(choices=Membership.choices)
    productivity = serializers.FloatField()


class EmployeeSerializer(serializers.Serializer[Any]):
    """A card with what holds today (`selectors.with_todays_facts`); personal limits are never part of it."""

    id = serializers.IntegerField()
    personnel_number = serializers.CharField()
    external_id = serializers.CharField()
    last_name = serializers.CharField()
    first_name = serializers.CharField()
    middle_name = serializers.CharField()
    hired_on = serializers.DateField()
    dismissed_on = serializers.DateField(allow_null=True)
    terms = TermsSerializer(allow_null=True)
    queues = PlaceSerializer(many=True)
    skills = serializers.DictField(child=serializers.IntegerField(min_value=1, max_value=5))


class DatedTermsSerializer(TermsSerializer):
    """Terms with their last day; null is open."""

    valid_to = serializers.DateField(allow_null=True)


class EmployeeDetailSerializer(EmployeeSerializer):
    """A card with the terms that hold later, too."""

    terms_ahead = DatedTermsSerializer(many=True)


class DatedPlaceSerializer(serializers.Serializer[Any]):
    """A place in a queue over days, both included; no last day is open."""

    queue = serializers.IntegerField()
    code = serializers.CharField()
    kind = serializers.ChoiceField(choices=Membership.choices)
    productivity = serializers.FloatField()
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(allow_null=True)


class EmployeePlacesSerializer(serializers.Serializer[Any]):
    queues = DatedPlaceSerializer(many=True)


class PlaceWriteSerializer(Body):
    queue = serializers.PrimaryKeyRelatedField(queryset=Queue.objects.all())
    kind = serializers.ChoiceField(choices=Membership.choices, default=Membership.MAIN)
    productivity = serializers.DecimalField(
        max_digits=4, decimal_places=3, min_value=0, default=Decimal(1), coerce_to_string=False
    )


class PlacesWriteSerializer(Body):
    """The queues of a person from a day on (default: today, or the day of the hire when it is ahead)."""

    queues = PlaceWriteSerializer(many=True)
    valid_from = Day(required=False)


class TermsWriteSerializer(Body):
    """What a contract is to say."""

    department = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all())
    site = serializers.PrimaryKeyRelatedField(queryset=Site.objects.all())
    position = serializers.PrimaryKeyRelatedField(queryset=Position.objects.all())
    time_zone = serializers.CharField(required=False, allow_blank=True, max_length=64, default="")
    rate = serializers.DecimalField(
        required=False,
        max_digits=4,
        decimal_places=3,
        min_value=0,
        default=Decimal(1),
        coerce_to_string=False,
    )
    weekly_norm_minutes = serializers.IntegerField(required=False, min_value=0, max_value=3600, default=2400)
    max_shift_minutes = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=1440, default=None
    )
    overtime_consent = serializers.BooleanField(required=False, default=False)
    night_consent = serializers.BooleanField(required=False, default=True)


class CardSerializer(Body):
    """Who a person is to be."""

    personnel_number = serializers.CharField(max_length=20)
    last_name = serializers.CharField(max_length=80)
    first_name = serializers.CharField(max_length=80)
    middle_name = serializers.CharField(required=False, allow_blank=True, max_length=80, default="")
    external_id = serializers.CharField(required=False, allow_blank=True, max_length=64, default="")


class HireSerializer(CardSerializer):
    """A new person: card, terms, and the day from which they hold."""

    hired_on = Day()
    terms = TermsWriteSerializer()


class EmployeeChangeSerializer(CardSerializer):
    """A card and terms; other terms than those of today hold from `terms_from` (default: today)."""

    terms = TermsWriteSerializer()
    terms_from = Day(required=False)


class EmployeeSkillsSerializer(Body):
    """Codes of skills, each with its level from 1 (learning) to 5 (expert)."""

    skills = serializers.DictField(child=serializers.IntegerField(min_value=1, max_value=5))


class DismissalSerializer(serializers.Serializer[Any]):
    last_day = Day(required=False, help_text="The last working day; default: today.")


def terms_facts(terms: dict[str, Any]) -> dict[str, Any]:
    """Give validated terms as `types.TermsFacts` names them."""
    keys = {f"{name}_id": terms.pop(name).pk for name in ("department", "site", "position")}
    return keys | terms
