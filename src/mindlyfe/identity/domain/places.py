"""Which countries, languages and telephone prefixes there are; a test holds the countries against the zone database."""

from typing import Final

from mindlyfe.identity.domain.profile_refusals import UnknownCountry, UnknownLanguage, UnknownPhone

_COUNTRIES: Final = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO
    FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE
    JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO
    MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW
    PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM
    TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
    """
COUNTRIES: Final = frozenset(_COUNTRIES.split())
"""ISO 3166-1 alpha-2."""
_LANGUAGES: Final = """
    aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el
    en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu
    ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na
    nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so
    sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
    arc ase ast bal bfi bho brx ceb chr ckb dgo doi dsb fil fsl fur gsg gsw haw hmn hsb kab kmr kok ksh lkt lus mai
    mni nds nso pcm prs quc rom sah sat scn sma smj smn sms syr szl tet tpi tzm vec war yue zgh
    """
LANGUAGES: Final = frozenset(_LANGUAGES.split())
"""ISO 639-1, and languages without a short code (ISO 639-3) that are widely written or signed."""
_PREFIXES: Final = """
    1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84
    86 90 91 92 93 94 95 98 211 212 213 216 218 220 221 222 223 224 225 226 227 228 229 230 231 232 233 234 235 236
    237 238 239 240 241 242 243 244 245 246 247 248 249 250 251 252 253 254 255 256 257 258 260 261 262 263 264 265
    266 267 268 269 290 291 297 298 299 350 351 352 353 354 355 356 357 358 359 370 371 372 373 374 375 376 377 378
    380 381 382 383 385 386 387 389 420 421 423 500 501 502 503 504 505 506 507 508 509 590 591 592 593 594 595 596
    597 598 599 670 672 673 674 675 676 677 678 679 680 681 682 683 685 686 687 688 689 690 691 692 800 808 850 852
    853 855 856 870 878 880 881 882 883 886 888 960 961 962 963 964 965 966 967 968 970 971 972 973 974 975 976 977
    979 992 993 994 995 996 998
    """
PREFIXES: Final = frozenset(_PREFIXES.split())
"""Country codes that ITU-T E.164 assigns."""


def known_country(country: str) -> str:
    """The country, if it is one. Raises UnknownCountry."""
    if country not in COUNTRIES:
        raise UnknownCountry
    return country


def known_language(tag: str) -> str:
    """The language tag, if language and region exist. Raises UnknownLanguage."""
    language, *rest = tag.split("-")
    if language not in LANGUAGES or any(part not in COUNTRIES for part in rest if len(part) == 2):
        raise UnknownLanguage
    return tag


def known_phone(number: str) -> str:
    """The number, if its country code is assigned; whether somebody answers nobody can tell. Raises UnknownPhone."""
    if not any(number[1 : 1 + length] in PREFIXES for length in (1, 2, 3)):
        raise UnknownPhone
    return number
