"""Connections to services that answer prompts over a network, for judges and for models that write outputs.

Start in `provider.py` (what is known of a provider) and `protocol.py`: a service has `send(request) -> raw JSON`,
`read(raw) -> Reply` and `close()`. `send` raises one of three errors: it may pass, every call would fail like this, or this call
never will. `read` is pure, so old replies can be read again. Each provider is one module, the only place that imports its SDK,
and one line in `providers.py`. `messages.py` is what is sent and what comes back, `runner.py` makes many calls (limits, retries,
stops) and hands over every outcome before it takes the next one, `batching.py` is the interface of batch APIs.
"""
