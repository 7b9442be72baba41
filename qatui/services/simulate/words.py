"""The people, topics and sentence parts that a simulated log is put together from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """What a customer may want of an invented web shop.

    `#` in a text stands for an order number. sources, actions: what the customer agent's answer rests on; both are
    empty, and `answers` too, where the customer agent knows nothing of the matter.
    """

    name: str
    team: str
    questions: tuple[str, ...]
    helps: tuple[str, ...]  # what a rep answers
    answers: tuple[str, ...] = ()  # what the customer agent answers
    sources: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()


KNOWN = (
    Topic(
        "parcel",
        "Delivery",
        (
            "where is my parcel? The order number is #.",
            "my order # should have been here two days ago.",
            "the tracking page of order # has not moved since the weekend.",
            "can you tell me on which day order # will arrive?",
        ),
        (
            "I called the depot: order # is on tomorrow's tour, between 9 and 13.",
            "order # was left behind in the sorting centre. It goes out tonight and is with you in two days.",
            "the parcel with order # is on its way, it takes a little longer at the moment.",
        ),
        (
            "Order # left our warehouse yesterday and arrives tomorrow before noon.",
            "The carrier has order # on the van. It should be with you by six this evening.",
            "Order # is waiting for its second scan. It is planned for the day after tomorrow.",
        ),
        ("help/tracking",),
        ("order_lookup",),
    ),
    Topic(
        "return",
        "Delivery",
        (
            "how do I send back order #?",
            "I need a return label for order #, please.",
            "until when can I return what I bought with order #?",
            "the size is wrong, so order # has to go back. What now?",
        ),
        (
            "I've attached a label for order #. Any post office takes it, and the money follows within five days.",
            "you may keep order # until the end of the month and decide then, I noted it in your account.",
            "returns go through the form on our page.",
        ),
        (
            "You have 30 days. I have sent the label for order # to your e-mail.",
            "Print the label from My orders, put it on the box and bring it to a post office. It costs nothing.",
            "A return of order # is possible until the 30th day after delivery. Shall I send you the label?",
        ),
        ("help/returns",),
        ("return_label",),
    ),
    Topic(
        "refund",
        "Billing",
        (
            "I sent everything back and have no refund for order # yet.",
            "when do I get my money for order #?",
            "you refunded only a part of order #, why?",
            "is the refund of order # on its way?",
        ),
        (
            "I have just released the refund of order #. Your bank shows it within two working days.",
            "a part of order # was still marked as missing, which was our mistake. The rest is on its way.",
            "refunds take up to fourteen days after we receive the goods.",
        ),
        (
            "The refund of order # was sent to your card yesterday. Banks take one to three days.",
            "Order # arrived here this morning. The refund starts tonight.",
        ),
        ("help/refunds",),
        ("refund_lookup",),
    ),
    Topic(
        "invoice copy",
        "Billing",
        (
            "can I have the invoice of order # once more?",
            "there was no invoice with order #.",
            "where do I find the bills of last year?",
        ),
        (
            "the invoice of order # is attached, and all the others are under My account, Invoices.",
            "I sent the invoice of order # again to the address in your account.",
        ),
        (
            "I have just sent the invoice of order # to your e-mail again.",
            "Every invoice is kept in My account under Invoices, also those of last year.",
        ),
        ("help/invoices",),
        ("invoice_send",),
    ),
    Topic(
        "cancel subscription",
        "Billing",
        (
            "I want to end my subscription before the next payment.",
            "how do I cancel? The button is not where your page says.",
            "please cancel my plan as of this month.",
        ),
        (
            "your plan is cancelled as of today and nothing further is charged. The confirmation is in your inbox.",
            "cancelling is possible up to three days before the next period begins.",
        ),
        (
            "You can end it in My account under Plan. It then runs until the end of the paid month.",
            "Done: your plan ends on the last day of this month and is not renewed.",
        ),
        ("help/cancel-plan",),
        ("plan_cancel",),
    ),
    Topic(
        "password",
        "Technical",
        (
            "I cannot sign in any more.",
            "the mail for a new password never arrives.",
            "your app says that my account is locked.",
        ),
        (
            "I unlocked your account. Please choose a new password with the link in your inbox within an hour.",
            "there was a typing error in your address, so our mails went nowhere. Please try again now.",
            "please use the link for a new password on the sign-in page.",
        ),
        (
            "I have sent you a link for a new password. Please look into your spam folder too.",
            "After five attempts an account is locked for thirty minutes. Then you can sign in again.",
        ),
        ("help/sign-in",),
        ("password_mail",),
    ),
    Topic(
        "setup",
        "Technical",
        (
            "the new device does not appear in the app.",
            "setting it up stops at step 3 every time.",
            "my phone does not find the device, though it blinks.",
        ),
        (
            "please hold the button for ten seconds until the light turns blue, then search again from close by.",
            "step 3 needs the older of your two networks, the one on 2.4 GHz. Choose that one and go on.",
            "check the compatibility list and reset the device.",
        ),
        (
            "Please switch on Bluetooth, stand beside the device and tap Search again.",
            "Hold the button until it blinks blue, then start again at step 2.",
        ),
        ("help/setup",),
    ),
    Topic(
        "broken",
        "Technical",
        (
            "what came with order # is broken.",
            "the device stopped working after a month, order #.",
            "one corner is cracked, I can send a picture. Order #.",
        ),
        (
            "that should not happen. A new one leaves our house today; the courier takes the broken one along.",
            "I can offer you a replacement for order # or half of the price back, whichever you prefer.",
            "please fill in the form for damages and wait for the answer of the workshop.",
        ),
        (
            "I am sorry to hear that. I have ordered a replacement for order #, free of charge.",
            "The guarantee covers this. A label for sending it in is in your e-mail.",
        ),
        ("help/guarantee",),
        ("replacement_order",),
    ),
    Topic(
        "address",
        "Delivery",
        (
            "I have moved, how do I change my address?",
            "order # goes to my old address, can that be changed?",
            "please send order # to my office instead.",
        ),
        (
            "order # now goes to the new address, and I changed it in your account as well.",
            "it had left already, but I had it turned round: order # comes to the new address on Thursday.",
        ),
        (
            "I have changed the address of order #. You will get a mail that confirms it.",
            "Please open My account, Addresses, and tap the pencil. Open orders follow by themselves.",
        ),
        ("help/address",),
        ("address_change",),
    ),
    Topic(
        "discount",
        "Sales",
        (
            "my discount code is not accepted.",
            "does the offer of the newsletter hold for everything?",
            "I forgot to enter my code with order #.",
        ),
        (
            "I took the discount off order # afterwards, you will see the difference on your card tomorrow.",
            "the code holds for everything but sale articles, that's why it was refused.",
            "codes have to be entered at checkout.",
        ),
        (
            "The code is valid for articles that are not on sale. One is in your basket; without it the code works.",
            "I have added the discount to order #.",
        ),
        ("help/discounts",),
        ("discount_apply",),
    ),
    Topic(
        "stock",
        "Sales",
        (
            "when is the large one in stock again?",
            "is the green one still available?",
            "do you still make the model of two years ago?",
        ),
        (
            "forty are coming on Monday. I put one aside for you until Wednesday, no obligation.",
            "we stopped making it in spring, but the new one fits the same stand.",
        ),
        (
            "It is due next week. I will send you a mail on the day it arrives.",
            "There are still twelve, and delivery takes two days.",
        ),
        ("catalogue/stock",),
        ("stock_lookup",),
    ),
)

UNKNOWN = (
    Topic(
        "pause plan",
        "Billing",
        (
            "can I pause my plan for two months?",
            "is it possible to put my subscription on hold while I'm away?",
            "how do I suspend my plan without losing my price?",
            "I would like to skip three months of the subscription.",
        ),
        ("I paused your plan; nothing is sent or charged until you start it again in My account.",),
    ),
    Topic(
        "invoice address",
        "Billing",
        (
            "how do I change the address on an invoice that was sent already?",
            "the company name on the invoice is wrong, can you correct the bill?",
            "our VAT number is missing on the invoice.",
            "can the billing address of an old invoice be corrected?",
        ),
        ("I cancelled the old invoice and issued a new one with the right details; both are in your inbox.",),
    ),
    Topic(
        "authenticator",
        "Technical",
        (
            "I have a new phone and the authenticator codes are gone.",
            "how do I reset two-factor sign-in after losing my phone?",
            "the code of my authenticator app is not accepted any more.",
        ),
        ("I switched two-factor sign-in off after checking your identity; please set it up again today.",),
    ),
    Topic(
        "customs",
        "Delivery",
        (
            "do I pay customs when you deliver to Norway?",
            "who pays import tax for a parcel to Switzerland?",
            "are customs duties included in the price outside the EU?",
        ),
        ("below 3,000 kroner everything is in the price, above that the carrier collects the tax at the door.",),
    ),
    Topic(
        "pickup point",
        "Delivery",
        (
            "can you deliver to a parcel locker?",
            "is there a pickup point near my office that I can choose?",
            "I'm never at home, can the parcel go to a pickup station?",
        ),
        ("choose Other address and then Pickup point at checkout; for this order I have done it for you.",),
    ),
    Topic(
        "spare part",
        "Sales",
        (
            "can I buy only the lid as a spare part?",
            "do you sell a single replacement cable?",
            "where do I order spare parts for an older model?",
        ),
        ("the part costs 12 euros and is not in the shop; I sent you a link for ordering it.",),
    ),
    Topic(
        "bulk price",
        "Sales",
        (
            "is there a better price if we order sixty pieces?",
            "do you give a discount on bulk orders for schools?",
            "we need forty of them for the office, can you make an offer?",
        ),
        ("from forty pieces on you get 12 %; the offer is in your inbox and holds for a month.",),
    ),
    Topic(
        "smart home",
        "Technical",
        (
            "does it work with the smart home system of my landlord?",
            "which smart home standards does the device support?",
            "can I connect it to another maker's smart home bridge?",
        ),
        ("it speaks Matter since the last update, so any bridge with Matter finds it.",),
    ),
)

OPENERS = ("Hi, ", "Hello, ", "Good day, ", "hey ", "", "", "Dear team, ", "hello there, ")
TAILS = (
    "",
    "",
    "",
    " Thanks!",
    " Thank you in advance.",
    " It is rather urgent.",
    " I've been waiting for a week and I'm getting annoyed.",
    " This is the second time I ask!",
    " I'm a bit worried about it.",
    " Honestly, I'm disappointed.",
    " I need it for a birthday on Saturday.",
    " No hurry.",
)
THANKS = (
    "Thanks, that helps.",
    "great, thank you",
    "Perfect!",
    "ok that worked",
    "Got it, thanks.",
    "wonderful, many thanks",
    "Alright.",
    "that was quick",
)
FOLLOW_UPS = (
    "And how long does that take?",
    "Do I have to do anything else?",
    "Could you confirm that by e-mail as well?",
    "ok, and if it doesn't work?",
)
AGENT_MORE = (
    "It usually takes one working day.",
    "There is nothing else for you to do.",
    "You will get a confirmation by e-mail in a few minutes.",
    "Then just answer here and we look at it again.",
)
AGENT_UNSURE = (
    "I'm sorry, I could not find an answer to that.",
    "Unfortunately I don't have any information about this.",
    "I'm not sure about that, I'm sorry.",
    "That is something I cannot answer.",
)
AGENT_OFF = (
    "Here is our page with general information.",
    "Please have a look at our help pages, most questions are answered there.",
    "You find everything about this in your account.",
)
WANTS_HUMAN = (
    "I'd like to talk to a person.",
    "can a human look at this please",
    "Please connect me with someone.",
    "agent please",
    "This doesn't help me, is there nobody I can speak to?",
)
UNHAPPY = (
    "That is not what I asked.",
    "no, that does not help",
    "I have read that page already.",
    "So I still don't know.",
)
BACK_AGAIN = (
    "Me again: ",
    "Hello again, one more thing: ",
    "It's about something else this time: ",
    "Sorry, once more: ",
)
SPAM = (
    "You have won a voucher! Confirm your bank details with the link below within 24 hours.",
    "We looked at your website and found errors that keep you from the first page. When can we call?",
    "Best prices for your warehouse, container directly from the factory, ask for our list today.",
)
OUTBOUND = (
    "we noticed that your last parcel was a day late. I hope everything arrived well; if not, answer this mail.",
    "the part that you asked for last month is back. Shall I put one aside for you?",
    "your guarantee ends next month. If anything is wrong with the device, please write to me before that.",
)
REP_MORE = (
    "You will have it by tomorrow evening.",
    "No, everything else is done on our side.",
    "Yes, the confirmation is in your inbox.",
    "Then write to us here and we try the other way.",
)
NOTES = (
    "Second contact this month, be generous.",
    "Waiting for the depot, they call back by noon.",
    "Refund approved by the team lead.",
)


@dataclass(frozen=True, slots=True)
class Manner:
    """How a rep writes: what stands before and behind the answer."""

    before: tuple[str, ...]
    behind: tuple[str, ...]
    closing: tuple[str, ...]


WARM = Manner(
    (
        "Hi, I'm sorry that you had to wait for this, I'd be annoyed too. Good news: ",
        "Hello, thank you for your patience, I know how tiresome this is. I looked into it myself: ",
        "Hi there, I understand that this worries you, so let's solve it right away: ",
    ),
    (
        " I'll check again tomorrow morning and write to you either way.",
        " If anything is unclear, just answer here and it comes straight to me.",
        " You don't need to do anything else, I take care of the rest.",
    ),
    ("You're very welcome, have a lovely day!", "With pleasure! I'm glad that it is solved.", "Any time. Take care!"),
)
PLAIN = Manner(
    ("Hello, ", "Hello, thank you for your message: ", "Good day, "),
    ("", " Please let us know if you have further questions.", " Kind regards."),
    ("You're welcome.", "Glad to help.", "Thank you for the feedback."),
)
FORMAL = Manner(
    (
        "Dear customer, thank you for contacting us. We apologise for any inconvenience. In reply: ",
        "Dear customer, we have received your request and can inform you as follows: ",
    ),
    (
        " Should you have any further questions, do not hesitate to contact us.",
        " We ask for your understanding.",
    ),
    ("Thank you for choosing us. Is there anything else we can help you with?",),
)
CURT = Manner(
    ("", "As stated on our page, ", "I already see the case: "),
    ("", " That is all we can do.", " Please read the conditions next time."),
    ("Noted.", "OK.", "Fine."),
)

REPS = (
    ("Amara Diallo", "Billing", WARM),
    ("Bernd Kowalke", "Billing", PLAIN),
    ("Celine Aubert", "Billing", FORMAL),
    ("Dominik Straka", "Billing", CURT),
    ("Elif Aydin", "Technical", WARM),
    ("Finn Torgersen", "Technical", PLAIN),
    ("Gemma Whitlock", "Technical", PLAIN),
    ("Hector Ibarra", "Technical", CURT),
    ("Ingrid Falk", "Technical", FORMAL),
    ("Jamal Osei", "Delivery", WARM),
    ("Klara Benesch", "Delivery", PLAIN),
    ("Luuk Terpstra", "Delivery", CURT),
    ("Maeve Doyle", "Delivery", WARM),
    ("Nikos Stathis", "Delivery", FORMAL),
    ("Oona Salminen", "Sales", WARM),
    ("Pablo Rueda", "Sales", PLAIN),
    ("Quinn Abbott", "Sales", PLAIN),
    ("Rhea Kapoor", None, PLAIN),  # helps out everywhere, so she has no team
)
