"""Lessons, workshops and shows of Zonnewende, and its open playground."""

from datetime import time

from app.demo.catalogue import (
    LESSONS,
    LIBRARY,
    NOWHERE,
    PARK,
    PLAYGROUND,
    PLAYGROUND_WORK,
    POOL,
    SHOW,
    SPORTS_HALL,
    STUDIO,
    THEATRE,
    TODDLERS,
    WORKSHOP,
    YOUTH_CENTRE,
    Item,
    price,
    with_residents,
)
from app.demo.days import (
    FRIDAY,
    MONDAY,
    SATURDAY,
    SUNDAY,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    Once,
    OpenAllSummer,
    Weekly,
)

SWIMMING = "Watergewenning voor beginners"
TODDLER_GYM_1 = "Kleuterturnen, groep 1"
TODDLER_GYM_2 = "Kleuterturnen, groep 2"
MUSIC = "Muziekinitiatie"
AQUAGYM = "Aquagym voor 55-plussers"
JUDO = "Judo voor starters"
CERAMICS = "Keramiek voor volwassenen"
PAPER_LIGHT = "Licht maken: atelier met papier"
DIGIDOCTOR = "Digidokter: je gsm de baas"
SOUP = "Kookworkshop: soep uit de tuin"
FIRST_AID = "EHBO bij baby's en kinderen"
NIGHT_WALK = "Avondwandeling met de boswachter"
FILM = "Familiefilm met warme choco"
OPEN_PLAYGROUND = "Open speelplein"
ACADEMY = "Toonladder"
"""Of the name of an organizer that lets us sell with UiTPAS, and not look up what was sold."""

_TODDLER_GYM = (
    "Klimmen, rollen en springen op maat van kleuters, met een ouder in de zaal. Draag "
    "turnpantoffels en een T-shirt."
)

CLASSES = (
    Item(SWIMMING, LESSONS, Weekly(SATURDAY, 8, time(10), time(10, 45)), POOL, 6,
         "Acht keer wennen aan het water, in een klein groepje en met één lesgever per drie "
         "kinderen. Je hoeft nog niet te kunnen zwemmen.",
         ages=(5, 8), theme="Zwemmen en watersport", prices=with_residents("40.00", "32.00"),
         published=True),
    Item(TODDLER_GYM_1, LESSONS, Weekly(WEDNESDAY, 10, time(13, 30), time(14, 30)), SPORTS_HALL, 16,
         _TODDLER_GYM, ages=(3, 5), published=True),
    Item(TODDLER_GYM_2, LESSONS, Weekly(WEDNESDAY, 10, time(14, 45), time(15, 45)), SPORTS_HALL, 16,
         _TODDLER_GYM, ages=(3, 5), published=True),
    Item(MUSIC, LESSONS, Weekly(SATURDAY, 10, time(9, 30), time(10, 30)), THEATRE, 15,
         "Zingen, klappen en ritme maken op alles wat klinkt. Wie wil, proeft van vier "
         "instrumenten van de academie.",
         ages=(6, 8), theme="Klassieke muziek", organizer=ACADEMY,
         published=True),
    Item(AQUAGYM, LESSONS, Weekly(TUESDAY, 10, time(14), time(14, 50)), POOL, 20,
         "Bewegen in warm water, op muziek en op je eigen tempo. Goed voor de gewrichten, en "
         "achteraf is er koffie.",
         ages=(55, None), theme="Zwemmen en watersport"),
    Item("Linedance op donderdag", LESSONS, Weekly(THURSDAY, 8, time(19, 30), time(21)), THEATRE,
         26, "Geen partner nodig, wel schoenen die glijden. We beginnen met de eenvoudige passen.",
         ages=(16, None), theme="Fitness, gymnastiek, dans en vechtsport"),
    Item(JUDO, LESSONS, Weekly(MONDAY, 10, time(17, 30), time(18, 30)), SPORTS_HALL, 18,
         "Vallen, rollen en respect voor elkaar. Een judopak leen je bij ons, je drinkbus breng "
         "je mee.",
         ages=(6, 11), theme="Fitness, gymnastiek, dans en vechtsport"),
    Item(CERAMICS, LESSONS, Weekly(THURSDAY, 8, time(19), time(21, 30)), STUDIO, 5,
         "Van draaischijf tot glazuur, in een klein atelier. Klei en bakken zijn inbegrepen.",
         ages=(18, None), theme="Beeldhouwkunst", organizer="Vrije Tijd",
         prices=with_residents("120.00", "105.00"), published=True),
    Item("Open atelier schilderen", LESSONS, Weekly(FRIDAY, 8, time(13, 30), time(16)), STUDIO, 10,
         "Werk aan je eigen doek tussen anderen. Wie vastzit, krijgt raad.",
         ages=(18, None), theme="Schilderkunst", organizer=""),
    Item("Leesclub De Bladwijzer", LESSONS, Weekly(MONDAY, 4, time(20), time(22)), LIBRARY, 14,
         "Eén boek per maand, veel meningen en een glas.",
         ages=(18, None), theme="Literatuur", organizer="Vrije Tijd",
         prices=(price("Basistarief", "10.00"),),
         in_uit=False),
    Item("Kleuterdans op zaterdag", TODDLERS, Once(SATURDAY, 7, time(10), time(11)), THEATRE, 12,
         "Een uur dansen met sjaals, ballonnen en muziek van de Notenkraker.",
         theme="", prices=(price("Basistarief", "6.00"),), online=False),
    Item(PAPER_LIGHT, WORKSHOP, Once(TUESDAY, 3, time(19), time(22)), LIBRARY, 4,
         "Je vouwt en snijdt een lamp uit papier, die je dezelfde avond nog laat branden. "
         "Materiaal en ledlampje inbegrepen.",
         theme="Decoratieve kunst", prices=(price("Basistarief", "7.00"),), published=True),
    Item(DIGIDOCTOR, WORKSHOP, Once(TUESDAY, 5, time(10), time(12)), LIBRARY, 6,
         "Foto's bewaren, apps verwijderen en veilig bankieren: breng je eigen toestel en je "
         "vragen mee.",
         theme="Samenleving", prices=(price("Basistarief", "5.00"),), published=True),
    Item(SOUP, WORKSHOP, Once(SATURDAY, 4, time(10), time(13)), YOUTH_CENTRE, 12,
         "Drie soepen met groenten van de buurtmoestuin. Je eet mee en neemt een liter naar huis.",
         theme="Voeding", published=True),
    Item("Fietsherstelcafé", WORKSHOP, Once(SATURDAY, 6, time(14), time(17)), NOWHERE, 8, "",
         prices=(price("Gratis", "0.00"),), online=False),
    Item("Orde in je digitale foto's", WORKSHOP, Once(THURSDAY, 6, time(19), time(21, 30)), LIBRARY,
         10, "Duizenden foto's en geen enkele terugvinden? Na deze avond heb je een plan.",
         theme="Fotografie"),
    Item(FIRST_AID, WORKSHOP, Weekly(WEDNESDAY, 3, time(19, 30), time(22), 15), YOUTH_CENTRE, 15,
         "Drie avonden met een verpleegkundige: verslikken, vallen, koorts en reanimeren. Je "
         "oefent op een pop.",
         theme="Gezondheid en zorg/wellness", prices=with_residents("30.00", "24.00"),
         published=True),
    Item("Startavond voor monitoren", WORKSHOP, Once(FRIDAY, 2, time(19), time(21)), YOUTH_CENTRE,
         40, "Afspraken, planning en een warme hap voor wie deze vakantie begeleidt.",
         prices=(price("Gratis", "0.00"),), in_uit=False),
    Item("Tuinieren op je balkon", WORKSHOP, Once(SATURDAY, -4, time(10), time(12)), PARK, 15,
         "Potten, grond en planten die tegen wind kunnen.", theme="Milieu en natuur"),
    Item(NIGHT_WALK, WORKSHOP, Once(FRIDAY, 4, time(19), time(21, 30)), PARK, 30,
         "Luisteren naar uilen en kijken naar sterren, met de boswachter voorop.",
         event_type="Begeleide uitstap of rondleiding", theme="Milieu en natuur",
         prices=(price("Basistarief", "3.00"),)),
    Item("Het meisje dat de maan leende", SHOW, Once(SATURDAY, 8, time(15), time(16, 10), 2),
         THEATRE, 120,
         "Poppen, schaduwen en een klarinet vertellen hoe een meisje de maan een nachtje mee naar "
         "huis neemt. Vanaf 5 jaar.",
         ages=(5, None), theme="Figuren en poppentheater", published=True),
    Item(FILM, SHOW, Once(SUNDAY, 5, time(14, 30), time(16, 30)), THEATRE,
         180, "Een film voor groot en klein, en in de pauze warme chocolademelk.",
         event_type="Film", theme="Animatie en kinderfilms", published=True),
    Item(OPEN_PLAYGROUND, PLAYGROUND_WORK,
         OpenAllSummer(time(9), time(16, 30), time(21), "Slotdag: 's avonds eten we samen"),
         PLAYGROUND, 60,
         "Kom wanneer je wil en blijf zo lang je wil: er zijn spelen, waterpret en een hoek om te "
         "knutselen. Met één inschrijving speel je de hele zomer mee.\n\nBreng een lunchpakket "
         "mee. Voor soep en water zorgen wij.",
         prices=with_residents("60.00", "45.00"), published=True),
)  # fmt: skip
