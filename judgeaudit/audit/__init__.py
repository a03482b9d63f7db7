"""Compute what an audit finds, from ratings to findings. No file is read and no text for a page is made here.

Start in `result.py` (`audit_ratings`: all questions of a study) and `question.py` (`audit_question`: one question, every
finding in a fixed order). `setting/` holds what all findings of a question share, `estimates/` how a value gets its interval;
every other folder is one kind of finding.
"""
