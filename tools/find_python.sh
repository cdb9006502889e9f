#!/bin/sh
# Print a Python that the locked versions support; say clearly what is missing where there is none.
for candidate in ${PYTHON:-python3 python3.11 python3.12 python3.13}; do
    if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
        if ! "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
            echo "$candidate cannot make virtual environments: install its venv module (Debian, Ubuntu: python3-venv)." >&2
            exit 1
        fi
        echo "$candidate"
        exit 0
    fi
done
found=$(${PYTHON:-python3} --version 2>&1) || found="no ${PYTHON:-python3}"
echo "The book needs Python 3.11, 3.12 or 3.13; found: $found. Install one, or name it: make book PYTHON=/path/to/python3.11" >&2
exit 1
