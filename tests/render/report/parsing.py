"""The page as a browser's parser sees it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from io import StringIO

from simd.core.report.value import Preview, Report
from simd.render.report import write_page

_VOID = {"meta", "img", "br", "wbr", "path"}


@dataclass
class Element:
    """A start tag, the text inside it, and the elements that hold it."""

    tag: str
    attributes: dict[str, str | None]
    parents: tuple["Element", ...]
    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text within, blanks joined."""
        return " ".join("".join(self.parts).split())

    def inside(self, tag: str) -> bool:
        """Whether an element of that tag holds this one."""
        return any(parent.tag == tag for parent in self.parents)


class Page(HTMLParser):
    """Every element of a page in order; fails on end tags that close nothing."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.source = text
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(text)
        self.close()
        assert not self._open, self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        element = Element(tag, dict(attrs), tuple(self._open))
        assert len(attrs) == len(element.attributes), attrs
        self.elements.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element of SVG that closes itself."""
        self.elements.append(Element(tag, dict(attrs), tuple(self._open)))

    def handle_endtag(self, tag: str) -> None:
        """Close the element that is open."""
        if tag in _VOID:
            return
        assert tag == self._open[-1].tag, (tag, self._open[-1])
        self._open.pop()

    def handle_data(self, data: str) -> None:
        """Give the text to all that hold it."""
        for element in self._open:
            element.parts.append(data)

    def all(self, *tags: str) -> list[Element]:
        """The elements of these tags."""
        return [element for element in self.elements if element.tag in tags]

    def one(self, tag: str) -> Element:
        """The only element of the tag."""
        (found,) = self.all(tag)
        return found

    def values(self, *names: str) -> list[str]:
        """The values of these attributes, wherever they are."""
        return [
            element.attributes[name] or ""
            for element in self.elements
            for name in names
            if name in element.attributes
        ]

    def of_class(self, name: str) -> list[Element]:
        """The elements of a class of the style sheet."""
        return [
            element for element in self.elements if name in (element.attributes.get("class") or "").split()
        ]


def page_of(report: Report, previews: dict[int, Preview] | None = None) -> Page:
    """The report's page, parsed."""
    stream = StringIO()
    write_page(stream, report, previews or {})
    return Page(stream.getvalue())
