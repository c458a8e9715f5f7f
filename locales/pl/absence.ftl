absence-words = Kogo nie będzie lub kto się spóźni, dlaczego i do kiedy? Napisz własnymi słowami.
absence-line = Dziękujemy. Wiadomość jest w sekretariacie. Zadzwoń też: { $absence-phone }. SMS nie wpisuje nieobecności.
absence-office = Dziękujemy. Wiadomość jest w sekretariacie. Zadzwoń też: { $office-phone }. SMS nie wpisuje nieobecności.
absence-child = Które to dziecko?
absence-noted = Dziękujemy. Sekretariat wie, o które dziecko chodzi.
choice-absence = Nieobecność
topic-absence = nieobecność dziecka
