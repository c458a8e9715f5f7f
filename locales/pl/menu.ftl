menu = { $school } (bot). { $choices }. 0 = pracownik. Zagrożenie? Dzwoń 999.
menu-again = Nie rozumiemy, wybierz: { $choices }. 0 = pracownik. Zagrożenie? Dzwoń 999.
menu-more = { $choices }. 0 = pracownik.
choice-who = Do kogo pisać
choice-concern = Mam obawy
choice-meeting = Spotkanie
choice-sendiass = Niezależna porada
choice-more = Więcej
choice-status = Co z moją wiadomością
choice-change = Zmiana spotkania
