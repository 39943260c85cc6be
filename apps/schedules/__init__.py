"""Schedules: who works when.

Owns planning groups, work rules, break policies, labour rule settings, absences, and variants with their
shifts and activities. Reads people and queues (organization), calendars and kinds (workcalendar),
requirements (staffing). Emits `schedule.planned` and `schedule.published`. Start at
`services/optimisation.py` and `services/publishing.py`; what the database itself holds is in
`migrations/0002_shift_invariants.py`.
"""
