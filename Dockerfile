# syntax=docker/dockerfile:1
# One image for web, worker, beat and the one-off commands; docker-compose.yml says which is which.
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /opt/venv
COPY requirements.lock /tmp/requirements.lock
RUN /opt/venv/bin/pip install --require-hashes --requirement /tmp/requirements.lock

FROM python:3.11-slim-bookworm
# Debian keeps one version of each package; the base image decides which.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends fonts-noto-cjk libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /srv/portal --shell /usr/sbin/nologin portal \
 && install -d -o portal -g portal /var/lib/portal /srv/static
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=portal.settings PORTAL_STATE=/var/lib/portal STATIC_ROOT=/srv/static
WORKDIR /srv/portal
COPY --from=build /opt/venv /opt/venv
COPY . .
# The catalogue and the static files belong to the image; the values named here are used by this step alone.
RUN python -m portal.catalogue \
 && SECRET_KEY=build DATABASE_URL=postgres://none/none REDIS_URL=redis://none PORTAL_STATE=/tmp/state \
    python manage.py collectstatic --no-input --verbosity 0 \
 && python -m compileall -q /srv/portal
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=6s --start-period=40s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen(u.Request('http://127.0.0.1:8000/healthz', headers={'Host': 'localhost'}), timeout=5)"]
CMD ["gunicorn", "portal.wsgi", "--bind", "0.0.0.0:8000", "--workers", "3", "--threads", "4", "--graceful-timeout", "30", \
     "--max-requests", "2000", "--max-requests-jitter", "200", "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
