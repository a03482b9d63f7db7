"""Models in this process write outputs: opened once, a batch at a time, each batch on disk before the next one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.output import digest
from judgeaudit.judges.replies.reply import RejectedError
from judgeaudit.outputs.generate_text import Decoding, Text, texts
from judgeaudit.storage.config.generate import LocalGenerator
from judgeaudit.storage.identity.judge_weights import model_place
from judgeaudit.workflows.generating.plan import Generator, Wanted
from judgeaudit.workflows.generating.prompts import Asking, asking

if TYPE_CHECKING:
    from judgeaudit.judges.transformers.open_model import Opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """An opened model that writes as its section says."""

    name: str
    section: LocalGenerator
    opened: Opened
    ask: Asking

    def written(self, prompts: Sequence[Sequence[int]], seeds: Sequence[int], most: int) -> list[Text]:
        """A text after each prompt, of `most` tokens at most; an InputError where the device has too little memory."""
        import torch

        section = self.section
        decoding = Decoding(temperature=section.drawn_at, top_p=section.top_p, max_new_tokens=most)
        try:
            return texts(self.opened.model, self.opened.tokenizer, prompts, seeds, decoding)
        except torch.OutOfMemoryError as error:
            msg = (
                f"{self.opened.model.device} has too little memory for the model {one_line(self.name)}; what was written is "
                "saved; lower batch_size, or name another device"
            )
            raise InputError(msg) from error

    def seed(self, of: str) -> int:
        """What is drawn for an item depends on nothing but the section's seed and the item."""
        return int(digest([f"{self.section.seed}", of])[:15], 16)


def open_writer(generator: Generator) -> Writer:
    """The model of a section, degraded where the section says so; an InputError in one line where it cannot be opened."""
    from judgeaudit.judges.transformers.open_model import Source, open_model
    from judgeaudit.workflows.generating.degrade import checkpoint_of

    section, where = generator.section, f"study.toml: {generator.where}"
    if not isinstance(section, LocalGenerator):
        msg = f"model {generator.name!r} is not in this process"
        raise TypeError(msg)
    place, file = model_place(section.model, generator.folder, where=where)
    source = Source(
        model=place,
        where=where,
        revision=section.revision,
        gguf_file=section.gguf_file or file,
        dtype=section.dtype,
        device=section.device,
    )
    degraded = section.degrading
    if degraded is not None and degraded.changes_weights:
        source = checkpoint_of(source, degraded, section, generator.folder)
    opened = open_model(source, task="write", max_tokens=section.max_tokens, chats=False)
    ask = asking(section, opened.tokenizer, generator.folder, generator.where)
    return Writer(name=generator.name, section=section, opened=opened, ask=ask)


def generate_here(generator: Generator, writer: Writer, wanted: Sequence[Wanted]) -> None:
    """Writes what is wanted. A prompt that the model cannot take has no output, and the report says why."""
    fits = [(one, ids) for one in wanted if (ids := _ids(generator, writer, one))]
    size = writer.section.batch_size
    for start in range(0, len(fits), size):
        batch = fits[start : start + size]
        seeds = [writer.seed(one.item_id) for one, _ in batch]
        found = writer.written([ids for _, ids in batch], seeds, writer.section.max_new_tokens)
        generator.keep(
            [
                generator.row(one, response=text.text, finish=text.finish, tokens=text.tokens)
                for (one, _), text in zip(batch, found, strict=True)
            ]
        )


def _ids(generator: Generator, writer: Writer, one: Wanted) -> list[int]:
    try:
        ids = writer.ask(one.request(writer.section.system))
    except RejectedError as error:
        generator.report.failed[str(error)] += 1
        return []
    room = writer.opened.limit - writer.section.max_new_tokens
    if not 0 < len(ids) <= room:
        generator.report.failed[
            f"a prompt is empty or longer than {room} tokens, which is what max_new_tokens leaves"
        ] += 1
        return []
    return ids
