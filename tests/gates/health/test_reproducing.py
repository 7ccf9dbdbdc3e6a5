"""The command by which a person sees the same: right, and without a secret in it."""

from __future__ import annotations

import shlex

import pytest

from deliverygate.config.values import convert
from deliverygate_gates.health.endpoint import Endpoint
from deliverygate_gates.health.reproducing import reproduce


@pytest.mark.parametrize(
    ("endpoint", "command"),
    [
        ({"url": "https://shop/ready"}, "curl --include --max-time 10 https://shop/ready"),
        (
            {"url": "https://ada:pw@shop/a?token=s3cret&verbose"},
            "curl --include --max-time 10 --user \"$USER_AND_PASSWORD\" 'https://shop/a?token=...&verbose=...'",
        ),
        (
            {"url": "https://shop/", "method": "POST", "body": "s3cret", "timeout": "1500ms"},
            "curl --include --request POST --max-time 1.5 --data-binary @BODY https://shop/",
        ),
        (
            {"url": "https://shop/", "headers": {"X-`reboot`": "s3cret", "1$IFS": "s3cret"}},
            "curl --include --max-time 10 --header 'X-`reboot`: '\"$X__REBOOT_\" --header '1$IFS: '\"$_1_IFS\" "
            "https://shop/",
        ),
        ({"url": "https://shop/", "method": "HEAD"}, "curl --include --head --max-time 10 https://shop/"),
        (
            {"url": "https://shop/", "headers": {"Accept": "text/plain", "X-Api-Key": "s3cret"}},
            "curl --include --max-time 10 --header 'Accept: text/plain' --header \"X-Api-Key: $X_API_KEY\" https://shop/",
        ),
        (
            {"url": "https://shop/", "redirects": 2, "ca": "my ca.pem", "minimum_tls": "1.3"},
            "curl --include --max-time 10 --location --max-redirs 2 --cacert 'my ca.pem' --tlsv1.3 https://shop/",
        ),
        (
            {"url": "https://shop/", "client_certificate": "c.pem", "client_key": "k.pem"},
            "curl --include --max-time 10 --cert c.pem --key k.pem https://shop/",
        ),
        (
            {"grpc": {"target": "shop:443", "service": "Basket", "metadata": {"authorization": "s3cret"}}},
            "grpc_health_probe -addr shop:443 -tls -service Basket",
        ),
        ({"grpc": {"target": "shop:80", "tls": False}}, "grpc_health_probe -addr shop:80"),
        ({"tcp": "[::1]:22", "timeout": "3s"}, "nc -v -w 3 ::1 22"),
        ({"dns": {"target": "shop.example", "kind": "MX", "server": "9.9.9.9"}}, "dig @9.9.9.9 shop.example MX"),
        ({"dns": {"target": "a", "server": "[::1]:5353"}}, "dig @::1 -p 5353 a A"),
        ({"dns": "shop.example"}, "dig shop.example A"),
        ({"tls": "shop:443"}, "openssl s_client -connect shop:443 -servername shop </dev/null"),
        ({"command": "./smoke.sh s3cret"}, ""),
    ],
    ids=[
        *(
            "GET",
            "user, password and query",
            "POST",
            "hostile headers",
            "HEAD",
            "headers",
            "TLS",
            "client certificate",
            "grpc",
        ),
        *("grpc in the clear", "tcp", "dns by a server", "dns by a port", "dns", "tls", "script"),
    ],
)
def test_command_asks_the_same(endpoint: dict[str, object], command: str) -> None:
    assert reproduce(convert(endpoint, Endpoint)) == command


@pytest.mark.parametrize("hostile", ["$(reboot)", "`reboot`", "';reboot;'", '"; reboot; "', "&& reboot"])
def test_nothing_in_it_is_run_by_a_shell(hostile: str) -> None:
    encoded = hostile.replace(" ", "%20")
    endpoint = convert({"url": f"https://shop/{encoded}", "headers": {"Accept": hostile}, "ca": hostile}, Endpoint)

    assert shlex.split(reproduce(endpoint)) == [
        *("curl", "--include", "--max-time", "10", "--header", f"Accept: {hostile}", "--cacert", hostile),
        f"https://shop/{encoded}",
    ]
