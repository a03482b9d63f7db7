"""The audit of a study folder: what its tables say under the options and the policy that stand in study.toml, or others."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judgeaudit.domain.policy import Policy
from judgeaudit.workflows.auditing.audit_object import Audit
from judgeaudit.workflows.auditing.audit_table import audit_loaded, chosen_reference
from judgeaudit.workflows.auditing.gate import policy_from, read_policy

if TYPE_CHECKING:
    from judgeaudit.audit.setting.options import IntervalChoice
    from judgeaudit.storage.config.schema import StudyConfig


def audit_study(
    folder: Path,
    *,
    policy: Policy | str | Path | None = None,
    reference: str | None = None,
    unanswered: str | None = None,
    alt_test_epsilon: float | None = None,
    interval: IntervalChoice = "auto",
    level: float = 0.95,
    replicates: int = 2000,
    seed: int = 1,
    pairs: bool = False,
    max_risk: float | None = None,
    command: str,
    brief: bool = False,
) -> Audit:
    """Every finding and decision of the study; nothing is written. Options given here win over study.toml."""
    from judgeaudit.audit.setting.options import AuditOptions
    from judgeaudit.storage.study.load import load_study
    from judgeaudit.storage.study.weights import label_design

    second = "adjudicated" if reference == "adjudicated" else None
    config, loaded = load_study(folder, reference=second)
    options = AuditOptions(
        level=level,
        interval=interval,
        replicates=replicates,
        seed=seed,
        reference=reference or config.audit.reference,
        unanswered=unanswered or config.audit.unanswered,
        all_pairs=pairs,
        max_risk=config.audit.max_risk if max_risk is None else max_risk,
        alt_test_epsilon=config.audit.alt_test_epsilon if alt_test_epsilon is None else alt_test_epsilon,
    )
    ratings = tuple(chosen_reference(one, options.reference) for one in loaded.ratings)
    return audit_loaded(
        replace(loaded, ratings=ratings),
        options,
        study_policy(config, policy),
        label_source=config.label_source,
        command=command,
        extra={
            **label_design(folder, stated=config.audit.label_design),
            "study_sha256": fingerprint(config),
            "cluster": config.cluster,
            "by": list(config.strata),
            **({"leave_out": loaded.left_out} if loaded.left_out else {}),
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
