"""From forecast to required agents, and from a schedule to the service it will give.

Owns the coefficients (minimum staff, reserve, absenteeism) around the queueing models of
`apps.algorithms.queueing`; reads arrays of calls and handle times; knows nothing of people or shifts.
"""

from apps.algorithms.staffing.call_records import estimate_patience, mean_handle_time
from apps.algorithms.staffing.expectation import ServiceExpectation, ServiceTotals, expected_service
from apps.algorithms.staffing.requirement import Requirement, StaffingPolicy, derive_requirement, offered_load

__all__ = [
    "Requirement",
    "ServiceExpectation",
    "ServiceTotals",
    "StaffingPolicy",
    "derive_requirement",
    "estimate_patience",
    "expected_service",
    "mean_handle_time",
    "offered_load",
]
