"""A big Checkstyle report, the same bytes every time: forty errors a file, about 200 bytes each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

EACH = 40  #: errors in a file
PACKAGE = "com.puppycrawl.tools.checkstyle.checks"
RULES = (
    ("info", f"{PACKAGE}.javadoc.MissingJavadocTypeCheck", "Missing a Javadoc comment."),
    (
        "error",
        f"{PACKAGE}.naming.MemberNameCheck",
        "Name &apos;{name}&apos; must match pattern &apos;^[a-z]\\w*$&apos;.",
    ),
    ("warning", f"{PACKAGE}.whitespace.WhitespaceAroundCheck", "&apos;{name}&apos; is not followed by whitespace."),
    ("error", f"{PACKAGE}.sizes.LineLengthCheck", "Line is longer than 100 characters (found {line})."),
    ("warning", f"{PACKAGE}.coding.MagicNumberCheck", "&apos;{line}&apos; is a magic number."),
)


def write(path: Path, errors: int) -> None:
    """Write the report, piece by piece."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(_pieces(errors))


def _pieces(errors: int) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<checkstyle version="10.21.4">\n'
    for first in range(0, errors, EACH):
        number = first // EACH
        yield f'<file name="/builds/shop/src/main/java/shop/package{number % 50:02}/Class{number:05}.java">\n'
        for at in range(first, min(first + EACH, errors)):
            yield _error(at)
        yield "</file>\n"
    yield "</checkstyle>\n"


def _error(number: int) -> str:
    line = 1 + number * 31 % 2_000
    severity, source, text = RULES[number * 7 // 3 % len(RULES)]
    message = text.format(name=f"value{number % 97}", line=line)
    place = f'line="{line}" column="{1 + number % 60}"'
    return f'<error {place} severity="{severity}" message="{message}" source="{source}"/>\n'
