"""The one home of facts about statistics and reason codes: names, wordings, ranges, bounds, citations.

Start in `statistics.py` (look-ups by name) and `reasons.py` (one sentence for each code). `record.py` says what is known of a
statistic; the records themselves are in `agreement.py`, `people.py`, `rates.py`, `prevalence.py` and `probabilities.py`, by the
parts of docs/reference/statistics.md. Report, gate, plan, policy validation and the reference pages read from here alone.

To add a statistic:

1. Its function goes into `judgeaudit/stats/`, a pure function of arrays with its published source.
2. One line in `judgeaudit/audit/setting/pair_statistics.py` puts a statistic of two raters on the shelf; any other one is called where
   its findings are made (`judgeaudit/audit/agreement/people.py`, `judgeaudit/audit/probabilities/findings.py`, ...).
3. Its record goes into the module here that holds its family: title, wordings, direction, range, scales, bound, citation.
4. Its published number goes into `tests/stats/` (a worked example or an oracle), and it is computed on every scale that its record
   names in `tests/audit/computed_cases.py`.
5. `tests/house/test_docs_reference.py`, run by pytest with JUDGEAUDIT_DOCS=write, writes its section in docs/reference/statistics.md.

`tests/audit/test_catalogue.py` fails while one of the steps 2 to 4 is missing, `tests/house/test_docs_reference.py` while 5 is. A new
reason code is one record in `reasons.py` (or `comparison_reasons.py` for compare.json) and step 5.
"""
