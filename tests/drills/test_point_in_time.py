"""pgBackRest as docs/operations.md says: back to a second that a person chooses, by the page's own settings."""

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

PAGE = Path(settings.BASE_DIR) / "docs" / "operations.md"
TOOLS = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None, key=lambda place: int(place.parent.name))
pytestmark = [
    pytest.mark.nightly,
    pytest.mark.skipif(not (shutil.which("pgbackrest") and TOOLS), reason="needs pgbackrest and a PostgreSQL"),
    pytest.mark.skipif(os.geteuid() != 0, reason="becomes the user postgres"),
]


class Cluster:
    """A PostgreSQL of this test, with the page's settings, its paths in a folder of our own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data = folder, folder / "pg"
        conf, lines = re.findall(r"```(?:ini)\n(.*?)```", PAGE.read_text(), re.DOTALL)
        places = {
            "/var/lib/postgresql/15/main": str(self.data),
            "/var/backups/pgbackrest": str(folder / "repo"),
            "PASSPHRASE": "a-long-one-of-this-test",
        }
        for word, stands in places.items():
            conf = conf.replace(word, stands)
        own = f"pg1-socket-path={folder}\npg1-port=54779\n[global]\nlock-path={folder}/lock\nlog-path={folder}/log\n"
        (folder / "pgbackrest.conf").write_text(conf + own)
        self.run(TOOLS / "initdb", "-D", self.data, "-A", "trust", "-E", "UTF8")
        command = lines.replace("pgbackrest --stanza", f"pgbackrest --config={folder}/pgbackrest.conf --stanza")
        own = f"port = 54779\nlisten_addresses = ''\nunix_socket_directories = '{folder}'\n"
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(command + own)

    def run(self, *words: str | Path) -> str:
        become = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]
        with tempfile.TemporaryFile("w+") as said:  # not a pipe: what is started goes on, and would hold it open
            done = subprocess.run([*become, *map(str, words)], cwd=self.folder, stdout=said, stderr=said, check=False)
            said.seek(0)
            told = said.read().strip()
        assert done.returncode == 0, told
        return told

    def start(self) -> None:
        self.run(TOOLS / "pg_ctl", "-D", self.data, "-l", self.folder / "server.log", "-w", "start")

    def stop(self) -> None:
        self.run(TOOLS / "pg_ctl", "-D", self.data, "-m", "immediate", "stop")

    def ask(self, words: str) -> str:
        return self.run("psql", "-h", self.folder, "-p", "54779", "-d", "postgres", "-qAtc", words)

    def backrest(self, *words: str) -> None:
        self.run("pgbackrest", f"--config={self.folder}/pgbackrest.conf", "--stanza=kring", *words)


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with tempfile.TemporaryDirectory(prefix="kring-pitr-") as name:
        folder = Path(name)
        for one in (folder, *(folder / part for part in ("repo", "lock", "log"))):
            one.mkdir(exist_ok=True)
            shutil.chown(one, "postgres", "postgres")
        made = Cluster(folder)
        made.start()
        try:
            yield made
        finally:
            made.stop()


def test_the_minute_before_a_mistake_comes_back(cluster: Cluster, book: Callable[[str, object], None]) -> None:
    cluster.backrest("stanza-create")
    cluster.backrest("check")
    cluster.ask("CREATE TABLE said AS SELECT n FROM generate_series(1, 1000) n")
    cluster.backrest("--type=full", "backup")
    cluster.ask("INSERT INTO said SELECT n FROM generate_series(1001, 1500) n")
    time.sleep(1)
    before = cluster.ask("SELECT now()")
    time.sleep(1)
    cluster.ask("DELETE FROM said")
    cluster.backrest("check")  # waits until it is archived
    cluster.stop()
    began = time.monotonic()
    cluster.backrest("--delta", "--type=time", f"--target={before}", "--target-action=promote", "restore")
    cluster.start()
    while cluster.ask("SELECT pg_is_in_recovery()") == "t":
        time.sleep(0.1)
    assert cluster.ask("SELECT count(*) FROM said") == "1500"
    book("point in time", f"1500 of 1500 rows of the second before, back in {time.monotonic() - began:.1f} s")
