"""How a form looks: texts keep their line breaks, each line its own direction, and every text shows where it ends.

Long texts scroll in boxes that leave room for two questions below them, on a screen of 700 pixels, too. While a form is
shown its rules hold for the whole page, so they also put away the editor's panels for marked regions, of which a form has
none, and fit header, buttons and instruction to a narrow screen. Where another version names those parts differently the
rules do nothing.
"""

from __future__ import annotations

#: no > and no &: the editor takes the rules as they are written in XML
_FORM = """
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
"""
#: Submit takes a note along as it stands in its box, so what the editor has for "adding" it is put away; but Update, on an
#: item that was submitted before, stays closed to a new note until that is added
_NOTES = """
.ja [data-testid=textarea-counts], .ja [data-testid=textarea-instruction] {display: none}
.ja [data-testid=textarea-submit-section]::before {content: "For a note: first Add, then Update."; font-size: 14px}
.lsf-editor:has([data-testid=bottombar-submit-button]) [data-testid=textarea-submit-section] {display: none}
"""
_AROUND = """
.lsf-sidepanels {padding: 0 !important}
.lsf-sidepanels__wrapper, .lsf-sidepanels .lsf-tabs-panel {display: none !important}
.lsf-modal-ls__content {max-width: 100vw}
.lsf-modal-ls__body, .ant-modal-body {overflow-wrap: anywhere}
"""
_NARROW = """
.ja-two {flex-direction: column; gap: 0}
.ja-two .ja-box {flex: none; max-height: 36vh}
.lsf-editor {width: 100%; min-width: 0; margin: 0}
.lsf-menu-header__trigger {min-width: 0; gap: 12px}
.lsf-menu-header__context-item_left, .lsf-menu-header__context-item_right a {display: none}
.lsf-menu-header__hotkeys, .lsf-menu-header [class*=themeToggle] {display: none}
.lsf-history-buttons, .lsf-action-buttons {display: none}
.lsf-current-task__task-id {white-space: nowrap}
.lsf-controls button {flex: none; width: auto; min-width: max-content}
.ant-modal {min-width: 0 !important; width: 100% !important}
"""
STYLE = f"{_FORM.strip()}\n{_NOTES.strip()}\n{_AROUND.strip()}\n@media (max-width: 760px) {{\n{_NARROW.strip()}\n}}"
