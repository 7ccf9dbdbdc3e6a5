"""A file as the target branch has it, for a clone that does not reach back far enough."""

from __future__ import annotations

from deliverygate.errors import ReportError
from deliverygate.platforms.gitlab.carrier import Refused
from deliverygate.platforms.gitlab.client import Client
from deliverygate.platforms.gitlab.gaps import Gaps
from deliverygate.platforms.local_git import text_of_base


def text_at(client: Client, project: str, path: str, commit: str, gaps: Gaps) -> str | None:
    """The text; None when there is no such file. ``path`` is the repository's. Raises ReportError or TransportError.

    https://docs.gitlab.com/api/repository_files/#retrieve-a-raw-file-from-a-repository
    """
    files = client.project(project).files
    try:
        data = client.text(lambda: files.raw(path, ref=commit))
    except Refused as error:
        # 404 is also what one gets who may not see the project: only the message tells the two apart.
        if error.status == 404 and error.message == "404 File Not Found":
            return None
        raise ReportError(
            f"could not be read as the target branch has it ({gaps.reason(error)})", where=path
        ) from error
    return text_of_base(data, path)
