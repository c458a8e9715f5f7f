# What a person is told when the safeguarding screen hits. No name, no "safe", no promise to ring:
# a person makes that promise. Phones may be shared.

screen-staffed = Dziękujemy za wiadomość. Trafia teraz do osoby z kierownictwa szkoły. W niebezpieczeństwie dzwoń 999. Nie musisz odpisywać.
# Nobody is on the rota. The council's own line stands beside 999.
screen-closed = Szkoła zamknięta: możliwe, że nikt tego nie zobaczy przed { $opens }. Dziecko zagrożone? Dzwoń 999 lub { $out-of-hours-who }: { $out-of-hours-phone }.
screen-emergency = W niebezpieczeństwie dzwoń 999.
# The adult's own crisis.
screen-crisis = Dziękujemy. Możesz teraz z kimś porozmawiać: Samaritans 116 123 lub SMS o treści SHOUT na 85258. Zagrożenie życia? Dzwoń 999.
# A pupil texting.
screen-young-person = Dziękujemy. Porozmawiaj w szkole z dorosłą osobą, której ufasz. Childline, za darmo: 0800 1111. W niebezpieczeństwie dzwoń 999.
# A language we have no words for, a photo, a voice note.
screen-unread = Automat nie rozumie. Sprawdzi pracownik, do { $by }. Może być tłumacz. Tel. { $office-phone }. W niebezpieczeństwie dzwoń 999.
# The same, where we are sure which language it is: $language is its own name for itself.
screen-unread-in = { $language }? Może być tłumacz. Sprawdzi pracownik, do { $by }. Tel. { $office-phone }. W niebezpieczeństwie dzwoń 999.
# Where the school has not told us the council's line.
screen-closed-no-line = Szkoła zamknięta: możliwe, że nikt tego nie zobaczy przed { $opens }. Dziecko lub ktoś inny w niebezpieczeństwie? Dzwoń 999.
screen-crisis-too = Możesz też porozmawiać teraz: Samaritans 116 123 albo SMS SHOUT na 85258.
screen-media = Dziękujemy. Ktoś to obejrzy lub odsłucha do { $by }. W niebezpieczeństwie dzwoń 999.
