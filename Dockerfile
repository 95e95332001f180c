# Three images from one file: `kring` (web, worker, fast, beat, watch, migrate), `front` (nginx with the static files) and
# `backup` (the database's own tools, of the same release as the part postgres), all from what `build` made. Nothing is
# fetched at start.

FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
COPY requirements.lock requirements-heic.lock requirements-s3.lock /build/
# Photos in the iPhone's own format need a native decoder; "no" leaves it out. What it means is in docs/operations.md.
ARG HEIC=yes
RUN [ "$HEIC" = no ] && locked=requirements || locked=requirements-heic; \
    pip install --require-hashes --no-deps --no-compile --requirement "/build/$locked.lock"
# Photos in a bucket instead of on this disk; the same releases, and the few that this needs more.
ARG S3=no
RUN [ "$S3" = no ] || pip install --require-hashes --no-deps --no-compile --requirement /build/requirements-s3.lock
WORKDIR /app
COPY . .
# The message files are compiled and the static files hashed and compressed here. Where a value is demanded,
# deploy/build.env has one that opens nothing.
RUN for po in locale/*/LC_MESSAGES/*.po; do \
        pybabel --quiet compile --input-file "$po" --output-file "${po%.po}.mo"; \
    done \
    && export $(grep '^KRING_' deploy/build.env) KRING_DATA_DIR=/srv/kring \
    && python manage.py collectstatic --no-input --verbosity 0 \
    && python manage.py fault_pages \
    && python -m compileall -q -f --invalidation-mode unchecked-hash /app /opt/venv

FROM nginx:1.28-bookworm AS front
COPY deploy/certificate.sh /docker-entrypoint.d/10-certificate.sh
COPY deploy/prepare.sh /docker-entrypoint.d/20-prepare.sh
COPY deploy/nginx.conf /etc/nginx/nginx.conf
COPY --from=build /srv/kring/static /srv/kring/static
HEALTHCHECK --interval=15s --timeout=5s --start-period=10s CMD ["curl", "--fail", "--silent", "http://127.0.0.1/gezond/front"]

# Debian's Python is the one that /opt/venv was made for: 3.11.
FROM postgres:16-bookworm AS backup
RUN apt-get update && apt-get install -y --no-install-recommends age openssh-client python-is-python3 rclone rsync \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /srv/kring/trial --shell /usr/sbin/nologin kring \
    && install -d -o kring -g kring /srv/kring /srv/kring/media /srv/kring/journal /srv/kring/static \
    && install -d -o kring -g kring -m 0700 /srv/kring/backups /srv/kring/trial
COPY --from=build /opt/venv/lib/python3.11/site-packages /opt/site-packages
COPY --from=build /app /app
ENV PYTHONPATH=/opt/site-packages \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    KRING_MODE=production \
    KRING_DATA_DIR=/srv/kring
WORKDIR /app
USER kring

FROM python:3.11-slim-bookworm AS kring
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin kring \
    && install -d -o kring -g kring /srv/kring /srv/kring/media /srv/kring/journal /srv/kring/uploads
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
COPY --from=build --chown=kring /srv/kring/static /srv/kring/static
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    KRING_MODE=production \
    KRING_DATA_DIR=/srv/kring
WORKDIR /app
USER kring
EXPOSE 8000
VOLUME /srv/kring/media /srv/kring/journal
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["python", "deploy/healthcheck.py"]
# What was coming in when the last one was killed is nobody's. Only where everything is as it must be. A worker per core with four threads each, so that one page that waits for the
# database holds up no other; behind nginx no worker ever waits for a client.
CMD ["sh", "-c", "find \"${TMPDIR:-/tmp}\" -mindepth 1 -delete; python manage.py check --deploy --database default && exec granian --interface wsgi --host 0.0.0.0 --port 8000 --workers \"${KRING_WORKERS:-$(nproc)}\" --blocking-threads 4 --respawn-failed-workers --log-level warning portal.wsgi:application"]
