"""Every statistic that an audit can hold, by its name: look-ups, and what a policy may ask of which one."""

from __future__ import annotations

from judgeaudit.domain.catalogue.agreement import AGREEMENT
from judgeaudit.domain.catalogue.people import PEOPLE
from judgeaudit.domain.catalogue.prevalence import PREVALENCE
from judgeaudit.domain.catalogue.probabilities import PROBABILITIES
from judgeaudit.domain.catalogue.rates import RATES
from judgeaudit.domain.catalogue.record import Statistic, Subject
from judgeaudit.domain.errors import nearest

#: by name, in the order of the reference
STATISTICS: dict[str, Statistic] = {one.name: one for one in (*AGREEMENT, *PEOPLE, *RATES, *PREVALENCE, *PROBABILITIES)}
_OTHER_NAMES = {
    word.casefold(): one.name for one in STATISTICS.values() for word in (one.abbreviation, *one.synonyms) if word
}


def entry_of(name: str) -> Statistic:
    """The record of a statistic that this version computes.

    Raises
    ------
    ValueError
        A finding or the shelf uses a name without a record: add the record before the statistic is computed.
    """
    try:
        return STATISTICS[name]
    except KeyError:
        msg = f"statistic {name!r} has no record in judgeaudit/domain/catalogue; its docstring says how to add one"
        raise ValueError(msg) from None


def title_of(name: str) -> str:
    """What a statistic is called in a table. One of a newer version is called by its name.

    >>> title_of("gwet_ac1"), title_of("of_a_newer_version")
    ("Gwet's AC1", 'of a newer version')
    """
    known = STATISTICS.get(name)
    return name.replace("_", " ") if known is None else known.title


def phrase_of(name: str) -> str:
    """What a statistic is called within a sentence. One of a newer version is called by its name.

    >>> phrase_of("false_positive_rate")
    'the false positive rate'
    """
    known = STATISTICS.get(name)
    return name.replace("_", " ") if known is None else known.phrase


def versus_of(name: str, subject: str) -> str:
    """`versus` of the finding in which a subject's statistic stands: the reference, the people, or the subject itself.

    >>> versus_of("cohen_kappa", "gpt"), versus_of("flip_rate", "gpt"), versus_of("gwet_ac1", "humans")
    ('reference', 'gpt', 'humans')
    """
    known = STATISTICS.get(name)
    if known is not None and known.against == "itself":
        return subject
    return "humans" if subject == "humans" or (known is not None and known.against == "people") else "reference"


def suggestion(name: str, *, among: tuple[str, ...] | None = None) -> str:
    """The name that was most likely meant, as a phrase to append; empty when none is close. Abbreviations are known.

    >>> suggestion("MCC"), suggestion("sensitivty"), suggestion("weather")
    (" (did you mean 'matthews_corrcoef'?)", " (did you mean 'sensitivity'?)", '')
    """
    offered = tuple(STATISTICS) if among is None else among
    meant = _OTHER_NAMES.get(name.casefold())
    return f" (did you mean {meant!r}?)" if meant in offered else nearest(name, list(offered))


def why_refused(*, statistic: str | None, contrast: str | None, subject: Subject) -> str | None:
    """Why no audit could answer a requirement on this statistic or contrast, and what to use instead; None where one could.

    Parameters
    ----------
    statistic, contrast
        The name that the requirement gives, in one of them.
    subject
        Whose statistic it is: a judge's, or that of the people together.

    Examples
    --------
    >>> why_refused(statistic="fleiss_kappa", contrast=None, subject="judge")
    'fleiss_kappa is computed for the people alone; add subject = "humans", or require cohen_kappa'
    >>> why_refused(statistic="accuracy_ties_right", contrast=None, subject="judge")[:56]
    'no requirement can name accuracy_ties_right: it has no i'
    >>> why_refused(statistic=None, contrast="gwet_ac1", subject="judge")[:45]
    'strata are not compared by gwet_ac1; they are'
    """
    name = statistic or contrast or ""
    known = STATISTICS.get(name)
    if known is None:
        return f"no statistic {name!r}{suggestion(name)}"
    if contrast is not None:
        compared = ", ".join(one.name for one in STATISTICS.values() if one.between)
        return None if known.between else f"strata are not compared by {name}; they are by {compared}"
    if known.instead:
        return f"no requirement can name {name}: {known.instead}"
    if subject in known.subjects:
        return None
    if subject == "humans":
        return (
            f"{name} is not computed for the people together; leave subject out, or require krippendorff_alpha of them"
        )
    other = ", or require cohen_kappa" if known.family == "agreement" else ""
    return f'{name} is computed for the people alone; add subject = "humans"{other}'


def beyond_range(name: str, bound: float) -> bool:
    """Whether a threshold is one that no value can have, such as 80 for a share; nothing within ±1 is.

    >>> beyond_range("sensitivity", 80), beyond_range("log_loss", 80), beyond_range("sensitivity", -0.5)
    (True, False, False)
    """
    known = STATISTICS.get(name)
    if known is None:
        return False
    above = known.high is not None and bound > max(1.0, known.high)
    below = known.low is not None and bound < min(-1.0, known.low)
    return above or below
