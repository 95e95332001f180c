"""Dockerfile and docker-compose.yml, as far as can be told without building them."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy import init

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("web", "worker", "fast", "beat", "watch", "backup", "migrate")


def names(text: str) -> set[str]:
    """The names that an env file sets."""
    return set(re.findall(r"^([A-Z_]+)=", text, re.MULTILINE))


def test_parts_are_those_of_the_plan() -> None:
    assert set(SERVICES) == {"front", *OURS, "postgres", "redis"}


def test_the_page_lists_every_part() -> None:
    """Where there is no Docker to install it with, the compose file and the page at least name the same parts; the
    units of systemd are compared with it in test_units.py."""
    page = (ROOT / "docs" / "operations.md").read_text()
    listed = re.findall(r"^\| (\w+) \|", page.partition("## The parts")[2].partition("\n## ")[0], re.MULTILINE)
    assert (listed[0], sorted(listed[1:])) == ("part", sorted(SERVICES))


def test_the_commands_of_the_page_name_parts_that_are_there() -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    named = set()
    for verb, rest in re.findall(r"docker compose (stop|up -d|run --rm|exec|logs) ([^`\n]+)", page):
        words = re.sub(r"-T |-v \S+ |--tail \d+ |--[a-z-]+(=\S+| [a-z]+=\d+)? ", "", rest).split()
        named |= set(words if verb in {"stop", "up -d"} else words[:1]) - {"PART"}
    assert named <= set(SERVICES)
    assert {"front", "web", "worker", "backup", "migrate", "postgres"} <= named


@pytest.mark.parametrize("service", sorted(set(SERVICES) - {"front", "web", "migrate"}))
def test_service_has_a_health_check_of_its_own(service: str) -> None:
    assert SERVICES[service]["healthcheck"]["test"]


def test_images_read_heic_with_the_same_locked_releases() -> None:
    built = {service["build"]["args"]["HEIC"] for service in SERVICES.values() if "build" in service}
    assert built == {"${HEIC:-yes}"}
    plain, heic = (re.findall(r"^[a-z0-9-]+==\S+", (ROOT / name).read_text(), re.MULTILINE)
                   for name in ("requirements.lock", "requirements-heic.lock"))  # fmt: skip
    assert [line.partition("==")[0] for line in heic if line not in plain] == ["pillow-heif"]
    assert set(plain) <= set(heic)


def test_a_bucket_is_an_extra_of_the_same_locked_releases() -> None:
    built = {service["build"]["args"]["S3"] for service in SERVICES.values() if "build" in service}
    assert built == {"${S3:-no}"}
    plain, s3 = (re.findall(r"^[a-z0-9-]+==\S+", (ROOT / name).read_text(), re.MULTILINE)
                 for name in ("requirements.lock", "requirements-s3.lock"))  # fmt: skip
    assert {line.partition("==")[0] for line in s3 if line not in plain} >= {"django-storages", "boto3"}
    assert set(plain) <= set(s3)
    assert set(s3) <= set(re.findall(r"^[a-z0-9-]+==\S+", (ROOT / "requirements-dev.lock").read_text(), re.MULTILINE))


def test_the_front_knows_the_bucket_but_not_its_key() -> None:
    assert SERVICES["front"]["environment"]["KRING_BUCKET"] == "${KRING_BUCKET:-}"
    assert "KRING_BUCKET_KEY" not in str(SERVICES["front"])


def test_images_bring_the_other_health_checks() -> None:
    assert DOCKERFILE.count("HEALTHCHECK") == 2
    assert (ROOT / "deploy" / "healthcheck.py").exists()


def test_one_page_that_waits_stops_no_other() -> None:
    """Two workers of one thread each: two pages that waited were a site that stood still."""
    (threads,) = re.findall(r"--blocking-threads (\d+)", DOCKERFILE)
    assert int(threads) >= 4


def test_codes_need_no_broker_and_no_other_worker() -> None:
    fast = SERVICES["fast"]
    assert fast["command"][:3] == ["python", "manage.py", "fast_lane"]
    assert set(fast["depends_on"]) == {"migrate"}


def test_who_watches_waits_for_nobody_and_sees_how_full_it_is() -> None:
    watch = SERVICES["watch"]
    assert watch["command"][:4] == ["python", "manage.py", "doctor", "--alarm"]
    assert "depends_on" not in watch
    assert set(watch["volumes"]) == {"media:/srv/kring/media:ro", "postgres:/srv/kring/postgres:ro"}


@pytest.mark.parametrize("service", SERVICES)
def test_no_log_fills_the_disk(service: str) -> None:
    assert SERVICES[service]["logging"] == {"driver": "json-file", "options": {"max-size": "10m", "max-file": "5"}}


def test_a_backup_is_tried_with_the_release_of_the_database_and_changes_nothing() -> None:
    base = re.search(r"^FROM (\S+) AS backup$", DOCKERFILE, re.MULTILINE)
    assert base
    assert base[1] == SERVICES["postgres"]["image"]
    assert "media:/srv/kring/media:ro" in SERVICES["backup"]["volumes"]
    python = re.search(r"^FROM python:(\S+)-slim", DOCKERFILE, re.MULTILINE)
    assert python
    assert f"/opt/venv/lib/python{python[1]}/site-packages" in DOCKERFILE


def test_the_front_has_its_pages_for_when_kring_cannot_answer() -> None:
    assert re.search(r"collectstatic .*\\\n    && python manage.py fault_pages", DOCKERFILE)


@pytest.mark.parametrize("service", SERVICES)
def test_no_part_has_more_than_it_needs(service: str) -> None:
    part = SERVICES[service]
    assert (part["read_only"], part["cap_drop"], part["security_opt"]) == (True, ["ALL"], ["no-new-privileges:true"])
    assert {"mem_limit", "pids_limit", "restart", "networks"} <= set(part)
    assert "privileged" not in part


def test_three_capabilities_are_of_two_parts() -> None:
    """Who begins as root to become somebody else; the front opens two low ports."""
    added = {name: set(part["cap_add"]) for name, part in SERVICES.items() if "cap_add" in part}
    to_become = {"SETUID", "SETGID", "CHOWN", "DAC_OVERRIDE"}
    assert added == {"front": to_become | {"NET_BIND_SERVICE"}, "postgres": to_become | {"FOWNER"}}


def test_database_and_queue_reach_nobody_outside_and_nobody_them() -> None:
    networks = {name: part["networks"] for name, part in SERVICES.items()}
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert all("inside" in found for found in networks.values())
    outside = {name for name, found in networks.items() if "outside" in found}
    assert outside == {"front", "web", "worker", "fast", "watch", "backup"}
    assert COMPOSE["networks"]["outside"]["enable_ipv6"]


def test_what_stands_still_is_started_again() -> None:
    """Docker restarts what ended; the health check ends what stands still, under Docker's own init."""
    for name in ("web", "worker", "fast", "beat", "watch", "backup"):
        check = SERVICES[name].get("healthcheck", {}).get("test", DOCKERFILE)
        assert "deploy/healthcheck.py" in str(check)
        assert (SERVICES[name]["init"], SERVICES[name]["restart"]) == (True, "unless-stopped")


@pytest.mark.parametrize("script", ["certificate.sh", "prepare.sh"])
def test_what_nginx_has_to_run_first_can_be_run(script: str) -> None:
    """Its entry point passes by what is not executable."""
    assert (ROOT / "deploy" / script).stat().st_mode & 0o111
    assert f"COPY deploy/{script} /docker-entrypoint.d/" in DOCKERFILE


def test_redis_asks_a_password_that_init_made() -> None:
    assert SERVICES["redis"]["command"][:3] == ["sh", "/redis.sh", "serve"]
    found = re.search(
        r"^KRING_REDIS_URL=redis://:(\w{40,})@redis:6379/0$", init.env_texts("kring.example")[0], re.MULTILINE
    )
    assert found


def test_only_the_front_is_reachable() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"front"}


@pytest.mark.parametrize("service", OURS)
def test_our_services_run_with_nothing_to_spare(service: str) -> None:
    settings = SERVICES[service]
    files = [".env", ".env.owner"] if service == "migrate" else ".env"
    assert (settings["read_only"], settings["cap_drop"], settings["env_file"]) == (True, ["ALL"], files)


def test_only_migrate_and_postgres_know_the_owner() -> None:
    knowing = {name for name, service in SERVICES.items() if ".env.owner" in str(service)}
    assert knowing == {"migrate", "postgres"}
    assert "${POSTGRES" not in (ROOT / "docker-compose.yml").read_text()


def test_the_web_serves_only_where_everything_is_as_it_must_be() -> None:
    assert "python manage.py check --deploy --database default && exec granian" in DOCKERFILE


@pytest.mark.parametrize("service", ["web", "worker", "fast", "beat", "backup"])
def test_nothing_starts_before_the_migrations_are_done(service: str) -> None:
    assert SERVICES[service]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_volumes_named_are_volumes_declared() -> None:
    mounted = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", ())}
    assert {name for name in mounted if not name.startswith(".")} == set(COMPOSE["volumes"])


def test_targets_built_are_stages_of_the_dockerfile() -> None:
    stages = set(re.findall(r"^FROM \S+ AS (\w+)$", DOCKERFILE, re.MULTILINE))
    assert {service["build"]["target"] for service in SERVICES.values() if "build" in service} == stages - {"build"}


def test_base_images_are_pinned_to_a_release() -> None:
    images = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    images += [service["image"] for service in SERVICES.values() if "build" not in service]
    named = re.compile(r"[a-z]+:\d+(\.\d+)?(-[a-z]+)*(@sha256:[0-9a-f]{64})?")
    assert [image for image in images if not named.fullmatch(image)] == []


def test_product_does_not_run_as_root() -> None:
    assert re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE) == ["kring", "kring"]


def test_files_that_are_copied_exist() -> None:
    copied = re.findall(r"^COPY (?!--from)(\S+) ", DOCKERFILE, re.MULTILINE)
    assert [name for name in copied if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("secret", [".env", ".env.*", "deploy/tls"])
def test_secrets_stay_out_of_image_and_repository(secret: str) -> None:
    assert secret in (ROOT / ".dockerignore").read_text().split()
    assert secret in {line.strip("/") for line in (ROOT / ".gitignore").read_text().split()}


def test_start_command_is_a_list_of_words() -> None:
    commands = re.findall(r"^(?:HEALTHCHECK .*)?CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    assert [type(json.loads(command)) for command in commands] == [list, list, list]


def test_init_and_build_name_the_same_settings() -> None:
    build = names((ROOT / "deploy" / "build.env").read_text())
    env, _ = init.env_texts("kring.example")
    assert names(env) == build


def test_settings_know_every_name_that_init_writes(tmp_path: Path) -> None:
    """A misspelt name would be warned about; here a warning is an error."""
    values = dict(re.findall(r"^(KRING_\w+)=(.*)$", "".join(init.env_texts("kring.example")), re.MULTILINE))
    command = [sys.executable, "-W", "error", "-c", "from portal import settings"]
    env = values | {"KRING_SMTP_URL": "smtp+tls://a:b@mail.example:587", "KRING_DATA_DIR": str(tmp_path)}
    result = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
