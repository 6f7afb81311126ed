"""The examples of the documents are typed as they stand, against a system that runs."""

import re
import shutil
from pathlib import Path

import pytest

from tests.processes.server import environment, serving, typed

DOCS = Path(__file__).parent.parent.parent / "docs"
EXAMPLE = re.compile(r"^    (curl [^\n]*127\.0\.0\.1:8000(?:[^\n]|\n     )*)", re.MULTILINE)
# A stream goes on until it is cut (28); whatever else goes wrong is curl's own complaint about what was typed.
CURL = """curl() { command curl -s --max-time 2 -o /dev/null -w '%{http_code}' "$@" || [ $? = 28 ]; }\n"""
MEANT_TO_FAIL = {"nope=1": "400"}


@pytest.mark.skipif(
    not shutil.which("bash") or not shutil.which("curl"), reason="examples need bash and curl"
)
def test_examples_answer_as_they_stand(tmp_path: Path) -> None:
    pages = ("publishing.md", "querying.md")
    examples = [each for page in pages for each in EXAMPLE.findall((DOCS / page).read_text(encoding="utf-8"))]
    assert len(examples) > len(pages)
    with serving(environment(tmp_path / "home"), tmp_path / "out") as at:
        for example in examples:
            asked = example.replace("127.0.0.1:8000", at).replace("@events.json", "'[]'")
            expected = next((code for part, code in MEANT_TO_FAIL.items() if part in example), r"20[01]|404")
            assert re.fullmatch(expected, typed(CURL + asked, environment(tmp_path / "home"))), example
