"""`python -m judgeaudit` is the command `judgeaudit`, also where no script of that name is on the path."""

from __future__ import annotations

import sys

from judgeaudit.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
