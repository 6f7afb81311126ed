"""The programs of Apache Kafka, downloaded with Maven."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from adapters.kafka.clients import KafkaFault

VERSION = "4.3.1"  # 4.4.0 was published without the tools that format a folder
JAVA = 17
"""The oldest Java that this Kafka runs on."""
FETCH_SECONDS = 600
"""How long the download may take."""

_POM = f"""\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>pujiang</groupId>
  <artifactId>broker</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>{VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.apache.logging.log4j</groupId>
      <artifactId>log4j-slf4j-impl</artifactId>
      <version>2.25.4</version>
    </dependency>
  </dependencies>
</project>
"""


def java() -> str:
    """Return the path of Java. Raises KafkaFault if there is none, or if it is too old."""
    found = shutil.which("java")
    if found is None:
        raise KafkaFault(f"Kafka needs Java {JAVA} or newer, but there is no java on this machine")
    shown = subprocess.run([found, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "([0-9]+)', shown)
    if version is None or int(version[1]) < JAVA:
        raise KafkaFault(
            f"Kafka needs Java {JAVA} or newer, but {found} is {shown.partition(chr(10))[0] or 'of no version'}"
        )
    return found


def lacking() -> str | None:
    """Return a sentence about what this machine lacks to run Kafka, None if it lacks nothing."""
    try:
        java()
        _maven()
    except KafkaFault as fault:
        return str(fault)
    return None


def fetch(folder: Path) -> Path:
    """Download the programs into a folder below `folder`, completely or not at all, and once; return that folder."""
    target = folder / f"kafka-{VERSION}"
    if target.exists():
        return target
    maven = _maven()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fetching-", dir=folder) as made:
        jars, pom = Path(made) / "jars", Path(made) / "pom.xml"
        pom.write_text(_POM, encoding="utf-8")
        goal = ("dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={jars}")
        command = [maven, "--quiet", "--batch-mode", f"--file={pom}", *goal]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=FETCH_SECONDS)
        if done.returncode:
            complaint = next(
                (line for line in done.stdout.splitlines() if "ERROR" in line), "it gave no reason"
            )
            raise KafkaFault(f"Maven cannot download Apache Kafka {VERSION}: {complaint}")
        try:
            jars.rename(target)
        except OSError:
            if not target.exists():  # otherwise another process was faster
                raise
    return target


def _maven() -> str:
    found = shutil.which("mvn")
    if found is None:
        raise KafkaFault("Kafka is downloaded with Maven, but there is no mvn on this machine")
    return found
