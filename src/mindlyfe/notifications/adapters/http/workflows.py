"""Who is told what and when: the clinic's workflows."""

from typing import cast

from litestar import Router

from mindlyfe.kernel.errors import NotFound, VersionConflict
from mindlyfe.kernel.http import Page, delete, get, put
from mindlyfe.kernel.messages import Act, Principal
from mindlyfe.notifications.adapters.workflows import WorkflowList
from mindlyfe.notifications.application.workflows import ClinicWorkflows
from mindlyfe.notifications.contract.workflows import (
    DefineWorkflow,
    Unsound,
    WorkflowName,
    WorkflowSaved,
    WorkflowView,
)
from mindlyfe.notifications.domain.workflow import NATURES


def routes(workflows: ClinicWorkflows, listed: WorkflowList) -> Router:
    """`/v1/workflows`."""

    @get(needs="workflows:read")
    async def list_workflows(who: Principal) -> Page[WorkflowView]:
        """Every workflow as it begins from now on, by name, in one page."""
        return Page([await listed.view(who.tenant, name) for name in sorted(NATURES)])

    @get("/{workflow:str}", needs="workflows:read", refuses=(NotFound,))
    async def show_workflow(workflow: str, who: Principal) -> WorkflowView:
        """One workflow: its steps in order, and the channels it uses unless the recipient says otherwise."""
        return await listed.view(who.tenant, _known(workflow))

    @put("/{workflow:str}", needs="workflows:define", aal=2, refuses=(NotFound, Unsound, VersionConflict))
    async def define_workflow(
        workflow: str, data: DefineWorkflow, who: Principal, act: Act, expected: int | None
    ) -> WorkflowSaved:
        """Put the clinic's own version in place. What runs already goes on by the version it began with."""
        await workflows.define(_known(workflow), data.workflow, who, act, expected)
        return _saved(await listed.view(who.tenant, _known(workflow)))

    @delete("/{workflow:str}", needs="workflows:define", aal=2, refuses=(NotFound, VersionConflict), status_code=200)
    async def drop_workflow(workflow: str, who: Principal, act: Act, expected: int | None) -> WorkflowSaved:
        """Go back to the version that comes with MindLyfe. Again: no change."""
        await workflows.drop(_known(workflow), who, act, expected)
        return _saved(await listed.view(who.tenant, _known(workflow)))

    handlers = [list_workflows, show_workflow, define_workflow, drop_workflow]
    return Router("/v1/workflows", route_handlers=handlers, tags=["Workflows"])


def _known(name: str) -> WorkflowName:
    if name not in NATURES:
        raise NotFound
    return cast("WorkflowName", name)


def _saved(view: WorkflowView) -> WorkflowSaved:
    return WorkflowSaved(view.name, view.edition, view.version)
