"""Lists what `crosscheck.py` of the shared logs compares: one line a number, `what<TAB>the harness's number`.

    pip install -r requirements.txt
    python crosscheck.py ../../../../../shared/logs > crosscheck.tsv

That script recomputes 253 numbers of the harnesses from the samples of their logs, in Python and without
codcast; here its comparison is made to write what it compares.
"""

import os
import sys

os.chdir(sys.argv[1])
source = open("crosscheck.py").read()
name = "def chk(what, a, b):"
assert source.count(name) == 1
rows = []
source = source.replace(name, f"{name}\n    ROWS.append((what, b))")
out, sys.stdout = sys.stdout, sys.stderr
exec(compile(source, "crosscheck.py", "exec"), {"ROWS": rows, "__name__": "crosscheck"})
for what, theirs in sorted(rows):
    print(what, repr(theirs), sep="\t", file=out)
