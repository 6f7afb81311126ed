# One image for the API, the relay and the workers; compose.yaml says which is which.
FROM python:3.13-slim
WORKDIR /pujiang
COPY requirements.lock pyproject.toml ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY domain domain
COPY events events
COPY projections projections
COPY streams streams
COPY adapters adapters
RUN pip install --no-cache-dir --no-deps --no-build-isolation --editable . \
    && useradd --create-home pujiang && mkdir /home/pujiang/data && chown pujiang /home/pujiang/data
USER pujiang
ENV PUJIANG_HOME=/home/pujiang/data
ENTRYPOINT ["pujiang"]
