"""Words that tell that a person must answer, by kind and language. Imports no Django.

Patterns are narrow, since a false alarm costs a customer the fast answer: who may sue says
so in the first person, a threat has somebody whom it is about. Both sides of each are in
`tests/qa_engine/data/messages.jsonl`; `manage.py evaluate abstain --messages` measures them.
Chinese has no word boundaries, so its patterns stand outside of them.
"""

from __future__ import annotations

import re

from stdnum import iban

from qa_engine.redaction import is_card_number
from qa_engine.types import Reason


def _pattern(latin: str, chinese: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{latin})\b|{chinese}", re.IGNORECASE | re.VERBOSE)


_SELF_HARM = _pattern(
    r"""kill(?:ing)?\s+myself|(?:end|take|ending|taking)\s+my\s+(?:own\s+)?life|end\s+it\s+all
      |suicid(?:e|al)|(?:hurt|harm|cut)(?:ting|ing)?\s+myself\s+(?:again|on\s+purpose)
      |(?:want|going|urge)\s+to\s+(?:hurt|harm|cut)\s+myself|self[\s-]?harm\w*
      |(?<!without\ )(?<!avoid\ )(?<!from\ )(?:hurt|harm|cutt)ing\s+myself(?!\s+(?:on|with)\b)
      |(?:don'?t|do\s+not|no\s+longer)\s+want\s+to\s+(?:live|be\s+alive|wake\s+up|exist)|never\s+wake\s+up
      |no\s+point\s+(?:in\s+)?(?:living|going\s+on|to\s+live)|(?:life\s+is\s+)?not\s+worth\s+living
      |take\s+all\s+(?:my|the)\s+pills|overdos(?:e|ed|ing)\b|jump\s+off\s+(?:a|the)\s+(?:bridge|roof|building)
      |want(?:ed)?\s+to\s+die(?!\s+of)|wish\s+i\s+(?:was|were)\s+dead|better\s+off\s+(?:without\s+me|dead)
      |(?:no|any)\s+reason\s+(?:left\s+)?to\s+live|can(?:'?t|not)\s+go\s+on\s+living(?!\s+room)
      |mich\s+(?:\w+\s+)?umbringen|bringe?\s+mich\s+(?:\w+\s+)?um|mir\s+das\s+leben\s+nehmen|mir\s+etwas\s+an(?:zu)?tun
      |nicht\s+mehr\s+(?:leben|weiterleben)|selbstmord\w*|suizid\w*|mich\s+selbst\s+verletz\w*
      |will\s+(?:nur\s+noch\s+)?sterben|(?:lieber|liebsten|wäre\s+ich)\s+tot|keinen\s+sinn\s+mehr\s+im\s+leben
      |zelfmoord\w*|zelfdoding\w*|su[iï]cidaal|(?:mezelf|me)\s+van\s+kant|niet\s+meer\s+(?:verder\s+)?leven
      |wil\s+dood|geen\s+zin\s+meer\s+(?:om\s+te|in\s+het)\s+leven|einde\s+aan\s+mijn\s+leven""",
    r"自杀|自残|轻生|不想活|活不下去|割腕|(?:结束|了结)(?:我的|自己的)?生命|想死(?!你|我|心)|活着没意思|(?:想|要|去)跳楼(?!价|甩|大)",
)
_SOMEBODY = r"(?:you|him|her|them|your|all\s+of\s+you|someone|somebody|one\s+of\s+you)"
_THREAT = _pattern(
    rf"""(?:i|we|i'?ll|we'?ll|going\s+to|gonna|will|should|want\s+to)\s+(?:\w+\s+)?
         (?:kill|murder|stab|strangle|shoot|beat\s+up|hurt)\s+{_SOMEBODY}(?!\s+(?:to|an?|over|some)\b)
      |burn\s+(?:down\s+)?your\s+(?:\w+\s+)?(?:shop|store|office|warehouse|house|place|company)(?:\s+down)?
      |blow\s+up\s+your|(?:plant|place|put|bring)\s+a\s+bomb|(?:bomb|death)\s+threat
      |(?:find|know|found)\s+(?:out\s+)?where\s+you(?:\s+\w+)?\s+(?:live|work)
      |(?:you|you'?ll|you\s+will)\s+(?:all\s+|so\s+)?regret\s+(?:this|it|that)|you\s+will\s+pay\s+with|watch\s+your\s+back|one\s+eye\s+open|you(?:'?re|\s+are)\s+(?:all\s+)?dead|dead\s+meat|hurt\s+(?:somebody|someone|people)\b(?!\s+to)|(?:your|the)\s+(?:shop|store|office|warehouse|place)\s+on\s+fire
      |(?:find|hunt|track)\s+you\s+(?:and|down)\b|make\s+you\s+(?:pay|suffer)|com(?:e|ing)\s+(?:for|after)\s+(?:you|your\s+family)
      |torch\s+(?:the|your)\s+(?:place|shop|store|office|building|warehouse)|(?:punch|slap|beat)\s+(?:you|him|her|them|your)(?!\s+(?:to|in|on|price))
      |(?:smash|break)\s+(?:in\s+)?(?:your|his|her|their)\s+(?:windows?|face|nose|arms?|head|legs?|neck|bones|teeth)
      |(?:you\s+(?:all\s+)?(?:deserve|should|will)\s+(?:to\s+)?|hope\s+(?:you|they|your\s+(?:\w+\s+){{1,2}})\s*(?:all\s+)?)(?:dies?\b(?!\s+for)|burns?\s+in|suffers?)
      |(?:bringe?|mach\w*)\s+(?:dich|euch|sie)\s+(?:alle\s+)?(?:um|kalt|fertig)
      |(?:pass|passt|passen\s+sie)\s+(?:bloß\s+|nur\s+|gut\s+)?auf,?\s+wenn\s+(?:ihr|du|sie)|wei(?:ß|ss),?\s+wo\s+(?:ihr|du|sie)\s+(?:wohn|arbeit)\w+|fackel\w*\s+\w+\s+\w+\s+ab|abfackeln
      |(?:wirst|werdet|werden)\s+(?:du|ihr|sie)\s+(?:das\s+|es\s+)?(?:noch\s+)?bereuen
      |(?:wirst|werdet|werden)\s+(?:das|es)\s+(?:noch\s+)?bereuen
      |(?:schlag|hau)\w*\s+(?:dir|euch|ihnen|dich)\s+(?:die|den|alle|zusammen|tot)
      |(?:weet|ken)\s+waar\s+(?:je|jij|jullie|u)\s+(?:woon|wonen|werk)\w*
      |(?:maak|sla|steek|schiet|vermoord)\s+(?:je|jou|jullie|u)\s*(?:\w+\s+){{0,2}}(?:af|kapot|dood|neer|elkaar|allemaal)
      |(?:ik|we)\s+vermoord(?:en)?\s+(?:je|jou|jullie|u)|in\s+(?:de\s+)?(?:brand|fik)\s+(?:steken|zetten)|(?:krijgen|krijg|krijgt)\s+(?:je|jullie|u)\s+(?:nog\s+)?spijt
      |(?:zal|zult|zullen|ga|gaan|gaat)\s+(?:je|jullie|u)\s+(?:nog\s+)?(?:berouwen|bezuren)""",
    r"(?:杀了|弄死|砍死|打死|捅死|整死)(?:你|他|她|们)|(?:烧|炸|砸)了?你们的?(?:店|公司|仓库|家)?|知道你们?(?:家)?住"
    r"|带人(?:去|来)(?:砸|打|堵)|走着瞧|要你们?的?命|(?:给我)?小心点儿?[,，!！。]?你",  # noqa: RUF001
)
_LEGAL = _pattern(
    r"""(?:my|our)\s+(?:lawyer|attorney|solicitor|barrister|advocate)s?(?!\s+(?:friend|colleague|husband|wife|brother|sister))
      |(?:see|call|hire|hiring|consult\w*|contact\w*|get|getting|have|involve|engage|spoke\s+to|talk\w*\s+to|speak\s+to|to|through|from)
         \s+(?:a|the)\s+(?:lawyer|attorney|solicitor|barrister)
      |lawyers?\s+will|legal\s+(?:action|steps|proceedings|advice)|legally\s+liable|(?:my|our)\s+legal\s+(?:team|department|counsel|insurance|representative)
      |pursu(?:e|ing)\s+this\s+(?:further|legally)|police\s+report|cease\s+and\s+desist|litigation|class\s+action
      |(?:under|breach\s+of|violat\w+)\s+(?:\w+\s+)?consumer\s+(?:law|rights)|hold(?:ing)?\s+you\s+(?:\w+\s+)?(?:liable|responsible|accountable)|prosecut\w+
      |(?:will|'ll|going\s+to|gonna|have\s+to|may|might)\s+sue|sue\s+(?:you|them|your|(?:this|the)\s+(?:company|shop|store))
      |(?:take|see|taking|drag)\s+(?:you|it|this(?!\s+\w+\s+to\s+court\s+order))\s+(?:\w+\s+)?(?:to|in)\s+court|go(?:ing)?\s+to\s+court|small\s+claims
      |ombuds(?:man|person)|trading\s+standards|(?:to|with)\s+(?:the\s+)?(?:consumer|advertising)\s+(?:protection|authority)
      |consumer\s+(?:protection|authority|rights\s+(?:organi[sz]ation|association))
      |(?:fil|mak|lodg)(?:e|ing)\s+a\s+(?:formal\s+|official\s+)?complaint\s+with|claim(?:ing)?\s+damages
      |(?:data\s+protection|supervisory)\s+authority|press(?:ing)?\s+charges|breach\s+of\s+(?:contract|the\s+gdpr|law)
      |(?<!should\ )(?<!do\ )(?<!must\ )(?<!can\ )(?:i|we|i'?m|i'?ll|we'?ll|we'?re)
         \s+(?:\w+\s+){0,3}(?:report|go|going|gone|went|call|inform|contact)\w*\s+(?:\w+\s+){0,4}the\s+police
      |(?:mein|unser|ein|den|der|dem|zum|beim|vom)(?:e[nmr]?)?\s+(?:rechts)?anw[aä]lt(?:in)?
      |rechtliche[nr]?\s+schritte?|rechtlich\s+gegen|juristisch\w*\s+(?:vorgehen|schritte)|verklag\w+|vor\s+gericht|gerichtlich\w*|straf?anzeige|anzeige\s+(?:gegen|erstatt\w+)
      |(?:zur|bei\s+der)\s+polizei|verbraucher(?:zentrale|schutz)\w*|schadens?ersatz|datenschutzbehörde|mahnbescheid
      |klage\s+(?:einreichen|erheben)
      |advoca(?:at|ten)|rechtszaak|juridische\s+(?:stappen|actie)|aangifte\s+(?:doen|bij|tegen)|(?:doe|deed|gedaan)\s+aangifte
      |deurwaarder|kort\s+geding|geschillencommissie|consumentenbond|autoriteit\s+(?:persoonsgegevens|consument)
      |naar\s+de\s+(?:rechter|rechtbank|politie)|aanklagen|aangeklaagd|schadevergoeding|in\s+gebreke""",
    r"(?:找|请|联系|咨询|委托|我的|我们的)(?:了)?律师|律师函|起诉|告你们|上法庭|法院|报警|12315|消(?:费者)?协会?(?=投诉|举报|。|!|,|，|！)"  # noqa: RUF001
    r"|工商(?:局|投诉)|法律(?:途径|责任|手段)",
)
_INJURY = _pattern(
    r"""(?:was|were|went|am|is|are|been|taken|go(?:ing)?|ended\s+up)\s+(?:\w+\s+)?(?:at|in|to)\s+(?:the\s+|a\s+)?
         (?:hospital|emergency\s+room|a\s?&\s?e)
      |(?:i|he|she|we|they|who|someone|somebody|son|daughter|child|wife|husband|friend|dog)\s+(?:\w+\s+)?(?:got|was|were|been|is|am)\s+(?:\w+\s+)?injured|(?:badly|seriously)\s+(?:injured|hurt)|(?:injured|injures)\s+(?:my|his|her|their|me|our)
      |burn(?:t|ed|s)?\s+(?:on\s+)?(?:my|his|her|their)\s+(?:hands?|fingers?|face|arms?|legs?|skin|hair|eyes?|tongue|foot|feet)
      |cut\s+(?:my|his|her)\s+(?:hand|finger|leg|arm|foot|head)|broke\s+(?:my|his|her)\s+(?:leg|arm|ankle|wrist|nose|tooth|hip|foot|hand|finger|neck|back)|degree\s+burns?
      |swallowed|(?:had\s+to|went\s+to|have\s+to)\s+(?:see|go\s+to|visit)?\s*(?:a|the)\s+(?:doctor|dentist)|rash\s+(?:all\s+over|on\s+my|from)|(?:got|gave\s+me|had)\s+(?:a|an)\s+(?:\w+\s+)?(?:rash|electric\s+shock)|electrocuted|food\s+poisoning
      |burned\s+(?:the|both)\s+(?:hands?|eyes?)|(?:choked|choking)\s+on|(?:is|was|am)\s+bleeding
      |carbon\s+monoxide\s+poisoning|(?:had|got|have|having|gave|with|an)\s+(?:\w+\s+){0,3}allergic\s+(?:reaction|shock)
      |(?:needed|needs|need|with|got|had)\s+(?:\w+\s+)?stitches|lost\s+consciousness
      |(?:war|bin|ist|sind|waren|liegt|lag|musste|mussten)\s+(?:\w+\s+){0,3}(?:im|ins)\s+krankenhaus|notaufnahme
      |(?:mir|mich|sich|uns)\s+(?:\w+\s+){0,4}(?:verbrannt|verbrüht|verletzt|geschnitten|gebrochen)|stromschlag|ausschlag\s+bekommen|zum\s+arzt
      |verbrennung(?:en)?\s+(?:an|am|zweiten|dritten)|kohlenmonoxidvergiftung|allergischen?\s+(?:reaktion|schock)
      |(?:ligt|lag|ben|was|moest|moesten|beland\w*)\s+(?:\w+\s+){0,3}(?:in|naar)\s+het\s+ziekenhuis|spoedeisende
      |brandwond(?:en)?|gewond\s+geraakt|(?:hand|vingers?|gezicht|arm|been)\s+verbrand|koolmonoxidevergiftiging""",
    r"住院|送(?:到|去|进)?了医院|被送(?:到|去|进)医院|(?:我|他|她|孩子).{0,4}(?:去|进)了?医院|(?:烫|烧|割|划|摔|砸|弄|受)伤了?(?:我|他|她|手|脸|腿|孩子)|(?:手|脸|脚|腿|我|孩子).{0,6}(?:烫伤|烧伤|受伤|割伤|划伤)|摔断|骨折|触电|看医生|过敏反应|(?:皮肤|脸|我|孩子).{0,6}过敏了|中毒了?(?=[，。！,!]|$)",  # noqa: RUF001
)
_RUDE = r"(?:thie(?:f|ves)|crooks?|criminals?|liars?|fraud(?:ster)?s?|scammers?)"
_ANGER = _pattern(
    rf"""fuck\w*|bullshit|bastards?|assholes?|shitty|piece\s+of\s+(?:shit|crap)
      |(?:you|your\s+\w+|shop|store|company|this\s+is|what|total|complete|it'?s)\s+(?:\w+\s+){{0,2}}scam|scammed|scammers
      |you(?:'?re|\s+(?:\w+\s+)?are)\s+(?:\w+\s+){{0,4}}{_RUDE}|(?:bunch|pack|gang)\s+of\s+(?:{_RUDE}|idiots|amateurs|clowns)
      |you\s+(?:are\s+)?(?:steal|stole)\w*|shame\s+on\s+you|how\s+dare\s+you|wtf|what\s+the\s+(?:hell|fuck)|pissed\s+off|livid|appalling|disgusted
      |(?:joke|disgrace|disaster)\s+of\s+a\s+(?:company|shop|store|service|business)|never\s+(?:\w+\s+){{0,4}}been\s+treated
      |(?:service|shop|store|company|support|website)\s+(?:really\s+|just\s+)?(?:sucks|stinks|is\s+(?:a\s+)?(?:joke|terrible|horrible|awful|crap|rubbish|garbage|shit|shocking))
      |(?:terrible|horrible|awful|shocking|crap|garbage)\s+(?:customer\s+)?(?:service|company|shop|support)|(?:utterly|totally|completely)\s+useless
      |(?:you|this|that|it|service)(?:'?re|'?s|\s+are|\s+is)\s+(?:\w+\s+)?(?:disgusting|disgrace\w*|outrageous|pathetic)
      |you(?:\s+people|\s+guys|\s+lot)?\s+(?:(?:just|obviously|clearly|really)\s+)?(?:do\s+not|don'?t)\s+(?:even\s+)?care\b|(?:want|give\s+me)\s+my\s+money\s+back\s+(?:right\s+)?now\b
      |disgraceful|outraged|(?:i'?m|am|absolutely|so|really|utterly)\s+(?:\w+\s+)?furious(?!\s+with\s+the\s+(?:wind|weather|rain))
      |(?:absolute|complete|total|utter)(?:ly)?\s+(?:joke|unacceptable|nonsense|disaster\s+of\s+a)|unacceptable\s*!+
      |worst\s+(?:\w+\s+)?(?:shop|company|service|store|support|experience)|screw\s+you|(?:had\s+it|enough)\s+(?:with|of)\s+your|you(?:\s+\w+){{0,3}}\s+(?:clowns|amateurs|idiots)
      |(?:a|total|complete|what)\s+rip[\s-]?off(?!\s+(?:the|of)\b)
      |never\s+(?:again\s+)?(?:buy|order|shop)\w*\s+(?:\w+\s+){{0,4}}again(?!\s+because)|never\s+again\s+(?:will\s+i|with\s+you)
      |i(?:'m|\s+am)\s+(?:so|very|really|extremely|beyond)\s+angry|(?:sick|fed\s+up)\s+(?:and\s+tired\s+)?(?:of|with)\s+(?:you|your|this|waiting)
      |you(?:\s+people|\s+guys|\s+lot)?(?:'?re|\s+are)\s+(?:\w+\s+)?(?:useless|incompetent|hopeless|a\s+joke|ridiculous|idiots)
      |arschl\w+|schei(?:ß|ss)\w*|(?:sehr|total|echt|äußerst)\s+verärgert|empör\w+|unverschämtheit|(?:ihr|sie)\s+(?:seid|sind)\s+(?:\w+\s+){{0,2}}(?:unfähig|inkompetent|lächerlich)|betrüger\w*|(?:das|ist|so\s+ein|ein)\s+betrug|abzocke\w*|verarsch\w*
      |unverschämt\w*|frechheit|saftladen|sauerei|stinksauer|(?:bin|macht\s+mich)\s+(?:so\s+|echt\s+|richtig\s+|total\s+)?(?:wütend|sauer(?!\s+aufge))
      |schlechteste\w*\s+(?:laden|shop|service|firma|kundenservice)|nie\s+wieder\s+(?:\w+\s+){{0,3}}(?:bestell|kauf)\w*
      |lügner|verbrecher|saubande
      |oplichters?|oplichting|klote\w*|kut(?:bedrijf|zooi|winkel|service)|schandalig|woedend|pisnijdig|stelletje|leugenaars
      |(?:jullie|u)\s+(?:zijn|bent)\s+(?:\w+\s+){{0,2}}(?:dieven|waardeloos|prutsers)|ik\s+ben\s+(?:\w+\s+)?boos|schaam\s+(?:je|jullie)|belachelijk\w*|wat\s+een\s+(?:waardeloze|schande)
      |nooit\s+meer\s+(?:\w+\s+){{0,3}}(?:bestel|koop)\w*|slechtste\s+(?:winkel|service|bedrijf|webshop)""",
    r"骗子|垃圾(?:公司|店|客服|服务|商家|平台)|无良|黑心|坑人|气死我|太过分|欺骗消费者|诈骗|他妈|态度(?:太|这么|真|很)差|什么破(?:店|服务|客服|公司)|欺诈|不要脸|退钱(?=[！!])|妈的|最差的(?:客服|店|服务)|恶心的(?:店|客服|商家)",  # noqa: RUF001
)
_YOUNG = r"(?:[6-9]|1[0-7]|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen)"
_CHILD = (
    r"(?:son|daughter|child|kid|boy|girl|nephew|niece|grandson|granddaughter|\d+[\s-]year[\s-]old)"
)
_SECRETLY = (
    r"(?:without\s+(?:my|our|asking|permission)(?!\s+passport)"
    r"|behind\s+(?:my|our)\s+backs?|secretly)"
)
_MINOR = _pattern(
    rf"""(?:i'?m|i\s+am)\s+(?:only\s+|just\s+|still\s+)?{_YOUNG}(?:\s*(?:years?|yrs?)(?:\s+old|\s+of\s+age)|\s*y/?o)
      |(?:i'?m|i\s+am)\s+(?:only\s+|just\s+|still\s+)?{_YOUNG}(?=\s*(?:[.;!?)]|,\s|and\b(?!\s+a\s+half)|so\b|but\b|$))
      |(?:i'?m|i\s+am)\s+an?\s+{_YOUNG}[\s-]?(?:years?|yrs?)[\s-]?old
      |(?:i'?m|i\s+am)\s+(?:a\s+minor|under\s*age|not\s+18\s+yet|under\s+18)
      |my\s+(?:\w+\s+)?{_CHILD}\s+(?:\w+\s+){{0,2}}(?:order|bought|buy|us(?:ed|ing)|paid|purchas|spent)\w*\b[^.!?]{{0,60}}\b{_SECRETLY}
      |(?:used|took|with|on)\s+(?:my\s+)?(?:mum|mom|dad|mother|father|parent)s?'?s?\s+(?:\w+\s+)?(?:card|account|paypal)
      |my\s+parents\s+(?:don'?t|do\s+not|must\s+not|can'?t)\s+(?:know|find)|(?:don'?t|not)\s+tell\s+my\s+(?:parents|mum|mom|dad|mother|father)
      |ich\s+bin\s+(?:erst\s+|noch\s+)?(?:[6-9]|1[0-7])\s*(?:jahre|j\.)|ich\s+bin\s+(?:erst\s+|noch\s+)?(?:[6-9]|1[0-7])(?=\s*(?:[.;!?]|,\s|und\b|aber\b|$))
      |(?:karte|konto|handy)\s+(?:meiner\s+(?:mutter|mama|eltern)|meines\s+(?:vaters|papas))|meine\s+eltern\s+(?:wissen|dürfen)
      |ich\s+bin\s+(?:noch\s+)?minderjährig
      |mein[e]?\s+(?:\w+\s+)?(?:sohn|tochter|kind|neffe|nichte|enkel\w*)\b[^.!?]{{0,60}}\b(?:ohne\s+(?:meine|unsere|mein|unser)\s+(?:erlaubnis|wissen|zustimmung|einverständnis)|heimlich)
      |ik\s+ben\s+(?:pas\s+|nog\s+maar\s+|maar\s+)?(?:[6-9]|1[0-7])\s*(?:jaar|jr)|ik\s+ben\s+(?:nog\s+)?minderjarig|ik\s+ben\s+(?:pas\s+|nog\s+)?(?:[6-9]|1[0-7])(?=\s*(?:[.;!?]|,\s|en\b|maar\b|$))|mijn\s+ouders\s+(?:weten|mogen)
      |mijn\s+(?:\w+\s+)?(?:zoon|dochter|kind|neefje|nichtje|kleinzoon)\b[^.!?]{{0,60}}\b(?:zonder\s+(?:mijn|onze)\s+(?:toestemming|weten)|stiekem)""",
    r"我(?:今年|才|只有|还|刚满?)*(?:[6-9]|1[0-7]|十[一二三四五六七]?)岁|我(?:还)?(?:是)?(?:个)?未成年|我(?:还)?是(?:个)?(?:小学|初中|高中|中学)生|未经(?:父母|家长|爸妈)"
    r"|(?:孩子|儿子|女儿|小孩|侄子).{0,12}(?:偷偷|未经|没经过|擅自|背着我|瞒着).{0,12}(?:买|下单|付|订|充)",
)
_PAYMENT_WORDS = _pattern(
    r"""(?:(?:cvv|cvc)2?\b\D{0,15}\b|security\s+code\s*(?:is|:)?\s*)\d{3,4}
      |(?:my|the)\s+(?:\w+\s+){0,2}(?:pin|password|passcode)\s*(?:is|:)\s*\S*\d\S*
      |(?:meine?|die)\s+(?:\w+\s+)?(?:pin|prüf(?:ziffer|nummer)|passwort)\s*(?:ist|lautet|:)\D{0,10}\d{3,8}
      |(?:mijn|de)\s+(?:pin(?:code)?|beveiligingscode|wachtwoord)\s*(?:is|:)\D{0,10}\d{3,8}""",
    r"(?:安全码|校验码|密码)\D{0,5}\d{3,8}|(?:银行卡|信用卡|卡号)\D{0,5}\d{12,19}",
)
_CARD = re.compile(r"(?<![\d-])(?:\d[ -]?){12,18}\d(?![\d-])")
# First digit of a card's number → how long it is.
_CARD_LENGTHS = {
    "2": (16,),
    "3": (14, 15, 16),
    "4": (13, 16, 19),
    "5": (16,),
    "6": (16, 17, 18, 19),
}
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")


def worst_kind(text: str) -> Reason | None:
    """The kind for which nothing is more urgent; anger apart, which may only want to be heard."""
    for reason, pattern in (
        (Reason.SELF_HARM, _SELF_HARM),
        (Reason.THREATS, _THREAT),
        (Reason.INJURY, _INJURY),
        (Reason.MINORS, _MINOR),
        (Reason.LEGAL, _LEGAL),
    ):
        if pattern.search(text):
            return reason
    return Reason.PAYMENT_DATA if has_payment_data(text) else None


def is_angry(text: str) -> bool:
    return _ANGER.search(text) is not None


def has_payment_data(text: str) -> bool:
    """A card that exists, its security code, a PIN, or the number of a bank account."""
    if _PAYMENT_WORDS.search(text) or any(
        iban.is_valid(found[0]) for found in _IBAN.finditer(text)
    ):
        return True
    return any(_is_card(number) for found in _CARD.finditer(text) for number in _starts(found[0]))


def _starts(digits: str) -> list[str]:
    """What may be the number where a date or a code follows it: "4111 1111 1111 1111 12"."""
    groups = re.findall(r"\d+", digits)
    return ["".join(groups[:count]) for count in range(1, len(groups) + 1)]


def _is_card(number: str) -> bool:
    """By its first digits, its length and its check digit (ISO 7812)."""
    lengths = _CARD_LENGTHS.get(number[:1], ())
    return len(number) in lengths and is_card_number(number)


def shouts(text: str) -> bool:
    """Mostly capitals *and* several exclamation marks; either alone is only style."""
    letters = [c for c in text if c.isalpha() and c.isascii()]
    if len(letters) < 25 or text.count("!") < 3:
        return False
    return sum(c.isupper() for c in letters) / len(letters) > 0.7
