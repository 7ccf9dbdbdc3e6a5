# deliverygate with git, as a user without rights. Judge the checkout in the current folder:
#   docker run --rm --user "$(id -u):$(id -g)" --volume "$PWD:/workspace" deliverygate run pre-merge
FROM python:3.13-slim AS build

ENV PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
COPY gates ./gates
RUN python -m pip wheel --no-deps --wheel-dir /wheels .


FROM python:3.13-slim

LABEL org.opencontainers.image.title="deliverygate" \
      org.opencontainers.image.description="One policy, one command, one verdict: decides whether a change may go on" \
      org.opencontainers.image.licenses="Apache-2.0"

# git tells what a change is. Its version is left to the distribution's security updates; an exact one would be gone
# from the mirrors after the first of them. A checkout that is mounted belongs to somebody else, so git is told that
# this is as it should be.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends "git=1:2.*" \
    && rm -rf /var/lib/apt/lists/* \
    && git config --system --add safe.directory "*"

ENV PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1
COPY --from=build /wheels /wheels
# -I: the command takes no module from the checkout, whatever PYTHONPATH a job sets.
RUN python -m venv /opt/deliverygate \
    && /opt/deliverygate/bin/python -m pip install /wheels/*.whl \
    && sed -i '1s|$| -I|' /opt/deliverygate/bin/deliverygate

ENV PATH=/opt/deliverygate/bin:$PATH
WORKDIR /workspace
USER 65532:65532
ENTRYPOINT ["deliverygate"]
CMD ["--help"]
