"""The nouns that every layer uses, as frozen records: question, output, verdict, ratings, policy, results.

Start in `question.py` and `ratings.py`. `errors.py` holds the exceptions whose message is one line for a person. No module
here reads a file or computes a statistic.
"""
