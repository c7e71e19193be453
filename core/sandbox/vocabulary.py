"""What words of a prompt say that a picture can show: colours, the hour, the season, the weather, places and things.

In English, German, French, Spanish, Italian and Portuguese, some in Chinese and Japanese; without accents. A star ends
the beginning of words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

Color = tuple[int, int, int]

COLORS: dict[str, tuple[Color, str]] = {
    "red": ((206, 48, 52), "red rot rote* roter rotes rouge* rojo* roja* rosso rossa rossi rosse "
    "vermelh* scarlet crimson 红 赤"),
    "orange": ((238, 128, 42), "orange* naranja* arancio* laranja* 橙 オレンジ"),
    "yellow": ((245, 200, 66), "yellow gelb* jaune* amarill* giall* amarel* 黄"),
    "gold": ((218, 165, 60), "gold* dore doree dorad* dourad* oro 金"),
    "green": ((66, 150, 84), "green* grun* vert verte* verde* emerald* smaragd* 绿 緑"),
    "teal": ((38, 150, 150), "teal turquoise turkis* turques* cyan 青绿"),
    "blue": ((52, 110, 200), "blue blau* bleu* azul* blu azzurr* azure 蓝 青"),
    "purple": ((126, 76, 170), "purple violet* lila* morad* viola roxo* roxa* lavend* indigo 紫"),
    "pink": ((236, 138, 170), "pink* rosa* rose rosado magenta fuchsia 粉 ピンク"),
    "brown": ((134, 92, 60), "brown* braun* marron* brun* marrom castan* 棕 茶色"),
    "white": ((246, 244, 238), "white weiss* blanc* blanca* bianc* branc* 白"),
    "black": ((24, 24, 30), "black schwarz* noir* negr* nero nera neri pret* 黑 黒"),
    "grey": ((134, 138, 146), "grey gray grau* gris* grigi* cinz* silver silber* 灰"),
}  # fmt: skip

_THINGS = {
    "dawn": "dawn sunrise morning morgen* sonnenaufgang aube aurore matin* amanecer alba mattin* "
    "amanhecer manha 晨 朝 日出",
    "sunset": "sunset dusk evening twilight abend* sonnenuntergang dammerung crepuscul* soir* atardecer "
    "anochecer tramonto "
    "sera por-do-sol entardecer tarde coucher golden-hour 夕 黄昏 日落",
    "night": "night* midnight nacht* mitternacht nuit* noche* notte notti noite* dark* dunkel* 夜",
    "spring": "spring fruhling* printemps primavera blossom* cherry kirsch* sakura 春 桜",
    "summer": "summer* sommer* ete verano* estate verao 夏",
    "autumn": "autumn fall herbst* automne otono autunno outono october november 秋",
    "winter": "winter* hiver invierno inverno christmas weihnacht* noel navidad natale ice icy eis "
    "glacier* gletscher* 冬",
    "rain": "rain* regen* regn* pluie* lluvia* lluvios* pioggia chuva* drizzle shower* 雨",
    "snow": "snow* schnee* verschneit* neige* enneig* nieve* nevad* neve* 雪",
    "fog": "fog* mist* nebel* neblig* brume* brouillard niebla* nebbia* nevoa* haze hazy 雾 霧",
    "storm": "storm* thunder* lightning gewitter* sturm* blitz* orage* tempete tormenta* tempest* temporal* 嵐 雷",
    "cloud": "cloud* wolk* bewolkt nuage* nube* nuvol* nuven* 云 雲",
    "rainbow": "rainbow* regenbogen arc-en-ciel arcoiris arcobaleno 虹",
    "wind": "wind* windig vent viento* vento* breeze* 风 風",
    "sun": "sun sunny sonne sonnig* soleil* sol soles sole soleggiat* 太阳 太陽",
    "moon": "moon* mond* lune luna* lua 月",
    "star": "star stars starry stern* etoile* estrella* stelle stella estrela* galax* cosmos space "
    "weltraum espace espacio "
    "universe planet* 星 宇宙",
    "sky": "sky skies himmel* ciel cieux cielo* ceu 天空 空",
    "sea": "sea ocean* sea-side seaside meer* ozean* kuste* strand* mer plage* mar mares playa* praia* mare oceano* "
    "beach* coast* wave* welle* vague* ola olas onda* shore* island* insel* ile isla* isola ilha harbo* "
    "hafen port 海 波",
    "lake": "lake* pond teich* lac lago* etang laguna river* fluss* riviere* rio* fiume* stream water "
    "wasser* eau agua* "
    "acqua 湖 川 河 水",
    "mountain": "mountain* berg* gebirge* alp* montagne* montan* montana* montagna peak* gipfel* summit* "
    "himalaya* cliff* "
    "volcano* vulkan* volcan* fuji 山",
    "forest": "forest* wald* walder* foret* bosque* bosco* foresta floresta* wood woods jungle* "
    "dschungel tree* baum* baume* "
    "arbre* arbol* albero alberi arvore* pine* 森 林 木",
    "hill": "hill* hugel* colline* colina* collin* meadow* wiese* prairie* prado* prato* field* feld* "
    "felder champ* campo* "
    "valley* tal vallee* valle* vale grass* countryside landschaft landscape* paysage* paisaje* "
    "paesaggi* paisage* spring-field "
    "farm* garden* garten jardin* giardin* jardim 丘 野 田",
    "desert": "desert* wuste* dune* dunes sahara desierto* sand sands sandy sandig* sabbia arena 沙漠 砂",
    "city": "city cities stadt* town* ville* ciudad* citta cidade* skyline* street* strasse* rue* calle* "
    "strada* rua* "
    "skyscraper* hochhaus* building* tokyo paris london berlin madrid york manhattan urban* metropol* 城 都市 街 町",
    "house": "house* haus* hauser* maison* casa* cottage* hutte* cabin* hut cabane* cabana* home "
    "village* dorf* pueblo* 家",
    "boat": "boat* boot* ship* schiff* bateau* barco* barca* barche navire* nave navio* sail* segel* voilier* 船",
    "lighthouse": "lighthouse* leuchtturm* phare* faro* farol 灯台",
    "balloon": "balloon* ballon* globo* mongolfier* balao 気球",
    "bird": "bird* vogel* vogel oiseau* pajaro* ave aves uccell* passaro* gull* mowe* mouette* gaviota* "
    "crow* swallow* eagle* "
    "adler owl crane* 鳥 鸟",
    "flower": "flower* blume* bluten* blute fleur* flor* fiore fiori rose* roses tulip* tulp* poppy poppies mohn* "
    "sunflower* sonnenblume* bloom* 花",
    "cat": "cat cats kitten* kater* katze* katz* chat chats chaton* gato* gata* gatto* gatti gatta 猫",
    "fish": "fish* fisch* poisson* pez peces pesce pesci peixe* 鱼 魚",
    "heart": "heart* herz* coeur* corazon* cuore cuori coracao love liebe amour amor amore 心 愛",
    "gear": "gear* zahnrad* zahnrader engrenage* engranaje* ingranagg* engrenagem machine* maschine* clockwork 歯車",
    "abstract": "abstract* abstrakt* abstrait* abstracto* astratt* pattern* muster motif* geometric* "
    "geometrisch* logo* icon* "
    "symbol* wallpaper background* hintergrund 抽象",
}

_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_WIDE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


def plain_words(text: str) -> list[str]:
    """The words of a text, small and without accents."""
    spread = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(letter for letter in spread if not unicodedata.combining(letter)))


class Lexicon:
    """Finds names by words that mean them."""

    def __init__(self, meanings: dict[str, str]) -> None:
        self._whole: dict[str, str] = {}
        self._begins: list[tuple[str, str]] = []
        self._wide: list[tuple[str, str]] = []
        for name, words in meanings.items():
            for word in words.split():
                if _WIDE.search(word):
                    self._wide.append((unicodedata.normalize("NFKD", word), name))
                elif word.endswith("*"):
                    self._begins.append((word[:-1], name))
                else:
                    self._whole.setdefault(word, name)
        self._begins.sort(key=lambda each: -len(each[0]))

    def name_of(self, word: str) -> str:
        """What a plain word means; empty where it means nothing here."""
        if (found := self._whole.get(word)) is not None:
            return found
        return next((name for begin, name in self._begins if word.startswith(begin)), "")

    def found(self, words: list[str]) -> Iterator[tuple[int, str]]:
        """Places of words, and what they mean."""
        for place, word in enumerate(words):
            if name := self.name_of(word):
                yield place, name
            elif _WIDE.search(word):
                yield from ((place, name) for sign, name in self._wide if sign in word)


COLOR_WORDS = Lexicon({name: words for name, (_, words) in COLORS.items()})
THING_WORDS = Lexicon(_THINGS)
