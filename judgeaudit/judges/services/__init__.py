"""Judges that are called over a network.

Start in `protocol.py`: a service has `send(request) -> raw JSON`, `read(raw) -> Reply` and `close()`. `send` raises one of three
errors: it may pass, every call would fail like this, or this call never will. `read` is pure, so old replies can be read again.
Each provider is one module and the only place that imports its SDK. `runner.py` makes many calls (limits, retries, stops) and
hands over every outcome before it takes the next one; it knows no provider. `batching.py` is the interface of batch APIs.
"""
