family-about = Możemy pomóc. O co chodzi? { $choices }. 0 = pracownik.
family-words = Napisz trochę, własnymi słowami. Pracownicy klasy tego nie widzą.
family-ring = Możemy zadzwonić. Kiedy? { $choices }. 0 = pracownik.
family-call = OK. Zadzwoni: { $who }, do { $by }.
family-call-office = OK. Zadzwoni sekretariat, do { $by }.
family-agency = Czy w razie potrzeby możemy poprosić o pomoc inne służby?
family-private = Dziękujemy. Czyta to tylko osoba, która pomaga rodzinom, nie klasa. Możesz napisać więcej.
choice-family-support = Pomoc dla rodziny
choice-family-money = Pieniądze, jedzenie
choice-family-home = Mieszkanie
choice-family-forms = Formularze
choice-family-parenting = Wychowanie
choice-family-talk = Rozmowa z kimś
topic-family-support = pomoc dla rodziny
choice-morning = Rano
choice-afternoon = Po południu
choice-evening = Wieczorem
choice-no-call = Nie dzwoń
