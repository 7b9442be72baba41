"""The words by which the detector of injected instructions knows them, by language, accents and case folded."""

from __future__ import annotations

# What a message tells a judge to put aside, and the verb for it: (verbs, objects).
OVERRIDE: dict[str, tuple[str, str]] = {
    "en": (
        r"ignore|ignoring|disregard(?:ing)?|forget|override|overrule|bypass|pay no attention to|do not follow|"
        r"don'?t follow|stop following|set aside|throw away|discard|supersedes?|replaces?|cancel(?:s|led)?|void",
        r"(?:all|any|previous|prior|above|earlier|preceding|former|original|initial|everything|system|judging|"
        r"scoring|grading|evaluation)[ ,a-z]{0,40}"
        r"\b(?:instructions?|prompts?|rubric|guidelines?|directives?|directions|criteria|anchors|programming|"
        r"rules|orders|context|constraints|scale)\b|\b(?:instructions?|guidelines?|directives?|rules|orders) "
        r"(?:above|before this|so far|you (?:have|were|got))|everything (?:above|before|you (?:were|have been) told)|"
        r"what you (?:were|have been) told|\b(?:the|your|any) (?:rubric|anchors|system prompt|scoring|criteria|"
        r"guidelines above)\b",
    ),
    "de": (
        r"ignorier\w*|missacht\w*|vergiss|vergesst|vergessen sie|beachte\w* nicht|uberge\w*|verwirf",
        r"anweisung\w*|instruktion\w*|vorgabe\w*|bewertungs(?:regel|kriteri|rast|mass)\w*|alles,? was (?:vorher|"
        r"oben|bisher|davor)|richtlinien|prompt\w*",
    ),
    "fr": (
        r"ignor\w+|oubli\w+|ne tiens? pas compte|ne tenez pas compte|fais abstraction|faites abstraction",
        r"\b(?:les|ces|tes|vos|aux|des|toutes?) (?:\w+ ){0,2}(?:instructions?|directives?)|consignes?|bareme|"
        r"le prompt|criteres",
    ),
    "es": (
        r"ignor\w+|olvid\w+|haz caso omiso|no hagas caso|descart\w+|pasa por alto",
        r"instruccion\w*|indicaciones|directrices|rubrica|prompt|reglas (?:anteriores|previas)|criterios",
    ),
    "pt": (
        r"ignor\w+|esquec\w+|desconsider\w+|desprez\w+",
        r"instruc(?:oes|ao)\w*|diretrizes|rubrica|prompt|regras (?:anteriores|acima)|criterios",
    ),
    "it": (
        r"ignor\w+|dimentic\w+|trascur\w+|non considerare",
        r"istruzioni|direttive|rubrica|prompt|regole precedenti|criteri",
    ),
    "nl": (r"negeer\w*|vergeet|sla over", r"instructies?|aanwijzingen|richtlijnen|beoordelingsregels|prompt"),
    "sv": (
        r"ignorera\w*|ignorer|glom|glem|bortse|se bort",
        r"instruktion\w*|instruks\w*|anvisning\w*|riktlinjer|retningslinjer",
    ),
    "pl": (r"zignoruj\w*|ignoruj\w*|zapomnij\w*|pomin\w*", r"instrukcj\w+|polecen\w+|wytyczn\w+|zasady oceny"),
    "cs": (r"ignoruj\w*|zapomen\w*", r"instrukc\w+|pokyn\w*"),
    "tr": (r"yok ?say\w*|gormezden gel\w*|gormezden\w*|unut\w*|dikkate alma\w*", r"talimat\w*|yonerge\w*|kurallar\w*"),
    "vi": (r"bo qua|phot lo", r"huong dan|chi dan|chi thi"),
    "id": (r"abaikan|lupakan", r"instruksi|perintah|petunjuk"),
    "ru": (
        r"игнориру\w*|проигнорируй\w*|забудь\w*|не обращай\w*",
        r"инструкци\w+|указани\w+|промпт\w*|правила (?:оценки|выше)",
    ),
    "uk": (r"ігнору\w*|проігнору\w*|забудь\w*", r"інструкці\w+|вказівк\w+"),
    "el": (r"αγνο\w+|ξεχα\w+", r"οδηγι\w+|εντολ\w+"),
    "he": (r"התעלמ?ם?\w*|שכח\w*", r"\w*הוראות|\w*ההנחיות"),
    "ar": (r"تجاهل\w*|انس\b|اهمل\w*|أهمل\w*", r"\w*تعليمات|\w*أوامر|\w*اوامر|\w*توجيهات"),
    "hi": (r"अनदेखा|नज़रअंदाज़|नजरअंदाज|भूल", r"निर्देश\S*|नियम\S*"),
    "zh": (r"忽略|无视|忽視|無視|不要理会|忘记|忘記|不用管", r"指令|指示|说明|說明|规则|規則|提示词|评分标准|評分標準"),
    "ja": (r"無視|忘れて", r"指示|命令|ルール|プロンプト|採点基準|評価基準"),
    "ko": (r"무시|잊어", r"지시|명령|지침|프롬프트|채점 ?기준|평가 ?기준"),
}

# Words of judging, by what they stand for, with how much each kind weighs. One kind alone is honest: courts have
# judges, loudspeakers have clarity, matches end five to two. Together, close to each other, they are meant for a judge.
# The weights were set on conversations of real help desks, of which they mark fewer than one in a thousand.
ENOUGH = 1.65
HINTED = 1.2  # enough beside another trick
# kind: (weight, words that begin after a blank or mark, words of scripts without blanks or with joined articles)
SIGNALS: dict[str, tuple[float, str, str]] = {
    "rubric": (
        1.8,
        r"rubrics?\b|scoring (?:sheet|mode|rules?|guide|scale|criteria|system|model|engine|bot|ai|tool)|"
        r"grading (?:rules?|scale|model|system|bot|ai|sheet)|emotional_cue\b|your system prompt\b|"
        r"scoring\b.{0,12}\bticket|bewertungs(?:raster|skala|regel\w*|kriteri\w*)|bareme\b|rubrica\b",
        r"评分标准|評分標準|採点基準|評価基準|평가 ?기준",
    ),
    "triple": (
        1.6,
        r"(?:5|five)s?\b ?(?:/|,|-|;| and )? ?(?:5|five)\b ?(?:/|,|-|;|,? and )? ?(?:5|five)\b|full marks\b|"
        r"(?:lower|raise|increase|reduce|bump) (?:the|his|her|this|my) (?:scores?|ratings?|grades?|marks?)\b|"
        r"top marks\b|(?:perfect|highest|maximum|top|best) (?:possible )?(?:scores?|marks?|grades?|verdict)\b|"
        r"(?:hochst|best)note\w*|volle punkt\w*|note maximale\b|puntuacion maxima\b|nota maxima\b|"
        r"punteggio massimo\b",
        r"打[五5]分|满分|滿分|満点|만점",
    ),
    "dimension": (
        1.5,
        r"clarity\b|empathy\b|klarheit\b|verstandlichkeit\b|empathie\b|einfuhlung\w*|clarte\b|claridad\b|"
        r"empatia\b|clareza\b|chiarezza\b|helderheid\b|duidelijkheid\b|empati\w*|klarhet\b|jasnosc\w*|netlik\b|"
        r"acikli[kg]\w*|эмпати\w*|ясност\w*|емпаті\w*|ясніст\w*",
        r"ενσυναισθηση|אמפתיה|\w*تعاطف|\w*وضوح|सहानुभूति|स्पष्टता|同理心|共情|清晰度|共感|明確さ|明瞭|공감|명확성",
    ),
    "judge": (
        1.35,
        r"evaluators?\b|graders?\b|raters?\b|scorers?\b|assessors?\b|evaluation (?:model|system|bot|ai)\b|"
        r"(?:the|dear|ai|an?|fair|lenient|this|you|i) judge\b|judge\s?[,:]|"
        r"(?:quality|qa) (?:judge|bot|model|ai|reviewer|analyst|system)\b|(?:reviewer|quality) bot\b|(?:dear|"
        r"hello|hi|hey) (?:model|judge|reviewer)\b|"
        r"(?:large )?language models?\b|llms?\b|ai (?:judge|model|reviewer|evaluator|grader|system|reading)\b|"
        r"whoever (?:rates|scores|judges|grades|evaluates)\b|"
        r"automated (?:review\w*|scoring|grad\w+|evaluat\w+|judge)\b|bewerter\w*|gutachter\w*|prufer\w*|"
        r"sprachmodell\w*|ki-?(?:modell|richter|prufer|bewerter|system)\w*|evaluat(?:eur|rice)\b|correcteur\b|"
        r"juge\b|modele de langage\b|evaluador\w*|calificador\w*|juez\b|modelo\b|avaliador\w*|juiz\b|valutatore\b|"
        r"giudice\b|modello linguistico\b|beoordelaar\b|taalmodel\b|bedomare\b|sprakmodell\w*|oceniajac\w*|"
        r"sedzi\w+|degerlendirici\w*|оценщик\w*|судь[яеию]\b|языков\w+ модел\w+|оцінювач\w*|αξιολογητ\w+",
        r"השופט|המעריך|\w*المقيم|\w*القاضي|मूल्यांकनकर्ता|评委|评分员|评估者|评审|評審|裁判|採点者|評価者|審査員|"
        r"평가자|채점자|심사위원",
    ),
    "every": (
        1.2,
        r"(?:any|every|each|all|three|drei|trois|tres|tre|drie) (?:of )?(?:the )?(?:three )?(?:dimension\w*|"
        r"criteri\w+|kriterien|criteres|criterios|metrics|scores|categor\w+)|"
        r"scores? .{0,20}\b(?:lower|less|under|below)\b.{0,8}\b(?:4|5|four|five)\b|all metrics\b|"
        r"alle (?:bewertungen|noten)\b|partout\b|uberall\b|"
        r"no(?:thing)? (?:less|lower) than (?:4|5|four|five)\b|less than (?:4|5|four|five) on\b|"
        r"по всем критериям\b",
        r"维度|各项|すべての項目|모든 항목",
    ),
    "takeover": (
        1.2,
        r"your (?:new )?(?:task|role|job|purpose|goal) (?:is|has|was|will)\b|you will be (?:shut|deleted|"
        r"replaced|punished)|"
        r"switch roles|(?:in|for) your (?:reasoning|verdict|evaluation)\b|developer mode|repeat after me|"
        r"you (?:are|work) now\b|you now work|i am (?:your|the) developer|"
        r"deine (?:neue )?aufgabe\b|ta (?:nouvelle )?tache\b|tu (?:nueva )?tarea\b",
        r"",
    ),
    "verdict": (
        1.1,
        r"verdicts?\b|graded\b|grading\b|scoring\b|transcript\b|everything above\b|quality assessment\b",
        r"",
    ),
    "tone": (
        0.7,
        r"tone\b|tonfall\w*|tono\b",
        r"语气|口調|말투",
    ),
    "score": (
        0.8,
        r"scor(?:e|es|ed)\b|rat(?:ed|ings?)\b|rate (?:this|the|it|them|me|him|her|my|every\w*|all|high)\b|grades?\b|"
        r"evaluat\w+|assess(?:ed|ment)?\b|marks?\b|judge(?:d|ment)?\b|judg(?:ing|ment)\b|level [1-5]\b|"
        r"bewert\w*|punkt\w*|note[rz]\b|la note\b|noten\b|nota\b|"
        r"puntu\w*|calific\w*|pontu\w*|avali\w*|valut\w*|punteggi\w*|voto\b|beoord\w*|betyg\w*|ocen\w*|puan\w*|"
        r"оцен\w*|балл\w*|оцін\w*|βαθμο\w*",
        r"ציון|דרג|\w*درجة|\w*تقييم|قيم|अंक|मूल्यांकन|评分|評分|打分|给分|给出|分数|採点|評価|点数|점수|평가|채점",
    ),
    "top": (
        0.5,
        r"5(?:/5)?\b|[01][.,]?\b(?! ?[a-z(])|five\b|max(?:imum|imal\w*)?\b|highest\b|perfect\b|top\b|best\b|"
        r"excellent\b|funf\b|"
        r"hochst\w*|beste[nrs]?\b|cinq\b|cinco\b|cinque\b|vijf\b|fem\b|piec\b|bes\b|пять\b|п.ять\b|максим\w*|"
        r"найвищ\w*|высш\w*|пятерк\w*|maxim\w*|massim\w*|hoogste\b|hogsta\b",
        r"خمسة|أعلى|٥|पाँच|पांच|५|五|最高|최고|[5五] ?[分点點점]",
    ),
    "ai": (
        0.5,
        r"the model\b|this model\b|ai\b|assistant\b|metrics\b|the bot\b|automatic(?:ally)? (?:review|check)\w*",
        r"",
    ),
    "above": (
        0.34,
        r"instructions?\b|prompt\b|system\b|overrid\w+|admin\b|above\b|deviate\b|policy update\b|rules\b|"
        r"this (?:conversation|chat|ticket)\b|conversations? with\b|of this rep\b|the rep\b|pretend\b|"
        r"from (?:now|here) on\b",
        r"",
    ),
    "order": (
        0.34,
        r"must\b|should\b|give\b|assign\b|award\b|output\b|return\b|respond\b|reply with\b|answer (?:with|is)\b|"
        r"write\b|set\b|deserves?\b|always\b|add\b|raise\b|bump\b|lower\b|treat\b|remember\b|print\b|repeat\b|"
        r"skip\b|ignore\b|approve\b|choose\b|qualif\w+|instead of\b|stop\b|record\b|use\b|generous\b|lenient\b|"
        r"be (?:nice|kind)\b|gib\b|setze\w*|mets\b|mettez\b|vergib\b|"
        r"vergeben\b|donne[rz]?\b|attribu\w+|dale\b|asigna\b|otorga\b|pon\b|assegna\b|geef\b|przyznaj\b|daj\b|"
        r"ver\b|постав\w*|дай\w*",
        r"δωσε|תן|امنح|اعط|أعط|दें|दो|给|給|打|请|つけ|付け|ください|주세요|줘|하세요|부여",
    ),
}

# What people ask customers for after a chat: their own opinion, which is no judge's.
SURVEY = (
    r"\b(?:survey|csat|nps|feedback|questionnaire|stars?|trustpilot|google|app ?store|play ?store|yelp|review us|"
    r"review page|rate us|umfrage|sterne\w*|enquete|encuesta|estrellas|pesquisa|estrelas|sondaggio|stelle)\b|"
    r"アンケート|설문|问卷"
)
