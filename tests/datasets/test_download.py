"""A file comes whole or not at all, from safe addresses only, and a server that is briefly out is asked again."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from judgeaudit.datasets.download import download, require_safe
from judgeaudit.domain.errors import InputError, OutsideError


def failure(url, target, **options) -> str:
    """The one line that a failed download ends with; nothing may be left of it."""
    with pytest.raises(OutsideError) as caught:
        download(url, target, **options)
    assert not target.exists()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_file_arrives_whole(server, answer, tmp_path):
    """What the server sends is what lies on the disk, with and without an announced length."""
    body = bytes(range(256)) * 1000
    for number, length in enumerate((None, -1)):
        server.answers["/file"] = [answer(body, length=length)]
        download(f"{server.url}/file", tmp_path / f"{number}")
        assert (tmp_path / f"{number}").read_bytes() == body


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_server_is_asked_again(server, answer, tmp_path, status):
    """After one such answer the next try succeeds, and the pause is half a second."""
    server.answers["/file"] = [answer(status=status), answer(b"here")]
    pauses: list[float] = []
    download(f"{server.url}/file", tmp_path / "file", sleep=pauses.append)
    assert (tmp_path / "file").read_bytes() == b"here"
    assert pauses == [0.5]


def test_a_server_says_how_long_to_wait(server, answer, tmp_path):
    """Retry-After is obeyed as a number and as a date; nonsense is ignored."""
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    for header, low, high in (("7", 7.0, 7.0), (soon, 10.0, 20.0), ("soon", 0.5, 0.5)):
        server.answers["/file"] = [answer(status=503, headers={"Retry-After": header}), answer(b"here")]
        pauses: list[float] = []
        download(f"{server.url}/file", tmp_path / "file", sleep=pauses.append)
        assert low <= pauses[0] <= high


def test_nobody_waits_for_an_hour(server, answer, tmp_path):
    """A pause beyond the longest one ends the download with what the server asked for."""
    server.answers["/file"] = [answer(status=503, headers={"Retry-After": "3600"})]
    url = f"{server.url}/file"
    expected = (
        f"{url}: the server answers 503 Service Unavailable; the server asks to wait 3600 s; "
        "nothing was kept, run the command again later"
    )
    assert failure(url, tmp_path / "file") == expected
    assert server.asked == ["/file"]


def test_a_server_that_stays_out_is_asked_three_times(server, answer, tmp_path):
    """Two retries with growing pauses, then one line."""
    server.answers["/file"] = [answer(status=500)]
    pauses: list[float] = []
    url = f"{server.url}/file"
    expected = f"{url}: the server answers 500 Internal Server Error; nothing was kept, run the command again later"
    assert failure(url, tmp_path / "file", sleep=pauses.append) == expected
    assert len(server.asked) == 3
    assert pauses == [0.5, 1.0]


def test_a_missing_file_is_final(server, tmp_path):
    """404 is not asked for again."""
    url = f"{server.url}/file"
    expected = f"{url}: the server answers 404 Not Found; nothing was kept, the data set may have moved"
    assert failure(url, tmp_path / "file") == expected
    assert server.asked == ["/file"]


def test_a_truncated_body_is_no_file(server, answer, tmp_path):
    """Fewer bytes than announced count as a failure that may pass; if it does not, nothing is kept."""
    server.answers["/file"] = [answer(b"half", length=8)]
    url = f"{server.url}/file"
    expected = f"{url}: broke off after 4 of 8 bytes; nothing was kept, run the command again later"
    assert failure(url, tmp_path / "file", sleep=lambda pause: None) == expected
    server.answers["/file"] = [answer(b"half", length=8), answer(b"complete")]
    download(url, tmp_path / "file", sleep=lambda pause: None)
    assert (tmp_path / "file").read_bytes() == b"complete"


@pytest.mark.parametrize("length", [None, -1], ids=["announced", "unannounced"])
def test_a_large_file_is_refused(server, answer, tmp_path, length):
    """The limit holds for the announced length and for the bytes that come."""
    server.answers["/file"] = [answer(b"x" * 1001, length=length)]
    url = f"{server.url}/file"
    expected = f"{url}: larger than 1,000 bytes, which no data set here is; nothing was kept"
    assert failure(url, tmp_path / "file", limit=1000) == expected


def test_a_file_at_the_limit_is_accepted(server, answer, tmp_path):
    """The limit itself is not too large."""
    server.answers["/file"] = [answer(b"x" * 1000)]
    download(f"{server.url}/file", tmp_path / "file", limit=1000)
    assert (tmp_path / "file").stat().st_size == 1000


def test_no_server_is_one_line(tmp_path):
    """A refused connection is an outside failure, not a traceback."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/file"
        message = failure(url, tmp_path / "file", sleep=lambda pause: None)
    assert message.startswith(f"{url}: cannot be read (")
    assert "refused" in message


@pytest.mark.parametrize("target", ["file:///etc/hostname", "ftp://example.org/x", "http://example.org/x"])
def test_redirects_to_other_schemes_are_refused(server, answer, tmp_path, target):
    """A server cannot make the program read this disk or leave https."""
    server.answers["/file"] = [answer(status=302, headers={"Location": target})]
    url = f"{server.url}/file"
    assert failure(url, tmp_path / "file") == f"{url}: redirects to {target}, which is refused; nothing was kept"


def test_a_redirect_to_a_safe_address_is_followed(server, answer, tmp_path):
    """Data hosts redirect to where the file lies."""
    server.answers["/file"] = [answer(status=302, headers={"Location": f"{server.url}/there"})]
    server.answers["/there"] = [answer(b"here")]
    download(f"{server.url}/file", tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"here"


@pytest.mark.parametrize(
    "url",
    ["http://example.org/x", "file:///etc/hostname", "ftp://127.0.0.1/x", "labels.csv", "https://", "https://[::1"],
)
def test_unsafe_addresses_are_input_errors(url):
    """Only https, and http to this machine."""
    with pytest.raises(InputError) as caught:
        require_safe(url)
    expected = f"{url}: data sets come over https, or over http from this machine; give such an address"
    assert str(caught.value) == expected


def test_a_password_in_an_address_is_not_repeated():
    """An address with a user name is refused without being shown."""
    with pytest.raises(InputError) as caught:
        require_safe("https://me:secret@example.org/x")
    assert "secret" not in str(caught.value)


def test_a_full_disk_is_not_the_networks_fault(server, answer, tmp_path):
    """A target that cannot be written is an OSError, for the caller to name; it is not retried."""
    server.answers["/file"] = [answer(b"here")]
    with pytest.raises(FileNotFoundError):
        download(f"{server.url}/file", tmp_path / "missing" / "file")
    assert server.asked == ["/file"]
