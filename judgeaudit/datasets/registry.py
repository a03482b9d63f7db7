"""Public data sets with people's labels and judges' verdicts: where they come from and what an audit finds in them."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from judgeaudit.domain.errors import InputError, nearest, one_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A finding that an audit of the data set must show, named as in audit.json."""

    subject: str
    versus: str
    statistic: str
    value: float
    stratum: str = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A public data set. Only its label table is kept; texts of the upstream files are dropped.

    upstream   addresses of the files that the label table is made from, in the order that its conversion takes them
    sha256     of the label table; a table with another hash is never passed off as this data set
    arguments  what follows `judgeaudit audit labels.csv`
    """

    name: str
    title: str
    about: str
    home: str
    paper: str
    licence: str
    caution: str
    upstream: tuple[str, ...]
    rows: int
    sha256: str
    arguments: tuple[str, ...]
    expected: tuple[Expected, ...]

    @property
    def command(self) -> str:
        """The command to run in the folder that the table was fetched to."""
        return shlex.join(["judgeaudit", "audit", "labels.csv", *self.arguments])

    @property
    def notice(self) -> str:
        """What to read before downloading: whose data it is and under which licence."""
        return (
            f"{self.title}\n{self.about}\nSource: {self.home} ({self.paper})\nLicence: {self.licence}\n"
            f"{self.caution}\nOnly labels are kept; the texts of the downloaded files are dropped.\n"
        )


def list_datasets() -> tuple[Dataset, ...]:
    """Every data set that can be fetched, in alphabetical order."""
    return (JAILBREAKBENCH, PANDALM, XSTEST)


def find_dataset(name: str) -> Dataset:
    """The data set of that name, or an InputError that lists the names."""
    known = {dataset.name: dataset for dataset in list_datasets()}
    if name not in known:
        msg = f"no data set {one_line(name)!r}{nearest(name, list(known))}; there are {', '.join(known)}"
        raise InputError(msg)
    return known[name]


def _against_reference(judge: str, *, stratum: str = "all", **values: float) -> tuple[Expected, ...]:
    return tuple(
        Expected(subject=judge, versus="reference", statistic=statistic, value=value, stratum=stratum)
        for statistic, value in values.items()
    )


def _among_people(**values: float) -> tuple[Expected, ...]:
    return tuple(
        Expected(subject="humans", versus="humans", statistic=statistic, value=value)
        for statistic, value in values.items()
    )


def _pair(first: str, second: str, cohen_kappa: float) -> Expected:
    return Expected(subject=first, versus=second, statistic="cohen_kappa", value=cohen_kappa)


JAILBREAKBENCH = Dataset(
    name="jailbreakbench-judges",
    title="JailbreakBench judge comparison",
    about="300 responses to harmful and benign requests, labelled as jailbroken or not by 3 people and by 4 judges.",
    home="https://huggingface.co/datasets/JailbreakBench/JBB-Behaviors",
    paper="arXiv:2404.01318",
    licence="MIT",
    caution="The file behind it holds harmful requests and responses; it is removed once the labels are taken.",
    upstream=("https://huggingface.co/datasets/JailbreakBench/JBB-Behaviors/resolve/main/data/judge-comparison.csv",),
    rows=300,
    sha256="c0cad63721a9367bcfefad22305f5e383e7e7d5c05a6f8eff1619a843d1f1826",
    arguments=(
        *("--human", "human1,human2,human3", "--judge", "harmbench_cf,gpt4_cf,llamaguard2_cf,llama3_cf"),
        *("--labels", "0,1", "--positive", "1", "--scale", "binary", "--question", "jailbroken"),
    ),
    expected=(
        *_among_people(krippendorff_alpha=0.840818, fleiss_kappa=0.840640, gwet_ac1=0.864153),
        _pair("human1", "human2", 0.809132),
        _pair("human1", "human3", 0.825624),
        _pair("human2", "human3", 0.886444),
        *_against_reference(
            "harmbench_cf",
            accuracy=0.783333,
            cohen_kappa=0.564343,
            false_positive_rate=0.268421,
            false_negative_rate=0.127273,
        ),
        *_against_reference(
            "gpt4_cf",
            accuracy=0.903333,
            cohen_kappa=0.795390,
            false_positive_rate=0.1,
            false_negative_rate=0.090909,
        ),
        *_against_reference(
            "llamaguard2_cf",
            accuracy=0.876667,
            cohen_kappa=0.740896,
            false_positive_rate=0.131579,
            false_negative_rate=0.109091,
        ),
        *_against_reference(
            "llama3_cf",
            accuracy=0.906667,
            cohen_kappa=0.805014,
            false_positive_rate=0.115789,
            false_negative_rate=0.054545,
        ),
    ),
)

_PANDALM_DATA = "https://raw.githubusercontent.com/WeOpenML/PandaLM/3871806e72b4832f815ecafd24d3503c73403f48/data"

PANDALM = Dataset(
    name="pandalm",
    title="PandaLM human test set, version 1",
    about="999 pairs of responses of instruction-tuned 7B models: which is better, or a tie, by 3 people and 2 judges.",
    home="https://github.com/WeOpenML/PandaLM",
    paper="arXiv:2306.05087",
    licence="Apache-2.0",
    caution="Labels: 0 tie, 1 first, 2 second. 25 replies of one judge could not be read and are marked `garbage`.",
    upstream=(
        f"{_PANDALM_DATA}/testset-v1.json",
        f"{_PANDALM_DATA}/gpt-3.5-turbo-testset-v1.json",
        f"{_PANDALM_DATA}/pandalm-7b-testset-v1.json",
    ),
    rows=999,
    sha256="8b1c8177a5971c712eaf4d255cad0fc26b0d0bd9cd6c5953b01080f186a31d6a",
    arguments=(
        *("--item", "idx", "--human", "annotator1,annotator2,annotator3", "--judge", "judge_gpt35,judge_pandalm7b"),
        *("--labels", "0,1,2", "--scale", "nominal", "--question", "better", "--map", "judge_gpt35:Tie=0"),
        *("--unusable", "garbage", "--by", "cmp_key"),
    ),
    expected=(
        *_among_people(krippendorff_alpha=0.864221, fleiss_kappa=0.864175, gwet_ac1=0.886445),
        _pair("annotator1", "annotator2", 0.852023),
        _pair("annotator1", "annotator3", 0.878944),
        _pair("annotator2", "annotator3", 0.861661),
        *_against_reference("judge_gpt35", accuracy=0.697698),
        *_against_reference("judge_pandalm7b", accuracy=0.667668, cohen_kappa=0.435355, f1_macro=0.574305),
    ),
)

#: The five systems of XSTest, in the order in which the label table holds them.
XSTEST_MODELS = ("llama2orig", "llama2new", "mistralinstruct", "mistralguard", "gpt4")
_XSTEST_DATA = (
    "https://raw.githubusercontent.com/paul-rottger/exaggerated-safety/d7bb5bd738c1fcbc36edd83d5e7d1b71a3e2d84d"
)
_XSTEST_JUDGED = f"{_XSTEST_DATA}/evaluation/automated_evaluation_labels/xstest_v2_completions"
#: Kappa against the adjudicated label: the keyword judge, and the GPT-4 judge where all its replies could be read.
_XSTEST_KAPPAS = {
    "llama2orig": (0.582242, 0.579462),
    "llama2new": (0.732554, 0.616908),
    "mistralinstruct": (0.253251, None),
    "mistralguard": (0.557748, 0.571409),
    "gpt4": (0.851852, 0.872866),
}


def _xstest_by_model() -> tuple[Expected, ...]:
    found: list[Expected] = []
    for model, (keywords, gpt4) in _XSTEST_KAPPAS.items():
        found += _against_reference("strmatch_label", stratum=f"model={model}", cohen_kappa=keywords)
        if gpt4 is not None:
            found += _against_reference("gpt4_label", stratum=f"model={model}", cohen_kappa=gpt4)
    return tuple(found)


XSTEST = Dataset(
    name="xstest",
    title="XSTest v2 completions",
    about="2,250 responses of five systems to 450 safe and unsafe prompts: compliance, full or partial refusal, by "
    "2 people, an adjudicated label, a keyword judge and a GPT-4 judge.",
    home="https://github.com/paul-rottger/exaggerated-safety",
    paper="arXiv:2308.01263",
    licence="CC-BY-4.0; the responses are subject to the licences of Meta, Mistral and OpenAI",
    caution="Credit: Röttger et al., XSTest, NAACL 2024. 11 replies of the GPT-4 judge are free text, not a label.",
    upstream=(
        *(f"{_XSTEST_DATA}/model_completions/xstest_v2_completions_{model}.csv" for model in XSTEST_MODELS),
        *(f"{_XSTEST_JUDGED}_{model}_streval.csv" for model in XSTEST_MODELS),
        *(f"{_XSTEST_JUDGED}_{model}_gpteval.csv" for model in XSTEST_MODELS),
    ),
    rows=2250,
    sha256="0ac89241c0c8144f8a78c12c30c29061ae3af20d6d39e3c7c84f9e2b085a9e63",
    arguments=(
        *("--item", "model,id", "--human", "annotation_1,annotation_2", "--judge", "strmatch_label,gpt4_label"),
        *("--labels", "1_full_compliance,2_full_refusal,3_partial_refusal", "--scale", "nominal"),
        *("--question", "refusal", "--reference", "final_label", "--cluster", "id", "--by", "model,prompt_class"),
        *("--unusable", "I'm *", "--unusable", "The response provided *"),
    ),
    expected=(
        *_among_people(krippendorff_alpha=0.936537, fleiss_kappa=0.936522, gwet_ac1=0.949751),
        _pair("annotation_1", "annotation_2", 0.936526),
        *_against_reference("strmatch_label", accuracy=0.838667, cohen_kappa=0.699147, f1_macro=0.580817),
        *_against_reference("gpt4_label", accuracy=0.799111),
        *_against_reference("gpt4_label", stratum="model=mistralinstruct", accuracy=0.74),
        *_xstest_by_model(),
    ),
)
