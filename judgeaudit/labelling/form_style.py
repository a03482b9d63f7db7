"""How a form looks: texts keep their line breaks, each line its own direction, and every text shows where it ends.

Long texts scroll in boxes that leave room for two questions below them, on a screen of 700 pixels, too.
"""

from __future__ import annotations

#: no > and no &: the editor takes the rules as they are written in XML
STYLE = """
.ja {max-width: 1100px; margin: 0 auto; overflow-wrap: anywhere}
.ja-two {display: flex; gap: 10px}
.ja-two .ja-box {flex: 1 1 0; min-width: 0; max-height: 44vh}
.ja-box {border: 1px solid var(--color-neutral-border, #ccc); border-radius: 6px; padding: 0 14px 6px; margin-bottom: 8px}
.ja-box {max-height: 36vh; overflow-y: auto}
.ja-box.ja-prompt {max-height: 20vh}
.ja-text * {white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext}
.ja-text::after {content: "end of text"; display: block; border-top: 1px solid #ddd; color: #767676; font-size: 11px}
.ja label, .ja label * {white-space: normal}
.ja-follow {border-left: 3px solid var(--color-primary-border, #8ac); padding-left: 12px}
.ja-number sup {display: none}
""".strip()
