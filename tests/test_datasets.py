"""The registry of datasets and the downloader, against a small server on this machine."""

from __future__ import annotations

import hashlib
import os
import re
import threading
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from emgdetect import datasets
from emgdetect.datasets import DataFile, Dataset, DownloadError
from emgdetect.datasets.registry import registry_path

ROOT = Path(__file__).parents[1]
MIRROR = Path(os.environ.get("EMGDETECT_DATA", ROOT.parent / "shared" / "data"))
PAYLOAD = bytes(range(256)) * 1200  # several chunks of the downloader


@dataclass
class Server:
    """What the test server hands out, how it misbehaves, and what it was asked."""

    url: str = ""
    content: bytes = PAYLOAD
    status: int = 200
    broken_after: int = -1  # bytes sent before the connection breaks, once
    ranges: bool = True
    asked: list[tuple[str, str]] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Server]:
    """A server on a free port of this machine."""
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            state.asked.append((self.path, wanted))
            if state.status != 200:
                self.send_error(state.status)
                return
            start = int(re.sub(r"\D", "", wanted)) if wanted and state.ranges else 0
            if start >= len(state.content):
                self.send_error(416)
                return
            body = state.content[start:]
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if state.broken_after >= 0:
                body, state.broken_after = body[: state.broken_after], -1
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        state.url = f"http://127.0.0.1:{http.server_port}"
        thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield state
        http.shutdown()
        thread.join()


def a_dataset(server: Server, **changes: object) -> Dataset:
    """A dataset of one file, `a.bin`, that lives on the test server."""
    file = DataFile(
        name="a.bin",
        url=f"{server.url}/a.bin",
        sha256=hashlib.sha256(PAYLOAD).hexdigest(),
        n_bytes=len(PAYLOAD),
    )
    return Dataset(
        name="tiny", title="t", home="h", licence="l", citation="c", reader="r", kind="surface",
        labels="", use="", checked="", download=True, files=(replace(file, **changes),),
    )  # fmt: skip


def test_a_file_is_fetched_once(server: Server, tmp_path: Path) -> None:
    dataset = a_dataset(server)
    for _ in range(2):
        assert datasets.fetch(dataset, tmp_path / "new" / "tiny") == tmp_path / "new" / "tiny"
    assert (tmp_path / "new" / "tiny" / "a.bin").read_bytes() == PAYLOAD
    assert len(server.asked) == 1


def test_a_broken_transfer_goes_on_where_it_broke_off(server: Server, tmp_path: Path) -> None:
    server.broken_after = 100_000
    datasets.fetch(a_dataset(server), tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == PAYLOAD
    assert [wanted for _, wanted in server.asked] == ["", "bytes=100000-"]
    assert not list(tmp_path.glob("*.part"))


def test_a_later_call_resumes_what_an_interrupted_one_left(server: Server, tmp_path: Path) -> None:
    (tmp_path / "a.bin.part").write_bytes(PAYLOAD[:12_345])
    datasets.fetch(a_dataset(server), tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == PAYLOAD
    assert server.asked == [("/a.bin", "bytes=12345-")]


def test_a_server_that_cannot_resume_starts_anew(server: Server, tmp_path: Path) -> None:
    server.ranges = False
    (tmp_path / "a.bin.part").write_bytes(b"something else")
    datasets.fetch(a_dataset(server), tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == PAYLOAD


@pytest.mark.parametrize("n_bytes", [len(PAYLOAD), 0])
@pytest.mark.parametrize("n_left", [5_000, len(PAYLOAD), len(PAYLOAD) + 10])
def test_a_spoilt_part_is_dropped_and_fetched_anew(
    server: Server, tmp_path: Path, n_left: int, n_bytes: int
) -> None:
    (tmp_path / "a.bin.part").write_bytes(b"x" * n_left)
    datasets.fetch(a_dataset(server, n_bytes=n_bytes), tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == PAYLOAD


def test_a_wrong_checksum_is_refused_and_nothing_stands(server: Server, tmp_path: Path) -> None:
    server.content = PAYLOAD[:-1] + b"!"
    with pytest.raises(DownloadError, match=r"cannot get a\.bin from .*: its SHA-256 is not"):
        datasets.fetch(a_dataset(server), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_copy_is_replaced(server: Server, tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"damaged")
    datasets.fetch(a_dataset(server), tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == PAYLOAD


def test_a_file_without_checksum_is_never_pieced_together(server: Server, tmp_path: Path) -> None:
    (tmp_path / "a.bin.part").write_bytes(b"of an older version")
    datasets.fetch(a_dataset(server, sha256="unverified", n_bytes=0), tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == PAYLOAD
    assert server.asked == [("/a.bin", "")]


def test_a_missing_page_is_asked_for_once(server: Server, tmp_path: Path) -> None:
    server.status = 404
    with pytest.raises(DownloadError, match="the server answers 404"):
        datasets.fetch(a_dataset(server), tmp_path)
    assert len(server.asked) == 1


def test_offline_says_so_in_one_sentence(server: Server, tmp_path: Path) -> None:
    dataset = a_dataset(server, url="http://127.0.0.1:9/a.bin")  # the discard port: nobody answers
    with pytest.raises(DownloadError) as caught:
        datasets.fetch(dataset, tmp_path)
    message = str(caught.value)
    assert "no connection" in message and "EMGDETECT_DATA" in message and "\n" not in message
    assert list(tmp_path.iterdir()) == []


def test_progress_goes_to_standard_error_only(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    datasets.fetch(a_dataset(server), tmp_path, progress=True)
    assert capsys.readouterr().out == ""


def test_a_folder_that_is_a_file_is_told(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DownloadError, match="cannot make the folder"):
        datasets.fetch(a_dataset(server), tmp_path / "file")


def test_get_uses_the_mirror_and_checks_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    monkeypatch.setattr("emgdetect.datasets.download.list_datasets", lambda: (a_dataset(server),))
    monkeypatch.setenv("EMGDETECT_DATA", str(tmp_path / "mirror"))
    monkeypatch.setenv("EMGDETECT_CACHE", str(tmp_path / "cache"))
    assert datasets.get("tiny", progress=False) == tmp_path / "cache" / "tiny"

    copy = tmp_path / "mirror" / "tiny" / "a.bin"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(PAYLOAD)
    assert datasets.get("tiny", progress=False) == copy.parent
    assert len(server.asked) == 1

    copy.write_bytes(b"damaged")
    with pytest.raises(DownloadError, match=r"in the mirror .* wrong checksum"):
        datasets.get("tiny", progress=False)


def test_the_cache_follows_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EMGDETECT_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert datasets.cache_folder() == tmp_path / "emgdetect"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert datasets.cache_folder().name == "emgdetect"


def test_an_unknown_or_listed_only_dataset_is_refused() -> None:
    with pytest.raises(ValueError, match="no dataset 'nonsense'; there are: physionet_emgdb"):
        datasets.get("nonsense")
    with pytest.raises(DownloadError, match=r"listed only \(about 108 GB\); get it from https://"):
        datasets.get("hyser")


def test_the_registry_is_complete() -> None:
    listed = {dataset.name: dataset for dataset in datasets.list_datasets()}
    assert {
        "physionet_emgdb", "emglab_r00108", "openhdemg_vl", "uci_lower_limb", "plux_bsnb",
        "hyser", "muniverse_neuromotion", "muniverse_hybrid_tibialis", "openneuro_ds006126",
    } <= set(listed)  # fmt: skip
    for dataset in listed.values():
        texts = (dataset.title, dataset.licence, dataset.citation, dataset.reader, dataset.labels)
        assert all(texts) and dataset.use and dataset.checked
        assert dataset.home.startswith("https://")
        assert bool(dataset.files) == dataset.download
        for file in dataset.files:
            assert file.url.startswith("https://") and " " not in file.url
            assert file.sha256 == "unverified" or re.fullmatch("[0-9a-f]{64}", file.sha256)


def test_the_registry_travels_with_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert included == {"data/registry.toml": "emgdetect/datasets/registry.toml"}
    assert registry_path() == ROOT / "data" / "registry.toml"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("format = 2", "format 2 is not known"),
        ('format = 1\n[[dataset]]\nname = "a"\ncolour = "red"', "'a'.*colour"),
        ("format = 1\n[[dataset]]\ntitle = 'a'", "dataset '\\?'"),
    ],
)
def test_a_wrong_registry_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "registry.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        datasets.list_datasets(path)


def test_a_registry_cannot_write_outside_its_folder(tmp_path: Path) -> None:
    text = registry_path().read_text().replace('name = "R00108.dat"', 'name = "../R00108.dat"')
    (tmp_path / "registry.toml").write_text(text)
    with pytest.raises(ValueError, match="no plain file name"):
        datasets.list_datasets(tmp_path / "registry.toml")


@pytest.mark.skipif(not MIRROR.is_dir(), reason="no local mirror of the reference data")
@pytest.mark.parametrize(
    "name", [dataset.name for dataset in datasets.list_datasets() if dataset.download]
)
def test_the_mirror_agrees_with_the_registry(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMGDETECT_DATA", str(MIRROR))
    assert datasets.get(name, progress=False) == MIRROR / name
