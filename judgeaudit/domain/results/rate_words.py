"""What is said of a corrected rate whose labelled rows look unlike the others."""

from __future__ import annotations

from collections.abc import Sequence

from judgeaudit.domain.results.rates import JudgeSign, MixSign, NoShareSign, RateSign, Sign, UnjudgedSign


def warning(judge: str, question: str, design: str, signs: Sequence[Sign], *, refused: bool) -> str:
    """One line: which judge, what was seen, and what that does to its corrected rate."""
    told = "; ".join(sign_words(sign) for sign in signs)
    if design == "elsewhere":
        end = (
            "so its rate is not corrected"
            if refused
            else "so its corrected rate holds only if it errs alike in both, which these rows cannot show"
        )
        return f"{judge}, {question!r}: the labelled rows differ from the unlabelled ones ({told}), {end}"
    said = "a random sample" if design == "random" else "a sample with these weights"
    return f"{judge}, {question!r}: the labelled rows do not look like {said} of the judged ones ({told}): check the design"


def unjudged_warning(question: str, sign: Sign) -> str:
    """One line: how many rows could not be judged, and what that does to the corrected rates of all judges."""
    return (
        f"{question!r}: {sign_words(sign)}, so corrected rates speak of rows that can be judged and are doubtful as rates of "
        "all; say in the guideline how such rows are labelled, or give them a label of their own"
    )


def sign_words(sign: Sign) -> str:
    """What was seen, in words and numbers."""
    match sign:
        case RateSign():
            who = "it" if sign.judge is None else sign.judge
            return f"{who} calls {sign.labelled:.0%} of the labelled rows positive and {sign.others:.0%} of the others"
        case MixSign():
            unseen = f", {sign.unseen:.0%} with a value that no labelled row has" if sign.unseen else ""
            return f"another mix of {sign.column!r}, {sign.apart:.0%} of the rows apart{unseen}"
        case JudgeSign():
            return f"its corrected rate lies {abs(sign.apart):.2f} {'above' if sign.apart > 0 else 'below'} that of {sign.judge}"
        case UnjudgedSign():
            return (
                f"{sign.share:.0%} of the rows given to raters could not be judged, and those are not missing at random"
            )
        case NoShareSign():
            return "its corrected rate lies outside 0 and 1"
