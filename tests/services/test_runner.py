"""The runner: every call once, no more at once than allowed, patient where patience helps and nowhere else."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from judgeaudit.domain.output import Turn
from judgeaudit.services.messages import HaltError, PassingError, RejectedError, Reply, Request
from judgeaudit.services.pace import Pace, Tries
from judgeaudit.services.runner import Call, Done, Run


class Scripted:
    """A service that does as told, and counts. `behave` is given the item and how often it was asked before."""

    def __init__(self, behave: Callable[[str, int], object] = lambda item, before: "{}", *, takes: float = 0.0) -> None:
        self.behave, self.takes = behave, takes
        self.asked: Counter[str] = Counter()
        self.inside = self.most = 0
        self.closed = False

    async def send(self, request: Request) -> str:
        item = request.turns[0].content
        before, self.asked[item] = self.asked[item], self.asked[item] + 1
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            await asyncio.sleep(self.takes)
            answer = self.behave(item, before)
            if isinstance(answer, Exception):
                raise answer
            return str(answer)
        finally:
            self.inside -= 1

    def read(self, raw: str) -> Reply:
        return Reply(text=raw)

    async def close(self) -> None:
        self.closed = True


def calls(count: int) -> Iterator[Call]:
    for number in range(count):
        request = Request(turns=(Turn(role="user", content=f"i{number}"),))
        yield Call(key=f"k{number}", item_id=f"i{number}", item_sha256="s", asked=(), request=request)


def run(service: Scripted, count: int = 50, **pace: object) -> tuple[Run, list[Done]]:
    """The run and what it kept."""
    kept: list[Done] = []
    plain = {"in_flight": 8, "first_wait": 0.001, "attempts": 4, **pace}
    one = Run(service=service, keep=kept.append, pace=Pace(**plain))  # type: ignore[arg-type]
    asyncio.run(one.through(calls(count)))
    return one, kept


def test_every_call_is_made_once_and_few_at_a_time():
    """No call twice, none left out, and never more in flight than allowed."""
    service = Scripted(takes=0.001)
    _, kept = run(service, 200, in_flight=8)
    assert sorted(done.call.key for done in kept) == sorted(f"k{n}" for n in range(200))
    assert set(service.asked.values()) == {1}
    assert service.most == 8
    assert service.closed


def test_what_may_pass_is_tried_again():
    """Two failures and a reply are three attempts of one call."""
    service = Scripted(lambda item, before: "{}" if before == 2 else PassingError("busy"))
    _, kept = run(service, 5)
    assert [(done.outcome, done.attempts) for done in kept] == [("reply", 3)] * 5


def test_a_service_s_own_waiting_time_is_kept_to():
    """Where it says how long to wait, that long it is; where it wants more than two minutes, the call is left for later."""
    service = Scripted(lambda item, before: "{}" if before else PassingError("busy", wait=0.2))
    _, kept = run(service, 1)
    assert kept[0].seconds >= 0.2
    service = Scripted(lambda item, before: PassingError("busy", wait=300.0))
    _, kept = run(service, 1)
    assert [(done.outcome, done.attempts) for done in kept] == [("passing", 1)]


def test_one_bad_item_is_one_bad_item():
    """A call that the service will not take is kept as such; the others go on."""
    service = Scripted(lambda item, before: RejectedError("too long", raw="{}") if item == "i3" else "{}")
    _, kept = run(service, 10)
    assert Counter(done.outcome for done in kept) == {"reply": 9, "rejected": 1}
    assert next(done.error for done in kept if done.outcome == "rejected") == "too long"


def test_a_service_that_turns_everything_away_is_asked_no_more():
    """Twenty first calls with one and the same reason are no matter of single items; with any reply among them they are."""
    one, kept = run(Scripted(lambda item, before: RejectedError("max_tokens is too large")), 1000, in_flight=4)
    assert "the first 20 calls were all turned away: max_tokens is too large" in one.halted
    assert len(kept) < 30
    fine = Scripted(lambda item, before: "{}" if item == "i5" else RejectedError("too long"))
    assert len(run(fine, 100)[1]) == 100


def test_a_wrong_key_stops_at_once_and_what_arrived_is_kept():
    """No further call is begun after one that shows that none can succeed."""
    service = Scripted(lambda item, before: HaltError("wrong key") if item == "i20" else "{}", takes=0.001)
    one, kept = run(service, 1000, in_flight=4)
    assert one.halted == "wrong key"
    assert len(kept) + 1 == sum(service.asked.values()) < 40


def test_a_service_that_is_down_is_given_up():
    """Three calls in a row that fail after all attempts end the run; nobody waits for a thousand."""
    service = Scripted(lambda item, before: PassingError("cannot be reached"))
    one, kept = run(service, 1000, in_flight=4, attempts=2)
    assert "3 calls in a row failed after all their attempts" in one.halted
    assert sum(service.asked.values()) < 20
    assert {done.outcome for done in kept} == {"passing"}


def limited(seconds: float, **more: float) -> Callable[[str, int], object]:
    """A limit of requests that is lifted after so long."""
    began: list[float] = []

    def behave(item: str, before: int) -> object:
        began.append(time.monotonic())
        return "{}" if began[-1] - began[0] >= seconds else PassingError("429", slow_down=True, limited=True, **more)

    return behave


@pytest.mark.parametrize("more", [{}, {"wait": 0.0}], ids=["no wait named", "a wait too short"])
def test_a_limit_of_requests_is_waited_out(more: dict[str, float]):
    """Longer than all attempts take: every call gets its reply, after pauses that grow, and none has failed."""
    service = Scripted(limited(0.4, **more))
    one, kept = run(service, 30, attempts=2, first_wait=0.002)
    assert (one.halted, {done.outcome for done in kept}, len(kept)) == ("", {"reply"}, 30)
    assert max(done.attempts for done in kept) > 4
    assert sum(service.asked.values()) < 30 * 14


def test_a_limit_that_is_never_lifted_ends_the_run():
    """After `patience`, in one line that names a key; no call counts as failed, and none is made for ever."""
    one, kept = run(Scripted(limited(1e9)), 50, attempts=2, first_wait=0.001, in_flight=4)
    assert (kept, "429; it has let no call through for 1 s" in one.halted, "requests_per_minute" in one.halted) == (
        [],
        True,
        True,
    )


def test_patience_is_five_minutes_where_nothing_else_is_said():
    """And goes with `first_wait`; an error beside it still has its attempts alone."""
    assert Pace().patience == 300.0
    tries = Tries(pace=Pace(attempts=2))
    limit, error = PassingError("429", limited=True), PassingError("500")
    assert [tries.wait_of(limit, silent=299.0) for _ in range(9)] == [True] * 9
    assert (tries.wait_of(error, silent=0.0), tries.wait_of(error, silent=0.0)) == (True, False)
    assert tries.wait_of(limit, silent=300.0) is False
    assert tries.usual == 60.0


def test_haste_is_answered_with_fewer_at_once():
    """After a refusal for haste fewer calls are in flight, and more again the longer it goes well."""
    seen: list[int] = []

    def behave(item: str, before: int) -> object:
        seen.append(service.inside)
        return PassingError("429", wait=0.001, slow_down=True) if item == "i40" and not before else "{}"

    service = Scripted(behave, takes=0.002)
    _, kept = run(service, 400, in_flight=20)
    assert {done.outcome for done in kept} == {"reply"}
    after = seen[100:]
    assert min(after[:40]) < max(seen[:40]) == 20
    assert max(after) > min(after[:40])


def test_requests_are_spread_over_the_minute():
    """1,200 a minute are 20 a second: thirty calls take a second after the first twenty."""
    loop_time = []
    service = Scripted(lambda item, before: loop_time.append(asyncio.get_running_loop().time()) or "{}")
    run(service, 30, requests_per_minute=1200, in_flight=30)
    assert max(loop_time) - min(loop_time) >= 0.4


def test_stop_lets_what_is_in_flight_come_in():
    """After `stop` no call is begun; those that were sent are kept, and those that wait to try again give up."""
    kept: list[Done] = []
    service = Scripted(lambda item, before: PassingError("busy", wait=60.0) if item == "i1" else "{}", takes=0.05)
    one = Run(service=service, keep=kept.append, pace=Pace(in_flight=4, first_wait=0.001))

    async def stopped_soon() -> None:
        asyncio.get_running_loop().call_later(0.08, one.stop)
        await asyncio.wait_for(one.through(calls(1000)), timeout=5)

    asyncio.run(stopped_soon())
    answered = sum(service.asked.values()) - service.asked["i1"]
    assert len(kept) == answered


def test_what_cannot_be_kept_is_not_paid_for():
    """A ledger that fails ends the run: further replies would be lost."""
    service = Scripted(takes=0.001)

    def keep(done: Done) -> None:
        if done.call.item_id == "i10":
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        asyncio.run(Run(service=service, keep=keep, pace=Pace(in_flight=4)).through(calls(1000)))
    assert sum(service.asked.values()) < 40
