"""One command a chore, such as `nox -s fast`; CONTRIBUTING.md says when to use which.

Sessions make no environment of their own: they run the tools that stand beside the Python that runs nox.
"""

import sys
from pathlib import Path

import nox

BIN = Path(sys.executable).parent
FAST = "not slow and not long"

nox.options.default_venv_backend = "none"
nox.options.sessions = ["lint", "types", "walls", "fast"]


def run(session: nox.Session, tool: str, *arguments: str) -> None:
    """Run a tool of this environment."""
    session.run(str(BIN / tool), *arguments, external=True)


@nox.session
def test(session: nox.Session) -> None:
    """Run all tests but the long ones, as CI does; `-- -m long` runs those."""
    run(session, "pytest", "-n", "auto", *session.posargs)


@nox.session
def one(session: nox.Session) -> None:
    """Run the tests of a file, or one test, of any tier: `nox -s one -- tests/unit/test_units.py`."""
    run(session, "pytest", "-n", "0", "-m", "", *session.posargs)


@nox.session
def fast(session: nox.Session) -> None:
    """Run the tests that take four minutes together."""
    run(session, "pytest", "-n", "auto", "-m", FAST, *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and format."""
    run(session, "ruff", "check", ".")
    run(session, "ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Check types."""
    run(session, "mypy")


@nox.session
def walls(session: nox.Session) -> None:
    """Check which room imports from which."""
    run(session, "lint-imports")


@nox.session
def bench(session: nox.Session) -> None:
    """Measure the engines against their yardsticks."""
    run(session, "sim", "bench", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Run what README.md shows, and hold the documents to the code."""
    run(session, "pytest", "-n", "auto", "tests/docs", "tests/cli/test_readme.py", *session.posargs)
