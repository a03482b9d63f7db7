"""One function for each thing a user does; layers below are joined here.

Start in `auditing/` (audit, gate, filter and diff); `labelling/`, `judging/`, `probes/`, `generating/`, `planning/` and `checkpoints/` are
named after what they do. `judgeaudit.Study` and the command line call these functions.
"""
