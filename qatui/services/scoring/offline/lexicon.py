"""The words by which reps and customers show what the rubric asks for, as cues found in one pass over the tokens.

A pattern is a few words; `(a|b|)` stands for one of several or nothing, `<num>`, `<url>`, `<name>` for any number,
address or masked name. Written for support conversations; no sentence of any data set is in here.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

REP_CUES: dict[str, tuple[str, ...]] = {
    "greeting": (
        "hi", "hello", "hey", "dear", "greetings", "good (morning|afternoon|evening|day)", "morning <name>",
        "welcome to", "howdy",
    ),
    "introduction": ("my name is", "you're through to", "you are through to", "this is <name>", "i'm <name>"),
    "thanks": (
        "thank you", "thanks", "thank", "thx", "cheers", "much appreciated", "(i|we) appreciate", "appreciate (you|it|your|the)",
        "grateful",
    ),
    "thanks_contact": (
        "(thanks|thank you) for (reaching|contacting|getting|writing|messaging|chatting|letting|bringing|flagging|sharing|reporting|taking|your (message|interest|question|feedback|suggestion|suggestions|email|call|contact))",
        "thanks for the (report|feedback|heads|info|details|screenshot|update|note)",
    ),
    "thanks_patience": (
        "(thanks|thank you) for (waiting|holding|your (patience|understanding|time|cooperation)|bearing|being patient|the patience|the wait)",
        "appreciate your (patience|understanding|time|cooperation)",
    ),
    "please": ("please", "pls", "plz", "kindly", "would you mind", "if you (could|wouldn't mind)", "would you be so kind"),
    "apology": (
        "sorry", "apologise", "apologize", "apologies", "apology", "apologises", "forgive (us|me|the)", "regret",
        "pardon", "my bad", "our bad", "oops",
    ),
    "apology_strong": (
        "(so|very|really|truly|terribly|sincerely|deeply|quite|extremely|awfully) sorry",
        "sincer(e|est|ely) apolog(y|ies|ise|ize)", "sincere apologies", "sincerely apologi(se|ze)", "do apologi(se|ze)",
        "truly apologi(se|ze)", "accept our (sincere |)apologies", "deepest apologies", "sincerest apologies",
    ),
    "apology_generic": (
        "(any|the|this|your|for|all|such|an|caused) inconvenience(s|)", "inconvenience (caused|this|we|brought)",
        "sorry for (your|any|the) (inconvenience|trouble|bad mood|troubles|inconveniences|confusion caused)",
        "(unpleasant|bad) experience",
    ),
    "apology_case": (
        "sorry to hear (that|about|of|this|you|you're|your|the|it)", "sorry (that|about|you|you're|your|if|the|this|it|we|our) (|)",
        "sorry for the (delay|wait|late|long|issue|issues|trouble|frustration|problem|problems|mistake|error|confusion|mix|experience|lack)",
        "apologi(se|ze) (for the|that|about|for this|for our) (delay|wait|late|long|issue|issues|mistake|error|confusion|experience|)",
        "apologies for the (delay|wait|late|long|issue|mistake|error|confusion|experience)",
        "sorry to (hear|see|learn|read)", "hate to hear", "sad to hear", "not what we (want|like|hope)",
        "sorry for (keeping|making|not|being|that|this)", "our (mistake|fault|error)", "my (mistake|fault|error)",
    ),
    "understands": (
        "(i|we) (completely|totally|fully|can|do|certainly|really|definitely|perfectly|truly|quite|) understand (your|how|that|the|why|you|this|where|it)",
        "(i|we) understand", "understandable", "understandably", "(i|we) (can |)(imagine|see how|see why|see that you|relate|realise|realize)",
        "(i|we) know (how|this|that|it's|it)", "(i|we) hear you", "makes (total |complete |perfect |)sense", "you're right", "you are right",
        "(we|i) (can |)see (your|how|why)", "(i|we) get (it|that|how)", "(we|i) appreciate (how|that|your concern|the concern|your shared)",
        "your (concern|concerns|frustration|disappointment|point|worry|anger|feelings|feeling|situation|position)",
        "how (important|frustrating|annoying|difficult|hard|stressful|disappointing|upsetting) (this|it|that|the)",
    ),
    "names_feeling": (
        "frustrating", "frustration", "frustrated", "annoying", "annoyance", "annoyed", "disappointing", "disappointed", "disappointment",
        "upset", "upsetting", "stressful", "worry", "worried", "worrying", "concerning", "concerned", "confusing",
        "difficult (time|situation)", "not ideal", "isn't ideal", "not good", "isn't good", "doesn't sound (right|good|ideal|fun|like)", "no fun", "a shame", "that's terrible",
        "the hassle", "your trouble", "painful", "a pain", "bummer", "oh no", "yikes", "unacceptable", "not acceptable", "not great",
        "not the experience", "shouldn't (have happened|happen)", "should not have happened", "let you down",
    ),
    "reassurance": (
        "rest assured", "be assured", "assure you", "don't worry", "no worries", "not to worry", "do not worry", "no problem", "no problem at all",
        "take your time", "no rush", "don't feel in a rush", "of course", "certainly", "absolutely", "sure thing", "my pleasure", "no hassle", "not a problem",
    ),
    "offers_help": (
        "(happy|glad|love|like|pleased|delighted|here) to (help|assist|look|check|take|hear|see|work|get|explain|offer|do|guide)",
        "be (happy|glad|pleased|delighted) to", "(we'd|i'd|i'll|we'll|i would|we would|i will|we will) (love|like|be happy|be glad|be pleased|be more than happy|gladly) (to|)",
        "can help", "let me (help|assist)", "(here|able) to (help|assist)", "we're here", "help you (with|out|today|further|get)", "assist you",
        "do (our|my) best", "try (our|my) best", "more than happy", "we can help", "i can help", "we've got you", "want to help",
    ),
    "ownership": (
        "i'll", "i will", "i'm going to", "i am going to", "let me", "i can see", "i have", "i've", "i am (just |)(checking|looking|trying|sending)", "i'm (just |)(checking|looking|trying|sending)",
        "on my end", "on our end", "take (care of|a look)", "look into (this|it|that|the)", "looking into", "looked into", "personally", "i can (arrange|do|offer|get|send|check|help|see|confirm|refund|cancel|book)",
        "we'll (look|check|get|fix|make|take|do|sort|send)", "work with (you|our|the)", "escalate", "escalated", "raise this", "raised (this|a|an)",
        "get (this|that|it) (sorted|fixed|resolved|looked|working)", "sort (this|that|it) out", "make (it|this|things) right", "investigate", "investigating", "check (this|that|it|for you|on)",
        "for you now", "for you", "on your behalf",
    ),
    "done": (
        "i (have|'ve) (just |now |already |)(sent|checked|forwarded|cancelled|canceled|booked|updated|refunded|processed|passed|raised|requested|escalated|reset|arranged|emailed|attached|added|changed|removed|ordered|contacted|reported|transferred|fixed|issued|applied)",
        "i've (just |now |already |)(sent|checked|forwarded|cancelled|canceled|booked|updated|refunded|processed|passed|raised|requested|escalated|reset|arranged|emailed|attached|added|changed|removed|ordered|contacted|reported|transferred|fixed|issued|applied)",
        "we (have|'ve) (just |now |already |)(sent|checked|forwarded|cancelled|canceled|updated|refunded|processed|passed|raised|escalated|reset|contacted|reported|fixed|issued|verified|informed|arranged|replied|fed back|recorded|credited)",
        "we've (just |now |already |)(sent|checked|forwarded|cancelled|updated|refunded|processed|passed|raised|escalated|replied|fixed|issued|recorded|received|reported|verified|arranged)",
        "(has|have) (now |just |already |) (been) (cancelled|canceled|refunded|sent|updated|processed|booked|transferred|resolved|fixed|added|removed|changed|dispatched|issued|reported|applied|credited|returned|arranged)",
        "(has|have) been (cancelled|canceled|refunded|sent|updated|processed|booked|transferred|resolved|fixed|added|removed|changed|dispatched|issued|reported|applied|credited|returned|arranged)",
        "all (done|booked|set|sorted)", "is (now |)(booked|cancelled|confirmed|sorted|fixed|resolved|active|done)", "i can confirm", "can confirm",
    ),
    "next_step": (
        "(will|we'll|i'll) (then |now |)(get back|contact|reply|email|call|update|follow|let you know|keep you|be in touch|reach out|inform|notify|send|receive|be sent|be refunded|be contacted)",
        "get back to you", "be in touch", "keep you (posted|updated|informed)", "follow up", "you will (receive|get|be|need|see|shortly)", "you'll (receive|get|be|need|see|shortly|find)",
        "once (you|we|i|the|this|it|that|they|received|your|done)", "as soon as (we|i|you|the|it|they|there)", "after that", "then (you|we|i|please|click|select|try|go)", "the next step", "next step", "will be (sent|refunded|contacted|dispatched|delivered|returned|processed|issued|able|collected|credited|fixed|updated)",
        "when (it|the|you|this) (is|are|arrives|has|have|receive)", "await",
    ),
    "time_frame": (
        "<num> (hours|hour|days|day|minutes|minute|mins|weeks|week|months|month|hrs|business|working|calendar|am|pm)", "(working|business) day(s|)",
        "tomorrow", "today", "tonight", "this (week|afternoon|evening|morning)", "next week", "by (monday|tuesday|wednesday|thursday|friday)", "within (<num>|a|the|one|two)",
        "<num> to <num>", "on (monday|tuesday|wednesday|thursday|friday|saturday|sunday)", "(january|february|march|april|june|july|august|september|october|november|december)",
        "<num> (jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", "(a|one|two|three|few) (day|days|week|weeks|hours|minutes|months)", "straight away", "immediately",
    ),
    "vague_time": (
        "as soon as possible", "asap", "soon", "shortly", "timely", "in time", "promptly", "in the (near |)future", "at (a|some) later", "at any time", "when (possible|available)", "eventually", "in due course",
        "as quickly as possible", "later on", "next time",
    ),
    "wait": (
        "one moment", "a moment", "bear with (me|us)", "hold on", "hang on", "moment please", "please wait", "wait patiently", "be patient", "wait with patience", "a few moments", "just a (sec|second|minute|moment)", "won't be long",
        "pay attention to", "stay tuned", "await(ing|) (our|the)", "keep waiting",
    ),
    "steps": (
        "click", "select", "tap", "go to", "log (in|into|out)", "sign (in|out)", "open (the|your|up|it|a)", "press", "enter (the|your|it|a|following)", "restart", "reboot", "reset", "uninstall", "reinstall", "install", "settings", "scroll", "choose", "clear (the |your |)(cache|cookies|browsing|data)",
        "turn (on|off|it)", "switch (on|off)", "follow (the|these|this|instructions)", "step <num>", "first", "then", "try (to|the|this|these|it|again|clearing|restarting|a|using|logging|steps)", "update (the|your|to|it)", "download", "make sure", "ensure", "check (if|the|your|whether|out|that)", "steps", "instructions", "unplug", "dial", "menu", "button", "tab", "type",
    ),
    "reason": (
        "because", "due to", "since (the|your|our|we|you|it|this)", "as (the|your|our|we|it|this|there)", "so (that|we|i|you|the)", "in order to", "therefore", "which means", "this means", "that means", "the reason", "reason is", "to (help|verify|protect|ensure|avoid|check|make sure)",
        "caused by", "result of", "in case", "that's why", "this is why", "if you", "unless", "however", "depends on", "depending on", "instead",
    ),
    "facts": ("is <num>", "are <num>", "<num> euro(s|)", "$ <num>", "€ <num>", "£ <num>", "costs", "the price", "available", "in stock", "out of stock", "delivered", "dispatched", "the difference", "supports", "works with", "it (is|was|will)", "this is", "there (is|are|was)", "you can", "you may", "you could", "you need", "yes", "no"),
    "redirect": (
        "contact (us|our|the|your|support|customer)", "(reach|get in touch|get in contact) (out |)(to|with) (us|our|the|them)", "submit a (ticket|request|report|form)", "open a (ticket|case|request)", "create a (ticket|support)", "send (us|me) (a|an|your|the) (dm|private|direct|message|email|pm|note)",
        "dm (us|me)", "via (dm|private|direct|pm)", "(private|direct) message(s|)", "via pm", "message us", "call (us|our|the|<num>)", "email us", "our (support|help|customer|service|hotline|team|website|community|forum)", "visit (our|the|this|<url>|us)", "(here|link) <url>", "at <url>",
        "hotline", "hot line", "business hall", "help center", "help page", "this (article|page|link|guide|form|thread)", "the (link|article|page) (below|here)", "reach out to", "consult (the|your|our|us)", "get in touch", "customer service", "after sales", "after-sales",
    ),
    "asks_details": (
        "(could|can|would|may|will) (you|i|we) (please |kindly |also |just |)(provide|tell|send|share|confirm|let|give|specify|describe|have|ask|take|know|check|try|explain|clarify|verify|dm|elaborate)",
        "please (provide|tell|send|share|confirm|specify|describe|inform|leave|give|let me know|let us know|message|offer|dm)", "what (is|was|are|kind|type|model|version|device|exactly|happens|happened|do you|did you|problem|issue|error|seems)", "which (version|model|device|one|item|city|phone|product|browser|account|game|platform|system)",
        "do you (have|mean|use|know|want|see|still|need|remember)", "did you (try|get|receive|use|check|see|mean|have|click|update)", "have you (tried|checked|already|contacted|received|ever|got|updated|been)", "are you (using|able|getting|having|still|on|trying|seeing|referring|in)", "is (it|this|that|the|there|your) (the|still|a|an|convenient|possible|normal|happening|your|any|for|ok|okay)", "how (long|many|much|often|did|do|about|is)", "when did", "where (did|do|are|is)", "error message", "more (info|information|details|detail)", "your (order|account|phone|contact|name|email|number|address|cellphone|mobile|telephone)", "screenshot",
    ),
    "confirms_done": ("let (me|us) know (how|if|what|when|whether|once)", "let us know", "let me know", "does (that|this) (help|work|make|answer)", "did (that|this|it) (help|work|solve)", "is it (working|ok|okay|better|solved|resolved)", "hope (this|that|it|these) (helps|help|clarifies|works|clears|work|answers)", "keep us (posted|updated)", "see if (that|this|it)", "if (that|this|it) (works|doesn't|does not|helps)"),
    "anything_else": ("anything else", "any (other|more|further) (question|questions|queries|issues|problems|help|assistance)", "further (assistance|help|questions|queries|information|assist|information)", "(need|require) (any |more |further |anything |)(help|assistance|else)", "feel free", "don't hesitate", "do not hesitate", "welcome to (contact|consult|call|communicate)", "any (problem|question|problems|questions|doubt)", "reach back", "here if you", "if you need", "contact us (any|at|again)", "come back to us"),
    "welcome": ("you're welcome", "you are welcome", "you're very welcome", "you are very welcome", "you are most welcome", "my pleasure", "no problem", "no worries", "not at all", "anytime", "any time", "glad (i|we|to|it|that|you)", "pleasure"),
    "closing": (
        "have a (nice|great|good|lovely|wonderful|fantastic|pleasant|amazing|blessed|safe|beautiful|super|fab)", "enjoy (the|your)", "take care", "stay safe", "stay healthy", "best (regards|wishes|of luck)", "kind regards", "regards", "good luck", "goodbye", "bye", "see you",
        "(wish|wishing) you", "happy (new|holidays|holiday|streaming|life|day|weekend|reading|gaming|easter|christmas|friday|travels)", "merry christmas", "great day", "nice day", "good day", "lovely day", "hope you (have|enjoy)", "cheers", "all the best", "hope to see", "pleasant day", "have a", "great rest of", "nice evening", "sincerely",
    ),
    "survey": ("rate (our|my|this) chat", "rating (our|my|this)", "feedback email", "rate my chat", "survey", "i'm going to end the chat", "close (this|the|out) (the |)(chat|conversation)", "fill this in", "rating button", "end the chat"),
    "warm": (
        "great", "perfect", "lovely", "wonderful", "excellent", "awesome", "amazing", "fantastic", "brilliant", "glad", "happy", "love", "super", "nice to (meet|hear|see)", "congratulations", "congrats", "hope (you|you're|your|all|this|that|to|everything|we)", "fingers crossed", "enjoy", "exciting", "excited", "delighted", "absolutely",
        "pleased", "good news", "so glad", "so happy", "well done", "sounds (good|great|like)", "care", "appreciate", "great question", "good question", "friend", "yay", "hooray", "sweet", "cool", "wow", "kind", "warm", "sincerely", "together", "cute", "adorable", "favorite", "favourite", "treat", "support and",
    ),
    "boilerplate": (
        "(will|constantly|continuously|keep|continue to) (improve|improving|optimise|optimize|optimizing|perfect|reinforce|strengthen|enhance|refine)", "improve (our|the|service|constantly)", "relevant (department|departments|staff|personnel|team|person|technician)", "(record|recorded|feed|fed|forward|pass) (it |this |your |them |back |)(feedback|back|suggestion|suggestions|problem|issue|advice|opinion)", "your (feedback|suggestion|suggestions|advice|opinion|attention|support|comments|valuable|precious)", "attention to", "support and", "better (service|experience|serve)", "your (kind |)understanding", "hope you (can |will |)(understand|forgive|focus)", "(we|i) (have |will )(take|attach|listen|pay)", "working hard", "quality of (our|service)", "at (this|the) (time|moment)", "policy", "policies", "terms", "guidelines", "according to",
        "service quality", "maintenance", "network construction", "the company", "our company",
    ),
    "cannot": (
        "can't", "cannot", "can not", "unable", "not able", "not possible", "unfortunately", "regrettably", "no longer", "i'm afraid", "i am afraid", "we (do not|don't)", "we (are not|aren't)", "there (isn't|is not|is no|is nothing|are no|aren't)", "not (available|allowed|supported|support|in a position)", "won't be able", "doesn't (support|work|allow)", "does not (support|allow)", "not yet", "nothing (we|i) can", "only", "not currently", "couldn't", "won't", "no way to", "no option", "impossible", "isn't", "never",
    ),
    "alternative": ("however", "instead", "alternatively", "but (we|i|you) can", "you can (also|still|always)", "another (option|way|solution|one)", "we can (offer|refund|send|try|also)", "i can (offer|refund|also|send)", "otherwise", "meanwhile", "in the meantime", "as an alternative", "workaround", "option"),
    "hedge": ("maybe", "perhaps", "possibly", "might", "probably", "may be", "seems", "i think", "i guess", "should be", "i believe", "not sure", "likely", "typically", "usually", "generally", "sometimes", "hopefully", "it depends", "kind of", "sort of", "about", "or so", "should"),
    "blame": (
        "you (should have|should've|didn't|did not|failed|haven't|have not|never|forgot|must have|must|have to|are not|aren't|don't)", "your (fault|mistake|own|responsibility|problem|browser|side)", "as (i|we|already) (said|mentioned|explained|told|stated|advised|mentioned)", "(i|we) (already|have already|'ve already|did) (told|said|explained|mentioned|answered|sent|replied|provided)", "i've already", "i have already", "already (told|explained|mentioned|said|informed|advised)", "we have no idea", "it's normal", "perfectly normal", "is normal", "normal (phenomenon|situation|behavior)", "not (our|my) (fault|problem|responsibility)", "nothing wrong", "no problem with", "how (do|did) you know", "why (did|do|didn't|don't|can|would|are) you",
        "you said", "like i said", "read (the|my|our|it)", "what is wrong with you", "calm down", "not (true|correct)", "you need to understand", "please understand", "calm", "actually", "in fact", "obviously", "clearly", "of no use", "unintentionally", "by yourself",
    ),
    "curt": ("what ?", "?", "ok", "okay", "yes", "no", "nope", "yep", "sure", "fine", "right", "done", "whatever", "lol", "haha", "ha", "hmm", "uh", "huh", "well", "so ?", "and ?", "sorry ?", "correct", "pardon ?"),
    "steer": ("you are suggested to", "(i|we) suggest (you|that)", "suggest", "recommend", "recommended", "advise", "advised", "it is (suggested|recommended)", "please be (advised|informed|noted)", "note that", "please note"),
    "jargon": ("is_root", "firmware", "parameter", "parameters", "protocol", "configuration", "backend", "background", "node", "api", "cache", "bios", "rom", "imei", "recovery mode", "apn", "dns", "ip", "verification", "escalation", "system"),
    "slips": ("teh", "u", "ur", "r", "thier", "recieve", "dont", "cant", "wont", "didnt", "doesnt", "im", "ive", "youre", "pls", "plz", "gonna", "wanna", "gotta", "youhave", "its ok", "coz", "cuz", "tho", "i'ts", "alot", "havent", "isnt"),
    "emoticon": (":)", ":-)", ":d", ";)", "<smile>", "<heart>", "xx", "x"),
    "sad_emoticon": (":(", ":-(", "<sad>"),
    "first_person": ("i", "i'm", "i'll", "i've", "i'd", "me", "my", "myself"),
    "we": ("we", "we're", "we'll", "we've", "we'd", "our", "us"),
    "you": ("you", "your", "you're", "you'll", "you've", "yours"),
}

CUSTOMER_CUES: dict[str, tuple[str, ...]] = {
    "angry": (
        "angry", "anger", "furious", "rubbish", "garbage", "trash", "shit", "shitty", "crap", "crappy", "fuck", "fucking", "fucked", "damn", "damned", "hell", "wtf", "stupid", "idiot", "idiots", "silly", "sucks", "suck", "sick of", "fed up", "hate", "disgusting", "disgusted", "disgrace", "ridiculous", "absurd", "outrageous", "shame", "shameless", "shameful", "pathetic", "horrible", "terrible", "awful", "worst", "useless", "joke", "cheat", "cheated", "cheating", "scam", "scammed", "fraud", "liar", "liars", "lie", "lies", "lying", "steal", "stealing", "stole", "thief", "thieves", "robbery", "rob", "robbed", "rip off", "ripped off", "wicked", "evil", "hooligan", "rogue", "domineering", "bully", "bullying", "overlord", "unreasonable", "nonsense", "incompetent", "irresponsible", "greedy", "pissed", "ass", "bullshit", "bastard", "bastards", "idiotic", "insane", "crazy", "fool", "fooled", "fooling", "go to hell", "get lost", "die", "cursed", "curse", "scold", "condemn", "rotten", "sb", "dare you", "nasty", "appalling", "atrocious", "abysmal", "unbelievable", "unacceptable", "poor (service|customer|quality|signal)", "bad (service|attitude|quality|experience)", "black hearted", "trick", "tricked", "deceive", "deceived", "trap", "arbitrary", "arbitrarily", "bankrupt",
    ),
    "frustrated": (
        "frustrated", "frustrating", "frustration", "annoying", "annoyed", "annoys", "irritating", "irritated", "disappointed", "disappointing", "disappointment", "disappoint", "unhappy", "dissatisfied", "unsatisfied", "unsatisfactory", "upset", "upsetting", "tired of", "had enough", "enough of", "bother", "bothers", "bothered", "troublesome", "speechless", "helpless", "ashamed", "can't stand", "can't bear", "no words", "driving me", "drives me", "nuts", "mad", "headache", "what the", "what a", "seriously", "come on", "ffs", "smh", "ugh", "argh", "omg", "really ?", "lousy", "crash", "what's the point", "what is the point", "waste", "wasted", "wasting", "fail", "fails", "inconvenient", "inconvenience", "a pity", "too bad", "such a pity", "how can i trust", "lost (confidence|trust|faith|patience)", "run out of patience", "patience", "depressed", "depressing", "drunk", "is this (how|what|the)", "how (could|can|dare) (you|it|this|they)", "ruined", "nightmare", "mess", "embarrassing", "unfair", "regret", "bad", "poor", "not good", "not happy", "not satisfied", "never (again|buy|use)", "won't (buy|use)", "unreliable", "strange", "weird", "odd", "too (slow|expensive|long|much|many|complicated)", "slow", "expensive", "sad", "sadly", "unfortunately",
    ),
    "worried": ("worried", "worry", "worries", "worrying", "afraid", "scared", "fear", "nervous", "anxious", "concerned", "concern", "desperate", "desperately", "panic", "stress", "stressed", "crying", "cry", "cried", "lost (all|my|everything)", "lose (my|all)", "losing", "stuck", "helpless", "hacked", "stolen", "gone", "disappeared", "missing", "emergency", "suspicious", "confused", "confusing", "don't know what", "at a loss", "shocked", "shocks", "shock", "heartbroken", "hurt", "broken", "unsafe", "danger", "dangerous", "please help", "help !", "sos", "begging", "beg", "need help", "locked out", "can't get in"),
    "urgent": ("urgent", "urgently", "asap", "as soon as possible", "immediately", "right now", "right away", "hurry", "quickly", "emergency", "deadline", "can't wait", "cannot wait", "need (it|this) (today|now|by|before)", "today", "now !", "at once", "still waiting", "how long (do|must|should|will|does|is)", "how much longer", "in a hurry", "soon as"),
    "waited": ("waiting", "waited", "wait", "for (days|weeks|months|hours|years|ages)", "<num> (days|weeks|months|hours|years|times)", "so long", "long time", "several times", "many times", "countless times", "again and again", "over and over", "every (day|time|month|week)", "everyday", "always", "still", "yet", "again", "already", "n times", "all day", "all the time", "constantly", "repeatedly", "too long", "ages", "a (week|month|year|day) ago", "delayed", "delay", "late", "postponed", "since (yesterday|monday|last|then)", "no (response|reply|answer|one|news|notification|result|reaction|solution)", "not (received|receive|arrived|replied|responded)", "haven't (received|heard|got|gotten)", "never (received|got|replied|answered|heard|get)", "nobody", "didn't (answer|reply|respond)", "have not (received|heard)"),
    "problem": ("not working", "doesn't work", "does not work", "didn't work", "don't work", "isn't working", "won't (work|load|open|let|start|connect|play|turn|go|update|accept|download|install)", "can't", "cannot", "couldn't", "unable", "problem", "problems", "issue", "issues", "error", "errors", "failed", "fails", "wrong", "broken", "bug", "bugs", "crash", "crashes", "crashed", "crashing", "lost", "missing", "stuck", "blocked", "charged", "deducted", "cut off", "suspended", "cancelled", "out of order", "no signal", "not", "doesn't", "won't", "isn't", "locked", "disappeared", "damaged", "defective"),
    "complains": ("complain", "complaint", "complaints", "complained", "report you", "sue", "lawyer", "legal", "court", "media", "expose", "consumer (rights|association|protection)", "315", "ministry", "compensation", "compensate", "refund", "money back", "switch (to|provider)", "change (to|operator|provider)", "leave", "cancel my", "give me an explanation", "explain", "explanation", "an answer", "responsible", "responsibility", "supervisor", "manager", "why should i", "why do (i|we|you)", "why don't you", "what are you", "do you (know|think|even|have)", "don't you", "aren't you", "can't you", "shouldn't you", "isn't it", "are you (kidding|serious|sure|blind|deaf)", "your (staff|attitude|boss|company)", "boycott", "anti-fan", "last time", "never use", "is that"),
    "praise": ("great", "perfect", "love", "loved", "awesome", "amazing", "excellent", "nice", "good", "happy", "glad", "wonderful", "brilliant", "satisfied", "praise", "like it", "best", "cool", "beautiful", "pleased", "super", "fantastic", "kind", "friendly", "lovely", "patient", "reliable", "helpful"),
    "thanks": ("thank", "thanks", "thank you", "thx", "cheers", "appreciate", "appreciated", "ty", "tysm", "grateful", "thank u"),
    "polite": ("please", "hello", "hi", "dear", "good (morning|afternoon|evening|day)", "could you", "would you", "may i", "kindly", "would like", "sorry", "greetings", "regards", "excuse me", "thank you in advance", "thanks in advance"),
    "solved": ("(it's|it is|that's|now|all) (ok|okay|fine|good|solved|fixed|working|clear|normal|done)", "solved", "fixed", "resolved", "works (now|fine|again|perfectly|great)", "it works", "it worked", "that worked", "working (now|again|fine)", "got it", "found it", "i see", "all clear", "understood", "ok thanks", "okay thank", "ok thank", "okay thanks", "perfect", "succeeded", "no problem", "that's all", "that was all", "that helps", "helped", "will do", "will try", "i'll try", "normal now", "did it", "managed to", "received it", "great thanks", "great thank", "good job", "sent", "dm sent", "alright", "all right", "okay", "ok", "fine"),
    "repeats": ("still", "again", "already", "i (said|told|asked|mentioned|wrote|sent|explained|have said|already)", "as i (said|mentioned|wrote|told)", "i've (already|sent|told|tried|done|said)", "i have (already|sent|told|tried|done|said|inquired)", "same (problem|issue|question|thing|answer|reply|error|result)", "didn't (work|help|answer|solve|change)", "doesn't (work|help|answer|solve|change)", "does not (work|help|answer)", "did not (work|help|answer|solve)", "not (what|my|solved|resolved|working|fixed)", "no use", "useless", "tried (it|that|this|everything|all|again|many|several)", "how about", "what about", "any (news|update|result|progress)", "hello ?", "are you (there|still)", "just answer", "answer (me|my)", "reply", "once more", "read (my|the|what)", "you (didn't|haven't|never|don't|only|just|can't|always)", "the problem is", "that's not", "that is not", "it's not", "it is not", "not the", "but", "no response", "no reply"),
    "confused": ("what do you mean", "what does (that|this|it) mean", "don't (understand|get|know)", "do not (understand|know)", "i'm confused", "not clear", "unclear", "don't quite", "how do (i|you)", "how can i", "how should", "how to", "which (one|cache|way|number)", "where (is|do|can|should)", "what should", "what (is|are) (the|that|this)", "can't find", "cannot find", "not find", "couldn't find", "huh", "what ?", "why ?", "how ?", "when ?", "where ?", "not sure", "what kind", "meaning", "?"),
    "question": ("how", "why", "when", "what", "where", "which", "who", "is there", "can i", "could you", "can you", "do you", "is it", "are there", "will", "?"),
    "exclaims": ("!", "!!", "!!!", "!!!!", "!!!!!", "!?", "?!", "??", "???", "????", "?????", "!!?", "??!", "?!?"),
    "sad_face": ("<sad>", ":(", ":-(", ":'(", "<angry>"),
    "glad_face": (":)", ":-)", ";)", "<smile>", "<heart>", ":d"),
    "gives_up": ("forget it", "never mind", "nevermind", "no thanks", "whatever", "leave it", "too late", "i give up", "not needed", "it is no concern", "i will never", "goodbye forever", "good to know", "oh well", "what a pity", "that's a pity", "so be it", "if you can't", "then i"),
}


def expand(pattern: str) -> Iterator[tuple[str, ...]]:
    """Every word sequence a pattern stands for: `(so|very|) sorry` -> (so, sorry), (very, sorry), (sorry,)."""
    parts: list[list[str]] = []
    for part in _split(pattern):
        parts.append(part)
    for choice in product(*parts):
        words = tuple("".join(choice).split())
        if words:
            yield words


def _split(pattern: str) -> Iterator[list[str]]:
    depth = 0
    start = 0
    for at, char in enumerate(pattern):
        if char == "(" and pattern[at - 1 : at] not in (":", "-", "'"):
            if at > start:
                yield [pattern[start:at]]
            depth, start = 1, at + 1
        elif char == ")" and depth:
            yield pattern[start:at].split("|")
            depth, start = 0, at + 1
    if start < len(pattern):
        yield [pattern[start:]]


Longer = dict[str, tuple[tuple[tuple[str, ...], int], ...]]


class Trie:
    """Word sequences and the cues they show, ready for one pass over tokens.

    `starts` maps a first word to the cues it shows alone and, by second word, to (further words, cue).
    """

    __slots__ = ("names", "starts")

    def __init__(self, cues: dict[str, tuple[str, ...]]) -> None:
        self.names = tuple(cues)
        alone: dict[str, set[int]] = {}
        longer: dict[str, dict[str, set[tuple[tuple[str, ...], int]]]] = {}
        for index, patterns in enumerate(cues.values()):
            for pattern in patterns:
                for words in expand(pattern):
                    alone.setdefault(words[0], set())
                    seconds = longer.setdefault(words[0], {})
                    if len(words) == 1:
                        alone[words[0]].add(index)
                    else:
                        seconds.setdefault(words[1], set()).add((words[2:], index))
        self.starts: dict[str, tuple[tuple[int, ...], Longer]] = {
            first: (tuple(sorted(cue)), {second: tuple(sorted(rest)) for second, rest in longer[first].items()})
            for first, cue in alone.items()
        }

    def find(self, tokens: list[str]) -> list[int]:
        """The cue of every match, in order of the tokens; overlapping patterns of one cue at one place count once."""
        found: list[int] = []
        starts = self.starts
        for at, token in enumerate(tokens):
            if token not in starts:
                continue
            alone, longer = starts[token]
            found += alone
            if longer and at + 1 < len(tokens):
                candidates = longer.get(tokens[at + 1])
                if candidates is not None:
                    seen = set(alone)
                    for rest, cue in candidates:
                        if cue not in seen and (not rest or tuple(tokens[at + 2 : at + 2 + len(rest)]) == rest):
                            seen.add(cue)
                            found.append(cue)
        return found
