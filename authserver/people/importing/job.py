"""The work of an import: some rows become accounts, in one transaction with how far it is.

Who began it is asked anew with each step: somebody who was disabled, or lost the right, makes no
more accounts. A role is given only if they may give it now.
"""

from collections.abc import Mapping

from sqlalchemy import select

from authserver.accounts.service import AccountService, NewAccount, find_by_email
from authserver.audit.events import ActorKind, Event, EventType
from authserver.audit.service import Trail
from authserver.core.database.engine import Transaction
from authserver.core.problems import Problem, Refused
from authserver.invitations import policy
from authserver.invitations.inviters import Outside, outside_now
from authserver.jobs.service import Jobs
from authserver.jobs.values import JobView, Step
from authserver.jobs.values import Refused as RefusedRow
from authserver.people.importing.reading import Row
from authserver.people.importing.rows import House, Ready, Unfit, ready
from authserver.people.importing.service import KIND
from authserver.roles import lookup
from authserver.roles.lookup import Role
from authserver.roles.policy import Grantor, check_grantor
from authserver.roles.service import RoleService
from authserver.tenants import domains
from authserver.tenants.models import Tenant

AT_ONCE = 50  # rows of one transaction: others wait for it
# What was asked for in rows of this step, and may be given.
Known = dict[tuple[str, ...], Mapping[str, Role]]


class ImportPeople:
    """Makes accounts of rows."""

    kind = KIND

    def __init__(
        self, jobs: Jobs, *, accounts: AccountService, roles: RoleService, trail: Trail
    ) -> None:
        """Take where rows are, what makes accounts and gives roles, and the trail."""
        self._jobs = jobs
        self._accounts = accounts
        self._roles = roles
        self._trail = trail

    def step(self, transaction: Transaction, job: JobView) -> Step:
        """Do the next rows; with the last ones, the end stands in the trail."""
        house, known = self._house(transaction, job), Known()
        rows = self._jobs.rows_at(transaction, job, AT_ONCE)
        refused = []
        for number, row in enumerate(rows, job.done + 1):
            try:
                self._take(transaction, job, row, house=house, known=known)
            except Unfit as unfit:
                refused.append(RefusedRow(number, unfit.field, unfit.code[:40]))
        done = job.done + len(rows)
        finished = done >= job.total
        if finished:
            facts = {
                "rows": done,
                "refused": job.refused + len(refused),
                "dry_run": job.settings["dry_run"],
            }
            event = Event(
                EventType.IMPORT_ENDED,
                job.tenant_id,
                job.begun.actor,
                resource=f"job:{job.id}",
                facts=facts,
            )
            self._trail.record(transaction, event)
        return Step(len(rows), refused, finished)

    def _house(self, transaction: Transaction, job: JobView) -> House:
        """Return what rows are judged by now. Raises Refused where nobody may import any more."""
        tenant = transaction.tenant(job.tenant_id).scalars(select(Tenant)).one()
        if tenant.suspended_at is not None:
            raise Refused("The tenant is suspended.")
        grantor = self._grantor(transaction, job)
        return House(domains.proved(transaction, job.tenant_id), grantor)

    def _grantor(self, transaction: Transaction, job: JobView) -> Grantor | None:
        begun = job.begun
        if begun.kind == ActorKind.OPERATOR:
            return None
        who = Outside(begun.id, begun.tenant_id)
        now = outside_now(transaction, job.tenant_id, who, roles=self._roles).inviter
        policy.check_inviter(now, {})
        # What the token at hand did not allow when it was begun is not allowed later, either.
        limit = set(job.settings.get("permissions", ()))
        return Grantor(now.user_id, frozenset(one for one in now.permissions if one in limit))

    def _take(
        self, transaction: Transaction, job: JobView, row: Row, *, house: House, known: Known
    ) -> None:
        """Make an account of a row. Raises Unfit; then nothing of it is there."""
        wanted = ready(row, house)
        named = wanted.roles
        if named not in known:
            known[named] = self._givable(transaction, job, named, house=house)
        roles = known[named]
        if find_by_email(transaction, job.tenant_id, wanted.email.as_typed) is not None:
            raise Unfit("email", "taken")
        if not job.settings["dry_run"]:
            self._make(transaction, job, wanted, roles=roles)

    def _givable(
        self, transaction: Transaction, job: JobView, named: tuple[str, ...], *, house: House
    ) -> Mapping[str, Role]:
        """Return the roles as tokens spell them, if the importer may give them. Raises Unfit.

        The tenant is held from then on: they are the same for every row of the step.
        """
        if not named:
            return {}
        try:
            roles = self._roles.find(transaction, job.tenant_id, roles=named)
            if house.grantor is not None:
                check_grantor(house.grantor, "", lookup.known(transaction, job.tenant_id, roles))
        except Problem as problem:
            raise Unfit("roles", problem.code) from problem
        return roles

    def _make(
        self, transaction: Transaction, job: JobView, new: Ready, *, roles: Mapping[str, Role]
    ) -> None:
        account = NewAccount(
            job.tenant_id,
            new.email.as_typed,
            new.profile.name,
            new.password_hash,
            verified=new.verified,
            locale=new.profile.locale,
            zoneinfo=new.profile.zoneinfo,
            details=new.details,
        )
        try:
            user = self._accounts.create(transaction, account, actor=job.begun.actor)
        except Problem as problem:
            raise Unfit("email" if problem.status == 409 else "", problem.code) from problem  # noqa: PLR2004  Conflict
        if roles:
            self._roles.give_first(
                transaction, job.tenant_id, user.id, roles=roles, actor=job.begun.actor
            )
