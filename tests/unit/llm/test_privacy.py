"""Masking of personal data: what is taken out, what stays, and that every span finds back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qatui.domain.conversation import Customer, Message, Rep, Speaker, Ticket
from qatui.services.scoring.llm.privacy import Masker, iban_valid, luhn

TICKET = Ticket(
    source="s",
    id="1",
    customer=Customer("c", "Ines Kohl"),
    messages=(Message("m", Speaker.REP, "x", author=Rep("r", "Will O'Hara")), Message("n", Speaker.CUSTOMER, "y")),
)


def masked(text: str) -> str:
    return Masker(TICKET).mask(text).text


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("write to ines.k+shop@mail.example.org.", "write to [EMAIL-1]."),
        ("call +49 170 1234567 now", "call [PHONE-1] now"),
        ("or (555) 123-4567, or 555-123-4567", "or [PHONE-1], or [PHONE-1]"),
        ("Tel. 0171/1234567", "Tel. [PHONE-1]"),
        ("card 4111 1111 1111 1111 please", "card [CARD-1] please"),
        ("card 5500-0000-0000-0004", "card [CARD-1]"),
        ("not a card: 4111 1111 1111 1112", "not a card: [ACCOUNT-1]"),
        ("IBAN DE89 3704 0044 0532 0130 00 is mine", "IBAN [IBAN-1] is mine"),
        ("GB29NWBK60161331926819", "[IBAN-1]"),
        ("account number 1234 567", "account number [ACCOUNT-1]"),
        ("my customer id is AB-99887", "my customer id is [ACCOUNT-1]"),
        ("Kundennummer: 88412", "Kundennummer: [ACCOUNT-1]"),
        ("ref 123456789012", "ref [ACCOUNT-1]"),
        ("open https://shop.example/r?token=abc&x=1, please", "open [LINK-1], please"),
        ("open https://shop.example/reset/9fA8c7D6e5B4a3X2", "open [LINK-1]"),
        ("https://ana:pw@shop.example/", "[LINK-1]"),
        ("Ines here, INES KOHL, ines", "[NAME-1] here, [NAME-2], [NAME-1]"),
        ("Regards, Will O'Hara", "Regards, [NAME-1]"),
        ("Will will help, says O'Hara", "[NAME-1] will help, says [NAME-2]"),
    ],
)
def test_personal_data_is_taken_out(text: str, sent: str) -> None:
    assert masked(text) == sent


@pytest.mark.parametrize(
    "text",
    [
        "See https://shop.example/help/returns for more.",
        "It costs 1,299.00 and weighs 12.5 kg.",
        "On 2026-03-02 at 10:22, or 02-03-2026, or 20260302.",
        "Version 3.0.1.4422, model XR-500, 10 x 20 x 3000 mm",
        "Steps 1 2 3 4 and 5 of 12",
        "The Inessential Kohlrabi",
        "call me @ noon",
    ],
)
def test_what_is_nobodys_stays(text: str) -> None:
    assert masked(text) == text


def test_the_same_value_has_one_placeholder_in_all_messages() -> None:
    masker = Masker(TICKET)
    assert masker.mask("mail a@b.example or 0171 1234567").text == "mail [EMAIL-1] or [PHONE-1]"
    assert masker.mask("A@B.example, c@d.example, 0171-1234567").text == "[EMAIL-1], [EMAIL-2], [PHONE-1]"
    assert masker.replaced == {"EMAIL": 2, "PHONE": 1}


def test_a_models_words_get_the_values_back_and_invented_placeholders_stay() -> None:
    masker = Masker(TICKET)
    masker.mask("Ines: a@b.example")
    assert masker.restore("[NAME-1] gave [EMAIL-1], not [EMAIL-7]") == "Ines gave a@b.example, not [EMAIL-7]"


def test_a_quote_that_cuts_through_a_placeholder_takes_the_whole_value() -> None:
    text = "Hi, a@b.example it is"
    masked_text = Masker(TICKET).mask(text)
    start = masked_text.text.index("EMAIL")
    assert masked_text.original(start, start + 3) == (4, 15)
    assert masked_text.original(0, len(masked_text.text)) == (0, len(text))


PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            ["Ines", "a@b.example", "+49 170 1234567", "4111 1111 1111 1111", "https://x.example/?a=1", "hello", "."]
        ),
        st.text(max_size=8),
    ),
    max_size=8,
)


@given(PIECES)
def test_every_span_of_the_sent_text_maps_to_the_original(pieces: list[str]) -> None:
    text = " ".join(pieces)
    sent = Masker(TICKET).mask(text)
    at = original_at = 0
    for start, end, original_start, original_end in sent.pieces:
        # Between the placeholders the texts are the same, character by character.
        assert sent.text[at:start] == text[original_at:original_start]
        assert sent.original(start, end) == (original_start, original_end)
        at, original_at = end, original_end
    assert sent.text[at:] == text[original_at:]
    for start in range(0, len(sent.text), 3):
        first, last = sent.original(start, len(sent.text))
        assert 0 <= first <= last == len(text)


@given(PIECES)
def test_no_value_that_was_taken_out_is_sent(pieces: list[str]) -> None:
    sent = masked(" ".join(pieces))
    for secret in ("a@b.example", "1234567", "4111 1111 1111 1111", "?a=1"):
        if secret in pieces:
            assert secret not in sent


def test_check_digits() -> None:
    assert luhn("79927398713")
    assert not luhn("79927398710")
    assert iban_valid("GB82 WEST 1234 5698 7654 32")
    assert not iban_valid("GB82 WEST 1234 5698 7654 33")
    assert not iban_valid("GB82")
