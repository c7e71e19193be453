"""Words that are said of pictures, in the languages of the lexicon, folded."""

from __future__ import annotations

import re

from core.chat.planning.words import listed

SEEN = listed(
    """darker brighter lighter sky background foreground colour color colours colors horizon sunset moon sun stars
    clouds tree trees mountain mountains grass blurry sharper sepia monochrome greyscale grayscale colourful colorful
    black white pixelated cropped upside sideways rotate rotated flip flipped mirror mirrored crop blur sharpen tint
    recolour recolor brighten darken
    dunkler heller himmel hintergrund vordergrund farbe farben mond sonne sterne wolken baum baeume berg berge
    schwarzweiss schwarz weiss bunter drehe dreh rotiere spiegle spiegele spiegeln gespiegelt gedreht zuschneiden
    negro blanco gira girala giralo recorta recortala voltea voltealo
    oscuro oscura claro clara luminoso luminosa brillante cielo fondo color colores luna sol estrellas nubes arbol
    arboles
    noir blanc recadre pivote retourne
    sombre fonce clair claire lumineux lumineuse ciel fond couleur couleurs lune soleil etoiles nuages arbre arbres
    bianco nero ruota ritaglia capovolgi
    scuro scura chiaro chiara luminoso luminosa sfondo colore colori sole stelle nuvole albero alberi
    preto branco gire recorte
    escuro escura ceu cor cores lua estrelas nuvens arvore arvores"""
)
"""What is seen and not heard: who wants these changed means a picture, if there is one."""

PICTURES = listed(
    """pictures images photos drawings paintings bilder fotos zeichnungen imagenes dibujos dessins immagini disegni
    imagens desenhos"""
)
INTO_ONE = re.compile(
    r"\b(?:(?:in ?to|as|in) (?:one|a single)|zu eins|in eins"
    r"|(?:in|im|zu|als|en|em|a|como|come|comme) (?:eine?[mnr]?|un[oae]?|uma?) "
    r"(?:einzig\w+|sol[oa]|seule?|so|unic[oa]|bild|foto|imagen|image|immagine|imagem)"
    r"|one (?:picture|image|photo)|side by side|next to|on top of|nebeneinander|uebereinander|al lado|cote a cote"
    r"|fianco|lado a lado|swap|switch|between|tausche?|vertausche|zwischen|from the one|from one|onto|of the other"
    r"|each other|slideshow|animation|gif|grid|panel|raster|diptych)\b"
    r"|\baus (?:den |allen |diesen )?(?:beiden|zwei|drei|bildern)\b.*\beins?\b"
)
"""Says that several become one, or that one takes something of the other."""
