"""Targets are told by their form, and spoken of without their secrets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simd.delivery import check_target, hidden

SECRETS = st.text(st.sampled_from("Zq7%:/@?#&=+ .-_é世"), min_size=4, max_size=20).map(
    lambda text: f"Zq{text}qZ"
)
SCHEMES = st.sampled_from(["mailto", "json", "JSONS", "tgram", "ntfy", "slack", "gotify", "x"])


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("mailto://me:pw@gmail.com", "mailto://gmail.com"),
        ("mailtos://me:pw@smtp.example.org:465?from=x", "mailtos://smtp.example.org"),
        ("mailto://me:pass?word@gmail.com", "mailto://***"),
        ("mailto://me:pw@gmail.com?to=x@y.z", "mailto://***"),
        ("mailto://me:pw@gmail.com:pass@word", "mailto://***"),
        ("mailto://me@gmail.com:pw@gmail.com", "mailto://***"),
        ("JSON://127.0.0.1:8000/key", "json://127.0.0.1"),
        ("json://[::1]:8000/key", "json://::1"),
        ("ntfy://my-topic", "ntfy://***"),
        ("tgram://123456:ABCdef/42", "tgram://***"),
        ("sendgrid://SG.abc.def:me@example.org", "sendgrid://***"),
        ("dbus://", "dbus://***"),
        ("json://pass/word@example.org", "json://***"),
        ("json://[::1", "json://***"),
        ("mailto:me:pw@gmail.com", "***"),
        ("", "***"),
    ],
)
def test_a_target_is_named_by_scheme_and_host(target: str, expected: str) -> None:
    """The host is named only where a machine stands in its place; elsewhere it would be a token."""
    assert expected == hidden(target)


@given(SCHEMES, SECRETS, SECRETS)
def test_no_secret_is_in_the_name(scheme: str, word: str, token: str) -> None:
    """Whatever stands for the password, the path or the key, badly quoted or not, is not repeated."""
    for written in (
        f"{scheme}://me:{word}@example.org/{token}?key={token}#{token}",
        f"{scheme}://{word}@example.org",
        f"{scheme}://me:{word}@example.org:{token}",
    ):
        assert "Zq" not in hidden(written)
        assert "zq" not in hidden(written)


@pytest.mark.parametrize("text", ["ntfy://ntfy.sh/topic", "dbus://", "mailto://a:b@c.d?to=e", "x+y-z.1://a"])
def test_what_has_the_form_of_a_target(text: str) -> None:
    """A scheme and two slashes are enough: which services there are is Apprise's to know."""
    assert text == check_target(text)


@pytest.mark.parametrize(
    "text", ["", "tgram", "tgram:/x", "://x", "1x://y", "tgram:a@b.c", "tgram://a b", "é://x"]
)
def test_what_has_not(text: str) -> None:
    """The refusal does not repeat the text, which may hold a secret."""
    with pytest.raises(ValueError, match="expected the URL of a service") as caught:
        check_target(text)
    assert not text or text not in str(caught.value)
