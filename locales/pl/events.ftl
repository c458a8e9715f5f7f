events-pick = Wkrótce: { $choices }. 0 = pracownik.
events-none = Nie ma teraz wpisanych wydarzeń. Czego chcesz się dowiedzieć? Odpowie pracownik.
events-none-known = Nie ma teraz wpisanych wydarzeń, więc odpowie pracownik.
events-other = Czego chcesz się dowiedzieć? Napisz własnymi słowami, odpowie pracownik.
events-answer = { $event }. Przyjdziesz? { $choices }. 0 = pracownik.
events-needs = Czy czegoś potrzebujesz: tłumacz, wejście bez schodów, opieka nad małymi? Jeśli nie, odpisz nie.
events-noted = Zapisane: { $event }, { $at }. Przypomnimy. Zmiana? Napisz do nas.
events-full = Przepraszamy, brak miejsc: { $event }. Jesteś na liście, szkoła da znać.
events-declined = OK, dziękujemy za wiadomość.
choice-coming = Tak
choice-quietly = Tak, po cichu
choice-not-coming = Nie
choice-events = Wydarzenia
topic-events = wydarzenia
