"""Write a page as HTML (`html.py`), Markdown (`markdown.py`) or terminal text (`terminal_audit.py`)."""
