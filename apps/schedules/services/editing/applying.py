"""Show what commands would do, and do them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.core.errors import ConflictError, DomainError
from apps.schedules.choices import EditKind, EditSource
from apps.schedules.policies import editable_variant
from apps.schedules.selectors.edit_book import read_book
from apps.schedules.services.editing.drafting import draft_of
from apps.schedules.services.editing.judging import judged, refuse_broken
from apps.schedules.services.editing.touching import holders_of, lock_book, people_of, refuse_stale
from apps.schedules.services.editing.writing import Entry, store
from apps.schedules.types import command_data, field_error, kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from apps.accounts.models import User
    from apps.schedules.selectors.edit_book import EditBook
    from apps.schedules.services.editing.judging import Verdict
    from apps.schedules.types import Command, EditOutcome, Effect

MOST_COMMANDS = 200
MOST_IMPORTED = 20_000
"""Commands of one edit: of a person, and of an import, whose month comes as one."""
LONGEST_REASON = 300
NOBODY_EXPECTS: Mapping[int, int] = {}


def preview(
    *,
    variant_id: int,
    commands: Sequence[Command],
    actor: User | None,
    expected: Mapping[int, int] | None = None,
    source: str = EditSource.PAGE,
) -> Effect:
    """Give the effect that the commands would have; nothing is written and nothing locked.

    What `apply` would refuse for a hard labour rule is told in the effect (`is_refused`); everything else is
    refused as `apply` does.
    """
    _refuse_batch(commands, source)
    variant = editable_variant(variant_id, actor)
    holders = holders_of(variant, commands, actor)
    book = read_book(variant, people_of(variant, holders, commands, actor))
    refuse_stale(book, expected or NOBODY_EXPECTS, holders, actor)
    return _judged(book, commands).effect


def apply(
    *,
    variant_id: int,
    commands: Sequence[Command],
    actor: User | None,
    expected: Mapping[int, int] | None = None,
    source: str = EditSource.PAGE,
    reason: str = "",
    agree: Callable[[Effect], None] | None = None,
) -> EditOutcome:
    """Do the commands as one edit, all or none, and give what was done with its effect.

    Raises `DomainError` naming the field of a command that makes no sense, `StaleError` with the newer state
    when a shift is not of the revision in `expected` (shift id -> revision seen), `RuleBrokenError` with the
    whole effect when a hard labour rule would newly be broken, `ConflictError` for an archived variant and
    for what the database forbids, `NotAllowedError` and `NotFoundError`. `agree` is given the effect before
    anything is written; what it raises refuses the edit.
    """
    _refuse_batch(commands, source)
    if source not in EditSource.values:
        raise field_error("source", _("This is no known source of an edit."))
    if len(reason) > LONGEST_REASON or "\x00" in reason:
        raise field_error("reason", _("A reason has 300 characters at most."))
    with refusals_named(), transaction.atomic():
        variant = editable_variant(variant_id, actor)
        holders = holders_of(variant, commands, actor)
        book = lock_book(variant_id, people_of(variant, holders, commands, actor))
        refuse_stale(book, expected or NOBODY_EXPECTS, holders, actor)
        verdict = _judged(book, commands)
        refuse_broken(verdict)
        if agree is not None:
            agree(verdict.effect)
        kind = EditKind.BATCH if len(commands) > 1 else EditKind(kind_of(commands[0]))
        asked = [command_data(command) for command in commands]
        return store(verdict, Entry(kind, asked, actor, EditSource(source), reason))


def _judged(book: EditBook, commands: Sequence[Command]) -> Verdict:
    changes = draft_of(book, commands).changes()
    if not changes:
        raise DomainError(_("Nothing would change."))
    return judged(book, changes)


def _refuse_batch(commands: Sequence[Command], source: str) -> None:
    most = MOST_IMPORTED if source == EditSource.IMPORT else MOST_COMMANDS
    if not 1 <= len(commands) <= most:
        message = _("An edit has 1 to %(most)s commands.") % {"most": most}
        raise field_error("commands", message)


@contextmanager
def refusals_named() -> Iterator[None]:
    """Turn what the database forbids into a refusal that a person understands."""
    refusals = {
        "no_overlap_in_a_variant": _("A person would have two shifts at once."),
        "no_overlap_in_what_is_published": _("Somebody has another published shift at that time."),
        "no_published_shift_in_an_absence": _("Somebody is absent at that time."),
    }
    try:
        yield
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        message = refusals.get(getattr(diagnosis, "constraint_name", None) or "")
        if message is None:
            raise
        raise ConflictError(message) from error
