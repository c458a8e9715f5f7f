# ZMIANA and SPOTKANIE are words that reading.toml understands.
meeting-child = Którego dziecka dotyczy spotkanie?
meeting-offer = Terminy, { $who }, { $minutes } min: { $choices }. 0 = pracownik.
meeting-offer-nudge = { $school }: czekamy na wybór terminu spotkania. Odpisz numer terminu albo: inne terminy. 0 = pracownik.
meeting-gone = Przepraszamy, ten termin jest już zajęty.
meeting-booked = Umówione: { $at }, { $who }, w szkole, { $minutes } min. Możesz kogoś ze sobą zabrać. Aby zmienić, odpisz ZMIANA.
meeting-booked-phone = Umówione: { $at }. Na ten numer zadzwoni { $who }. Aby zmienić, odpisz ZMIANA.
meeting-booked-video = Umówione: { $at }, { $who }, rozmowa wideo. Wyślemy link. Aby zmienić, odpisz ZMIANA.
meeting-none = Nie mamy teraz wolnych terminów. Sekretariat wyśle propozycje, do { $by }. 0 = pracownik.
meeting-move-none = Nie ma teraz innego terminu. Spotkanie bez zmian. Sekretariat napisze o innym, do { $by }.
meeting-office-will = Dziękujemy. Sekretariat napisze o spotkaniu, do { $by }. 0 = pracownik.
meeting-other-times = Jakie dni i godziny pasują? Napisz własnymi słowami.
meeting-other-told = Dziękujemy. O terminie napisze sekretariat, do { $by }. Numer sprawy: { $case }.
meeting-which = Masz spotkanie: { $at }, { $who }. Co chcesz zrobić? { $choices }. 0 = pracownik.
meeting-pick = Które spotkanie? { $choices }. 0 = pracownik.
meeting-picked = Masz spotkanie: { $meeting }. Co chcesz zrobić? { $choices }. 0 = pracownik.
meeting-sure = Masz spotkanie: { $at }, { $who }. Odwołać je?
meeting-called-off = Spotkanie { $at } jest odwołane. Szkoła już o tym wie. Aby umówić nowe, odpisz SPOTKANIE.
meeting-kept = OK. Spotkanie bez zmian.
meeting-nothing = W kalendarzu nie ma spotkania. Chcesz nowe? Odpisz SPOTKANIE. 0 = pracownik.
meeting-unchecked-words = O czym chcesz porozmawiać? Napisz też imię i klasę dziecka. 0 = pracownik.
meeting-unchecked-change = Co chcesz zmienić? Napisz też swoje nazwisko i dzień spotkania. Odpowie pracownik. 0 = pracownik.
meeting-unchecked = Dziękujemy. Sekretariat napisze o spotkaniu, do { $by }. Darmowa porada SEND, niezależna od szkoły: odpisz 4. Pracownik: 0.
meeting-unchecked-again = Takie prośby najpierw czyta pracownik szkoły. Odpowiedź do { $by }. Telefon do sekretariatu: { $office-phone }.
choice-move = Inny termin
choice-off = Odwołaj
choice-keep = Zostaw
topic-meeting = spotkanie
