concern-words = Napisz własnymi słowami, co Cię martwi. Możesz wysłać kilka wiadomości. 0 = pracownik.
concern-receipt = Dziękujemy. Wiadomość zapisana: { $case }. Odpowie: { $who }, do { $by }. Jeśli będzie gorzej, napisz od razu.
concern-receipt-closed = Dziękujemy. Zapisane: { $case }. Szkoła czynna od { $opens }. Odpowie: { $who }, do { $by }. Zagrożenie? Dzwoń 999.
concern-child = Którego dziecka to dotyczy?
concern-who = Jak dziecko ma na imię i do której klasy chodzi?
concern-wish = Jak porozmawiamy? { $choices }. 0 = pracownik.
concern-added = Dziękujemy. Dodane do sprawy { $case }. Zawsze możesz napisać więcej.
concern-will-ring = OK. Zadzwonimy. Dodane do sprawy { $case }. Możesz napisać więcej.
concern-office = Dziękujemy. Wiadomość zapisana: { $case }. Odpowie sekretariat, do { $by }. Jeśli będzie gorzej, napisz od razu.
concern-office-closed = Dziękujemy. Zapisane: { $case }. Szkoła czynna od { $opens }. Odpowie sekretariat, do { $by }. W niebezpieczeństwie dzwoń 999.
concern-office-child = Którego dziecka to dotyczy? Napisz imię i klasę. 0 = pracownik.
choice-call = Przez telefon
choice-meet = W szkole
choice-text = Przez SMS
topic-concern = obawa o dziecko
