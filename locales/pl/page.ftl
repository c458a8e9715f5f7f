# Strona, na której rodzic czyta to, co jest jego w sprawie, oraz SMS, który do niej prowadzi. Telefon
# bywa wspólny: przed podaniem PIN-u nic tu nie mówi o dziecku, zmartwieniu ani o powodach szkoły.

page-link = { $school }: jest strona do przeczytania, do { $until }: { $link } Potrzebny PIN. Nie masz? Zapytaj w sekretariacie.

page-title = Strona dla Ciebie
page-pin-label = PIN
page-pin-hint = Szkoła podała go na kartce.
page-open = Otwórz
page-not-opened = Strona się nie otworzyła. Sprawdź link i PIN. Po 5 błędnych kodach PIN albo po dwóch tygodniach poproś szkołę o nowy link.
page-heading = { $reference }: co zostało powiedziane i ustalone
page-intro = To zapisała { $school } i możesz to przeczytać.
page-you-wrote = Twoja wiadomość
page-we-wrote = Wiadomość do Ciebie: { $who }
page-agreed = Co zostało ustalone
page-nothing-changes = Jaka jest decyzja
page-review = Kiedy do tego wrócimy
page-added = Twoje uzupełnienie
page-correction = Poprawka szkoły
page-early-discussion = Notatka z naszej rozmowy
page-stage = Jakie wsparcie ma dziecko
page-told = Co już wiesz od szkoły
page-formal-notice = List do Ciebie
page-other = Od szkoły
page-right = Zgadza się
page-add-label = Coś dodać albo coś się nie zgadza? Napisz tutaj.
page-add-hint = Trafi do dokumentacji słowo w słowo.
page-add = Dodaj
page-thanks-right = Dziękujemy. Szkoła widzi, że to zostało przeczytane.
page-thanks-added = Dziękujemy. Twoje słowa są w dokumentacji i szkoła o nich wie.
page-empty = Nic tu jeszcze nie ma.
page-danger = W niebezpieczeństwie dzwoń 999.
page-leave = Po przeczytaniu zamknij stronę: na tym telefonie można ją zobaczyć jeszcze przez 30 minut.
