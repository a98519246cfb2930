# One image for every service. Which one runs is the container's argument:
#   docker run ... sameroof python -m services.router
# The small parent of services/runtime/supervise.py is process 1; it restarts the service at once when it ends.

FROM python:3.11-slim-bookworm AS builder
WORKDIR /opt/sameroof
RUN python -m venv .venv
# Wheels only, each checked against its hash: nothing is built here and nothing unknown gets in.
COPY requirements.lock ./
RUN .venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --only-binary=:all: --require-hashes -r requirements.lock
COPY schemas ./schemas
COPY services ./services
# The root file system is read-only when this runs, so the bytecode is written now.
RUN .venv/bin/python -m compileall -q .venv schemas services

FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 sameroof \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin sameroof
COPY --from=builder /opt/sameroof /opt/sameroof
ENV PATH=/opt/sameroof/.venv/bin:$PATH \
    PYTHONPATH=/opt/sameroof \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /opt/sameroof
USER 10001:10001
# 8080: HTTP API (intake api only). 9100: /livez /readyz /metrics.
EXPOSE 8080 9100
ENTRYPOINT ["python", "-m", "services.runtime.supervise", "--"]
