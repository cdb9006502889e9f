"""Renew requirements.txt and, from the same versions, requirements-labs.txt: pinned, hashed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

COMPILE = [
    *("pip", "compile", "--quiet", "--universal", "--generate-hashes"),
    *("--python-version", "3.11.7"),  # hashes need the full version
    *("--no-emit-index-url", "--no-emit-find-links"),  # no host, no path in the list
]
ENVIRONMENT = {"UV_CUSTOM_COMPILE_COMMAND": "make lock"}


def main() -> None:
    """Compile both lists; arguments (such as --upgrade) go to the first compilation."""
    uv = str(Path(sys.executable).with_name("uv"))
    environment = {**os.environ, **ENVIRONMENT}
    runs = (
        [*sys.argv[1:], "requirements.in", "-o", "requirements.txt"],
        ["requirements-labs.in", "-c", "requirements.txt", "-o", "requirements-labs.txt"],
    )
    for arguments in runs:
        subprocess.run([uv, *COMPILE, *arguments], env=environment, check=True)


if __name__ == "__main__":
    main()
