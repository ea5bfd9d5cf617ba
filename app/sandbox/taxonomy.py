"""publiq's taxonomy: 21 event types with the themes they suggest, 73 themes, some place types.

Source: the table of event types and themes of `GET /terms` (taxonomy.uitdatabank.be).
"""

from flask import Blueprint, jsonify

taxonomy = Blueprint("taxonomy", __name__, url_prefix="/taxonomy")

DANCE = "1.9.1.0.0 1.9.2.0.0 1.9.5.0.0 1.9.3.0.0"
MUSIC = "1.8.3.5.0 1.8.3.3.0 1.8.4.0.0 1.8.3.2.0 1.8.2.0.0 1.8.1.0.0 1.8.3.1.0"
SPORT = (
    "1.51.14.0.0 1.51.13.0.0 1.51.6.0.0 1.58.8.0.0 1.51.12.0.0 1.51.11.0.0 1.51.10.0.0 1.51.3.0.0"
)
ARTS = (
    "1.1.0.0.0 1.0.2.0.0 0.52.0.0.0 1.42.0.0.0 1.0.5.0.0 1.2.2.0.0 1.40.0.0.0 1.0.6.0.0 1.0.4.0.0 "
    "1.10.0.0.0 1.0.9.0.0 1.49.0.0.0 1.10.5.0.0 1.0.1.0.0 1.3.1.0.0"
)
VARIA = (
    "1.37.1.0.0 1.43.0.0.0 1.64.0.0.0 1.37.0.0.0 1.61.0.0.0 1.37.2.0.0 1.65.0.0.0 1.25.0.0.0 "
    "1.44.0.0.0"
)
COURSE = " ".join((DANCE, ARTS, MUSIC, SPORT, VARIA))
EVENT_TYPES = {
    "0.0.0.0.0": (
        "Tentoonstelling",
        (
            "1.2.1.0.0 1.1.0.0.0 1.0.2.0.0 1.0.5.0.0 1.2.2.0.0 1.40.0.0.0 1.0.6.0.0 1.11.0.0.0 "
            "1.0.4.0.0 1.0.3.0.0 1.10.0.0.0 1.0.9.0.0 1.64.0.0.0 1.49.0.0.0 1.37.2.0.0 1.0.1.0.0 "
            "1.25.0.0.0"
        ),
    ),
    "0.12.0.0.0": (
        "Opendeurdag",
        (
            "1.2.1.0.0 1.21.0.0.0 1.40.0.0.0 1.41.0.0.0 1.63.0.0.0 1.10.0.0.0 1.0.9.0.0 1.37.2.0.0 "
            "1.25.0.0.0"
        ),
    ),
    "0.17.0.0.0": ("Route", ""),
    "0.19.0.0.0": ("Sportwedstrijd bekijken", SPORT),
    "0.28.0.0.0": ("Festiviteit", ""),
    "0.3.1.0.0": ("Lessenreeks", COURSE),
    "0.3.1.0.1": ("Cursus met open sessies", COURSE),
    "0.3.2.0.0": (
        "Lezing of congres",
        (
            "1.21.0.0.0 1.42.0.0.0 1.40.0.0.0 1.11.0.0.0 1.37.1.0.0 1.41.0.0.0 1.10.0.0.0 "
            "1.64.0.0.0 1.37.0.0.0 1.61.0.0.0 1.10.5.0.0 1.37.2.0.0 1.25.0.0.0 1.44.0.0.0"
        ),
    ),
    "0.37.0.0.0": (
        "Markt, braderie of kermis",
        "1.17.0.0.0 1.66.0.0.0 1.62.0.0.0 1.63.0.0.0 1.10.0.0.0 1.0.9.0.0 1.64.0.0.0 1.37.2.0.0",
    ),
    "0.49.0.0.0": ("Party of fuif", ""),
    "0.5.0.0.0": (
        "Festival",
        (
            "1.8.3.5.0 0.52.0.0.0 1.8.3.3.0 1.8.4.0.0 1.3.10.0.0 1.8.2.0.0 1.8.1.0.0 1.41.0.0.0 "
            "1.10.0.0.0 1.7.14.0.0 1.0.9.0.0 1.8.3.1.0 1.37.2.0.0 1.3.1.0.0 1.25.0.0.0"
        ),
    ),
    "0.50.21.0.0": ("Spel of quiz", ""),
    "0.50.4.0.0": ("Concert", MUSIC),
    "0.50.6.0.0": (
        "Film",
        (
            "1.7.2.0.0 1.7.12.0.0 1.7.11.0.0 1.7.1.0.0 1.7.4.0.0 1.7.10.0.0 1.7.6.0.0 1.7.8.0.0 "
            "1.7.3.0.0 1.7.13.0.0 1.7.7.0.0 1.7.15.0.0"
        ),
    ),
    "0.54.0.0.0": ("Dansvoorstelling", DANCE),
    "0.55.0.0.0": (
        "Theatervoorstelling",
        "0.52.0.0.0 1.3.5.0.0 1.3.10.0.0 1.3.4.0.0 1.4.0.0.0 1.5.0.0.0 1.3.1.0.0",
    ),
    "0.57.0.0.0": (
        "Kamp of vakantie",
        "1.51.11.0.0 1.42.0.0.0 1.65.0.0.0 1.64.0.0.0 1.51.12.0.0 1.21.0.0.0 1.11.2.0.0 1.11.1.0.0",
    ),
    "0.59.0.0.0": ("Sport en beweging", SPORT),
    "0.6.0.0.0": (
        "Beurs",
        (
            "1.17.0.0.0 1.40.0.0.0 1.62.0.0.0 1.10.0.0.0 1.0.9.0.0 1.64.0.0.0 1.37.2.0.0 "
            "1.10.8.0.0 1.65.0.0.0 1.25.0.0.0"
        ),
    ),
    "0.7.0.0.0": (
        "Begeleide uitstap of rondleiding",
        (
            "1.2.1.0.0 1.40.0.0.0 1.11.0.0.0 1.41.0.0.0 1.63.0.0.0 1.0.9.0.0 1.64.0.0.0 1.37.2.0.0 "
            "1.25.0.0.0 1.44.0.0.0"
        ),
    ),
    "1.50.0.0.0": ("Eet- of drankfestijn", ""),
}
THEMES = {
    "1.51.14.0.0": "Atletiek, wandelen en fietsen",
    "1.51.13.0.0": "Bal en racketsport",
    "1.51.6.0.0": "Fitness, gymnastiek, dans en vechtsport",
    "1.58.8.0.0": "Lucht en motorsport",
    "1.51.12.0.0": "Omnisport en andere",
    "1.51.11.0.0": "Outdoor en adventure sport",
    "1.51.10.0.0": "Volkssporten",
    "1.51.3.0.0": "Zwemmen en watersport",
    "1.8.3.5.0": "Amusementsmuziek",
    "1.8.3.3.0": "Dance muziek",
    "1.8.4.0.0": "Folk en wereldmuziek",
    "1.8.3.2.0": "Hip hop, rnb en rap",
    "1.8.2.0.0": "Jazz en blues",
    "1.8.1.0.0": "Klassieke muziek",
    "1.8.3.1.0": "Pop en rock",
    "1.9.1.0.0": "Ballet en klassieke dans",
    "1.9.2.0.0": "Moderne dans",
    "1.9.5.0.0": "Stijl en salondansen",
    "1.9.3.0.0": "Volksdans en werelddans",
    "1.1.0.0.0": "Audiovisuele kunst",
    "1.0.2.0.0": "Beeldhouwkunst",
    "0.52.0.0.0": "Circus",
    "1.42.0.0.0": "Creativiteit",
    "1.0.5.0.0": "Decoratieve kunst",
    "1.2.2.0.0": "Design",
    "1.40.0.0.0": "Erfgoed",
    "1.0.6.0.0": "Fotografie",
    "1.0.4.0.0": "Grafiek",
    "1.10.0.0.0": "Literatuur",
    "1.0.9.0.0": "Meerdere kunstvormen",
    "1.49.0.0.0": "Mode",
    "1.10.5.0.0": "Poëzie",
    "1.0.1.0.0": "Schilderkunst",
    "1.3.1.0.0": "Tekst- en muziektheater",
    "1.37.1.0.0": "Gezondheid en zorg/wellness",
    "1.43.0.0.0": "Interculturele vorming",
    "1.64.0.0.0": "Milieu en natuur",
    "1.37.0.0.0": "Opvoeding",
    "1.61.0.0.0": "Persoon en relaties",
    "1.37.2.0.0": "Samenleving",
    "1.65.0.0.0": "Voeding",
    "1.25.0.0.0": "Wetenschap",
    "1.44.0.0.0": "Zingeving, filosofie en religie",
    "1.2.1.0.0": "Architectuur",
    "1.11.0.0.0": "Geschiedenis",
    "1.41.0.0.0": "Kunst en kunsteducatie",
    "1.63.0.0.0": "Landbouw en platteland",
    "1.17.0.0.0": "Antiek en brocante",
    "1.62.0.0.0": "Gezondheid en wellness",
    "1.10.8.0.0": "Strips",
    "1.3.10.0.0": "Humor en comedy",
    "1.7.14.0.0": "Meerdere filmgenres",
    "1.7.2.0.0": "Actie en avontuur",
    "1.7.12.0.0": "Animatie en kinderfilms",
    "1.7.11.0.0": "Cinefiel",
    "1.7.1.0.0": "Documentaires en reportages",
    "1.7.4.0.0": "Drama",
    "1.7.10.0.0": "Filmmusical",
    "1.7.6.0.0": "Griezelfilm of horror",
    "1.7.8.0.0": "Historische film",
    "1.7.3.0.0": "Komedie",
    "1.7.13.0.0": "Kortfilm",
    "1.7.7.0.0": "Science fiction",
    "1.7.15.0.0": "Thriller",
    "1.21.0.0.0": "Computer en techniek",
    "1.11.2.0.0": "Themakamp",
    "1.11.1.0.0": "Taal en communicatie",
    "1.66.0.0.0": "Economie",
    "1.0.3.0.0": "Installatiekunst",
    "1.3.5.0.0": "Figuren en poppentheater",
    "1.3.4.0.0": "Mime en bewegingstheater",
    "1.4.0.0.0": "Musical",
    "1.5.0.0.0": "Opera en operette",
}
PLACE_TYPES = {
    "8.70.0.0.0": "Theater",
    "OyaPaf64AEmEAYXHeLMAtA": "Zaal of expohal",
    "GnPFp9uvOUyqhOckIFMKmg": "Museum of galerij",
    "8.9.1.0.0": "Sportcentrum",
    "8.53.0.0.0": "Recreatiedomein of centrum",
    "8.32.0.0.0": "Bibliotheek of documentatiecentrum",
    "8.51.0.0.0": "Jeugdhuis of jeugdcentrum",
    "8.10.0.0.0": "Cultuur- of ontmoetingscentrum",
    "8.48.0.0.0": "Openbare ruimte",
    "8.44.0.0.0": "School of onderwijscentrum",
}


def _term(key, domain, scope, name):
    return {"id": key, "domain": domain, "scope": [scope], "name": {"nl": name}}


def _event_type(key, name, suggested):
    term = _term(key, "eventtype", "events", name)
    if suggested:
        term["otherSuggestedTerms"] = [
            _term(theme, "theme", "events", THEMES[theme]) for theme in suggested.split()
        ]
    return term


TERMS = (
    {key: _event_type(key, name, suggested) for key, (name, suggested) in EVENT_TYPES.items()}
    | {key: _term(key, "theme", "events", name) for key, name in THEMES.items()}
    | {key: _term(key, "eventtype", "places", name) for key, name in PLACE_TYPES.items()}
)


@taxonomy.get("/terms")
def terms():
    """Everything at once, without signing in."""
    return jsonify(terms=list(TERMS.values()))


def short_term(key):
    """A term as events and places carry it: id, label in Dutch, domain."""
    term = TERMS[key]
    return {"id": key, "label": term["name"]["nl"], "domain": term["domain"]}
