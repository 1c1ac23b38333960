"""What the Python programs here share: named checks, each run in a process of its own, told in lines of JSON.

    PROGRAM list                    one line {"check": NAME} for each check
    PROGRAM run BOOTSTRAP NAME      one line {"check": NAME, "passed": true | false, "detail": TEXT}
"""

import json
import os
import sys
import time
import traceback
import uuid

# When records are said to be made, in milliseconds: a broker deletes what is older than a week.
RECENT = int(time.time() * 1000) - 60_000

_checks = {}


def check(name):
    """Names a function that takes the bootstrap address; it fails by raising."""

    def register(body):
        _checks[name] = body
        return body

    return register


def same(actual, expected, what):
    if actual != expected:
        raise AssertionError(f"{what}: {str(actual)[:400]} instead of {str(expected)[:400]}")


def that(fact, what):
    if not fact:
        raise AssertionError(what)


def unique(prefix):
    return f"{prefix}-{uuid.uuid4().hex[:12]}"


def until(fact, what, seconds=25):
    """Asks until the answer is true; what it answered. The suite's own time limit is longer."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = fact()
        if answer:
            return answer
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what}")


def raised(kind, body):
    """The exception of this kind that the body raises."""
    try:
        body()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__} was raised")


def _place(error):
    """The innermost line of the check itself."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "site-packages" not in f.filename]
    own = [f for f in frames if f.filename != __file__ and f.filename.startswith(os.path.dirname(__file__))]
    frame = (own or frames)[-1]
    return f"{os.path.basename(frame.filename)}:{frame.lineno}"


def main():
    if sys.argv[1:] == ["list"]:
        for name in _checks:
            print(json.dumps({"check": name}))
        return
    _, bootstrap, name = sys.argv[1:]
    told = {"check": name, "passed": True}
    try:
        _checks[name](bootstrap)
    except BaseException as error:
        told = {"check": name, "passed": False, "detail": f"{_place(error)}: {type(error).__name__}: {error}"}
    print(json.dumps(told), flush=True)
