# How Polish reads: names of days and months, times, lists. No name is declined: a sentence is built
# so that a person's name, a date or a topic stands as it is.
language-name = Polski

day-1 = pon.
day-2 = wt.
day-3 = śr.
day-4 = czw.
day-5 = pt.
day-6 = sob.
day-7 = niedz.
month-1 = sty
month-2 = lut
month-3 = mar
month-4 = kwi
month-5 = maj
month-6 = cze
month-7 = lip
month-8 = sie
month-9 = wrz
month-10 = paź
month-11 = lis
month-12 = gru

# Polish counts hours to 24 and always says the minutes.
clock = { $hour24 }:{ $minutes }
clock-bare = { $hour24 }:{ $minutes }
when = { $weekday } { $day } { $month }, { $time }
slot-time = { $weekday } { $day } { $month } { $time }
opens = { $weekday } { $time }
time-only = { $time }
date-only = { $weekday } { $day } { $month }
slot-phone = Telefon { $at }
slot-video = Wideo { $at }
days-range = { $first }-{ $last }
hours = { $days } { $from }-{ $to }
list-more = { $left }, { $right }
list-and = { $left } i { $right }
list-or = { $left } lub { $right }

# What the service says by itself, in any flow.
not-understood = Przepraszamy, nie rozumiemy tej wiadomości.
near = Przepraszamy, czy to znaczy: { $choice }?
carry-on = Dzień dobry. Niedokończona sprawa z { $since-date }: { $topic }. Twoje wiadomości są zapisane.
offer = Jest też druga sprawa: { $topic }. Zajmiemy się nią teraz?
offer-later = Zaraz do tego przejdziemy.
offer-declined = OK. Pisz, kiedy chcesz.
meant = Czy to ten temat: { $topic }?
also-added = Dodane też do sprawy { $case }.
sealed-added = Dziękujemy. To też jest zapisane. W niebezpieczeństwie dzwoń 999.
passed-on = Dziękujemy. Wiadomość trafia do: { $person }.
noted-will-ask = Druga sprawa też jest zapisana. Zapytamy o nią później.
language-set = OK. Będziemy pisać po polsku.
language-none = OK: { $named }. Nie mamy jeszcze automatycznych wiadomości w tym języku. 0 = pracownik.
back-none = Stąd nie można się cofnąć. Twoja wiadomość jest zapisana.
menu-kept = Twoje wiadomości są zapisane: { $case }.
ask-first-name = Którego dziecka to dotyczy? Napisz imię.

choice-yes = Tak
choice-no = Nie
choice-carry-on = Dokończ
choice-something-else = Zacznij coś innego
choice-someone-else = Inne dziecko
choice-other-times = Inne terminy
choice-other = Coś innego

# ---- what no flow says ----
the-office = sekretariat
stopped = OK. { $school } nie wyśle już wiadomości. Telefon do sekretariatu: { $office-phone }.
started = Dzień dobry. { $school } znowu będzie wysyłać wiadomości. 0 = pracownik.
help = { $school }: napisz o dziecku, przeczyta to pracownik. Tel. { $office-phone }. W niebezpieczeństwie dzwoń 999. 0 = pracownik.
handed-over = Przepraszamy, coś tu nie działa. Twoje wiadomości są zapisane. Odpowie sekretariat, do { $by }. Tel. { $office-phone }.
promise-late = { $reference }: odpowiedź miała być do { $by }, a może być później. Przepraszamy. Telefon do sekretariatu: { $office-phone }.
meeting-reminder = { $school }: spotkanie { $at }, { $who }. Zmiana? Odpisz ZMIANA.
event-line = { $name }, { $at }
event-reminder = { $school }: { $name }: { $at }, { $place }. Jeśli nie możesz przyjść, napisz do nas.
no-groups = Przepraszamy, w grupie to nie działa. Napisz do nas prywatnie.
sorry-delay = Przepraszamy za opóźnienie: wiadomość dotarła do nas późno.
prove-number = Masz dziecko w tej szkole? Naciśnij przycisk i pokaż nam swój numer albo napisz numer, który zna szkoła. Wtedy porozmawiamy o dziecku.
prove-number-button = Pokaż mój numer
mail-not-known = Dziękujemy za e-mail. Nie wiemy na pewno, kto go napisał, więc przeczyta go sekretariat. Chodzi o dziecko? Odpowiedz na nasz e-mail, napisz SMS albo zadzwoń: { $office-phone }. W niebezpieczeństwie dzwoń 999.
link-sent = Na ten numer wysłaliśmy SMS z kodem: sześć cyfr. Napisz ten kod tutaj. Jest ważny 10 minut.
link-code = { $school }: kod to { $code }. Napisz go w naszym czacie na Telegramie. Nie podawaj go nikomu innemu. To nie Ty? Nic nie rób.
link-wrong = To nie jest ten kod. Sprawdź SMS i napisz sześć cyfr.
link-over = Ten kod nie jest już ważny. Napisz jeszcze raz swój numer telefonu, a wyślemy nowy.
link-enough = Na dziś wysłaliśmy już dość kodów. Spróbuj jutro albo zadzwoń do sekretariatu: { $office-phone }.
number-proved = Dziękujemy. Napisz własnymi słowami, czego potrzebujesz. 0 = pracownik.

# ---- pytania: wątpliwości, przypomnienia, jakiej odpowiedzi potrzeba ----
near-which = Przepraszamy, o co chodzi: { $choices }. 0 = pracownik.
meant-which = O co chodzi? { $choices }. 0 = pracownik.
told = { $told }. Czy to się zgadza?
told-wrong = OK, spróbujmy jeszcze raz.
also-taken = OK: { $what }.
nudge = Czekamy jeszcze na odpowiedź.
gone-by = Ten dzień już minął.
gone-by-time = Ta godzina już minęła.
hint-number = Przepraszamy, tu potrzebna jest liczba, na przykład 3.
hint-date = Przepraszamy, tu potrzebny jest dzień, na przykład 3 grudnia lub jutro.
hint-time = Przepraszamy, tu potrzebna jest godzina, na przykład 15.30.
hint-datetime = Przepraszamy, tu potrzebny jest dzień i godzina, na przykład czwartek 15.30.
hint-phone = Przepraszamy, to nie jest numer telefonu. Powinien wyglądać tak: 07700 900123.
hint-email = Przepraszamy, to nie jest adres e-mail. Powinien wyglądać tak: imie@example.com.
hint-media = Przepraszamy, tu potrzebne jest zdjęcie lub wiadomość głosowa.
came-photo = zdjęcie
came-voice = wiadomość głosowa
came-file = plik
choice-other-staff = Ktoś inny
part-morning = Rano
part-afternoon = Po południu
part-after-school = Po lekcjach
part-evening = Wieczorem
