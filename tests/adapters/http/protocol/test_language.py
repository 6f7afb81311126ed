"""The language of an answer, and what a problem is called in it."""

from __future__ import annotations

import ast
from pathlib import Path

import msgspec
import pytest

import adapters.http
from adapters.http.protocol.language import language_of
from adapters.http.protocol.problems import Problem
from adapters.http.protocol.titles import CHINESE
from events.labels.table import labels


@pytest.mark.parametrize(
    "wishes,language",
    [
        ([], "en"),
        ([""], "en"),
        (["zh"], "zh"),
        (["ZH-Hans-CN"], "zh"),
        (["zh-CN,zh;q=0.9,en;q=0.8"], "zh"),
        (["en-GB,zh;q=0.9"], "en"),
        (["zh;q=0.2, en;q=0.3"], "en"),
        (["en;q=0.2", "zh;q=0.3"], "zh"),
        (["fr, zh;q=0.1"], "zh"),
        (["fr"], "en"),
        (["*"], "en"),
        (["zh;q=0.5, *"], "en"),
        (["zh;q=0"], "en"),
        (["zh;q=2, zh;x=1, zhong-wen-en-yuyan"], "en"),
        (["en ; q=0.1 , zh ; q=1.000"], "zh"),
    ],
)
def test_the_language_is_the_one_that_a_client_prefers(wishes: list[str], language: str) -> None:
    headers = [(b"accept-language", each.encode()) for each in wishes]
    assert language_of({"headers": [(b"host", b"zh"), *headers]}) == language


def test_every_title_has_a_chinese_one_and_nothing_else_has() -> None:
    titles = {"Not Found"}  # of what Starlette raises itself
    for path in Path(adapters.http.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Problem" and len(node.args) > 1:
                match node.args[2]:
                    case ast.Constant(value=str(title)):
                        titles.add(title)
                    case other:
                        assert ast.unparse(other) == "phrase", f"{path}: the title is no literal"
    assert titles == set(CHINESE)


def test_a_problem_has_its_title_in_the_language() -> None:
    response = Problem(404, "no-such-row", "No such row", "there is none").response("zh")
    told = msgspec.json.decode(response.body)
    assert (told["title"], told["code"], told["detail"]) == ("记录不存在", "no-such-row", "there is none")
    assert response.headers["content-language"] == "zh"
    assert response.headers["vary"] == "accept-language"


def test_a_refusal_is_called_by_the_label_of_its_code() -> None:
    refused = Problem(422, "on-leave", "Refused", "p-1 is on leave", rule="roll.leave_from_the_roll")
    assert (refused.title_in("en"), refused.title_in("zh")) == ("On leave", labels("zh").codes["on-leave"])
    unnamed = Problem(422, "no-label-yet", "Refused", "no", rule="")
    assert (unnamed.title_in("en"), unnamed.title_in("zh")) == ("Refused", "被拒绝")
