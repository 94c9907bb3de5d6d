"""Every sentence that the rules can say has its French."""

from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from ckanext.lrtzc.batches.domain.coltypes import EXPECTED, LABELS
from ckanext.lrtzc.batches.domain.infer import REASONS
from ckanext.lrtzc.batches.domain.problems import SENTENCES

KINDS = ("whole numbers", "numbers", "dates", "dates with a time", "yes or no")


@pytest.fixture(scope="module")
def french():
    with (Path(__file__).parents[1] / "i18n" / "fr.po").open("rb") as file:
        return read_po(file, locale="fr", abort_invalid=True)


@pytest.mark.parametrize(
    "text", sorted({*SENTENCES.values(), *REASONS.values(), *LABELS.values(), *EXPECTED.values(), *KINDS})
)
def test_it_has_its_french_with_the_same_parameters(french, text):
    import string

    message = french.get(text)
    assert message is not None
    assert message.string

    def names(template):
        return {name for _text, name, _spec, _conversion in string.Formatter().parse(template) if name}

    assert names(message.string) == names(text)
