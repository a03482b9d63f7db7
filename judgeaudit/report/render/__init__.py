"""Write a page as HTML, Markdown or terminal text."""
