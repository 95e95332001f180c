"""`run.py upgrade` where it can say no, and its small parts; the whole of it is F9, in tests/failures."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

import run
from deploy import install, upgrade

ROOT = Path(__file__).parents[2]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    place = tmp_path / "tree"
    place.mkdir()
    shutil.copy(ROOT / "pyproject.toml", place)
    (place / "run.py").write_text("one = 1\n")
    return place


def test_where_nothing_is_installed_it_says_so() -> None:
    done = subprocess.run(["python3", "run.py", "upgrade"], cwd=ROOT, capture_output=True, text=True, check=False)
    says = "sudo" if os.geteuid() else "is not installed here with systemd"
    assert (done.returncode, says in done.stdout, "Traceback" in done.stderr) == (1, True, False)


def test_the_same_code_has_the_same_name_and_other_code_another(tree: Path) -> None:
    name = install.name_of(tree)
    assert name.startswith(run_version())
    for made in (".venv", "var", "__pycache__"):  # what a run leaves behind
        (tree / made).mkdir()
        (tree / made / "x").touch()
    (tree / "django.mo").touch()
    assert install.name_of(tree) == name
    (tree / "run.py").write_text("one = 2\n")
    other = install.name_of(tree)
    (tree / "run.py").rename(tree / "ran.py")
    assert len({name, other, install.name_of(tree)}) == 3


def run_version() -> str:
    [line] = [one for one in (ROOT / "pyproject.toml").read_text().splitlines() if one.startswith("version = ")]
    return line.split('"')[1]


def test_kring_is_one_release_or_the_next_and_never_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also in the place of the folder that there was before releases had one."""
    code = tmp_path / "kring"
    monkeypatch.setattr(install, "CODE", code)
    (code / "old").mkdir(parents=True)
    for name in ("one", "two"):
        install.point_at(tmp_path / name)
        assert code.is_symlink()
        assert code.resolve() == tmp_path / name


def test_a_backup_that_fails_ends_it_and_says_what_the_other_way_means(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "COMMAND", Path("/bin/false"))
    with pytest.raises(run.RunError, match=r"nothing was changed\. With --without-backup .* can be lost"):
        upgrade.backup()


@pytest.mark.skipif(os.geteuid() != 0 or not Path("/usr/sbin/nginx").exists(), reason="needs root and nginx")
def test_nginx_is_asked_as_who_it_is_and_may_have_its_ports() -> None:
    """As root it would make its folders somebody else's, and without a capability every configuration were wrong."""
    folder = Path(tempfile.mkdtemp(prefix="kring-nginx-"))
    try:
        folder.chmod(0o755)
        shutil.chown(folder, install.FRONT)
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        places = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
        file = folder / "nginx.conf"
        for listens, is_taken in (("127.0.0.1:943", True), ("127.0.0.1:nothing", False)):
            http = f"http {{ {places} access_log off; server {{ listen {listens}; }} }}"
            file.write_text(f"pid {folder}/pid; error_log stderr crit; events {{}} {http}")
            assert upgrade.takes(file) is is_taken
    finally:
        shutil.rmtree(folder)


def test_two_at_once_are_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "ETC", tmp_path)
    with upgrade.alone(), pytest.raises(run.RunError, match="Another upgrade is under way"), upgrade.alone():
        pass


def test_what_was_bad_before_is_no_reason_and_what_is_bad_now_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is a line that the doctor of before did not know."""
    monkeypatch.setattr(upgrade, "LOOKED_AGAIN", 0.1)
    before = {"backup": False, "mail": True, "version": True}
    monkeypatch.setattr(
        upgrade, "finds", lambda _release: {"backup": False, "mail": True, "new": False, "version": False}
    )
    upgrade.require_no_worse(ROOT, before)
    monkeypatch.setattr(upgrade, "finds", lambda _release: {"backup": False, "mail": False})
    with pytest.raises(run.RunError, match="finds wrong what was not before: mail"):
        upgrade.require_no_worse(ROOT, before)


def test_a_kring_that_is_closed_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closed, the new pages would look as if they did not come up; and a backup would be of what nobody looked at."""
    monkeypatch.setattr(install, "CODE", tmp_path)
    monkeypatch.setattr(install, "packages", lambda _asked: None)
    monkeypatch.setattr(install, "program", lambda: tmp_path / "new")
    monkeypatch.setattr(upgrade, "backup", lambda: pytest.fail("it went on"))
    monkeypatch.setattr(upgrade, "finds", lambda _release: {"doors": False})
    with pytest.raises(run.RunError, match=r"Kring is closed.*kring restored"):
        upgrade.upgrade(with_backup=True)


def test_a_way_back_that_fails_leaves_whoever_serves() -> None:
    """Ending the new pages comes last: with nothing in their place they stay."""
    done: list[str] = []

    def fails() -> None:
        raise run.RunError("the pages of before do not come up")

    with pytest.raises(run.RunError, match=r"do not come up\nThe way back stopped there"):
        upgrade.go_back([lambda: done.append("spare ended"), fails, lambda: done.append("units")])
    assert done == ["units"]


def test_who_may_see_what_is_by_the_new_rules_once_the_old_pages_have_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    monkeypatch.setattr(install, "CODE", tmp_path)
    monkeypatch.setattr(install, "COMMAND", Path("/bin/false"))
    monkeypatch.setattr(install, "packages", lambda _asked: None)
    monkeypatch.setattr(install, "program", lambda: tmp_path / "new")
    monkeypatch.setattr(upgrade, "finds", lambda _release: {})
    for name in ("tables", "take_over", "prune"):
        monkeypatch.setattr(upgrade, name, lambda *_words, name=name: done.append(name))
    monkeypatch.setattr(install, "static_files", lambda _release: None)
    with pytest.raises(run.RunError, match=r"This release serves.*kring check_access --new-release"):
        upgrade.upgrade(with_backup=False)
    assert done == ["tables", "take_over", "prune"]


def test_only_this_release_and_the_one_of_before_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "RELEASES", tmp_path)
    for name in ("0.1.0-a", "0.2.0-b", "0.3.0-c"):
        (tmp_path / name).mkdir()
    (tmp_path / "notes.txt").touch()  # of somebody else
    upgrade.prune(tmp_path / "0.3.0-c", tmp_path / "0.2.0-b")
    assert sorted(place.name for place in tmp_path.iterdir()) == ["0.2.0-b", "0.3.0-c", "notes.txt"]
