"""The page as one HTML file that asks the network for nothing."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.results.audit import AuditResult
from judgeaudit.report.content.document import Block, Document, Figure, Plot, Section
from judgeaudit.report.content.view import view_of
from judgeaudit.report.page import build_document
from judgeaudit.report.sections.decision import decision_section
from judgeaudit.report.sections.scores import scorecard_section
from judgeaudit.report.words.numbers import ESCAPE, visible

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

TEMPLATES = Path(__file__).parent / "templates"


def render_html(result: AuditResult, *, full: bool = False) -> str:
    """The whole page: one file, no request to anywhere, the same bytes for the same audit."""
    return html_of(build_document(result, full=full))


def html_of(document: Document) -> str:
    """A document as an HTML page."""
    from markupsafe import Markup

    css, script = _asset("report.css"), _asset("report.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    page = _environment().get_template("page.html.j2")
    return page.render(document=document, css=Markup(css), script=Markup(script), digest=digest)


def head_html(result: AuditResult) -> str:
    """The head of the page for a notebook: decisions, figure and scorecard, with no script."""
    from markupsafe import Markup

    view = view_of(result, full=False)
    document = Document(
        title=result.name or "Audit of automated judges",
        subtitle="",
        banner=view.source.banner,
        banner_text=view.source.explanation,
        sections=(decision_section(view), scorecard_section(view)),
        footer="",
    )
    head = _environment().get_template("head.html.j2")
    return head.render(document=document, css=Markup(_asset("report.css")))


def _asset(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    """Every expression of a template is made visible and escaped, unless it is markup of our own."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.filters["kind"] = _kind
    environment.filters["passage"] = _passage
    environment.filters["drawings"] = _drawings
    return environment


def _finalize(value: object) -> object:
    from markupsafe import Markup

    if isinstance(value, Markup):
        return value
    return visible(value) if isinstance(value, str) else value


def _kind(block: Block | Section) -> str:
    return type(block).__name__


def _passage(text: str) -> Markup:
    """A foreign text with its line breaks; escapes of invisible characters are marked as such."""
    from markupsafe import Markup

    shown = escape(visible(text, keep_lines=True))
    return Markup(ESCAPE.sub(r'<span class="esc">\g<0></span>', shown))


def _drawings(figure: Figure) -> list[tuple[str, Markup]]:
    """The figure once for wide screens and, where that helps, once for narrow ones."""
    from markupsafe import Markup

    from judgeaudit.report.figures.draw import draw

    both = not isinstance(figure.drawing, Plot)
    shapes = [("wide", False), ("narrow", True)] if both else [("any", False)]
    drawn = []
    for name, narrow in shapes:
        anchor = f"{figure.anchor}-{name}"
        svg = draw(figure.drawing, anchor=anchor, title=figure.title, description=figure.description, narrow=narrow)
        drawn.append((name, Markup(svg)))
    return drawn
