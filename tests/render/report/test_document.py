"""Reports as JSON."""

import json
from collections.abc import Iterator
from io import StringIO

from simd.core.answers import Group
from simd.render.report import write_json
from tests.render.report.samples import full_report, identical_group, near_group, report


def _written(groups: list[Group]) -> dict[str, object]:
    stream = StringIO()
    write_json(stream, full_report(), groups)
    loaded: dict[str, object] = json.loads(stream.getvalue())
    return loaded


def test_the_report_and_all_groups_are_one_object() -> None:
    """Every part has its name, groups have the shape of the protocol, and shown ones are named by id."""
    groups = [near_group(1, "beach"), identical_group(3), near_group(99)]
    found = _written(groups)
    parts = "report trend news resolved savings folder_pairs years troubles notes groups"
    assert parts.split() == list(found)
    assert ["7", "1"] == found["savings"]
    expected = {"id": "1", "category": "near", "change": "appeared"}
    assert isinstance(found["news"], list)
    assert expected == found["news"][0]
    assert isinstance(found["groups"], list)
    assert ["1", "3", "99"] == [group["id"] for group in found["groups"]]
    first = found["groups"][0]
    said = {"decided_by", "clearable", "obstacle"}
    assert {"id", "kind", "keeper", "path", "members", "reclaimable_bytes"} | said == first.keys()
    assert "keeper: more pixels" == first["members"][1]["reason"]
    assert isinstance(found["report"], dict)
    assert "2026-11-21" == found["report"]["id"]


def test_no_groups_are_an_empty_list() -> None:
    """A report without duplicates is valid JSON too."""
    assert [] == _written([])["groups"]


def test_each_group_is_written_before_the_next_is_asked_for() -> None:
    """A million groups never stand in memory together."""
    stream = StringIO()

    def one_by_one() -> Iterator[Group]:
        for number in (1, 3, 5):
            assert (number - 1) // 2 == stream.getvalue().count('"keeper":{')
            yield near_group(number)

    write_json(stream, report(), one_by_one())
    assert 3 == len(json.loads(stream.getvalue())["groups"])


def test_any_name_is_plain_ascii() -> None:
    """Lone surrogates, line ends and quotes in a name keep the file valid, and the name comes back."""
    name = 'a"\n\u2028\ud800\U0001f4f7'
    stream = StringIO()
    write_json(stream, report(), [near_group(1, name)])
    assert stream.getvalue().isascii()
    assert f"/home/a/Camera/{name}.jpg" == json.loads(stream.getvalue())["groups"][0]["path"]
