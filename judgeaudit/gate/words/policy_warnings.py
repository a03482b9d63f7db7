"""What a policy passes over in silence: people who do not agree."""

from __future__ import annotations

from judgeaudit.domain.policy import Policy
from judgeaudit.domain.results.audit import AuditResult
from judgeaudit.gate.requirements.check import case_of, check
from judgeaudit.gate.requirements.default_policy import AGREEMENT, people_requirements
from judgeaudit.gate.words.sentences import crowd_of, requirement_sentence


def policy_warnings(result: AuditResult, policy: Policy) -> list[str]:
    """A warning for each question whose judges a policy of its own holds against people who are not shown to agree."""
    out = []
    for about in result.questions:
        asked = [r for r in policy.require or () if r.question in (None, about.name)]
        if not about.judges or not asked or any(r.subject == "humans" for r in asked):
            continue
        (line,) = check(case_of(result, about, None, policy), people_requirements(one_class=False)[0], "all")
        if line.bound is None or line.met:
            continue
        crowd = crowd_of(result.label_source)
        found = requirement_sentence(line, crowd).replace("is required", "is what the default policy asks")
        out.append(
            f"{about.name}: the policy asks nothing of the {crowd}, but a judge cannot be shown reliable against {crowd} who "
            f'do not agree: {found}. Add a requirement with subject = "humans", statistic = "krippendorff_alpha" and '
            f"at_least = {AGREEMENT}."
        )
    return out
