status-number = Jaki jest numer sprawy? Na przykład: C-1042.
status-number-again = Przepraszamy, potrzebny jest numer sprawy z naszej wiadomości: C- i cyfry. Jeśli go nie masz, odpisz 0, pracownik sprawdzi.
status-read-by = Sprawa { $case }: przeczytana. Odpowie: { $who }, do { $by }.
status-read = Sprawa { $case }: przeczytana. Ma ją { $who }. Aby coś dodać, po prostu napisz.
status-unread-by = Sprawa { $case }: zapisana, jeszcze nieprzeczytana. Odpowie: { $who }, do { $by }.
status-unread = Sprawa { $case }: zapisana, jeszcze nieprzeczytana. Rozmowa z pracownikiem: odpisz 0.
status-unknown = Nie ma takiej sprawy dla tego telefonu. Rozmowa z pracownikiem: odpisz 0 lub tel. { $office-phone }.
topic-status = wysłana wiadomość
