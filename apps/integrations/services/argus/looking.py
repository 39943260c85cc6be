"""Looking at a file, or at the set-up, without changing anything."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import IO, TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from apps.core.errors import DomainError
from apps.demand.errors import FileRefusedError
from apps.demand.services.reading.limits import DEFAULT_LIMITS
from apps.demand.services.reading.table import read_table
from apps.integrations.choices import ArgusTable, System
from apps.integrations.models import Connection
from apps.integrations.policies import require_operating
from apps.integrations.registry import find_connection_test
from apps.integrations.services.access import access_of
from apps.integrations.services.argus.importing import FORMATS
from apps.integrations.services.argus.table import open_named
from apps.integrations.wire.argus.rows import RowRefusedError

if TYPE_CHECKING:
    from apps.accounts.models import User
    from apps.demand.types import RowError

INTERVALS = "intervals"
TABLES = (INTERVALS, *ArgusTable.values)
LIMITS = replace(DEFAULT_LIMITS, file_bytes=5 * 1024**2, text_bytes=20 * 1024**2, rows=20_000)
ERRORS_SHOWN = 100


@dataclass(frozen=True)
class Look:
    """What a file holds: how many rows are right in themselves, and what is wrong with the others."""

    table: str
    rows_read: int
    rows_refused: int
    unknown_columns: list[str]
    errors: list[dict[str, Any]]

    @property
    def is_well(self) -> bool:
        return not self.rows_refused

    def as_data(self) -> dict[str, Any]:
        return asdict(self) | {"ok": self.is_well}


def look_at_file(*, file: IO[bytes], table: str, actor: User | None) -> Look:
    """Read a file of up to 5 MB whole; without `table` as what its columns say it is.

    Nothing is asked of the database: whether a person or a queue is there tells a dry run of the import.
    Raises `FileRefusedError` as an import does.
    """
    require_operating(actor)
    file.seek(0, 2)
    if file.tell() > LIMITS.file_bytes:
        message = _("A file of more than %(mb)d MB is checked by a dry run of its import.")
        raise DomainError(message % {"mb": LIMITS.file_bytes // 1024**2}, fields={"file": [_("Too large.")]})
    tables = (
        (table,) if table else (INTERVALS, ArgusTable.SCHEDULES, ArgusTable.EMPLOYEES, ArgusTable.OPERATORS)
    )
    refusals = []
    for one in tables:
        try:
            return _intervals(file) if one == INTERVALS else _named(file, ArgusTable(one))
        except FileRefusedError as refusal:
            refusals.append(refusal)
    raise refusals[0]


def look_at_setup(*, actor: User | None) -> list[dict[str, Any]]:
    """Test every active connection to Argus; without one there is nothing that could be wrong."""
    require_operating(actor)
    findings = []
    for connection in Connection.objects.filter(system=System.ARGUS, is_active=True):
        test = find_connection_test(System.ARGUS)
        told = test(access_of(connection.pk)) if test else []
        findings += [{"connection": connection.code, "ok": well, "text": text} for well, text in told]
    if not findings:
        text = _("No connection is needed: Argus exports files, and they are imported here.")
        findings.append({"connection": "", "ok": True, "text": text})
    return findings


def _intervals(file: IO[bytes]) -> Look:
    table = read_table(file, LIMITS)
    errors = table.report.sorted()
    return Look(INTERVALS, table.rows_read, table.report.count, list(table.layout.unknown), _shown(errors))


def _named(file: IO[bytes], table: ArgusTable) -> Look:
    form = FORMATS[table]
    named = open_named(file, form.names)
    for line, cells in named.rows():
        try:
            form.parse(cells)
        except RowRefusedError as error:
            named.report.add(line, error.column, error.reason, error.value)
    unknown = [*named.unknown, *named.text.stray]
    return Look(str(table), named.rows_read, named.report.count, unknown, _shown(named.report.sorted()))


def _shown(errors: list[RowError]) -> list[dict[str, Any]]:
    return [
        {"line": error.line, "column": error.column, "reason": str(error.reason), "value": error.value}
        for error in errors[:ERRORS_SHOWN]
    ]
