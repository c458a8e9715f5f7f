after-call = Dziękujemy za dzisiejszą rozmowę. Ustalenia są zapisane. { $choices }. 0 = pracownik.
after-call-words = Co dodać lub poprawić? Napisz własnymi słowami.
after-call-added = Dziękujemy. Dodane do sprawy { $case }.
choice-after-copy = Kopia
choice-after-add = Dodaj lub popraw
topic-after-call = nasze ustalenia
