menu = { $school } (automat). { $choices }. 0 = pracownik. W niebezpieczeństwie dzwoń 999.
menu-again = Przepraszamy, nie rozumiemy. { $choices }. 0 = pracownik. W niebezpieczeństwie dzwoń 999.
menu-more = { $choices }. 0 = pracownik.
choice-who = Do kogo się zwrócić
choice-concern = Coś mnie martwi
choice-meeting = Umów spotkanie
choice-sendiass = Niezależna porada
choice-more = Więcej
choice-status = Co z moją wiadomością
choice-change = Zmiana spotkania
