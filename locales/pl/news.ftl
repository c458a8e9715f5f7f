news-words = Co nowego? Napisz własnymi słowami.
news-about = Dziękujemy, zapisane. Czy to: { $choices }. 0 = pracownik.
news-child = Którego dziecka to dotyczy?
news-hard = Przykro nam. { $choices }. 0 = pracownik.
news-health = Dziękujemy. Wiadomość ma już klasa i sekretariat. Jeśli coś trzeba zrobić dziś, dzwoń: { $office-phone }.
news-health-office = Dziękujemy. Wiadomość ma już sekretariat. Jeśli coś trzeba zrobić dziś, dzwoń: { $office-phone }.
news-thanks = Dziękujemy. Przeczyta to zespół klasy.
news-thanks-office = Dziękujemy. Przeczyta to sekretariat.
choice-news = Co nowego w domu
choice-news-good = Dobra wiadomość
choice-news-hard = Trudny czas
choice-news-health = Zdrowie, leki
choice-news-change = Zmiana w domu
choice-just-tell = Tylko informuję
choice-worried = Martwię się
topic-news = co nowego w domu
