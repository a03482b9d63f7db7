"""The one door to a Label Studio server.

Start in `client.py`. `requests.py` signs and repeats requests (reads only), `errors.py` turns refusals into one line, `pages.py`
reads long lists whole, `tokens.py` checks addresses and tokens.
"""
