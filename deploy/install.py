"""`sudo python3 run.py install --systemd`: a whole Kring on a bare Debian 12, without Docker (docs/adr/0062).

Again is the same: secrets, data and certificate that are there stay, everything else is put in place anew. `--remove`
takes away the program and leaves what people made. A new release while people read: `deploy/upgrade.py`.
"""

import argparse
import contextlib
import hashlib
import os
import pwd
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
import run
from deploy import init
from deploy.command import settings as read_env

CODE, ETC, DATA = Path("/opt/kring"), Path("/etc/kring"), Path("/var/lib/kring")
RELEASES = Path("/opt/kring-releases")
"""Each in a folder of its own, in which nothing changes any more; `CODE` leads to the one that serves."""
BACKUPS, UNITS, COMMAND = Path("/var/backups/kring"), Path("/etc/systemd/system"), Path("/usr/local/bin/kring")
DROP_IN = UNITS / "kring-.service.d"
LOGS = Path("/etc/systemd/journald.conf.d/kring.conf")
PACKAGES = ("age", "nginx-light", "openssl", "postgresql", "redis-server", "rsync")
COMING_IN = Path("/var/cache/kring-front")
USER, FRONT = "kring", "www-data"
BECOME = ("setpriv", "--init-groups")
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", "var", ".env", ".env.*", "tls", "__pycache__", ".*_cache", "*.mo")
PORT = 8000
"""Of the pages, in `kring-web.service`."""
PLACES = {
    "pid /run/nginx.pid;": "pid /run/kring-front/nginx.pid;",
    "error_log /dev/stderr crit;": "error_log stderr crit;",
    "/etc/nginx/names/": f"{ETC}/names/",
    "/etc/nginx/tls/": f"{ETC}/tls/",
    "/var/www/acme": f"{DATA}/acme",
    "/srv/kring/static/": f"{DATA}/static/",
    "/srv/kring/media/": f"{DATA}/media/",
    "    default_type application/octet-stream;\n": "    default_type application/octet-stream;\n"
    + "".join(
        f"    {kind}_temp_path /var/cache/kring-front/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    ),
}
"""What in deploy/nginx.conf is of a container, and what it is here."""
STANDS_IN = {"KRING_SMTP_URL": "smtp+tls://none:none@localhost:587"}
"""While it is made ready; nothing is sent."""


@dataclass(frozen=True)
class Asked:
    host: str
    certificate: str
    mail: str


def folder(place: Path, owner: str, group: str, mode: int) -> None:
    """There, and of whom it must be.

    Raises `RunError` for a link: whoever serves may have put it there, so that root gives away what it leads to.
    """
    with contextlib.suppress(FileExistsError):
        place.mkdir(parents=True)
    try:
        found = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        raise run.RunError(
            f"{place} is a link or a file, and must be a folder. Look who put it there and take it away; "
            "a disk of its own is mounted at that place."
        ) from None
    try:
        shutil.chown(found, owner, group)
        os.fchmod(found, mode)
    finally:
        os.close(found)


def as_user(user: str, *command: str | Path, env: Mapping[str, str] | None = None) -> None:
    """Run a program as somebody, with these settings and nothing of ours."""
    plain = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    become = (*BECOME, f"--reuid={user}", f"--regid={user}", "--")
    run.run("env", f"--chdir={DATA}", *become, *command, env={**plain, **(env or {})})


def manage(release: Path, *words: str, user: str = USER, owner: bool = False, **more: str) -> None:
    """A command of Kring, of this release."""
    files = (ETC / "kring.env", *([ETC / "owner.env"] if owner else []))
    env = {**STANDS_IN, **{name: value for name, value in read_env(*files).items() if value}, **more}
    as_user(user, release / ".venv" / "bin" / "python", release / "manage.py", *words, env=env)


def packages(asked: Asked) -> None:
    wanted = (run.venv_package(), *PACKAGES, *(["certbot"] if asked.certificate == "certbot" else []))
    if missing := [name for name in wanted if not run.succeeds("dpkg-query", "--show", name)]:
        run.apt_install(*missing)


def user_and_folders() -> None:
    try:
        pwd.getpwnam(USER)
    except KeyError:
        run.run(
            "useradd", "--system", "--user-group", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", USER
        )
    folder(ETC, "root", "root", 0o755)
    folder(DATA, "root", USER, 0o1771)  # who serves may add to it, and move only what is its own
    for name in ("journal", "incoming"):
        folder(DATA / name, USER, USER, 0o700)
    folder(DATA / "media", USER, FRONT, 0o2750)  # what web keeps there is of the group that sends it
    folder(DATA / "static", USER, FRONT, 0o2755)
    folder(DATA / "acme", "root", FRONT, 0o750)
    folder(BACKUPS, USER, USER, 0o700)
    folder(ETC / "tls", "root", FRONT, 0o750)
    folder(ETC / "names", "root", FRONT, 0o750)


def files_of(folder: Path) -> Iterator[Path]:
    """What is copied of a tree, in an order that is always the same."""
    names = [place.name for place in folder.iterdir()]
    for place in sorted(folder / name for name in {*names} - NOT_COPIED(str(folder), names)):
        yield from files_of(place) if place.is_dir() else [place]


def name_of(tree: Path) -> str:
    """Its number, and a word of what is in it: the same code has the same name, other code never."""
    number = tomllib.loads((tree / "pyproject.toml").read_text())["project"]["version"]
    digest = hashlib.sha256()
    for file in files_of(tree):
        digest.update(f"{file.relative_to(tree)}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return f"{number}-{digest.hexdigest()[:8]}"


def program() -> Path:
    """The code where nobody who serves can write it, with what is locked beside it; its folder."""
    release = run.ROOT
    if release.parent != RELEASES:
        release = RELEASES / name_of(run.ROOT)
        shutil.copytree(run.ROOT, release, ignore=NOT_COPIED, dirs_exist_ok=True)
    run.run("env", f"--chdir={release}", sys.executable, "-c", "import run; run.prepare('runtime')")
    run.run(release / ".venv" / "bin" / "python", "-m", "compileall", "-q", release, quiet=True)
    return release


def point_at(release: Path) -> None:
    """From now on this is Kring, for who types its name."""
    aside = CODE.with_name(f"{CODE.name}.new")
    aside.unlink(missing_ok=True)
    aside.symlink_to(release)
    if CODE.is_dir() and not CODE.is_symlink():  # of before there were folders of releases
        shutil.rmtree(CODE)
    aside.replace(CODE)


def secrets(asked: Asked) -> None:
    """Both files with fresh secrets. Raises `RunError` where they are there and say something else than was asked."""
    if (ETC / "owner.env").exists():
        known = read_env(ETC / "kring.env")
        for name, given, is_so in (
            ("KRING_HOSTS", asked.host, asked.host in known.get("KRING_HOSTS", "").split(",")),
            ("KRING_SMTP_URL", asked.mail, asked.mail in {"", known.get("KRING_SMTP_URL")}),
        ):
            if not is_so:
                raise run.RunError(
                    f"{name} is there already, and not {given}: it is changed in {ETC}/kring.env, then this once more."
                )
        return
    env, owner = (text.replace("@postgres:5432/", f"@127.0.0.1:{port()}/") for text in init.env_texts(asked.host))
    env = env.replace("@redis:6379/", "@127.0.0.1:6380/")
    env = env.replace("KRING_SMTP_URL=\n", f"KRING_SMTP_URL={asked.mail}\n")
    env += f"KRING_DATA_DIR={DATA}\nKRING_BACKUP_DIR={BACKUPS}\nKRING_WORKERS={os.cpu_count() or 1}\n"
    owner = re.sub(r"^(#|POSTGRES_PASSWORD=|KRING_ADMIN_).*\n", "", owner, flags=re.MULTILINE)
    admin = f"KRING_ADMIN_DATABASE_URL=postgres://postgres@:{port()}/kring\n"
    about = (
        "# How migrate signs in as the owner of the tables; the superuser is this machine's user postgres. Secret.\n"
    )
    init.write_secret(ETC / "kring.env", env)
    init.write_secret(ETC / "owner.env", about + admin + owner)
    shutil.chown(ETC / "kring.env", "root", USER)
    (ETC / "kring.env").chmod(0o640)


def database() -> None:
    """The database, its two roles, its tables. The superuser is the system's user postgres, and has no password."""
    ask = (*BECOME, "--reuid=postgres", "--regid=postgres", "--", "psql", "-p", port(), "-c", "SELECT 1")
    if not run.succeeds(*ask):
        run.run("pg_ctlcluster", cluster()[0], cluster()[1], "start")
    if not run.succeeds(*ask, "-d", "kring"):
        as_user("postgres", "createdb", "-p", port(), "-E", "UTF8", "-T", "template0", "--locale=C.UTF-8", "kring")
    migrate(CODE)


def migrate(release: Path) -> None:
    """Both roles as they must be, and the tables of this release; `manage.py migrate` waits for another one."""
    manage(release, "make_roles", user="postgres", owner=True)
    manage(release, "migrate", "--no-input", owner=True)


def cluster() -> list[str]:
    """Release, name and port of Debian's newest PostgreSQL; on a machine that has another, its port is not 5432."""
    rows = subprocess.run(["pg_lsclusters", "--no-header"], capture_output=True, text=True, check=True).stdout
    return max((line.split() for line in rows.splitlines()), key=lambda words: int(words[0]))


def port() -> str:
    return cluster()[2]


def nodes(release: Path, coming_in: Path, *ports: int) -> None:
    """Where nginx finds the pages: at the first of these, and at the next when nobody is there."""
    first, *others = (f"127.0.0.1:{port}" for port in ports)
    told = {
        "KRING_NODES": first,
        **{name: value for name, value in read_env(ETC / "kring.env").items() if value},
        "KRING_SPARE_NODES": ",".join(others),
    }
    env = {"PATH": os.environ["PATH"], **told}
    run.run("sh", release / "deploy" / "prepare.sh", ETC / "names", coming_in, env=env)


def configuration(release: Path) -> None:
    """nginx by a configuration of our own, which is that of the container but for its places."""
    text = (release / "deploy" / "nginx.conf").read_text()
    for old, new in PLACES.items():
        if old not in text:
            raise run.RunError(f"deploy/nginx.conf has no {old!r} any more; deploy/install.py has to know.")
        text = text.replace(old, new)
    (ETC / "nginx.conf").write_text(text)


def front() -> None:
    configuration(CODE)
    folder(COMING_IN, FRONT, FRONT, 0o700)
    nodes(CODE, COMING_IN, PORT)
    if not (ETC / "tls" / "fullchain.pem").exists():
        command = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=kring")
        if not run.succeeds(*command, "-keyout", ETC / "tls" / "privkey.pem", "-out", ETC / "tls" / "fullchain.pem"):
            raise run.RunError("openssl cannot make a certificate.")
        run.say("  Made a certificate that browsers warn about, until there is another in /etc/kring/tls.")
    for name in ("fullchain.pem", "privkey.pem"):
        shutil.chown(ETC / "tls" / name, "root", FRONT)
        (ETC / "tls" / name).chmod(0o640)


def static_files(release: Path) -> None:
    """Made aside, then each file put in place whole: nginx sends them meanwhile, also those of the release before."""
    aside = DATA / "static.new"
    as_user(USER, "rm", "-rf", aside)
    as_user(USER, "mkdir", aside)
    for words in (("collectstatic", "--no-input", "--verbosity", "0"), ("fault_pages",)):
        manage(release, *words, KRING_DATA_DIR=str(aside))
    as_user(USER, "rsync", "--recursive", "--checksum", "--chmod=D2755,F644", f"{aside}/static/", DATA / "static")
    as_user(USER, "rm", "-rf", aside)


def units(release: Path) -> None:
    """Each names the folder of its release, so that what runs never finds half of another one."""
    DROP_IN.mkdir(parents=True, exist_ok=True)
    for unit in (release / "deploy" / "systemd").iterdir():
        place = (DROP_IN if unit.suffix == ".conf" else UNITS) / unit.name
        place.write_text(unit.read_text().replace(str(CODE), str(release)))
    LOGS.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(release / "deploy" / "journald.conf", LOGS)
    COMMAND.unlink(missing_ok=True)
    COMMAND.symlink_to(CODE / "deploy" / "command.py")


def is_run_by_systemd() -> bool:
    return Path("/run/systemd/system").is_dir()


def start(asked: Asked) -> None:
    """All of it, from now on at each start of the machine; where something is still to be filled in, it is said."""
    if not is_run_by_systemd():
        run.say("  No systemd runs here: the units are in place, nothing was started.")
        return
    run.run("systemctl", "daemon-reload")
    run.run("systemctl", "try-restart", "systemd-journald")
    run.run("systemctl", "disable", "--now", "--quiet", "nginx", "redis-server")  # of Debian; Kring has its own
    run.run("systemctl", "enable", "--quiet", "kring.target")
    if read_env(ETC / "kring.env").get("KRING_SMTP_URL"):
        run.run("systemctl", "restart", "kring.target")
        certificate(asked)


def certificate(asked: Asked) -> None:
    """From Let's Encrypt, by way of the front that runs; certbot's own timer asks for the next."""
    if asked.certificate == "certbot":
        hook = f"{CODE}/deploy/renewed.sh"
        names = [word for name in read_env(ETC / "kring.env")["KRING_HOSTS"].split(",") for word in ("-d", name)]
        run.run("certbot", "certonly", "--webroot", "-w", DATA / "acme", *names, "--deploy-hook", hook,
                "--non-interactive", "--agree-tos", "--register-unsafely-without-email")  # fmt: skip


def install(asked: Asked) -> int:
    steps: Sequence[tuple[str, Callable[[], None]]] = (
        ("packages of Debian", lambda: packages(asked)),
        ("user and folders", user_and_folders),
        (f"the program, in {CODE}", lambda: point_at(program())),
        (f"secrets, in {ETC}", lambda: secrets(asked)),
        ("the database, its roles and its tables", database),
        ("static files and the pages for when Kring is away", lambda: static_files(CODE)),
        ("nginx", front),
        ("units of systemd", lambda: units(CODE.resolve())),
        ("start", lambda: start(asked)),
    )
    for name, deed in steps:
        with run.phase(name):
            deed()
    if not read_env(ETC / "kring.env").get("KRING_SMTP_URL"):
        run.say(
            f"\nFill in KRING_SMTP_URL and KRING_BACKUP_TO in {ETC}/kring.env, then this command once more: it starts "
            "everything, and asks certbot for the certificate where you chose that."
        )
    run.say(
        "\nThen the first school, and the first person: docs/operations.md, Install. How it does: sudo kring doctor"
    )
    return 0


def remove() -> int:
    """Take away the program, not what people made: the database, photos, journal, backups and secrets stay."""
    if is_run_by_systemd():
        run.run("systemctl", "disable", "--now", "--quiet", "kring.target")
    for unit in UNITS.glob("kring*"):
        shutil.rmtree(unit) if unit.is_dir() else unit.unlink()
    for file in (COMMAND, LOGS, CODE):
        file.unlink(missing_ok=True)
    shutil.rmtree(RELEASES, ignore_errors=True)
    if is_run_by_systemd():
        run.run("systemctl", "daemon-reload")
    run.say(f"Removed. What stays: the database kring, {DATA}, {BACKUPS}, {ETC} and the packages of Debian.")
    return 0


def require(words: argparse.Namespace) -> None:
    """Raises `RunError` where this cannot be done."""
    if not words.systemd:
        raise run.RunError("Without --systemd there is nothing to install: with Docker it is docker compose up -d.")
    if os.geteuid() != 0:
        raise run.RunError("This makes users and units: sudo python3 run.py install --systemd --host NAME")
    if not shutil.which("apt-get"):
        raise run.RunError("This is for Debian 12. Elsewhere the parts are those of docker-compose.yml.")
    if not words.remove:
        init.require_name(words.host or "")


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="run.py install", description="A whole Kring on Debian 12, without Docker.")
    parser.add_argument("--systemd", action="store_true", help="with users, units and nginx of this machine")
    parser.add_argument("--host", help="the name people will type in their browser")
    parser.add_argument(
        "--certificate", choices=("own", "certbot"), default="own", help="own: you put it in /etc/kring/tls"
    )
    parser.add_argument("--mail", default="", metavar="URL", help="KRING_SMTP_URL, when you know it already")
    parser.add_argument("--remove", action="store_true", help="take the program away; the data stays")
    given = parser.parse_args(words)
    require(given)
    os.umask(0o022)
    return remove() if given.remove else install(Asked(given.host, given.certificate, given.mail))


if __name__ == "__main__":
    sys.exit(run.in_words(lambda: main(sys.argv[1:])))
