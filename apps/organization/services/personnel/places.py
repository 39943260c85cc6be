"""Departments, positions and sites that wanted people refer to: found, added, renamed, moved."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from apps.audit.services import Change, record_many
from apps.organization.models import Department, Position, Site
from apps.organization.types import Problem, StructureChange, WantedDepartment, WantedNamed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from apps.accounts.models import User
    from apps.organization.types import WantedPerson, WantedStructure

    Row = Department | Position | Site

_SLUG = re.compile(r"[-a-zA-Z0-9_]{1,40}")
KINDS = ("department", "position", "site")
NAME_CHARS = 120


@dataclass
class Places:
    """Whose key is which row. A row that is not stored yet has a number below zero in place of its id."""

    rows: dict[str, dict[str, Row]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    there: dict[str, dict[int, Row]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    added: list[Row] = field(default_factory=list)
    changed: dict[Row, dict[str, tuple[str, str]]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def id_of(self, kind: str, key: str) -> int | None:
        """Give the id, a stand-in below zero, or None when nothing is called so."""
        row = self.rows[kind].get(key)
        if row is None:
            return None
        found: int = row.__dict__["stand_in"] if row.pk is None else row.pk
        return found

    def name_of(self, kind: str, place_id: int) -> str:
        return self.added[-1 - place_id].name if place_id < 0 else self.there[kind][place_id].name

    def add(self, row: Row) -> None:
        self.added.append(row)
        row.__dict__["stand_in"] = -len(self.added)

    def changes(self) -> tuple[StructureChange, ...]:
        """Give what is added and changed, as a person reads it."""
        added = [StructureChange(_kind(row), row.name, "create") for row in self.added]
        changed = [
            StructureChange(_kind(row), row.name, "update", told) for row, told in self.changed.items()
        ]
        return (*added, *changed)


def find_places(wanted: WantedStructure, people: Sequence[WantedPerson]) -> Places:
    """Find what the people refer to; what is not there is made, but not stored. Three queries."""
    places = Places()
    new = [person for person in people if person.employee_id is None]
    departments = list(wanted.departments)
    if any(person.department is None for person in new):
        departments.append(WantedDepartment("", wanted.default_department or _("Not stated")))
    _find_departments(places, departments, {person.department for person in people if person.department})
    positions = list(wanted.positions)
    if any(person.position is None for person in new):
        positions.append(WantedNamed("", wanted.default_position or _("Not stated")))
    _find_positions(places, positions, {person.position for person in people if person.position})
    is_default_needed = any(person.site is None for person in new)
    _find_sites(places, wanted, {person.site for person in people if person.site}, is_default_needed)
    return places


def store_places(places: Places, *, actor: User | None) -> None:
    """Write what is new and changed: parents first made, then set. A constant number of queries."""
    models: tuple[type[Any], ...] = (Department, Position, Site)
    for model in models:
        new: list[Row] = [row for row in places.added if isinstance(row, model)]
        parents = {id(row): row.parent for row in new if isinstance(row, Department)}
        for row in new:
            if isinstance(row, Department):
                row.parent = None
        if new:
            model.objects.bulk_create(new)
        changed: dict[int, Row] = {id(row): row for row in places.changed if isinstance(row, model)}
        for row in new:
            places.there[_kind(row)][row.pk] = row
            if isinstance(row, Department) and parents[id(row)] is not None:
                row.parent = parents[id(row)]
                changed[id(row)] = row
        for row in changed.values():
            if isinstance(row, Department) and row.parent is not None:
                row.parent = row.parent  # its id was not there when it was set
        if changed:
            names = ["name", "external_id", "parent"] if model is Department else ["name", "external_id"]
            model.objects.bulk_update(list(changed.values()), names)
    record_many(
        [
            *(Change(f"{_kind(row)}.add", row, after={"name": row.name}) for row in places.added),
            *(
                Change(
                    f"{_kind(row)}.change",
                    row,
                    before={name: old for name, (old, _new) in told.items()},
                    after={name: new for name, (_old, new) in told.items()},
                )
                for row, told in places.changed.items()
            ),
        ],
        actor=actor,
    )


def _find_departments(places: Places, wanted: Sequence[WantedDepartment], referred: set[str]) -> None:
    rows = list(Department.objects.select_related("parent").order_by("pk"))
    places.there["department"] = {row.pk: row for row in rows}
    by_id = {row.external_id: row for row in rows if row.external_id}
    by_code = {row.code: row for row in rows}
    by_name = {row.name.casefold(): row for row in rows}
    adoptable = _lone(row for row in rows if not row.external_id)
    found = places.rows["department"]
    for one in wanted:
        name = one.name[:NAME_CHARS]
        named = adoptable if one.key else by_name
        row = by_id.get(one.key) or by_code.get(one.key) or named.get((name or one.key).casefold())
        if row is None:
            row = Department(external_id=one.key, name=name or one.key)
            row.code = _code("dep", one.key or name, by_code)
            by_code[row.code] = row
            places.add(row)
        elif one.key and row.external_id == one.key and name:
            _change(places, row, "name", name)
        elif one.key and not row.external_id and row.code != one.key:
            _change(places, row, "external_id", one.key)
            adoptable.pop(row.name.casefold(), None)
        found[one.key] = row
    for key in referred - set(found):
        known = by_id.get(key) or by_code.get(key) or by_name.get(key.casefold())
        if known is not None:
            found[key] = known
    _set_parents(places, wanted)


def _set_parents(places: Places, wanted: Sequence[WantedDepartment]) -> None:
    found = places.rows["department"]
    parents = {one.key: one.parent_key for one in wanted if one.key}
    for one in wanted:
        row = found[one.key]
        if not isinstance(row, Department):
            continue
        above, steps = one.parent_key, 0
        while above and above != one.key and steps <= len(parents):
            above, steps = parents.get(above, ""), steps + 1
        if above:
            places.problems.append(Problem(one.key, "parent", _("A department does not lie below itself.")))
            continue
        parent = found.get(one.parent_key) if one.parent_key else None
        now = row.parent
        if parent is None and (one.parent_key or now is None or not now.external_id):
            continue  # it is not known, or lies at the root there and below something of ours here
        if parent is not now:
            if row.pk is not None and (now is None or parent is None or now.pk != parent.pk):
                told = (now.name if now else "", parent.name if parent else "")
                places.changed.setdefault(row, {})["parent"] = told
            row.parent = parent if isinstance(parent, Department) else None


def _find_positions(places: Places, wanted: Iterable[WantedNamed], referred: set[str]) -> None:
    rows = list(Position.objects.order_by("pk"))
    places.there["position"] = {row.pk: row for row in rows}
    by_id = {row.external_id: row for row in rows if row.external_id}
    by_name = {row.name.casefold(): row for row in rows}
    found = places.rows["position"]
    for one in wanted:
        name = one.name[:NAME_CHARS] or one.key
        named, row = by_name.get(name.casefold()), by_id.get(one.key) if one.key else None
        if row is not None and named is None:
            by_name.pop(row.name.casefold(), None)
            _change(places, row, "name", name)
        else:
            row = named
        if row is None:
            row = Position(name=name, external_id=one.key)
            places.add(row)
        elif not row.external_id and one.key and one.key not in by_id:
            _change(places, row, "external_id", one.key)
        by_name[row.name.casefold()] = row
        if row.external_id:
            by_id[row.external_id] = row
        found[one.key] = row
    for key in referred - set(found):
        known = by_id.get(key) or by_name.get(key.casefold())
        if known is not None:
            found[key] = known


def _find_sites(
    places: Places,
    wanted: WantedStructure,
    referred: set[str],
    is_default_needed: bool,  # noqa: FBT001 - one of four facts
) -> None:
    rows = list(Site.objects.order_by("pk"))
    places.there["site"] = {row.pk: row for row in rows}
    by_code = {row.code: row for row in rows}
    by_name = {row.name.casefold(): row for row in rows}
    zones = {one.name: one.time_zone for one in wanted.sites}

    def find(name: str, zone: str) -> Site:
        row = by_code.get(name) or by_name.get(name.casefold())
        if row is None:
            row = Site(name=name[:NAME_CHARS], time_zone=zone)
            row.code = _code("site", name, by_code)
            by_code[row.code] = by_name[name.casefold()] = row
            places.add(row)
        return row

    for name in sorted(referred):
        if name in zones or name in by_code or name.casefold() in by_name:
            places.rows["site"][name] = find(name, zones.get(name, ""))
    if is_default_needed:
        is_only_one = len(rows) == 1 and not wanted.default_site
        name = wanted.default_site or _("Not stated")
        places.rows["site"][""] = rows[0] if is_only_one else find(name, wanted.default_zone)


def _change(places: Places, row: Row, name: str, value: str) -> None:
    old = getattr(row, name)
    if old == value:
        return
    setattr(row, name, value)
    if row.pk is not None:
        places.changed.setdefault(row, {})[name] = (old, value)


def _lone(rows: Iterable[Department]) -> dict[str, Department]:
    """Give rows by name where the name belongs to one of them only."""
    by_name: dict[str, list[Department]] = {}
    for row in rows:
        by_name.setdefault(row.name.casefold(), []).append(row)
    return {name: found[0] for name, found in by_name.items() if len(found) == 1}


def _code(prefix: str, key: str, taken: dict[str, Department] | dict[str, Site]) -> str:
    if _SLUG.fullmatch(key) and key not in taken:
        return key
    return f"{prefix}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"


def _kind(row: Row) -> str:
    return str(row._meta.model_name)  # noqa: SLF001 - Django's public name for it
