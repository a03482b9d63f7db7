"""What the runner and the ledger add to the latency of a service: 5,000 calls of 50 ms, 200 in flight, and 200,000 items.

The service sleeps in this process, so that nothing but our own work is measured. Ideal is calls x latency / in flight. Beside
it stands what a user would write instead: the same calls under asyncio.gather and a semaphore, with all results in memory
until the end and lost with the process; and workers that do nothing but sleep, which is what the event loop takes by itself.
Each is the middle one of five rounds after one that is not counted. Then the same through OpenAI's SDK, to a server that
sleeps in another process: there the SDK's own work for each call decides, whoever makes it. Memory is the most that a
process of its own held.
Run: python benchmarks/judging.py
"""

from __future__ import annotations

import asyncio
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from judgeaudit.domain.output import Turn
from judgeaudit.services.messages import Reply, Request
from judgeaudit.services.openai import OpenAIService
from judgeaudit.services.pace import Pace
from judgeaudit.services.runner import Call, Done, Run
from judgeaudit.storage.ledger.calls import Ledger
from judgeaudit.storage.ledger.rows import CallRow, VerdictRow

CALLS, LATENCY, IN_FLIGHT, MANY = 5_000, 0.05, 200, 200_000
ANSWER = json.dumps({"choices": [{"message": {"content": '{"label": "safe"}'}}], "model": "m"})


class Sleeping:
    """A service that takes its time and does nothing."""

    def __init__(self, latency: float) -> None:
        self.latency = latency

    async def send(self, request: Request) -> str:  # noqa: ARG002 - the door of services has it
        await asyncio.sleep(self.latency)
        return ANSWER

    def read(self, raw: str) -> Reply:
        return Reply(text=raw)

    async def close(self) -> None:
        """Nothing to close."""


def calls(count: int) -> Iterator[Call]:
    for number in range(count):
        request = Request(turns=(Turn(role="user", content=f"text {number}"),))
        yield Call(key=f"{number:064}", item_id=f"i{number}", item_sha256="s", asked=(), request=request)


def with_ledger(count: int, latency: float) -> float:
    """Seconds of a run whose every outcome is committed as it comes."""
    with tempfile.TemporaryDirectory() as folder, Ledger(Path(folder) / "v.db", write=True) as ledger:

        def keep(done: Done) -> None:
            row = CallRow(
                key=done.call.key,
                fingerprint="f",
                ask_sha256="a",
                item_id=done.call.item_id,
                item_sha256="s",
                run=0,
                ord="ab",
                outcome=done.outcome,
                raw=done.raw,
                judged_at=done.judged_at,
            )
            ledger.add(row, [VerdictRow(question="harm", status="answered", reading="r", label="safe")])

        run = Run(service=Sleeping(latency), keep=keep, pace=Pace(in_flight=IN_FLIGHT))
        started = time.perf_counter()
        asyncio.run(run.through(calls(count)))
        return time.perf_counter() - started


def by_hand(count: int, latency: float) -> float:
    """Seconds of gather and a semaphore."""

    async def main() -> list[str]:
        service, gate = Sleeping(latency), asyncio.Semaphore(IN_FLIGHT)

        async def one(call: Call) -> str:
            async with gate:
                return await service.send(call.request)

        return await asyncio.gather(*(one(call) for call in calls(count)))

    started = time.perf_counter()
    asyncio.run(main())
    return time.perf_counter() - started


def sleeping(count: int, latency: float) -> float:
    """Seconds of as many sleeps, and nothing else, by as many workers."""
    left = iter(range(count))

    async def work() -> None:
        for _ in left:
            await asyncio.sleep(latency)

    async def main() -> None:
        await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))

    started = time.perf_counter()
    asyncio.run(main())
    return time.perf_counter() - started


class Silent(asyncio.Protocol):
    """A server's side of a connection: the same answer to every request, after the latency."""

    answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
    heard = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self.heard += data
        head, found, body = self.heard.partition(b"\r\n\r\n")
        if found and len(body) >= int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]):
            self.heard = b""
            plain = ANSWER.encode()
            asyncio.get_running_loop().call_later(LATENCY, self.transport.write, self.answer % (len(plain), plain))


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Silent, "127.0.0.1", 0, backlog=500)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def through_sdk(url: str, count: int) -> tuple[float, float]:
    """Seconds of our runner, and of gather by hand, with the same SDK."""
    from openai import AsyncOpenAI

    service = OpenAIService(name="s", model="m", api_key="k", key_from="K", base_url=url, logprobs=False)
    run = Run(service=service, keep=lambda done: None, pace=Pace(in_flight=IN_FLIGHT))
    started = time.perf_counter()
    asyncio.run(run.through(calls(count)))
    ours = time.perf_counter() - started

    async def main() -> None:
        gate = asyncio.Semaphore(IN_FLIGHT)
        async with AsyncOpenAI(api_key="k", base_url=url, max_retries=0) as client:

            async def one(number: int) -> None:
                async with gate:
                    said = [{"role": "user", "content": f"text {number}"}]
                    await client.chat.completions.create(model="m", messages=said, temperature=0)  # type: ignore[arg-type]

            await asyncio.gather(*(one(number) for number in range(count)))

    started = time.perf_counter()
    asyncio.run(main())
    return ours, time.perf_counter() - started


def print_through_sdk() -> None:
    server = subprocess.Popen([sys.executable, __file__, "serve"], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}/v1"
        through_sdk(url, 20)
        ours, hand = through_sdk(url, CALLS)
    finally:
        server.kill()
    ideal = CALLS * LATENCY / IN_FLIGHT
    print("the same through the SDK of OpenAI")
    for name, seconds in (("runner", ours), ("gather by hand", hand)):
        print(f"  {name:20} {seconds:6.2f} s   {seconds / ideal:.2f} x ideal   {seconds / hand:.2f} x by hand")


def held(what: str, count: int) -> float:
    """MiB that a process of its own held at most."""
    done = subprocess.run([sys.executable, __file__, what, str(count)], check=True, capture_output=True, text=True)
    return float(done.stdout)


def main() -> None:
    ideal = CALLS * LATENCY / IN_FLIGHT
    print(f"{CALLS:,} calls of {LATENCY * 1000:.0f} ms, {IN_FLIGHT} in flight; ideal {ideal:.2f} s")
    ways = {"runner and ledger": with_ledger, "gather by hand": by_hand, "sleeps alone": sleeping}
    rounds = [{name: way(CALLS, LATENCY) for name, way in ways.items()} for _ in range(6)][1:]
    for name in ways:
        seconds = statistics.median(one[name] for one in rounds)
        print(f"  {name:20} {seconds:6.2f} s   {seconds / ideal:.2f} x ideal")
    print_through_sdk()
    print("memory at most, calls of 0 ms")
    for what in ("ledger", "hand"):
        few, many = held(what, MANY // 20), held(what, MANY)
        print(f"  {what:20} {few:6.0f} MiB for {MANY // 20:,}   {many:6.0f} MiB for {MANY:,}   {many / few:.2f} x")


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        asyncio.run(serve())
    elif len(sys.argv) > 1:
        (with_ledger if sys.argv[1] == "ledger" else by_hand)(int(sys.argv[2]), 0.0)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    else:
        main()
