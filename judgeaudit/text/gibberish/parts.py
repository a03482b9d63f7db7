"""Parts of a text that are sound and yet no English prose: lines of programs and data, sentences in other languages.

They are told by short lists of marks and of small words, so that measures made for English prose are not held against them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

#: the commonest small words of languages in Latin letters, by family; words that are English too are left out
LANGUAGES: dict[str, tuple[str, frozenset[str]]] = {
    name: (family, frozenset(words.split()))
    for name, family, words in (
        ("German", "Germanic", "der die das und ist nicht ein eine einen einem den dem des mit auf für von zu sich sie ich wir "
         "auch wird sind im zum zur aus bei nach wenn weil oder aber wie noch nur kann es hat haben werden dass ihre ihr um am vom "
         "beim ins gibt alle ihm hatte war wurde diese dieser man dann sehr mehr er"),
        ("Dutch", "Germanic", "de het een en van is niet dat die met op voor zijn er aan ook als naar om dan maar je ik wij "
         "hij bij uit wel nog kan heeft worden door deze dit te"),
        ("Swedish", "Germanic", "och att det som en är av för på med inte den till om har de ett jag men var sig så från vi kan "
         "när eller nu skulle ska också"),
        ("Danish", "Germanic", "og at det er en til på som med for ikke den de af et har jeg men var sig så fra vi kan når "
         "eller skal også hvis blev være"),
        ("French", "Romance", "le la les et est une un des du de que qui dans pour pas sur avec il elle nous vous ce cette sont "
         "au aux ne se plus par mais ou où à été être son ses leur je tu me te ma ta mon suis qu si bien"),
        ("Spanish", "Romance", "el la los las y es una un de que en por para con no se del al su lo como más pero sus le ya o "
         "este esta son ser cuando muy hay puede si"),
        ("Portuguese", "Romance", "o a os as e é uma um de que em por para com não se do da dos das ao no na seu sua como mais "
         "mas ou este esta são ser quando muito há pode à pela pelo ele ela porque também lá até de isso foi"),
        ("Italian", "Romance", "il lo la i gli le e è una un di che in per con non si del della dei al alla suo sua come più ma "
         "o questo questa sono essere quando molto da nel nella anche si"),
        ("Romanian", "Romance", "și este o un de că în pe pentru cu nu se la care mai din sau dar sunt fi ca prin acest această "
         "când foarte poate al ale"),
        ("Polish", "Slavic", "i w na z nie do się jest to że o jak po co dla od przez za ale są by może oraz który która tym "
         "czy już tylko jego"),
        ("Czech", "Slavic", "a v na se je že s z do o to jako pro ale za by jsou od po k který která také jen když může není "
         "jeho nebo"),
        ("Turkish", "Turkic", "ve bir bu için ile da de çok olarak daha gibi ne kadar olan sonra var en ama ya mi değil her "
         "o ki veya"),
        ("Finnish", "Uralic", "ja on ei se että hän oli mutta kun niin myös ovat tai kuin joka sen jos voi olla mitä ole "
         "minä sinä"),
        ("Indonesian", "Malayic", "dan yang di dari untuk dengan pada ini itu adalah tidak dalam akan ke juga atau oleh sebagai "
         "saya bisa ada karena"),
    )
}  # fmt: skip
#: letters that hardly any other language has: where the small words of a language are one letter long, or forms of words take their place
MARKS: dict[str, tuple[str, re.Pattern[str]]] = {
    "Polish": ("Slavic", re.compile("[ąćęłńśźż]")),
    "Czech": ("Slavic", re.compile("[čďěňřšťůž]")),
    "Turkish": ("Turkic", re.compile("[ğış]")),
    "Vietnamese": ("Austroasiatic", re.compile("[ăđơư\u1ea0-\u1ef9]")),
}
_MARKED = re.compile("[ąćęłńśźżčďěňřšťůžğışăđơư\u1ea0-\u1ef9]")
_ENGLISH = frozenset(
    word
    for words in (
        "the and of to in is that it for with as are was on be by this you not or have from at which but they will can an we if",
        "your their there about when who what how more one all his her she he i a my so do has had up out were",
    )
    for word in words.split()
)
#: small words of other languages that are none in English
_ELSEWHERE = frozenset().union(*(known for _, known in LANGUAGES.values())) - _ENGLISH
_FAMILIES = {name: family for name, (family, _) in (*LANGUAGES.items(), *MARKS.items())}
_CODE_LINES = re.compile(
    r"""^\s*(?:
    (?:from|import|def|class|return|for|while|if|elif|else|try|except|with|public|private|const|let|var|function|void|int|static
       |package|using|namespace|print|echo|fi|done|esac|end)\b.*[:;({)}\]]
    |(?:import|from|\#include|package|using|export|set|cd|cp|mv|pip|npm|git|sudo)\b\s*[\w.<"$-]+.*
    |[})\]];?,?  |</?[a-z!][^>]*>.*  |[\w.\[\]"'$]+\s*(?:[-+*/]?=|:=|->)\s*\S.*  |.*[;{}]\s*  |.*\)\s*:  |"[^"]*"\s*:.*
    |[\[{].*[\]}],?  |\#!.*  |[\w.]+\(.*\);?  |@\w+.*
    |(?:SELECT|FROM|WHERE|JOIN|GROUP[ ]BY|ORDER[ ]BY|HAVING|LIMIT|INSERT|UPDATE|VALUES|CREATE)\b.*
    )\s*$""",
    re.VERBOSE,
)
_FENCE = re.compile(r"^\s*```.*?^\s*```\s*$", re.DOTALL | re.MULTILINE)
_BARE = re.compile(r"[=(){}\[\];<>_\"'`]")
_SENTENCE = re.compile(r"[^.!?。！？\n]+[.!?。！？\n]*")
_LETTERS = re.compile(r"[^\W\d_]+")
_LATIN = re.compile("[A-Za-zÀ-ɏ]")


class Parts(NamedTuple):
    """A text taken apart: what is read as English prose, and how much of it is code, and is another language (shares)."""

    prose: str
    code: float
    foreign: float


def parts_of(text: str) -> Parts:
    """What a text consists of."""
    size = max(1, len("".join(text.split())))
    rest, code = _without_code(text)
    prose, foreign = _without_foreign(rest)
    return Parts(prose=prose, code=code / size, foreign=foreign / size)


def _without_code(text: str) -> tuple[str, int]:
    """The text without fenced blocks and lines of code, and how many signs these had."""
    before = len("".join(text.split()))
    bare = _FENCE.sub("\n", text)
    lines = bare.split("\n")
    held = [_is_code(line) for line in lines]
    if sum(held) >= 2 or (sum(held) == 1 and sum(map(bool, map(str.strip, lines))) == 1):
        bare = "\n".join(line for line, is_code in zip(lines, held, strict=True) if not is_code)
    return bare, before - len("".join(bare.split()))


def _is_code(line: str) -> bool:
    """Whether a line reads as one of a program or of data: its shape, and at least one mark of such."""
    return len(line) <= 400 and _CODE_LINES.match(line) is not None and _BARE.search(line) is not None


def _without_foreign(text: str) -> tuple[str, int]:
    """The text without its sentences in other languages, and how many signs these had.

    A sentence that cannot be told goes with the text as a whole.
    """
    kept, left, whole = [], 0, language_of(text)
    for sentence in _SENTENCE.findall(text):
        if (language_of(sentence) or whole) in (None, "English"):
            kept.append(sentence)
        else:
            left += len("".join(sentence.split()))
    return "".join(kept), left


def language_of(text: str) -> str | None:
    """English, another language by its small words and own letters, or None where it cannot be told.

    `other script` is what has mostly letters that are not Latin.
    A mix of families (German with French words, say) is told as none, and so is what is too short.

    >>> [language_of(text) for text in ("Das ist der Weg zu dem Haus.", "This is the way.", "Привет, мир", "ok", "und le the der pour")]
    ['German', 'English', 'other script', None, None]
    """
    if _is_of_other_script(text):
        return "other script"
    words = [word.lower() for word in _LETTERS.findall(text) if len(word) > 1]
    if len(words) < 4:
        return None
    english = sum(word in _ENGLISH for word in words) / len(words)
    strange = [word for word in words if word in _ELSEWHERE or _MARKED.search(word)]
    if english < 0.3 and len(strange) >= 0.2 * len(words):
        best = max(_FAMILIES, key=lambda name: _count_of(strange, name))
        share = _count_of(strange, best) / len(words)
        if share >= 0.2 and share > english + 0.1:
            return None if _mixes_families(strange, best) else best
    return "English" if english >= 0.15 else None


def _is_of_other_script(text: str) -> bool:
    letters = "".join(_LETTERS.findall(text))
    return len(letters) >= 3 and len(_LATIN.findall(letters)) < 0.3 * len(letters)


def _is_of(word: str, language: str) -> bool:
    """Whether a word is among the small ones of a language, or has a letter that is its own."""
    return (language in LANGUAGES and word in LANGUAGES[language][1]) or (
        language in MARKS and MARKS[language][1].search(word) is not None
    )


def _count_of(words: Sequence[str], language: str) -> int:
    return sum(_is_of(word, language) for word in words)


def _mixes_families(words: Sequence[str], language: str) -> bool:
    """Whether, of the words that are not of this language, a language of another family has half as many as it."""
    left = [word for word in words if not _is_of(word, language)]
    others = [_count_of(left, name) for name in _FAMILIES if _FAMILIES[name] != _FAMILIES[language]]
    return 2 * max(others) >= _count_of(words, language)
