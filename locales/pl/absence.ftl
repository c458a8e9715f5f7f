absence-words = Kogo nie będzie lub kto się spóźni, dlaczego i do kiedy? Napisz własnymi słowami.
absence-line = Dziękujemy. Sekretariat już to ma. Zadzwoń też: { $absence-phone }. SMS nie wpisuje nieobecności.
absence-office = Dziękujemy. Sekretariat już to ma. Zadzwoń też: { $office-phone }. SMS nie wpisuje nieobecności.
absence-child = Które to dziecko?
absence-noted = Dziękujemy. Sekretariat wie, o które dziecko chodzi.
choice-absence = Nieobecność
topic-absence = nieobecność dziecka
