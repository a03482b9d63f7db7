"""How a judge behaves, whatever the labels say: no answer, changed answers, and what served it.

`no_answer.py` tells why there is no label, `self_agreement.py` compares runs and orders, `repeats.py` says what repeating is
worth, `services.py` what answered and at which cost.
"""
