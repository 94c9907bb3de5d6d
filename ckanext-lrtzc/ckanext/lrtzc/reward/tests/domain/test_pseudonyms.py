"""Pseudonyms are readable, and say nothing of who goes by them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.lrtzc.reward.domain.pseudonyms import Fault, PseudonymError, clean, folded

KNOWN = ("zdurand", "Zoé Durand-Petit", "zoe.durand@courriel.example", "Zoé", "Durand-Petit")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  Rose  des vents ", "Rose des vents"),
        ("L’abeille", "L’abeille"),
        ("Cœur_7", "Cœur_7"),
        ("Badminton", "Badminton"),
    ],
)
def test_a_good_one_is_kept(text, kept):
    assert clean(text, KNOWN) == kept


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("ab", Fault.LENGTH),
        ("a" * 31, Fault.LENGTH),
        ("   ", Fault.LENGTH),
        ("...", Fault.SIGNS),
        ("<b>gras</b>", Fault.SIGNS),
        ("moi@ici.fr", Fault.SIGNS),
        ("deux\nlignes", Fault.SIGNS),
        ("a\u202egnol", Fault.SIGNS),
        ("zero\u200blargeur", Fault.SIGNS),
        ("nul\x00lement", Fault.SIGNS),
        # Cyrillic and wide letters that pass for Latin ones
        ("Р\u0430рillon", Fault.SIGNS),
        ("Ｐapillon", Fault.SIGNS),
        ("rire😀rire", Fault.SIGNS),
        ("Zoé", Fault.TELLING),
        ("zoe 17", Fault.TELLING),
        ("DURAND17", Fault.TELLING),
        ("d-u-r-a-n-d", Fault.TELLING),
        ("Dur4nd", Fault.TELLING),
        ("zdurand", Fault.TELLING),
        ("Admin", Fault.RESERVED),
        ("a d m i n", Fault.RESERVED),
        ("Les M0dérateurs", Fault.RESERVED),
    ],
)
def test_a_bad_one_is_refused(text, fault):
    with pytest.raises(PseudonymError) as refused:
        clean(text, KNOWN)
    assert refused.value.fault is fault


@given(st.text(max_size=40))
def test_what_is_kept_reads_the_same_and_is_kept_again(text):
    try:
        kept = clean(text)
    except PseudonymError:
        return
    assert clean(kept) == kept
    assert kept.isprintable()
    assert folded(kept) == folded(kept.upper())
