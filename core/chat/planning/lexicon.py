"""Words for what is asked of a part of a reply, in English, German, Spanish, French, Italian and Portuguese, folded."""

from __future__ import annotations

from core.chat.planning.words import listed
from data.values.plans import Output

_WRITING = """write compose draft author rewrite rhyme
    de: schreibe schreib schreiben schreibst verfasse verfassen dichte dichten reime
    es: escribe escribeme escribir escriba redacta redactar compon componer
    fr: ecris ecrire ecrivez ecrives redige rediger compose composer
    it: scrivi scrivere scrivimi scriva componi componga
    pt: escreve escreva escrever escreves redija redige componha"""
"""Verbs that ask for prose to be made."""

_TELLING = """describe explain tell list summarize summarise translate answer outline define compare analyze analyse
    interpret
    discuss name suggest caption paraphrase what why how who when where which recommend transcribe correct simplify
    de: beschreibe beschreib beschreiben erklaere erklaer erklaeren erzaehle erzaehl erzaehlen fasse zusammenfassen
    liste
    uebersetze uebersetz uebersetzen beantworte nenne vergleiche analysiere was wie warum wieso wer wann welche deute
    es: describe describir describeme explica explicame explicar cuenta cuentame contar resume resumir resumelo traduce
    traducir traducelo enumera compara analiza que como por cual
    fr: decris decrire decrivez explique expliquer explique raconte raconter racontez resume resumer traduis traduire
    enumere compare analyse quel quelle comment pourquoi
    it: descrivi descrivere descrivimi spiega spiegami spiegare racconta raccontami raccontare riassumi riassumere
    traduci
    traducilo elenca confronta analizza perche quale
    pt: descreve descreva descrever explica explique explicar conta conte contar resume resuma resumir traduz traduza
    traduzir lista liste compara compare analisa analise qual"""
"""Verbs and question words that ask for prose about something."""

_DRAWING = """draw paint sketch illustrate depict doodle render visualize visualise photograph
    de: zeichne zeichnen zeichnest zeichnet male malen malst gemalt gezeichnet skizziere skizzieren illustriere
    illustrieren
    bebildere bebildern visualisiere
    es: dibuja dibujame dibujar dibuje pinta pintame pintar pinte ilustra ilustrar ilustre visualiza
    fr: dessine dessiner dessinez dessines peins peindre peignez illustre illustrer illustrez visualise
    it: disegna disegnami disegnare disegni dipingi dipingimi dipingere illustra illustrare visualizza
    pt: desenha desenhe desenhar desenhas pinta pinte pintar ilustra ilustre ilustrar"""

_CHANGING = """change edit modify alter retouch recolor recolour colorize colourise colorise restyle replace swap
    remove erase
    delete add insert put turn convert transform crop rotate flip mirror brighten darken lighten blur sharpen upscale
    enlarge enhance resize combine merge blend collage stitch highlight adjust redo redraw repaint tint invert extend
    stylize stylise segment cut apply fix shrink zoom expand widen
    de: aendere aendern aender bearbeite bearbeiten veraendere veraendern ersetze ersetzen entferne entfernen loesche
    fuege
    tausche drehe dreh spiegele schneide faerbe verwandle verwandeln wandle kombiniere kombinieren vereine verbinde
    mische verschmelze helle setze schaerfe vergroessere verkleinere
    es: cambia cambiale cambiar cambie edita editar modifica modificar reemplaza sustituye quita quitale quitar elimina
    borra anade anadele agrega agregale pon ponle convierte convertir transforma transformar recorta gira aclara
    oscurece combina combinar mezcla une fusiona junta
    fr: change changer modifie modifier remplace remplacer enleve enlever supprime retire ajoute ajouter mets mettre
    transforme transformer recadre tourne eclaircis assombris combine combiner fusionne melange
    it: cambia cambiare modifica modificare sostituisci rimuovi togli elimina aggiungi metti mettere trasforma
    trasformare
    ritaglia ruota schiarisci scurisci combina combinare unisci fondi mescola
    pt: muda mude mudar altera altere alterar edita edite modifica modifique substitui substitua troca troque remove
    remova
    remover tira tire apaga apague adiciona adicione acrescenta acrescente coloca coloque transforma transforme
    transformar converta recorta gira clareia escurece combina combine combinar junta junte mistura misture
    """
"""Verbs that ask for something that there is to be made different."""

_SPEAKING = """read recite narrate speak say sing voice pronounce vocalize utter
    de: lies singe lese lesen liest vorlesen vorliest vorgelesen sprich sprechen sag sage sagen trag rezitiere vertone
    vertonen
    es: lee canta cantar leer leeme leelo lea leerme recita recitar narra narrar di dilo dimelo decir diga pronuncia
    pronunciar
    fr: lis relis redis chante chantez lire lisez recite reciter dis dire dites prononce prononcer narre narrer
    it: leggi canta leggere leggimi leggilo legga recita recitare narra narrare dillo dimmi dir dire pronuncia
    pronunciare
    pt: leia le ler canta cante recita recite recitar narre narrar diz diga dizer fala fale pronuncia pronuncie"""

_ALOUD = """aloud out-loud loud hear listen audible spoken de: laut vor vorlesen hoeren anhoeren
    es: escuchar escucharlo oir oirlo fr: entendre ecouter it: sentire ascoltare ascoltarlo pt: ouvir ouvi"""

_PLOTTING = """plot graph chart replot de: plotte plotten es: grafica grafique graficar graficarlo graficalo
    fr: trace tracer
    it: traccia tracciare
    pt: plotar plote plota"""

_FILMING = """animate film de: animiere animieren verfilme verfilmen es: anima animar animalo animala fr: anime animer
    it: anima animare
    pt: filmar
    filmer"""

_MAKING = """make create generate give show produce get send provide prepare do need want like design include attach
    have
    de: mach mache machen macht erstelle erstellen erstell erzeuge erzeugen generiere gib zeige zeig schaffe brauche
    moechte
    haette will entwirf mir bereite
    es: haz hazme hacer haga crea creame crear genera generame generar dame muestra muestrame mostrar quiero necesito
    prepara disena incluye
    fr: fais faire faites cree creer genere generer donne montre montrer veux voudrais prepare creez generez
    it: fai fanne fammi fare crea creami creare genera generami generare dammi mostra mostrami voglio vorrei prepara
    pt: faz faca fazer cria crie criar gera gere gerar mostra mostre quero preciso prepara prepare"""
"""Verbs that say nothing of what is to be made: the noun does."""

VERBS_AS_WRITTEN = (_WRITING, _TELLING, _DRAWING, _CHANGING, _SPEAKING, _ALOUD, _PLOTTING, _FILMING, _MAKING)
"""With the marks of their languages."""

_I, _T, _S, _C, _V = Output.IMAGE, Output.TEXT, Output.SPEECH, Output.CHART, Output.VIDEO
_NOUNS: tuple[tuple[tuple[Output, ...], str], ...] = (
    (
        (_I,),
        """picture image photo photograph painting drawing illustration sketch logo poster artwork cartoon icon portrait
        wallpaper pic render infographic cover banner meme comic watercolor watercolour thumbnail collage visual
        de: bild bilder foto fotos gemaelde zeichnung illustration skizze plakat portraet titelbild
        es: imagen imagenes dibujo ilustracion ilustraciones boceto retrato cartel pintura
        fr: peinture dessin croquis affiche portrait
        it: immagine immagini dipinto dipinti disegno disegni illustrazione illustrazioni schizzo ritratto quadro
        pt: imagem imagens desenho ilustracao ilustracoes esboco retrato cartaz fotografia""",
    ),
    ((_C, _I), "diagram diagramm diagrama diagramme diagramma grafik visualization visualisation visualisierung"),
    (
        (_C,),
        """chart graph plot histogram barchart piechart scatterplot heatmap balkendiagramm kreisdiagramm liniendiagramm
        saeulendiagramm tortendiagramm histogramm schaubild kurve grafico graficos histograma graphique histogramme
        camembert courbe istogramma""",
    ),
    (
        (_S,),
        """audio voice voiceover voiceovers narration recording podcast reading mp3 wav sound speech audiobook
        de: stimme sprachausgabe hoerbuch hoerfassung vertonung tonspur lesung audiodatei sprachversion
        voz locucion narracion grabacion voix enregistrement voce narrazione registrazione narracao gravacao locucao
        lettura lectura lecture leitura""",
    ),
    (
        (_V,),
        """video film clip animation movie gif videoclip filmchen pelicula animacion filmato animazione filme animacao
        slideshow diashow diaporama""",
    ),
    (
        (_T,),
        """poem haiku haikus sonnet limerick story tale text essay article recipe letter email song lyrics joke
        paragraph summary description caption explanation list slogan post blog script answer reply message dialogue
        translation verse rhyme ballad biography report speech fact facts analysis conclusion instructions note notes
        bedtime fable review quote words sentence title tagline stanza
        de: gedicht gedichte geschichte maerchen aufsatz artikel rezept brief lied witz absatz zusammenfassung
        beschreibung
        erklaerung liste antwort uebersetzung spruch vers fabel bericht satz limerick
        es: poema soneto cuento historia relato texto ensayo articulo receta carta cancion chiste parrafo resumen
        descripcion explicacion lista respuesta traduccion fabula poesia
        fr: poeme histoire conte texte essai recette lettre chanson blague paragraphe resume explication liste
        reponse traduction fable
        it: storia racconto fiaba testo saggio articolo ricetta lettera canzone barzelletta paragrafo riassunto
        descrizione
        spiegazione risposta traduzione filastrocca
        pt: conto artigo piada paragrafo resumo descricao explicacao resposta traducao cancao ensaio""",
    ),
)

NOUNS: dict[str, tuple[Output, ...]] = {}
"""What somebody who names a thing wants; the likelier kind first."""
for _outputs, _words in _NOUNS:
    for _word in listed(_words):
        NOUNS[_word] = (*NOUNS.get(_word, ()), *_outputs)

TABLES = listed("table spreadsheet csv tabelle tabla tableau tabella tabela data daten datos donnees dati dados")
NUMBERS = listed("number numbers figure figures zahl zahlen werte numeros cifras chiffres numeri cifre values")
DOCUMENTS = listed("document pdf file doc dokument datei documento archivo fichier documento arquivo")
