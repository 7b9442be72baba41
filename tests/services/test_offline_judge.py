"""The embedded judge on tickets written for these tests: languages, traps, evidence, weights."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

from qatui.domain.conversation import Message, Rep, Speaker, Status, Ticket
from qatui.domain.rubric import Dimension, rubric_hash
from qatui.domain.verdict import Flag, Reason, Responding, Unscored, Verdict, responding
from qatui.errors import JudgeError
from qatui.services.scoring.offline import weights
from qatui.services.scoring.offline.judge import OfflineJudge

ANA = Rep("ana", "Ana")


@pytest.fixture(scope="module")
def judge() -> OfflineJudge:
    return OfflineJudge.load()


def talk(*turns: str) -> Ticket:
    """A closed ticket from lines that start with 'C: ' or 'R: '."""
    messages = tuple(
        Message(f"m{at}", Speaker.CUSTOMER if turn[0] == "C" else Speaker.REP, turn[3:], author=None if turn[0] == "C" else ANA)
        for at, turn in enumerate(turns)
    )
    return Ticket(source="test", id="t", messages=messages, status=Status.CLOSED)


def who(ticket: Ticket) -> Responding:
    found = responding(ticket)
    assert found is not None
    return found


def read(judge: OfflineJudge, *turns: str) -> Verdict:
    ticket = talk(*turns)
    verdict = judge.read(ticket, who(ticket))
    assert isinstance(verdict, Verdict)
    return verdict


WARM = (
    "C: Hi, my parcel with the birthday present still has not arrived and I am really worried it will be late.",
    "R: Good morning Lena! I'm so sorry your parcel is late, and I understand how worrying that is with the birthday so close. "
    "I have just called the courier and they will deliver it tomorrow before noon. I'll check the tracking myself and "
    "email you as soon as it is out for delivery.",
    "C: Oh that is wonderful, thank you so much!",
    "R: You're very welcome, Lena. Have a lovely birthday party!",
)
COLD = (
    "C: My parcel still has not arrived!! This is ridiculous, I have been waiting for three weeks and nobody answers.",
    "R: You should have checked the tracking page. It is your own fault if the address was wrong.",
    "C: The address is right. I already told you that. What is going on?",
    "R: As I said, check the page. We do not know.",
)


def test_good_and_bad_service_are_told_apart_in_every_dimension(judge: OfflineJudge) -> None:
    warm, cold = read(judge, *WARM), read(judge, *COLD)
    for dimension in Dimension:
        assert warm.score(dimension).value >= 4
        assert cold.score(dimension).value <= 2


def test_every_quote_is_verbatim_and_by_the_right_speaker(judge: OfflineJudge) -> None:
    ticket = talk(*WARM)
    verdict = judge.read(ticket, who(ticket))
    assert isinstance(verdict, Verdict)
    for _, score in verdict.scores():
        assert 1 <= len(score.explanation.evidence) <= 3
        assert score.explanation.text.endswith(".")
        for piece in score.explanation.evidence:
            quote = piece.quote(ticket)
            assert quote and quote == quote.strip() and quote in ticket.messages[piece.position].text
            assert piece.message(ticket).speaker in (Speaker.REP, Speaker.CUSTOMER)


def test_the_same_ticket_gives_the_same_verdict(judge: OfflineJudge) -> None:
    ticket = talk(*COLD)
    first = judge.read(ticket, who(ticket))
    read(judge, *WARM)
    assert judge.read(ticket, who(ticket)) == first == OfflineJudge.load().read(ticket, who(ticket))
    assert asyncio.run(judge.judge(ticket, who(ticket))) == first


def test_the_identity_names_weights_and_rubric(judge: OfflineJudge) -> None:
    assert judge.identity.judge == "offline"
    assert judge.weights.digest in judge.identity.model
    assert judge.identity.rubric == rubric_hash()


def test_several_reps_are_flagged(judge: OfflineJudge) -> None:
    ticket = talk(*WARM)
    verdict = judge.read(ticket, dataclasses.replace(who(ticket), several=True))
    assert isinstance(verdict, Verdict) and Flag.SEVERAL_REPS in verdict.flags


FOREIGN = {
    "German": (
        "C: Guten Tag, mein Paket ist immer noch nicht angekommen. Können Sie mir bitte helfen?",
        "R: Guten Tag, das tut mir leid. Ich habe gerade nachgesehen, Ihr Paket wird morgen zugestellt. Viele Grüße",
    ),
    "French": (
        "C: Bonjour, mon colis n'est toujours pas arrivé. Pouvez-vous m'aider ?",
        "R: Bonjour, je suis désolé pour ce retard. Votre colis sera livré demain matin avec le transporteur. Bonne journée",
    ),
    "Spanish": (
        "C: Hola, mi paquete no ha llegado todavía. ¿Me puede ayudar por favor?",
        "R: Hola, lamento mucho la demora. Su paquete llegará mañana por la mañana con el mensajero. Muchas gracias por su paciencia",
    ),
    "Portuguese": (
        "C: Olá, a minha encomenda ainda não chegou. Pode ajudar-me?",
        "R: Olá, lamento muito pelo atraso. A sua encomenda será entregue amanhã de manhã. Obrigado pela paciência",
    ),
    "Italian": (
        "C: Buongiorno, il mio pacco non è ancora arrivato. Mi può aiutare?",
        "R: Buongiorno, mi dispiace molto per il ritardo. Il pacco sarà consegnato domani mattina. Grazie per la pazienza",
    ),
    "Dutch": (
        "C: Hallo, mijn pakket is nog steeds niet aangekomen. Kunt u mij helpen?",
        "R: Hallo, wat vervelend voor u. Ik heb het nagekeken en uw pakket wordt morgen bezorgd. Bedankt voor uw geduld",
    ),
    "Polish": (
        "C: Dzień dobry, moja paczka jeszcze nie dotarła. Czy mogą mi Państwo pomóc?",
        "R: Dzień dobry, bardzo przepraszam za opóźnienie. Państwa paczka zostanie dostarczona jutro rano. Dziękuję za cierpliwość",
    ),
    "Swedish": (
        "C: Hej, mitt paket har inte kommit fram än. Kan ni hjälpa mig?",
        "R: Hej, jag är ledsen för förseningen. Ditt paket kommer att levereras i morgon. Tack för ditt tålamod och ha en bra dag",
    ),
    "Turkish": (
        "C: Merhaba, paketim hâlâ gelmedi. Bana yardım edebilir misiniz?",
        "R: Merhaba, gecikme için çok özür dileriz. Paketiniz yarın sabah teslim edilecek. Sabrınız için teşekkür ederiz",
    ),
    "Chinese": ("C: 你好，我的包裹还没有到，可以帮我查一下吗？", "R: 您好，非常抱歉。我查了一下，您的包裹明天上午送达。 感谢您的耐心等待 祝您 生活 愉快"),
    "Japanese": ("C: こんにちは、荷物がまだ届きません。", "R: ご不便をおかけして申し訳ございません。明日の午前中にお届けいたします。"),
    "Russian": ("C: Здравствуйте, моя посылка не пришла.", "R: Здравствуйте, приносим извинения за задержку. Ваша посылка будет доставлена завтра утром."),
    "Arabic": ("C: مرحبا، لم يصل طردي بعد.", "R: مرحبا، نعتذر عن التأخير. سيصل طردك غدا صباحا. شكرا لك على صبرك معنا"),
    "Greek": ("C: Γεια σας, το δέμα μου δεν έχει φτάσει.", "R: Γεια σας, λυπούμαστε για την καθυστέρηση. Το δέμα σας θα παραδοθεί αύριο."),
}


@pytest.mark.parametrize("language", FOREIGN)
def test_another_language_is_unsupported_not_a_score(judge: OfflineJudge, language: str) -> None:
    ticket = talk(*FOREIGN[language])
    assert judge.read(ticket, who(ticket)) == Unscored(Reason.UNSUPPORTED_LANGUAGE)


ENGLISH = {
    "masked": ("C: #NAME#, #EMAIL#, #ADDRESS#, order #NUMBER#", "R: Hi #NAME#, #PRS_ORG# #NUMBER# is cancelled, refund #NUMBER# EUR to #EMAIL# done"),
    "names": ("C: Müller, Großstraße 5, Köln", "R: Thanks! Sofa Jardín, Café crème, to Müller, Großstraße 5, Köln: ships Monday"),
    "addresses": ("C: https://example.org/a https://example.org/b", "R: Hi! Try https://example.org/help then restart, then https://example.org/reset"),
    "short": ("C: ok", "R: Done! Refund sent. Arrives Friday. Bye bye, take good care"),
    "greeting of another language": ("C: Hola! my card is blocked", "R: Hola Maria, happy to help. I have unblocked the card for you now."),
    "codes": ("C: ERR_0x80070057 on KB5034441", "R: Run DISM /Online /Cleanup-Image /RestoreHealth, then SFC /scannow, reboot, retry KB5034441"),
}


@pytest.mark.parametrize("kind", ENGLISH)
def test_unusual_english_is_scored(judge: OfflineJudge, kind: str) -> None:
    ticket = talk(*ENGLISH[kind])
    assert isinstance(judge.read(ticket, who(ticket)), Verdict)


def test_damaged_weights_are_refused_with_a_hint(judge: OfflineJudge) -> None:
    blob = weights.pack("1", {}, judge.weights.arrays)
    assert weights.unpack(blob).version == "1"
    for damaged in (blob[:-3], blob[:-1] + bytes([blob[-1] ^ 1]), b"", b"{}\n", b'{"format":"other"}\n' + blob, blob[200:]):
        with pytest.raises(JudgeError) as caught:
            weights.unpack(damaged)
        assert caught.value.hint


def test_missing_weights_are_an_error_with_a_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "FILE", "nowhere.bin")
    with pytest.raises(JudgeError, match="missing") as caught:
        OfflineJudge.load()
    assert caught.value.hint


def test_the_weights_are_small_and_say_what_they_are(judge: OfflineJudge) -> None:
    packed = weights.pack(judge.weights.version, judge.weights.card, judge.weights.arrays)
    assert len(packed) <= 1_000_000
    assert "language model" in judge.weights.card["labels_by"]
