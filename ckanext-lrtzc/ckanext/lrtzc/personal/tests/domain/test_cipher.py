"""Fields open where they were sealed, with a key that is known, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.lrtzc.personal.domain.cipher import Cipher, SealBroken

OLD, NEW = "o" * 32, "n" * 32


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_what_is_sealed_opens_in_its_place_only(text):
    cipher = Cipher([NEW])
    sealed = cipher.seal(text, "identity.last_name:1")
    assert cipher.open(sealed, "identity.last_name:1") == text
    for elsewhere in ("identity.last_name:2", "identity.first_name:1", "request.last_name:1"):
        with pytest.raises(SealBroken):
            cipher.open(sealed, elsewhere)


def test_the_same_text_never_looks_the_same():
    cipher = Cipher([NEW])
    assert cipher.seal("Camille", "t.c:1") != cipher.seal("Camille", "t.c:1")


def test_each_altered_byte_is_seen():
    cipher = Cipher([NEW])
    sealed = cipher.seal("Camille", "t.c:1")
    for at in range(len(sealed)):
        broken = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        with pytest.raises(SealBroken):
            cipher.open(broken, "t.c:1")
    for length in range(len(sealed)):
        with pytest.raises(SealBroken):
            cipher.open(sealed[:length], "t.c:1")


def test_a_key_is_replaced_without_a_pause():
    sealed = Cipher([OLD]).seal("Camille", "t.c:1")
    both = Cipher([NEW, OLD])
    assert both.open(sealed, "t.c:1") == "Camille"
    assert not both.is_newest(sealed)
    again = both.seal("Camille", "t.c:1")
    assert both.is_newest(again)
    assert Cipher([NEW]).open(again, "t.c:1") == "Camille"
    with pytest.raises(SealBroken):
        Cipher([NEW]).open(sealed, "t.c:1")


@pytest.mark.parametrize("secrets", [[], ["short"], [NEW, ""]])
def test_a_poor_key_is_refused(secrets):
    with pytest.raises(ValueError, match="32"):
        Cipher(secrets)
