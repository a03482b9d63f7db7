"""Single files. `read.py` reads a table as text cells, `write.py` writes whole files, `sniff.py` tells what bytes are."""
