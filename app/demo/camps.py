"""The camps of Zonnewende: Vakantiekamp, Sportkamp and Kleuteratelier."""

from datetime import time

from app.demo.catalogue import (
    CAMP,
    NOWHERE,
    PARK,
    PLAYGROUND,
    POOL,
    SPORTS_CAMP,
    SPORTS_HALL,
    STUDIO,
    THEATRE,
    TODDLERS,
    YOUTH_CENTRE,
    Item,
    with_residents,
)
from app.demo.days import Camp

WINTERBOS_1 = "Winterbos-kamp, week 1"
WINTERBOS_2 = "Winterbos-kamp, week 2"
CIRCUS = "Circuskamp"
ROBOTS = "Techniekkamp: bouw je eigen robot"
FRENCH = "Taalkamp Frans: on y va!"
OMNISPORT_1 = "Omnisport: van bal tot balk, week 1"
OMNISPORT_2 = "Omnisport: van bal tot balk, week 2"
CLIMBING = "Klimkamp op de bloc"
DANCE = "Danskamp: van hiphop tot breakdance"
RAINBOW = "Kleuteratelier Regenboog"
ANIMALS = "Kleuteratelier Dierenvriendjes"

_WINTERBOS = (
    "Vier dagen buiten in het Winterbos: hutten bouwen, vuur maken en dierensporen zoeken. Wie "
    "durft, slurpt brandnetelsoep.\n\nBreng een lunchpakket, een koek en een drinkbus met water "
    "mee, en warme kleren die vuil mogen worden. Opvang van 8 tot 17.30 uur."
)
_OMNISPORT = (
    "Elke dag twee andere sporten, van handbal tot evenwichtsbalk, met lesgevers van de "
    "sportdienst. Je hoeft nergens goed in te zijn: proeven is genoeg.\n\nDraag sportkleren en "
    "zaalschoenen zonder zwarte zool."
)

CAMPS = (
    Item(WINTERBOS_1, CAMP, Camp(0), PLAYGROUND, 24, _WINTERBOS, ages=(6, 10),
         series="Winterbos-kamp", theme="Milieu en natuur", published=True),
    Item(WINTERBOS_2, CAMP, Camp(1), PLAYGROUND, 24, _WINTERBOS, ages=(6, 10),
         series="Winterbos-kamp", theme="Milieu en natuur", published=True),
    Item(CIRCUS, CAMP, Camp(1), THEATRE, 6,
         "Jongleren, koorddansen en vallen zonder pijn. Op de laatste dag toon je om 15.30 uur in "
         "de grote zaal wat je kan, en je familie mag komen kijken.",
         ages=(7, 12), published=True),
    Item(ROBOTS, CAMP, Camp(0, time(9), time(16)), YOUTH_CENTRE, 8,
         "Je bouwt een robot die een lijn volgt, leert hem draaien en stoppen, en wint misschien "
         "de race op de laatste namiddag. Wij zorgen voor laptops en onderdelen.",
         ages=(9, 16), theme="Computer en techniek", prices=with_residents("90.00", "72.00"),
         published=True),
    Item(FRENCH, CAMP, Camp(1), YOUTH_CENTRE, 16,
         "Frans leren door te koken, te spelen en te zingen. Geen banken en geen rapport: je "
         "spreekt van de eerste minuut.",
         ages=(8, 12), theme="Taal en communicatie", published=True),
    Item("Op expeditie: het grote natuurkamp", CAMP, Camp(2), PARK, 30,
         "Met kaart en kompas het park door, een vlot bouwen en op de laatste dag een spoor volgen "
         "dat niemand anders zag.",
         theme="Outdoor en adventure sport", opens_in_days=10),
    Item("Theaterkamp: de verdwenen koning", CAMP, Camp(2), THEATRE, 18,
         "In vier dagen maken we samen een stuk: tekst, decor, kostuums en spel. De koning is weg, "
         "en alleen jij weet waarheen.",
         ages=(8, 13), opens_in_days=10),
    Item("Kookkamp: van veld tot vork", CAMP, Camp(2), YOUTH_CENTRE, 12, "",
         theme="Voeding", ages=(9, 13), online=False),
    Item(OMNISPORT_1, SPORTS_CAMP, Camp(0), SPORTS_HALL, 24, _OMNISPORT, ages=(7, 12),
         series="Omnisport: van bal tot balk", published=True),
    Item(OMNISPORT_2, SPORTS_CAMP, Camp(1), SPORTS_HALL, 24, _OMNISPORT, ages=(7, 12),
         series="Omnisport: van bal tot balk", published=True),
    Item(CLIMBING, SPORTS_CAMP, Camp(1, time(10), time(15)), SPORTS_HALL, 10,
         "Klimmen zonder touw op lage wanden met dikke matten. Je leert vallen, grepen lezen en "
         "elkaar helpen.",
         ages=(9, 14), theme="Outdoor en adventure sport",
         prices=with_residents("96.00", "78.00"), published=True),
    Item("Zwemkamp: plonzen en duiken", SPORTS_CAMP, Camp(2, time(9), time(12)), POOL, 16,
         "Elke voormiddag twee uur in het water: duiken, reddend zwemmen en waterpolo. Je zwemt "
         "25 meter zonder hulp.",
         ages=(8, 13), theme="Zwemmen en watersport", opens_in_days=10),
    Item("Ponykamp op de Veldhoeve", SPORTS_CAMP, Camp(2), NOWHERE, 10,
         "Een pony borstelen, zadelen en rijden, en daarna de stal uitmesten. Voor wie nog nooit "
         "op een paard zat.",
         ages=(7, 10), opens_in_days=10),
    Item(DANCE, SPORTS_CAMP, Camp(0, time(10), time(16)), THEATRE, 20,
         "Elke dag een andere stijl met een andere dansleraar, en op het einde een filmpje om "
         "mee te pronken.",
         ages=(8, 14), theme="Fitness, gymnastiek, dans en vechtsport", published=True),
    Item(RAINBOW, TODDLERS, Camp(0, time(9), time(15, 30)), YOUTH_CENTRE, 14,
         "Verven met handen, voeten en oude tandenborstels. Tussendoor rusten we, zingen we en "
         "eten we fruit. Opvang van 8 tot 17 uur.",
         published=True),
    Item(ANIMALS, TODDLERS, Camp(1, time(9), time(15, 30)), PLAYGROUND, 5,
         "Elke dag een ander dier: we bouwen een nest, een hol en een web, en gaan op bezoek bij "
         "de kippen van de buren.",
         published=True),
    Item("Kleuteratelier Verf en klei", TODDLERS, Camp(2, time(9), time(15, 30)), STUDIO, 12,
         "Kneden, rollen, stempelen en spatten. Trek kleren aan die tegen een stootje kunnen.",
         opens_in_days=10),
    Item("Kleuteratelier Circusbeestjes", TODDLERS, Camp(2, time(9), time(15, 30)), PLAYGROUND, 14,
         "", online=False),
)  # fmt: skip
