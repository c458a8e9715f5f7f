complaint-words = Przykro nam. Napisz własnymi słowami, co się stało. Nie wysyłamy tego osobie, o której piszesz. 0 = pracownik.
complaint-way = Co teraz pomoże? { $choices }. 0 = pracownik.
complaint-ask = Druga sprawa, o której piszesz: { $choices }. 0 = pracownik.
complaint-offer = Rozmowa ({ $who }): { $choices }. Możesz kogoś zabrać.
complaint-times = Dziękujemy, zapisane. O terminie napisze { $head } lub sekretariat.
complaint-policy = Jak działa skarga: { $complaints-link } lub sekretariat: { $office-phone }. Skarga liczy się od dziś.
complaint-policy-office = Zasady skarg wyśle sekretariat: { $office-phone }. Skarga liczy się od dziś.
complaint-left = OK. Nic więcej bez Twojej prośby. Wiadomość jest zapisana. Pisz, kiedy chcesz.
choice-complaint = Skarga
choice-talk-head = Najpierw rozmowa (dyrekcja)
choice-formal = Oficjalna skarga
choice-leave = Na razie zostaw
topic-complaint = skarga
