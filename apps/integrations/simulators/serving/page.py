"""The page at `/`: a tool's plain tables."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.integrations.simulators.serving.simulator import Simulator, Table

ROWS = 500
NEWEST = 100
REQUEST_COLUMNS = ("number", "at", "method", "path", "status", "outcome", "fault", "session_id", "request_id")


def page(simulator: Simulator) -> str:
    """Give the HTML page of the simulator: its tables, effects, faults and latest requests."""
    tables = "".join(_table(table) for table in [*simulator.tables(), *_own_tables(simulator)])
    return (
        '<!doctype html><html lang="ru"><head><meta charset="utf-8">'
        f"<title>Имитатор: {escape(simulator.name)}</title></head><body>"
        f"<h1>Имитатор: {escape(simulator.name)}</h1>"
        "<p>Управление: <code>GET /_ledger /_requests /_state /_faults, POST /_faults /_reset, "
        f"DELETE /_faults</code>.</p>{tables}</body></html>"
    )


def _own_tables(simulator: Simulator) -> Iterator[Table]:
    counts = simulator.ledger.counts()
    yield "Последствия", ("вид", "число"), list(counts.items())
    faults = [
        (fault.kind, fault.match, fault.where, fault.times, fault.struck) for fault in simulator.faults.asked
    ]
    yield "Неисправности", ("вид", "путь", "где", "осталось", "сработало"), faults
    newest = list(simulator.log.entries)[-NEWEST:][::-1]
    rows = [[entry[column] for column in REQUEST_COLUMNS] for entry in newest]
    yield f"Запросы (последние {NEWEST} из {simulator.log.count})", REQUEST_COLUMNS, rows


def _table(table: Table) -> str:
    title, columns, rows = table
    head = "".join(f'<th scope="col">{escape(str(column))}</th>' for column in columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape('' if cell is None else str(cell))}</td>" for cell in row) + "</tr>"
        for row in rows[:ROWS]
    )
    more = f"<p>Показаны {ROWS} из {len(rows)}.</p>" if len(rows) > ROWS else ""
    return (
        f"<h2>{escape(title)}</h2>{more}"
        f'<table border="1"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    )
