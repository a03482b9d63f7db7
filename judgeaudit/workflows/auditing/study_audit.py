"""The audit of a study folder: what its tables say under the options and the policy that stand in study.toml, or others."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judgeaudit.domain.policy import Policy
from judgeaudit.workflows.auditing.audit_object import Audit
from judgeaudit.workflows.auditing.audit_table import audit_loaded, chosen_reference
from judgeaudit.workflows.auditing.gate import policy_from, read_policy

if TYPE_CHECKING:
    from judgeaudit.storage.config.schema import StudyConfig


def audit_study(
    folder: Path,
    given: Mapping[str, Any],
    *,
    policy: Policy | str | Path | None = None,
    command: str,
    brief: bool = False,
) -> Audit:
    """Every finding and decision of the study; nothing is written. `given` are options that win over study.toml, None for none."""
    from judgeaudit.audit.setting.options import AuditOptions
    from judgeaudit.domain.option import fields_of
    from judgeaudit.storage.study.load import load_study
    from judgeaudit.storage.study.weights import label_design

    second = "adjudicated" if given.get("reference") == "adjudicated" else None
    config, loaded = load_study(folder, reference=second)
    asked = {keyword: value for keyword, value in given.items() if value is not None}
    options = replace(config.audit, cluster=config.cluster, by=tuple(config.strata), **fields_of(AuditOptions, asked))
    ratings = tuple(chosen_reference(one, options.reference) for one in loaded.ratings)
    return audit_loaded(
        replace(loaded, ratings=ratings),
        options,
        study_policy(config, policy),
        label_source=config.label_source,
        command=command,
        extra={
            **label_design(folder, stated=options.label_design),
            "study_sha256": fingerprint(config),
            "leave_out": loaded.left_out,
        },
        name=config.name,
        brief=brief,
    )


def study_policy(config: StudyConfig, given: Policy | str | Path | None) -> Policy:
    """The policy given, else that of study.toml."""
    if isinstance(given, Policy):
        return given
    if given is not None:
        return read_policy(given)
    return policy_from(config.policy, config.use, source="study.toml" if config.policy else "default")


def fingerprint(config: StudyConfig, *, of_comparison: bool = False) -> str:
    """The sha256 of what study.toml says, comments, spaces and [generate] aside: of outputs only what they are counts.

    No audit depends on [compare]; a comparison does.
    """
    said = config if of_comparison else config.model_copy(update={"compare": None})
    plain: dict[str, Any] = said.model_dump(mode="json", by_alias=True, exclude={"generate"})
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()
