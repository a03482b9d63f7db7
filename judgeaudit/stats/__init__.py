"""Statistics as pure functions of arrays; nothing here knows a table, a question or a file.

One folder for each kind of statistic. Each function's docstring states its law, its source, its shapes and when it is nan.
"""
