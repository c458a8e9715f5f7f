passport-language = W jakim języku pisać? Podaj nazwę języka, np. polski. 0 = zadzwoni pracownik.
passport-interpreter = Czy przy rozmowie ma być tłumacz?
passport-noted = Dziękujemy. Zapisane, przeczyta to wychowawca i sekretariat.
passport-office = Dziękujemy. Zapisane. Odpowie sekretariat, do { $by }.
passport-how = Jak się kontaktować? { $choices }. 0 = pracownik.
passport-times = Kiedy najlepiej się odezwać? Napisz własnymi słowami.
passport-needs = Czy coś utrudnia czytanie, słuch lub wzrok? Na przykład: duży druk, język migowy, czytać na głos.
passport-more = Dziękujemy, zapisane. Czy możemy zapytać o coś więcej, by lepiej znać rodzinę?
passport-people = Kto jest ważny dla dziecka? Na przykład: babcia, opiekun.
passport-matters = Co jest najważniejsze dla rodziny?
passport-duplicates = Czy druga rodzina dziecka potrzebuje własnej kopii listów?
passport-done = Dziękujemy. Zapisane z dzisiejszą datą, widzą to pracownicy. Zmiana? Napisz do nas.
choice-text-me = SMS
choice-ring-me = Telefon
choice-email-me = E-mail
choice-see-me = Osobiście
choice-passport = Jak się kontaktować
topic-passport = jak się kontaktować
passport-talk = OK: { $language }. Jak porozmawiamy? { $choices }
passport-will-ring = OK. Zadzwonimy z tłumaczem ({ $language }). Jeśli nie uda się do { $by }, wyślemy SMS. Możesz napisać więcej.
passport-talk-noted = OK, zapisane. Możesz napisać więcej.
choice-talk-phone = Telefon, z tłumaczem
choice-talk-school = W szkole, z tłumaczem
choice-talk-text = SMS
