"""What a command says: no line of it is a command to the CI server, to a terminal or to a page."""

from __future__ import annotations

import sys

import click


def say(text: str, *, err: bool = False) -> None:
    """On stdout, or on stderr with ``err``; names in it may be those of a change or of a report."""
    from deliverygate.renderers.text import clean, neutral

    click.echo(neutral(clean(text)), err=err)


def write_out(document: bytes) -> None:
    """A whole document on stdout, which may be the log of a job: only what commands its server is changed."""
    from deliverygate.renderers.text import neutral

    text = document.decode("utf-8", errors="surrogateescape")
    sys.stdout.buffer.write(neutral(text).encode("utf-8", errors="surrogateescape"))
