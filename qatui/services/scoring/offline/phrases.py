"""The cue vocabulary in words for a support lead: what each cue says when it is there and when it is missing."""

from __future__ import annotations

from dataclasses import dataclass

from qatui.domain.rubric import Dimension


@dataclass(frozen=True, slots=True)
class Phrase:
    """`there` and `missing` are clauses after 'the rep', or about the customer and then whole.

    A clause is only used in the direction in which a lead would accept it as a reason: `good` is +1 when the cue
    speaks for the rep, -1 when it speaks against, 0 when it depends.
    """

    there: str
    missing: str = ""
    good: int = 1
    emotional: bool = False  # says what the customer feels


PHRASES: dict[str, Phrase] = {
    "greeting": Phrase("greets the customer", "does not greet the customer"),
    "introduction": Phrase("introduces themselves", ""),
    "thanks": Phrase("thanks the customer", "never thanks the customer"),
    "thanks_contact": Phrase("thanks the customer for getting in touch", ""),
    "thanks_patience": Phrase("thanks the customer for their patience", ""),
    "please": Phrase("asks politely", "asks without a please"),
    "apology": Phrase("apologises", "does not apologise"),
    "apology_strong": Phrase("apologises with emphasis", ""),
    "apology_generic": Phrase("falls back on a stock apology", "", -1),
    "apology_case": Phrase("apologises for this very problem", "does not apologise for this problem in particular"),
    "understands": Phrase("shows understanding of the customer's situation", "does not show understanding"),
    "names_feeling": Phrase("names what the customer feels", "does not name what the customer feels"),
    "reassurance": Phrase("reassures the customer", ""),
    "offers_help": Phrase("offers help in their own words", "does not offer help"),
    "ownership": Phrase("takes the matter in hand", "does not take ownership"),
    "done": Phrase("says what has been done", "does not say what has been done"),
    "next_step": Phrase("says what happens next", "does not say what happens next"),
    "time_frame": Phrase("gives a time frame", "gives no time frame"),
    "vague_time": Phrase("promises only 'soon'", "", -1),
    "wait": Phrase("asks the customer to wait", "", 0),
    "steps": Phrase("gives steps to follow", "gives no steps to follow"),
    "reason": Phrase("explains why", "gives no reason"),
    "facts": Phrase("gives a direct answer", "gives no direct answer"),
    "redirect": Phrase("sends the customer elsewhere", "", -1),
    "asks_details": Phrase("asks for details", "", 0),
    "confirms_done": Phrase("checks whether it helped", ""),
    "anything_else": Phrase("offers further help", ""),
    "welcome": Phrase("answers thanks in kind", ""),
    "closing": Phrase("closes with a good wish", "does not say goodbye"),
    "survey": Phrase("closes with a survey text", "", 0),
    "warm": Phrase("uses warm words", "uses no warm words"),
    "boilerplate": Phrase("uses stock phrases", "", -1),
    "cannot": Phrase("says that something is not possible", "", 0),
    "alternative": Phrase("offers another way", ""),
    "hedge": Phrase("hedges", "", -1),
    "blame": Phrase("puts it back on the customer or argues", "", -1),
    "curt": Phrase("answers in one word", "", -1),
    "steer": Phrase("only suggests what to do", "", 0),
    "jargon": Phrase("uses technical terms", "", -1),
    "slips": Phrase("writes carelessly", "", -1),
    "emoticon": Phrase("adds a friendly sign", ""),
    "sad_emoticon": Phrase("adds a sad sign", "", 0),
    "first_person": Phrase("speaks as a person ('I')", "never speaks as 'I'"),
    "we": Phrase(""),  # moves scores, but says nothing a lead could act on
    "you": Phrase("speaks to the customer directly", ""),
    "named": Phrase("uses the customer's name", ""),
    "signed": Phrase("signs the message", ""),
    "exclaims": Phrase("writes with energy", "", 0),
    "asks": Phrase("asks questions", "", 0),
    "only_asks": Phrase("only asks and answers nothing", "", -1),
    "short": Phrase("keeps replies very short", "", -1),
    "repeats_self": Phrase("sends the same text again", "", -1),
    "link": Phrase("gives a link", "", 0),
    "answers_words": Phrase("takes up the customer's own words", "does not take up the customer's words"),
    "cus_angry": Phrase("the customer is angry", "", -1, True),
    "cus_frustrated": Phrase("the customer is frustrated", "", -1, True),
    "cus_worried": Phrase("the customer is worried", "", -1, True),
    "cus_urgent": Phrase("the customer is in a hurry", "", -1, True),
    "cus_waited": Phrase("the customer has waited or tried before", "", -1, True),
    "cus_complains": Phrase("the customer complains", "", -1, True),
    "cus_exclaims": Phrase("the customer's punctuation shows emotion", "", -1, True),
    "cus_shouts": Phrase("the customer writes in capitals", "", -1, True),
    "cus_sad_face": Phrase("the customer adds a sad sign", "", -1, True),
    "cus_thanks": Phrase("the customer says thank you", "", 1),
    "cus_praise": Phrase("the customer is pleased", "", 1),
    "cus_solved": Phrase("the customer says it is settled", "", 1),
    "cus_repeats": Phrase("the customer has to repeat the problem", "", -1),
    "cus_confused": Phrase("the customer asks back", "", -1),
    "cus_gives_up": Phrase("the customer gives up", "", -1, True),
    "cus_unanswered": Phrase("the customer's last question stays open", "", -1),
    "cus_feeling": Phrase("the customer's words show strong feeling", "", -1, True),
    "cus_unhappy": Phrase("the customer sounds dissatisfied", "", -1, True),
    "passed_over": Phrase("the customer's feeling gets no answer", "", -1, True),
}

# What a score means here, before the reasons; Empathy differs with and without an emotional cue of the customer.
LEADS: dict[Dimension, tuple[str, str, str, str, str]] = {
    Dimension.TONE: (
        "Unprofessional",
        "Curt or careless in places",
        "Correct but impersonal",
        "Polite and professional",
        "Warm and personal",
    ),
    Dimension.CLARITY: (
        "The customer cannot know what to do or expect",
        "Leaves the customer unsure",
        "Understandable, but generic or incomplete",
        "Clear",
        "Clear to the last detail",
    ),
    Dimension.EMPATHY: (
        "Goes against what the customer feels",
        "What the customer feels is passed over",
        "Acknowledged in general terms",
        "Acknowledged with this customer's situation in view",
        "The customer's feeling is named and taken on",
    ),
}
CALM: tuple[str, str, str, str, str] = (
    "Indifferent to the customer",
    "Indifferent to the customer",
    "No strong emotion to answer; plain courtesy",
    "No strong emotion to answer; warm personal attention",
    "No strong emotion to answer; warm personal attention throughout",
)

# Features that are numbers, by the phrase they speak for.
NUMBERS: dict[str, str] = {
    **{f"emotion.{name}.{pool}": "cus_feeling" for name in ("anger", "sadness", "fear") for pool in ("most", "mean")},
    **{f"heard.{name}": "cus_unhappy" for name in ("satisfaction", "accomplishment", "effectiveness")},
    "rep.named": "named",
    "rep.signed": "signed",
    "rep.exclaims": "exclaims",
    "rep.exclaim_share": "exclaims",
    "rep.questions": "asks",
    "rep.question_share": "asks",
    "rep.only_questions": "only_asks",
    "rep.curt_turns": "short",
    "rep.repeats_self": "repeats_self",
    "rep.urls": "link",
    "both.overlap": "answers_words",
    "both.first_overlap": "answers_words",
    "cus.shouted": "cus_shouts",
    "cus.exclaims": "cus_exclaims",
    "both.unanswered": "cus_unanswered",
    "both.thanks_last": "cus_thanks",
    "both.solved_last": "cus_solved",
    "both.repeat_rate": "cus_repeats",
    "both.confused_rate": "cus_confused",
    "both.cue_unanswered": "passed_over",
    "both.ack": "apology",
    "both.ack_specific": "understands",
}
