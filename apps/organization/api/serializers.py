from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.organization.models import Department, Employee, OpeningHours, Queue, Site
from apps.organization.selectors import terms_span


class SiteSerializer(serializers.ModelSerializer[Site]):
    class Meta:
        model = Site
        fields = ["id", "code", "name", "time_zone", "calendar_code"]
        read_only_fields = fields


class DepartmentSerializer(serializers.ModelSerializer[Department]):
    class Meta:
        model = Department
        fields = ["id", "code", "name", "parent", "manager"]
        read_only_fields = fields


class OpeningHoursSerializer(serializers.ModelSerializer[OpeningHours]):
    class Meta:
        model = OpeningHours
        fields = ["weekday", "opens_minute", "closes_minute"]
        read_only_fields = fields


class QueueSerializer(serializers.ModelSerializer[Queue]):
    service = serializers.SlugRelatedField(slug_field="code", read_only=True)  # type: ignore[var-annotated]
    opening_hours = OpeningHoursSerializer(many=True, read_only=True)

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
        read_only_fields = fields


class EmployeeSerializer(serializers.ModelSerializer[Employee]):
    """A card with what holds today (`selectors.with_todays_facts`); personal limits are never part of it."""

    terms = serializers.SerializerMethodField()
    queues = serializers.SerializerMethodField()
    skills = serializers.SerializerMethodField()

    class Meta:
        model = Employee
        fields = [
            "id",
            "personnel_number",
            "external_id",
            "last_name",
            "first_name",
            "middle_name",
            "hired_on",
            "dismissed_on",
            "terms",
            "queues",
            "skills",
        ]
        read_only_fields = fields

    def get_terms(self, employee: Employee) -> dict[str, Any] | None:
        rows = list(employee.terms.all())
        if not rows:
            return None
        span = terms_span(rows[0])
        return {
            "valid_from": span.first.isoformat(),
            "department": {"id": span.department_id, "name": span.department},
            "site": {"id": span.site_id, "name": span.site},
            "position": span.position,
            "time_zone": span.zone_name,
            "rate": span.rate,
            "weekly_norm_minutes": span.weekly_norm_minutes,
        }

    def get_queues(self, employee: Employee) -> list[dict[str, Any]]:
        return [
            {"id": row.queue_id, "code": row.queue.code, "kind": row.kind, "productivity": row.productivity}
            for row in employee.memberships.all()
        ]

    def get_skills(self, employee: Employee) -> dict[str, int]:
        return {row.skill.code: row.proficiency for row in employee.skills.all()}
