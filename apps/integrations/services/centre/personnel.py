"""The centre's groups and agents: noted, linked to queues and employees, the rest reported."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from apps.accounts.selectors import acting_user
from apps.core.phrases import Phrase
from apps.integrations.choices import System
from apps.integrations.registry import run_purpose
from apps.integrations.services.access import access_of
from apps.integrations.services.centre.options import centre_options
from apps.integrations.services.centre.reporting import note
from apps.integrations.wire.centre.asking import ask_personnel
from apps.monitoring.models import AgentLink
from apps.monitoring.services.linking import describe_agents, describe_groups, link_agents, link_groups
from apps.monitoring.types import AgentFacts, GroupFacts, Problem
from apps.organization.choices import Channel
from apps.organization.models import Employee, Queue, Service
from apps.organization.services.structure import add_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apps.accounts.models import User
    from apps.integrations.services.centre.options import CentreOptions
    from apps.integrations.types import Access, RunInHand
    from apps.integrations.wire.centre.personnel import AgentThere, GroupThere, Personnel

ASKING = gettext_noop("Asking for groups and agents")
NO_QUEUE = gettext_noop("No queue of ours has this id: link it by hand, or let the synchronisation make it.")
NO_EMPLOYEE = gettext_noop("Nobody of ours has the %(by)s “%(value)s”.")
NO_VALUE = gettext_noop("The contact centre does not tell the %(by)s of this agent.")
NOBODY = gettext_noop("The contact centre lists none: what was listed before is left as it is.")
SEVERAL = gettext_noop("Several of our people have the %(by)s “%(value)s”.")
BY = {"personnel_number": gettext_noop("personnel number"), "login": gettext_noop("login")}
_FIELD = {"personnel_number": "agentNumber", "login": "loginSSO"}
_CHANNELS = {
    "CHATS": Channel.CHAT,
    "MAILS": Channel.EMAIL,
    "INCOMING_CALLS": Channel.VOICE,
    "OUTGOING_CALLS": Channel.OUTBOUND,
}
_LONGEST_CODE = 40
_LONGEST_EXTERNAL_ID = 64


@run_purpose(
    "centre.personnel", system=System.CONTACT_CENTRE, label=_("Groups and agents of the contact centre")
)
def synchronise(run: RunInHand) -> None:
    """Note who and what the centre lists, link what can be linked, report the rest."""
    access = access_of(run.connection_id)
    options = centre_options(access.options)
    run.progress(0.1, Phrase(ASKING))
    there = ask_personnel(access, session_id=run.session_id)
    run.check_cancelled()
    note(run, there.problems)
    actor = acting_user(run.actor_id)
    _describe(run, access, there)
    run.counts |= {"groups": len(there.groups), "agents": len(there.agents)}
    _link_groups(run, access, there.groups, options, actor)
    if options.link_by != "none":
        _link_agents(run, access, there.agents, options)


def _describe(run: RunInHand, access: Access, there: Personnel) -> None:
    """Note what is listed; a list of nobody is more likely a fault of the centre than the truth."""
    if there.groups:
        groups = [
            GroupFacts(
                group.id, group.name, group.service_id, group.service_name, group.channel, group.is_active
            )
            for group in there.groups
        ]
        describe_groups(access.code, groups)
    if there.agents:
        agents = [AgentFacts(agent.id, agent.name, agent.number, agent.login) for agent in there.agents]
        describe_agents(access.code, agents)
    empty = [name for name, rows in (("services", there.groups), ("agents", there.agents)) if not rows]
    note(run, [Problem(access.code, name, Phrase(NOBODY)) for name in empty])


def _link_groups(
    run: RunInHand, access: Access, groups: Sequence[GroupThere], options: CentreOptions, actor: User | None
) -> None:
    by_id = {
        queue.external_id: queue.pk
        for queue in Queue.objects.filter(external_id__in=[group.id for group in groups]).exclude(
            external_id=""
        )
    }
    created = 0
    for group in groups:
        if group.id in by_id or not group.is_active:
            continue
        if options.creates_queues and len(group.id) <= _LONGEST_EXTERNAL_ID:
            by_id[group.id] = _new_queue(access, group, actor).pk
            created += 1
        else:
            run.problems.append(
                {"subject": group.id, "field": "serviceGroups", "reason": str(Phrase(NO_QUEUE))}
            )
    run.counts |= {"queues_created": created, "groups_linked": link_groups(access.code, by_id)}


def _new_queue(access: Access, group: GroupThere, actor: User | None) -> Queue:
    code = _code(f"{access.code}-{group.service_id}")
    service = Service.objects.filter(code=code).first() or add_row(
        Service(code=code, name=group.service_name[:120] or group.service_id), actor=actor
    )
    return add_row(
        Queue(
            service=service,
            code=_code(f"{access.code}-{group.id}"),
            name=group.name[:120] or group.id,
            external_id=group.id,
            channel=_CHANNELS.get(group.channel, Channel.VOICE),
            time_zone=ZoneInfo(access.time_zone).key,
        ),
        actor=actor,
    )


def _code(text: str) -> str:
    return re.sub(r"[^a-zA-Z0-9_-]+", "-", text)[:_LONGEST_CODE]


def _link_agents(
    run: RunInHand, access: Access, agents: Sequence[AgentThere], options: CentreOptions
) -> None:
    by_hand = set(
        AgentLink.objects.filter(source__code=access.code, is_by_hand=True).values_list(
            "external_id", flat=True
        )
    )
    ours = _people_by(options)
    links: dict[str, int] = {}
    for agent in agents:
        if agent.id in by_hand:
            continue
        value = agent.number if options.link_by == "personnel_number" else agent.login
        found = ours.get(value.casefold() if options.ignores_case else value, []) if value else []
        if len(found) == 1:
            links[agent.id] = found[0]
        else:
            note(run, [_unlinked(agent, value, found, options)])
    run.counts["agents_linked"] = link_agents(access.code, links)


def _unlinked(agent: AgentThere, value: str, found: Sequence[int], options: CentreOptions) -> Problem:
    by = Phrase(BY[options.link_by])
    if not value:
        reason = Phrase(NO_VALUE, {"by": by})
    else:
        reason = Phrase(SEVERAL if found else NO_EMPLOYEE, {"by": by, "value": value})
    return Problem(agent.id, _FIELD[options.link_by], reason)


def _people_by(options: CentreOptions) -> dict[str, list[int]]:
    name = "personnel_number" if options.link_by == "personnel_number" else "user__username"
    people: defaultdict[str, list[int]] = defaultdict(list)
    for value, pk in Employee.objects.filter(dismissed_on__isnull=True).values_list(name, "pk"):
        if value:
            people[value.casefold() if options.ignores_case else value].append(pk)
    return people
