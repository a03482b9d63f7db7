"""Judges that are called over a network.

Start in `protocol.py`: a service sends a request, reads the raw reply and closes. Each provider is one module and the only
place that imports its SDK. `runner.py` makes many calls (limits, retries, stops), `batching.py` is the interface of batch APIs.
"""
