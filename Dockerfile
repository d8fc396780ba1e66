# The studio for a class, from one address:
#   docker build -t glassnet .
#   docker run --rm -p 8000:8000 -v glassnet-runs:/runs glassnet
# Built on Debian 12, on which ./check runs too. The stage `tools` is also what a devcontainer starts from.

FROM node:22-bookworm-slim AS node

# Python, a C++ compiler and Git come with this image.
FROM python:3.13-bookworm AS tools
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \
 && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx \
 && python -m pip install --no-cache-dir uv==0.13.9

FROM tools AS build
ENV UV_LINK_MODE=copy UV_PYTHON=/usr/local/bin/python UV_PYTHON_DOWNLOADS=never \
    UV_CACHE_DIR=/var/cache/uv npm_config_cache=/var/cache/npm
WORKDIR /build
# What others wrote changes less often than what we write: this layer is kept while requirements stay.
COPY requirements/run.txt requirements/
RUN --mount=type=cache,target=/var/cache/uv \
    uv venv /opt/glassnet \
 && uv pip install --compile-bytecode --python /opt/glassnet --requirement requirements/run.txt
COPY . .
RUN --mount=type=cache,target=/var/cache/uv --mount=type=cache,target=/var/cache/npm \
    uv build --wheel --out-dir dist . \
 && uv pip install --compile-bytecode --no-deps --python /opt/glassnet dist/*.whl
RUN mkdir /runs

# Neither compiler nor Node nor uv: Python and what was installed for it.
FROM python:3.13-slim-bookworm
LABEL org.opencontainers.image.title="glassnet" \
      org.opencontainers.image.description="A neural network you can see through: the studio" \
      org.opencontainers.image.licenses="MIT AND CC-BY-SA-3.0"
COPY --from=build /opt/glassnet /opt/glassnet
COPY --from=build --chown=10001:10001 /runs /runs
# The address that it prints is to be seen at once; nothing is to be written beside the runs.
ENV PATH=/opt/glassnet/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# A number, so that it is seen not to be root even where names are not known.
USER 10001:10001
VOLUME /runs
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import urllib.request as web; web.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["glassnet", "studio", "--host", "0.0.0.0", "--port", "8000", "--no-browser", "--folder", "/runs"]
