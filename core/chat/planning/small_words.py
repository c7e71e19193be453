"""Words that hold a request together, in English, German, Spanish, French, Italian and Portuguese, folded."""

from __future__ import annotations

import re

from core.chat.planning.words import by_language, listed

DEFINITE = by_language(
    """the this that these those your my its their our his her
    de: der die das den dem des dieser diese dieses diesen diesem jene jener jenes dein deine deinen deiner deinem mein
    meine meinen meiner meinem ihr ihre ihren ihrem beim vom zum zur im am
    es: el la los las este esta estos estas ese esa esos esas aquel aquella tu tus mi mis su sus del al
    fr: le la les l ce cet cette ces ton ta tes mon ma mes votre vos son sa ses du des au aux
    it: il lo la i gli le l questo questa questi queste quel quello quella quei quelle tuo tua tuoi tue mio mia sull
    nell
    dell della del dello dei delle all alla al sul sulla nel nella
    pt: o a os as esse essa esses essas este esta aquele aquela teu meu minha seu sua seus suas do da dos das"""
)
DEMONSTRATIVE = listed(
    """this that these those your dieser diese dieses diesen diesem jene jener jenes dein deine deinen deiner deinem
    este esta estos estas ese esa esos esas aquel aquella tu tus ce cet cette ces ton ta tes votre vos
    questo questa questi queste quel quello quella quei quelle tuo tua tuoi tue esse essa esses essas aquele aquela teu
    seu sua"""
)
INDEFINITE = by_language(
    """a an some any one two three four five
    de: ein eine einen einem einer eines zwei drei vier
    es: un una unos unas dos tres cuatro
    fr: un une deux trois quatre
    it: un una uno due tre quattro
    pt: um uma uns umas dois duas tres quatro"""
)
PRONOUNS = listed(
    """it them they ihn ihm es sie davon daraus dazu damit darueber darin dies diese diesen ihnen
    esto eso aquello ello ellos ella ellas este ese
    ca cela ceci celui celle ceux -le -la -les -l en
    questo quello cio esso essa essi esse questi queste quelli
    isso isto aquilo ele ela eles elas disso disto nisso nele nela dele dela deles -lo -o -a -os -as -los -las
    """
)
"""Words that stand for a thing. Those that are also articles or conjunctions are looked at in their place."""

CLITIC_STEMS = listed(
    """haz haga hac hacer canta cantar cuenta contar legger
    lee leeme leer di dime decir dibuja dibujar pinta pintar pon ponme convierte convertir cambia
    cambiar traduce traducir anima animar repite repetir ilustra ilustrar grafica graficar combina combinar mezcla
    mezclar resume resumir transforma transformar edita editar mejora mejorar explica muestra ensena escucha escuchar
    oir ajusta describe describir narra narrar recita recitar crea crear modifica modificar colorea
    leggi leggime disegna disegnar dipingi dipinger rendi render fai fa fallo fam falle mett metti metter traduci
    tradur dil dim di dir dire animar illustra illustrar ripeti colora trasforma trasformar mostra racconta descrivi
    riassumi combina sentir ascolta ascoltar spiega usa narra"""
)
"""Spanish and Italian verbs to whose end "lo" or "la" is joined: hazlo, leggilo."""

AGAIN = listed(
    """again instead once-more redo same similar noch nochmal nochmals wieder erneut stattdessen gleiche gleichen
    selbe selben aehnlich aehnliches otra vez nuevo mismo misma similar encore nouveau meme ancora nuovo stesso stessa
    novamente novo nova mesmo mesma another variation variations variante varianten variaciones variantes varianti
    variazioni
    variacoes version versions fassung versione versao"""
)
NOW = listed("now jetzt nun ahora maintenant ora adesso agora but aber pero mais ma mas")

BUT = listed("but aber pero mais ma mas")
CHART_KINDS = listed("bar line pie donut scatter area column stacked horizontal")

STYLES = listed("style styles stil estilo stile look manner maniere")
SAME = listed("same similar gleichen gleiche selben selbe aehnlichen mismo misma meme stesso stessa mesmo mesma")
MORE = listed("more less fewer mehr weniger mas menos plus moins piu meno mais")

LATEST = listed(
    """last latest newest recent letzte letzten letztes letzter neueste neuesten ultimo ultima ultimos ultimas dernier
    derniere derniers dernieres recente"""
)
BEFORE = listed(
    """previous prior earlier preceding above vorige vorigen voriges vorheriges vorherige vorherigen frueheren anterior
    anteriores previo precedente precedent precedents"""
)
BUT_ONE = listed("penultimate vorletzte vorletzten vorletztes penultimo penultima avant")

ORDINALS: dict[str, int] = {}
"""Places from the beginning, from 1."""
for _place, _words in enumerate(
    (
        "first 1st erste ersten erstes erster primero primera primer premier premiere primo prima primeiro primeira",
        "second 2nd zweite zweiten zweites zweiter segundo segunda deuxieme seconde secondo seconda",
        "third 3rd dritte dritten drittes dritter tercero tercera tercer troisieme terzo terza terceiro terceira",
        "fourth 4th vierte vierten viertes vierter cuarto cuarta quatrieme quarto quarta",
    ),
    1,
):
    ORDINALS |= dict.fromkeys(_words.split(), _place)

COUNTS: dict[str, int] = {}
"""Words for numbers, from 2."""
for _count, _words in enumerate(
    (
        "two zwei dos deux due dois duas couple paar",
        "three drei tres trois tre",
        "four vier cuatro quatre quattro quatro",
        "five fuenf cinco cinq cinque",
        "six sechs seis sei",
        "seven sieben siete sept sette sete",
        "eight acht ocho huit otto oito",
        "nine neun nueve neuf nove",
        "ten zehn diez dix dieci dez",
    ),
    2,
):
    COUNTS |= dict.fromkeys(_words.split(), _count)

BOTH = listed("both beide beiden beides ambos ambas ambo ambe entrambi entrambe")
ALL = listed("all alle allen todos todas tous toutes tutti tutte")
JOINING = listed(
    "combine merge blend collage stitch kombiniere kombinieren vereine verschmelze combina combinar fusiona mezcla "
    "combiner fusionne unisci combinare junte junta mistura together zusammen juntas juntos ensemble insieme"
)

COMPARATIVE = listed(
    """more less fewer bigger larger smaller darker brighter lighter warmer colder softer louder faster slower longer
    shorter taller wider closer happier sadder scarier cuter bluer redder greener sharper simpler cleaner better funnier
    deeper higher lower older younger cooler bolder
    mehr weniger dunkler heller groesser kleiner waermer kaelter weicher lauter leiser schneller langsamer laenger
    kuerzer blauer roter gruener schoener bunter froehlicher trauriger naeher schaerfer duesterer
    mas menos plus moins piu meno mais maior menor mayor"""
)
STYLING = by_language(
    """in as with without at like
    de: als mit ohne im bei in wie am
    es: en con sin como
    fr: en avec sans comme dans
    it: con senza come in alla
    pt: em com sem como no na"""
)
"""What an addition begins with that only says how: in watercolour, at night."""

OF = by_language(
    """of from about to for out into on above behind over under near
    de: von aus zu ueber fuer vom zum zur
    es: de del sobre para a
    fr: de du d des pour sur a
    it: di da del della dei su sul per a
    pt: de do da dos das sobre para"""
)
JOINS = listed("and then plus also und dann sowie y e et puis ensuite ed poi luego depois alors tambien auch")
WITH = listed("with accompanied along including together mit samt con acompanado avec accompagne com acompanhado inkl")
FILLERS = listed(
    """please pls plz can could would you u i we me gimme
    us let lets to also then now first next finally lastly afterwards after that
    just maybe kindly and plus hi hello hey ok okay as well id d ll
    bitte kannst koenntest du ich wir mir uns dazu auch dann jetzt nun zuerst danach und mal noch hallo dir ihr
    por favor puedes podrias tu yo luego despues ahora tambien y primero me hola
    s il te plait vous plait peux pourrais tu je puis ensuite aussi et maintenant d abord moi bonjour
    per favore puoi potresti poi anche e ora adesso prima ciao
    por favor podes pode poderia voce eu depois tambem agora e ola
    zuletzt schliesslich finalmente enfin finalement infine fim"""
)
"""What may stand before the word that says what is asked."""

INDEFINITE_ALWAYS = listed("another otra autre altra outra")
MINE = listed("my mein meine meinen mi mis mon mes mio mia meu minha")
MAKE = listed("make mach mache machen lass haz pon rends rendre fai rendi rendere faz deixa deixe torna torne deja")
"""Verbs that make something that there is into something else: make the sky darker."""

PLURAL = listed(
    """them they these those ihnen ellos ellas los las -les -los -las -os -as celles ceux queste questi eles elas"""
)
HAVING = re.compile(
    r"(?:i (?:ve|have|found|recorded|wrote|made|took)|here (?:is|are|s)|this is|these are|attached is|ich habe|"
    r"hier (?:ist|sind)|tengo|aqui (?:esta|estan|tienes)|j ai|voici|ho |ecco|tenho)\b"
)
"""How one tells what there is, before one asks for something."""

POINTING_ARTICLES = listed(
    """this that these those das dies diese dieses diesen este ese esta esa esto eso estos estas questo quello questa
    quella questi queste esse essa"""
)
"""Words that are pronouns only where no noun follows."""

CLITICS_BEFORE = listed("le la les l lo los las")
"""French, Spanish and Italian pronouns that look like articles: peux-tu le lire."""

CLITIC_ENDINGS = ("melo", "mela", "selo", "los", "las", "lo", "la", "li", "le")
NOBODY = listed("ist gibt war geht regnet wird schneit sei sind is was rains raining snowing there's")
"""What follows an "it" that stands for nothing."""

AFTER_PRONOUN = (
    frozenset().union(*STYLING.values(), *OF.values(), *INDEFINITE.values())
    | JOINS | AGAIN | NOW | COMPARATIVE | FILLERS
    | listed(
        """aloud out loud laut vor vorlesen etwas bit little un up one ones black white nicht instead look looks please
        sound sounds hoeren anhoeren lesen
        sehen haben zeichnen malen ein eine zu so auch auf ins mal into voz alta voix haute"""
    )
)  # fmt: skip
"""What may follow a pronoun that looks like an article; no noun does."""

EMPTY = (
    PRONOUNS | AGAIN | NOW | LATEST | BEFORE | BUT_ONE | frozenset(ORDINALS) | frozenset(COUNTS) | BOTH | ALL | JOINING
    | COMPARATIVE | JOINS | WITH | FILLERS | MINE | MAKE | POINTING_ARTICLES
    | listed(
        """one ones so much bit little very too something way look looks sound sounds etwas bisschen zu viel sehr poco
        peu tres molto muito pouco is are be was has have ist sind es que qui che there here step result out up down off
        out-loud aloud loud laut vor vorlesen hear listen voz alta alto voix haute voce em isso everything thing things
        each every others other otro autre altro outro not no nicht matching fitting suitable passendes passende
        passenden passend only nur good nice beautiful schoenes schoen schoene high quality dem if using use based
        correspondiente apropiada adecuada assortie correspondante adatta corrispondente adequada dar hin her stell
        does did bring prefer rather auf ins lo chose cosa coisa mim forme forma torta barras barre stelle ubersetze
        again nun mal doch etwa -moi -nous go back return try
        retry versuch versuche zurueck vuelve intenta reviens essaie
        torna riprova tenta own your its how even still slightly"""
    )
)  # fmt: skip
"""Words that mean nothing by themselves, in any of the languages."""

VARIATIONS = listed(
    """variation variations version versions variant variants alternative alternatives variante varianten fassungen
    variaciones versiones variantes varianti variazioni versioni variacoes versoes"""
)

ABOUT = listed(
    """of about showing on depicting explaining von vom ueber de del sobre du d des sur di della dello su sul do da dos
    das"""
)
"""What stands between a kind of content and its subject."""

POSSESSIVE = listed("their its deren dessen ihre ihren ihr sein seine sus leur leurs loro seus suas")
"""Words for what belongs to something that was named before."""

SCENES = listed(
    """scene scenes character characters hero heroine protagonist setting plot moment szene szenen figur figuren
    held heldin hauptfigur escena escenas personaje personajes protagonista scene personnage personnages heros scena
    personaggio
    personaggi cena personagem personagens mood stimmung"""
)
"""What a text has in it, and nothing else: paint the scene."""

OF_IT = listed("davon daraus dazu damit darueber darin disso disto dele dela deles nisso nele nela")
"""Pronouns with an "of" in them."""

DESCRIBING = listed(
    """describe explain interpret caption analyze analyse comment what beschreibe beschreib erklaere erklaer deute
    kommentiere was describe describelo explica explicalo interpreta comenta que decris explique commente interprete
    descrivi spiega commenta descreve descreva explique comente"""
)
"""Verbs that, with a pronoun, ask for words about a picture or a chart."""

GENERIC = listed(
    """picture image photo photograph pic visual text answer reply message chart graph table data audio sound recording
    video film bild foto antwort diagramm tabelle imagen respuesta grafico tabla reponse graphique tableau immagine
    risposta tabella imagem resposta tabela number numbers words voice file document pdf"""
)
"""Nouns that say no more than of which kind a thing is; "the haiku" says more."""

PIECES = listed(
    """paragraph sentence line lines stanza verse section beginning end ending title headline absatz satz zeile zeilen
    strophe abschnitt anfang schluss ende titel ueberschrift parrafo frase linea estrofa titulo final paragraphe phrase
    ligne strophe debut fin titre paragrafo riga strofa inizio fine titolo linha fim"""
)
"""Parts of a text that can be read alone."""

WITH_LETTERS = listed(
    """poster card banner cover logo meme flyer sign infographic diagram chart text words quote title letters caption
    map calligraphy label plakat karte schild titelbild diagramm schaubild cartel tarjeta diagrama portada affiche carte
    diagramme schema couverture locandina copertina biglietto diagramma cartaz capa"""
)
"""Pictures with writing in them."""

REPLIES = listed("reply answer message antwort respuesta reponse risposta resposta text texto texte testo")
"""Words for the whole of a reply, which ask for no part of it."""

EACH = listed("each every per jede jedes jeden jeder pro cada chaque ogni ciascuna ciascuno")

SLIDESHOWS = listed("slideshow slideshows slides diashow diaporama diapositivas diapositive diapositives")

NOTHING = listed("nothing nichts niets niks nada rien niente nulla")

ARTICLES = listed("the die los las les le i gli os as")
"""Those of several things: the two pictures are there already, two pictures are not."""

ONLY = listed("only just nur bloss solo solamente juste seulement soltanto apenas")
