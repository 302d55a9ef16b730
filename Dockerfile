# One image for every part; docker-compose.yml says which part a container is.

FROM node:24-bookworm-slim AS frontend
WORKDIR /build/service/web/frontend
COPY service/web/frontend/package.json service/web/frontend/package-lock.json service/web/frontend/.npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY service/web/frontend/build.mjs ./
COPY service/web/frontend/src ./src
RUN node build.mjs

FROM python:3.11-slim-bookworm AS environment
COPY requirements.lock ./
RUN python -m venv /opt/jsjb \
 && /opt/jsjb/bin/pip install --no-cache-dir --require-hashes --only-binary :all: --requirement requirements.lock

# the programs that `jsjb backup` and `jsjb restore` start, of the version of the server, with what they are linked to
FROM postgres:18-bookworm AS postgresql
RUN mkdir -p /client/bin /client/lib \
 && cp /usr/lib/postgresql/18/bin/pg_dump /usr/lib/postgresql/18/bin/pg_restore /client/bin/ \
 && ldd /client/bin/* | awk '$2 == "=>" { print $3 }' | grep -vE '/lib(c|m|resolv|pthread|dl|rt)\.so' | sort -u | xargs cp -Lt /client/lib

FROM python:3.11-slim-bookworm
ENV PATH=/opt/jsjb/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    JSJB_VAR=/var/lib/jsjb \
    JSJB_HOST=0.0.0.0
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin jsjb \
 && install --directory --owner jsjb --group jsjb --mode 0700 /var/lib/jsjb
COPY --from=postgresql /client/ /usr/local/
RUN ldconfig && pg_dump --version && pg_restore --version
COPY --from=environment /opt/jsjb /opt/jsjb
WORKDIR /app
COPY pyproject.toml README.md LICENSE ./
COPY timers ./timers
COPY service ./service
COPY bpmn ./bpmn
COPY forms ./forms
COPY --from=frontend /build/service/web/static/dist ./service/web/static/dist
RUN pip install --no-cache-dir --no-deps --no-index --no-build-isolation \
      --config-settings editable_mode=compat --editable . \
 && python -m compileall -q timers service
USER jsjb
VOLUME /var/lib/jsjb
EXPOSE 8000
CMD ["jsjb", "--help"]
