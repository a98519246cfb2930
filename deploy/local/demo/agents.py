"""Call-centre agents, a process of its own: sends the half of the mixed reports that comes over HTTP, at its rate."""

import asyncio
import sys

from deploy.local.demo.api import Caller, client
from deploy.local.demo.plays import Play, asked
from deploy.local.demo.reporting import changed, report
from deploy.local.demo.reports import Draft
from deploy.local.demo.sendlog import SendLog

_ACT = "crowd"


async def send_all(play: Play, log: SendLog) -> None:
    """Every report at its time, however long the ones before it take."""
    stack = play.stack
    async with client(stack.api_url) as connections, asyncio.TaskGroup() as calls:
        agent = Caller(connections, stack.tokens["agent"])
        began = asyncio.get_running_loop().time()
        for due, draft in play.crowd(stack):
            if draft.partner_id is None:
                await asyncio.sleep(began + due - asyncio.get_running_loop().time())
                calls.create_task(_send(agent, log, draft))


async def _send(agent: Caller, log: SendLog, draft: Draft) -> None:
    await report(agent, log, draft.body, key=draft.report_id, act=_ACT)
    if draft.again == "repeat":
        await report(agent, log, draft.body, key=draft.report_id, act=_ACT, kind="repeat")
    elif draft.again == "conflict":
        await report(agent, log, changed(draft.body), key=draft.report_id, act=_ACT, kind="conflict")


def main() -> int:
    """Sends, then ends."""
    play = asked("deploy.local.demo.agents")
    log = SendLog(play.logs, "agents")
    asyncio.run(send_all(play, log))
    log.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
