"""transformers without its progress bars and remarks: what matters is said by errors of ours."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr


@contextmanager
def quiet() -> Iterator[None]:
    """Inside, neither transformers nor the hub's client writes to the screen; afterwards both do as before."""
    from transformers.utils import logging as remarks

    hub = logging.getLogger("huggingface_hub")
    level, hub_level = remarks.get_verbosity(), hub.level
    bars = remarks.is_progress_bar_enabled()
    remarks.set_verbosity_error()
    remarks.disable_progress_bar()
    hub.setLevel(logging.CRITICAL)  # it tells of every attempt that it makes again
    try:
        with warnings.catch_warnings(), redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        remarks.set_verbosity(level)
        hub.setLevel(hub_level)
        if bars:
            remarks.enable_progress_bar()
