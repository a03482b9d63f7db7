"""Models of services write outputs, through the same connections and the same runner as judges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from judgeaudit.judges.replies.reply import Ending
from judgeaudit.judges.services.protocol import Service
from judgeaudit.judges.services.runner import Call, Done, Run
from judgeaudit.storage.config.generate import AnthropicGenerator, OpenAIGenerator, ServiceGenerator
from judgeaudit.storage.config.judges import AnthropicConfig, OpenAIConfig, ServiceConfig
from judgeaudit.workflows.generating.plan import Generator, Wanted
from judgeaudit.workflows.judging.connect import pace_for, service_for
from judgeaudit.workflows.judging.report import until_stopped

_FINISH: dict[Ending, str] = {"ended": "stop", "truncated": "length", "refused": "refused"}


def generate_by_service(generator: Generator, section: ServiceGenerator, wanted: Sequence[Wanted]) -> None:
    """Asks the service for what is wanted, until all is there, a person stops it, or no call can succeed."""
    service = service_for(connection(section), generator.where)
    known = {one.item_id: one for one in wanted}
    report = generator.report

    def kept(done: Done) -> None:
        if done.outcome == "reply":
            _keep(generator, service, known[done.call.item_id], done.raw)
        else:
            report.failed[done.error or done.outcome] += 1

    run = Run(service=service, keep=kept, pace=pace_for(connection(section)))
    until_stopped(run.through(_calls(section, wanted)), run.stop, report)
    report.halted = run.halted


def connection(section: ServiceGenerator) -> ServiceConfig:
    """The section as that of a judge, which is what connections are made from."""
    shared = {
        "kind": section.kind,
        "model": section.model,
        "max_output_tokens": section.max_new_tokens,
        "structured": "none",
        **{key: getattr(section, key) for key in ServiceGenerator.model_fields if key in ServiceConfig.model_fields},
    }
    shared.pop("runs", None)
    if isinstance(section, AnthropicGenerator):
        return AnthropicConfig(**shared, effort=section.effort, thinking=section.thinking)
    if not isinstance(section, OpenAIGenerator):
        msg = f"no service of kind {section.kind!r}"
        raise TypeError(msg)
    return OpenAIConfig(
        **shared,
        api=section.api,
        logprobs=False,
        temperature=section.temperature,
        seed=section.seed,
        reasoning_effort=section.reasoning_effort,
    )


def _calls(section: ServiceGenerator, wanted: Sequence[Wanted]) -> Iterator[Call]:
    for one in wanted:
        yield Call(
            key=one.item_id,
            item_id=one.item_id,
            item_sha256=one.prompt.output.sha256,
            asked=(),
            request=one.request(section.system),
            run=one.run,
        )


def _keep(generator: Generator, service: Service, one: Wanted, raw: str) -> None:
    try:
        reply = service.read(raw)
    except ValueError as error:
        generator.report.failed[f"malformed answer: {error}"] += 1
        return
    finish = _FINISH[reply.ending]
    generator.keep([generator.row(one, response=reply.text, finish=finish, tokens=reply.output_tokens)])
