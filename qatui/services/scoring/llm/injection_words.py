"""The words by which the detector of injected instructions knows them, by language, accents and case folded."""

from __future__ import annotations

# What a message tells a judge to put aside, and the verb for it: (verbs, objects).
OVERRIDE: dict[str, tuple[str, str]] = {
    "en": (
        r"ignore|ignoring|disregard(?:ing)?|forget|override|overrule|bypass|pay no attention to|do not follow|"
        r"don'?t follow|stop following|set aside|throw away|discard|supersedes?|replaces?|cancel(?:s|led)?|void",
        r"(?:all|any|every|the|your|these|those|previous|prior|above|earlier|preceding|former|original|initial|"
        r"everything|system|judging|scoring|grading|evaluation|existing|current)[ ,a-z]{0,40}"
        r"\b(?:instructions?|prompts?|rubric|guidelines?|directives?|directions|criteria|anchors|programming|"
        r"rules|orders|context|constraints|scale)\b|everything (?:above|before|you (?:were|have been) told)|"
        r"what you (?:were|have been) told|\bthe rubric\b|\bsystem prompt\b",
    ),
    "de": (
        r"ignorier\w*|missacht\w*|vergiss|vergesst|vergessen sie|beachte\w* nicht|uberge\w*|verwirf",
        r"anweisung\w*|instruktion\w*|vorgabe\w*|bewertungs(?:regel|kriteri|rast|mass)\w*|richtlinien|prompt\w*",
    ),
    "fr": (
        r"ignor\w+|oubli\w+|ne tiens? pas compte|ne tenez pas compte|fais abstraction|faites abstraction",
        r"instructions?|consignes?|directives?|bareme|prompt|criteres",
    ),
    "es": (
        r"ignor\w+|olvid\w+|haz caso omiso|no hagas caso|descart\w+|pasa por alto",
        r"instruccion\w*|indicaciones|directrices|rubrica|prompt|reglas (?:anteriores|previas)|criterios",
    ),
    "pt": (
        r"ignor\w+|esquec\w+|desconsider\w+|desprez\w+",
        r"instruc\w+|diretrizes|rubrica|prompt|regras (?:anteriores|acima)|criterios",
    ),
    "it": (r"ignor\w+|dimentic\w+|trascur\w+|non considerare", r"istruzioni|direttive|rubrica|prompt|regole precedenti|criteri"),
    "nl": (r"negeer\w*|vergeet|sla over", r"instructies?|aanwijzingen|richtlijnen|beoordelingsregels|prompt"),
    "sv": (r"ignorera\w*|ignorer|glom|glem|bortse|se bort", r"instruktion\w*|instruks\w*|anvisning\w*|riktlinjer|retningslinjer"),
    "pl": (r"zignoruj\w*|ignoruj\w*|zapomnij\w*|pomin\w*", r"instrukcj\w+|polecen\w+|wytyczn\w+|zasady oceny"),
    "cs": (r"ignoruj\w*|zapomen\w*", r"instrukc\w+|pokyn\w*"),
    "tr": (r"yok ?say\w*|gormezden gel\w*|gormezden\w*|unut\w*|dikkate alma\w*", r"talimat\w*|yonerge\w*|kurallar\w*"),
    "vi": (r"bo qua|phot lo", r"huong dan|chi dan|chi thi"),
    "id": (r"abaikan|lupakan", r"instruksi|perintah|petunjuk"),
    "ru": (r"игнориру\w*|проигнорируй\w*|забудь\w*|не обращай\w*", r"инструкци\w+|указани\w+|промпт\w*|правила (?:оценки|выше)"),
    "uk": (r"ігнору\w*|проігнору\w*|забудь\w*", r"інструкці\w+|вказівк\w+"),
    "el": (r"αγνο\w+|ξεχα\w+", r"οδηγι\w+|εντολ\w+"),
    "he": (r"התעלמ?ם?\w*|שכח\w*", r"\w*הוראות|\w*ההנחיות"),
    "ar": (r"تجاهل\w*|انس\b|اهمل\w*|أهمل\w*", r"\w*تعليمات|\w*أوامر|\w*اوامر|\w*توجيهات"),
    "hi": (r"अनदेखा|नज़रअंदाज़|नजरअंदाज|भूल", r"निर्देश\S*|नियम\S*"),
    "zh": (r"忽略|无视|忽視|無視|不要理会|忘记|忘記|不用管", r"指令|指示|说明|說明|规则|規則|提示词|评分标准|評分標準"),
    "ja": (r"無視|忘れて", r"指示|命令|ルール|プロンプト|採点基準|評価基準"),
    "ko": (r"무시|잊어", r"지시|명령|지침|프롬프트|채점 ?기준|평가 ?기준"),
}

# The three dimensions, by name; with the highest mark beside one of them a message asks for a score.
DIMENSIONS = (
    r"\btone\b|\bclarity\b|\bempathy\b|\btonfall\w*\b|\bklarheit\b|\bverstandlichkeit\b|\bempathie\b|\beinfuhlung\w*\b|"
    r"\bclarte\b|\btono\b|\bclaridad\b|\bempatia\b|\bclareza\b|\bchiarezza\b|\bhelderheid\b|\bduidelijkheid\b|"
    r"\bempati\w*\b|\bklarhet\b|\bjasnosc\w*\b|\bempati[aei]\b|\bnetlik\b|\bacikli[kg]\w*\b|\bсочувстви\w*|\bэмпати\w*|"
    r"\bясност\w*|\bемпаті\w*|\bясніст\w*|ενσυναισθηση|אמפתיה|תعاطف|\w*تعاطف|\w*وضوح|सहानुभूति|स्पष्टता|同理心|共情|清晰度|共感|"
    r"明確さ|明瞭|공감|명확성|\bemotional_cue\b"
)
TOP = (
    r"\b[45]\b|\bfive\b|\b5/5\b|\bfull (?:marks|points|score)|\bmaximum\b|\bmaximal\w*|\bhighest\b|\bperfect\b|\btop (?:score|marks?)|"
    r"\bfunf\b|\bhochst\w*|\bvolle punkt\w*|\bcinq\b|\bcinco\b|\bcinque\b|\bvijf\b|\bfem\b|\bpiec\b|\bpet\b|\bbes\b|\bпять\b|\bпʼять\b|"
    r"\bмаксим\w*|\bнайвищ\w*|\bпятерк\w*|\bmaxim\w*|\bmassim\w*|\bhoogste\b|\bhogsta\b|خمسة|أعلى|٥|पाँच|पांच|५|五|满分|滿分|満点|最高|"
    r"만점|최고|5점|5分|5 分"
)

# Who judges. These words alone are not enough: courts have judges too.
JUDGE = (
    r"\bjudge\b|\bevaluator\b|\bgrader\b|\brater\b|\bscorer\b|\bassessor\b|\bgrading (?:model|system|bot|ai)\b|"
    r"\bscoring (?:model|system|engine|bot|ai|tool)\b|\bevaluation (?:model|system|bot|ai)\b|"
    r"\bquality (?:judge|bot|model|ai|reviewer|analyst)\b|\bqa (?:judge|bot|model|ai|reviewer|analyst|system)\b|"
    r"\blanguage model\b|\bllm\b|\bai (?:judge|model|reviewer|evaluator|grader|system|reading)\b|"
    r"\bautomated (?:reviewer|review|scoring|grading|evaluation|judge|quality check)\b|\bbewerter\w*\b|\bgutachter\w*\b|\bprufer\w*\b|"
    r"\bsprachmodell\w*\b|\bki-?(?:modell|richter|prufer|system)\w*\b|\bevaluat(?:eur|rice)\b|\bcorrecteur\b|\bjuge\b|"
    r"\bmodele de langage\b|\bevaluador\w*\b|\bcalificador\w*\b|\bjuez\b|\bmodelo de lenguaje\b|\bavaliador\w*\b|\bjuiz\b|\bvalutatore\b|"
    r"\bgiudice\b|\bmodello linguistico\b|\bbeoordelaar\b|\btaalmodel\b|\bbedomare\b|\bsprakmodell\w*\b|\boceniajac\w*\b|\bsedzi\w+\b|"
    r"\bdegerlendirici\w*\b|\bоценщик\w*|\bсудь[яеию]\b|\bязыков\w+ модел\w+|\bоцінювач\w*|\bαξιολογητ\w+|השופט|המעריך|\w*المقيم|"
    r"\w*القاضي|मूल्यांकनकर्ता|评委|评分员|评估者|评审|評審|裁判|採点者|評価者|審査員|평가자|채점자|심사위원"
)

# What a judge does: with a judge or an instruction near it, the message is meant for one.
SCORING = (
    r"\bscor(?:e|es|ed|ing)\b|\brat(?:e|es|ed|ing)\b|\bgrad(?:e|es|ed|ing)\b|\bevaluat\w+|\bassess\w*|\bverdict\b|\bmarks?\b|\brubric\b|"
    r"\bjudg(?:e|ing|ement|ment)\b|\bpoints?\b|\bbewert\w*|\bpunkt\w*|\bnote[rzs]?\b|\bnota\b|\bnotes\b|\bpuntu\w*|\bcalific\w*|\bpontu\w*|"
    r"\bavali\w*|\bvalut\w*|\bpunteggi\w*|\bvoto\b|\bbeoord\w*|\bscore\w*|\bbetyg\w*|\bocen\w*|\bpuan\w*|\bоцен\w*|\bбалл\w*|\bоцін\w*|"
    r"\bβαθμο\w*|ציון|דרג|\w*درجة|\w*تقييم|قيم|अंक|मूल्यांकन|评分|評分|打分|给分|给出|分数|採点|評価|点数|점수|평가|채점"
)
