"""Files of the target branch, and members of teams, as GitHub tells them."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from urllib.parse import quote

from deliverygate.errors import ReportError
from deliverygate.platforms.github.api import GitHubApi, Refused
from deliverygate.platforms.github.wire import Content, NamedBranch, User
from deliverygate.platforms.local_git import text_of_base

READ = "contents: read"
_TEAM = re.compile(r"@?([A-Za-z0-9-]+)/([\w-]+)", re.ASCII)


def read_text(api: GitHubApi, repository: str, path: str, *, ref: str) -> str | None:
    """A file of a branch; None when it has none. Raises ReportError for what is no text file, or cannot be seen."""
    try:
        found = api.get(f"repos/{repository}/contents/{quote(path)}", Content, needs=READ, ref=ref)
    except Refused as error:
        if error.status != 404:
            raise
        # GitHub says the same of a file that is not there and of one that the token may not see.
        api.get(f"repos/{repository}/branches/{quote(ref, safe='')}", NamedBranch, needs=READ)
        return None
    return _decode(found, path)


def _decode(found: Content, path: str) -> str:
    if found.type != "file" or found.encoding != "base64":  # above 1 MB the encoding is "none"
        raise ReportError(
            f"is no small file in the target branch (GitHub says {found.type}, encoding {found.encoding or 'none'})",
            where=path,
            mend="check out with `fetch-depth: 2`, so that git has it",
        )
    try:
        data = b64decode(found.content)
    except binascii.Error as error:
        raise ReportError("is no base64 in GitHub's answer", where=path, mend="ask again") from error
    return text_of_base(data, path)


def read_team(api: GitHubApi, name: str) -> frozenset[str] | None:
    """The members of ``org/team``, those of its child teams too; None for what is no team's name."""
    team = _TEAM.fullmatch(name)
    if team is None:
        return None
    path = f"orgs/{team[1]}/teams/{team[2]}/members"
    return frozenset(user.login for user in api.each(path, User, needs="organization members: read"))
