from django.db import models
from django.utils.translation import gettext_lazy as _


class System(models.TextChoices):
    """What stands at the other end of a connection."""

    ONEC = "onec", _("1C:ZUP")
    CONTACT_CENTRE = "contact_centre", _("Contact centre")
    MCE = "mce", _("MCE/Oktell live")
    ARGUS = "argus", _("Argus")
    WEBHOOK = "webhook", _("Webhook receiver")


class Dialect(models.TextChoices):
    """How 1C is spoken to; other systems have one dialect."""

    STANDARD = "standard", _("Standard")
    ZUP = "zup", _("1C:ZUP HTTP service")
    GATEWAY = "gateway", _("Integration gateway")


class Authentication(models.TextChoices):
    NONE = "none", _("None")
    BASIC = "basic", _("User name and password")


class OperationState(models.TextChoices):
    PENDING = "pending", _("Waiting")
    PROCESSING = "processing", _("In work")
    COMPLETED = "completed", _("Done")
    FAILED = "failed", _("Failed")
    UNKNOWN = "unknown", _("Outcome unknown")
    CANCELLED = "cancelled", _("Cancelled")


class FailureClass(models.TextChoices):
    """What kind of failure an exchange ended with, and so what may follow."""

    RETRY = "retry", _("Temporary, tried again")
    REFUSED = "refused", _("Refused by the other system")
    AUTHENTICATION = "authentication", _("Sign-in refused")
    CONFIGURATION = "configuration", _("Wrong setting")
    POISON = "poison", _("Unreadable answer")
    UNCLEAR = "unclear", _("Sent, outcome unknown")
    INTERNAL = "internal", _("Fault of ours")
    LOST = "lost", _("Its program died")


class RunState(models.TextChoices):
    RUNNING = "running", _("Running")
    WAITING = "waiting", _("Waits for a person")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class ArgusTable(models.TextChoices):
    """What a table that Argus exports holds; interval history is kept by the imports of history."""

    OPERATORS = "operators", _("Operators by hour")
    EMPLOYEES = "employees", _("Employees")
    SCHEDULES = "schedules", _("Schedules")


class ArgusState(models.TextChoices):
    CHECKED = "checked", _("Checked (dry run)")
    APPLIED = "applied", _("Applied")
    REFUSED = "refused", _("Refused")
    STOPPED = "stopped", _("Stopped half-way")


class SendState(models.TextChoices):
    """How far a person's month is on its way to 1C."""

    WAITING = "waiting", _("Waiting to be sent")
    SENT = "sent", _("Sent to 1C")
    REFUSED = "refused", _("Refused")
    HELD = "held", _("1C holds an earlier month")
    EMPTY = "empty", _("Nothing to send")


class FactState(models.TextChoices):
    """How far the worked time of a day is on its way to 1C."""

    WAITING = "waiting", _("Waiting to be sent")
    SENT = "sent", _("Sent to 1C")
    REFUSED = "refused", _("Refused")
    HELD = "held", _("Waits for a decision")
    REPLACED = "replaced", _("Replaced by another")
    DISCARDED = "discarded", _("Not to be sent")


class Recurrence(models.TextChoices):
    """On which days something is done by itself."""

    DAILY = "daily", _("Daily")
    WEEKLY = "weekly", _("Weekly")
    MONTHLY = "monthly", _("Monthly")


class Weekday(models.IntegerChoices):
    """As Python counts them."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class PersonAction(models.TextChoices):
    """What a personnel run does with one person."""

    CREATE = "create", _("New")
    UPDATE = "update", _("Changed")
    DISMISS = "dismiss", _("Leaves")
    BALANCE = "balance", _("Balance of leave")


class ChangeOutcome(models.TextChoices):
    """What became of a planned change."""

    WAITING = "waiting", _("Waits")
    APPLIED = "applied", _("Applied")
    REFUSED = "refused", _("Refused")
    DECLINED = "declined", _("Declined")


TEST_EVENT = "webhook.test"
WEBHOOK_EVENTS = {  # docs/events.md; the last four are told by parts that are still to come
    "schedule.published": _("A schedule was published"),
    "schedule.changed": _("A schedule was changed"),
    "schedule.planned": _("A schedule was planned"),
    "forecast.completed": _("A forecast was made"),
    "forecast.activated": _("A forecast came into force"),
    "requirement.derived": _("A requirement was derived"),
    "history.imported": _("History was imported"),
    "sync.failed": _("An exchange failed"),
    "operation.failed": _("An operation failed"),
    "connection.down": _("A system stopped answering"),
    "connection.up": _("A system answers again"),
    "alert.triggered": _("An alert was raised"),
    "approval.required": _("A decision is waited for"),
    "request.decided": _("A request was decided"),
    "timesheet.closed": _("A timesheet was closed"),
}
"""What a webhook may ask for, as people see it."""
