"""Which repository on which server is asked, and that a token goes nowhere else."""

from __future__ import annotations

import pytest

from deliverygate.platforms.github.place import api_of, find_token, server_of, split_address


@pytest.mark.parametrize(
    ("address", "host", "name"),
    [
        ("https://github.com/acme/shop.git", "github.com", "acme/shop"),
        ("https://ada:secret@github.com/acme/shop", "github.com", "acme/shop"),
        ("https://GitHub.com/acme/shop/", "github.com", "acme/shop"),
        ("https://github.com@evil.example/acme/shop", "evil.example", "acme/shop"),
        ("git@github.com:acme/shop.git", "github.com", "acme/shop"),
        ("github.com:acme/shop", "github.com", "acme/shop"),
        ("ssh://git@ssh.github.com:443/acme/shop.git", "github.com", "acme/shop"),
        ("https://git.acme.example:8443/acme/shop", "git.acme.example", "acme/shop"),
        ("https://github.com/acme/shop/more", "github.com", None),
        ("https://github.com/acme", "github.com", None),
        ("file:///srv/acme/shop", "", None),
        ("/srv/acme/shop.git", "", None),
        ("", "", None),
    ],
    ids=str,
)
def test_a_remote_names_a_host_and_a_repository(address, host, name):
    assert split_address(address) == (host, name)


@pytest.mark.parametrize(
    ("environ", "server", "api"),
    [
        ({}, "github.com", "https://api.github.com"),
        ({"GH_HOST": "Git.Acme.example"}, "git.acme.example", "https://git.acme.example/api/v3"),
        (
            {"GITHUB_SERVER_URL": "https://git.acme.example", "GITHUB_API_URL": "https://git.acme.example/api/v3"},
            "git.acme.example",
            "https://git.acme.example/api/v3",
        ),
    ],
    ids=["public", "on a laptop", "in a job of an own server"],
)
def test_the_environment_names_the_server(environ, server, api):
    assert (server_of(environ), api_of(environ)) == (server, api)


@pytest.mark.parametrize(
    ("environ", "token"),
    [
        ({}, None),
        ({"GITHUB_TOKEN": " "}, None),
        ({"GH_TOKEN": "c"}, ("GH_TOKEN", "c")),
        ({"GH_TOKEN": "c", "GITHUB_TOKEN": "b\n"}, ("GITHUB_TOKEN", "b")),
        ({"GITHUB_TOKEN": "b", "DELIVERYGATE_GITHUB_TOKEN": "a"}, ("DELIVERYGATE_GITHUB_TOKEN", "a")),
    ],
    ids=["none", "blank", "of gh", "of the job", "our own first"],
)
def test_the_first_token_that_is_set_is_taken(environ, token):
    assert find_token(environ) == token
