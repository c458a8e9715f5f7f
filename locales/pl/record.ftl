record-receipt = Dziękujemy. Wiadomość zapisana: { $case }. Odpowie: { $who }, do { $by }. Możesz napisać więcej.
record-receipt-closed = Dziękujemy. Zapisane: { $case }. Szkoła czynna od { $opens }. Odpowie: { $who }, do { $by }.
record-office = Dziękujemy. Wiadomość zapisana: { $case }. Odpowie sekretariat, do { $by }. Możesz napisać więcej.
record-office-closed = Dziękujemy. Zapisane: { $case }. Szkoła czynna od { $opens }. Odpowie sekretariat, do { $by }.
record-child = Którego dziecka to dotyczy?
record-added = Dziękujemy. Dodane do sprawy { $case }.
topic-record = Twoja wiadomość
