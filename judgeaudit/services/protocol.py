"""What a judge that is called over a network must be able to do: the one door of all services."""

from __future__ import annotations

from typing import Protocol

from judgeaudit.services.messages import Reply, Request


class Service(Protocol):
    """One model behind one address. SDKs are imported when `send` is first used, and their retries are off."""

    @property
    def name(self) -> str:
        """What errors call it."""
        ...

    async def send(self, request: Request) -> str:
        """The service's whole answer as JSON text. PassingError, HaltError or RejectedError where there is none."""
        ...

    def read(self, raw: str) -> Reply:
        """What an answer says. Pure: it reads answers of years ago as it reads those of now. ValueError where it cannot."""
        ...

    async def close(self) -> None:
        """Connections are given back."""
        ...
