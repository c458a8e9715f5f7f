# How English reads: names of days and months, times, lists. A language is a folder like this one.
language-name = English

day-1 = Mon
day-2 = Tue
day-3 = Wed
day-4 = Thu
day-5 = Fri
day-6 = Sat
day-7 = Sun
month-1 = Jan
month-2 = Feb
month-3 = Mar
month-4 = Apr
month-5 = May
month-6 = Jun
month-7 = Jul
month-8 = Aug
month-9 = Sep
month-10 = Oct
month-11 = Nov
month-12 = Dec

# $hour counts to 12, $hour24 to 23; $whole says whether there are no minutes; $half is am or pm.
clock = { $whole ->
    [yes] { $hour }{ $half }
   *[no] { $hour }.{ $minutes }{ $half }
}
clock-bare = { $whole ->
    [yes] { $hour }
   *[no] { $hour }.{ $minutes }
}
when = { $weekday } { $day } { $month }, { $time }
slot-time = { $weekday } { $day } { $month } { $time }
opens = { $weekday } { $time }
time-only = { $time }
date-only = { $weekday } { $day } { $month }
slot-phone = By phone { $at }
slot-video = By video { $at }
days-range = { $first }-{ $last }
hours = { $days } { $from }-{ $to }
list-more = { $left }, { $right }
list-and = { $left } and { $right }
list-or = { $left } or { $right }

# What the service says by itself, in any flow.
not-understood = Sorry, I did not understand.
near = Sorry, did you mean: { $choice }?
carry-on = Hello again. On { $since-date } we did not finish: { $topic }. What you said is saved.
offer = You also asked about { $topic }. Shall we do that now?
offer-later = We will come to that next.
offer-declined = OK. Text us at any time.
meant = Is this about { $topic }?
also-added = It is also added to { $case }.
sealed-added = Thank you. That is added to what you told us. If anyone is in danger now, ring 999.
passed-on = Thank you. We have passed this to { $person }.
noted-will-ask = The other thing you told us is written down. We will ask you about it.
language-set = OK. We will write to you in English.
language-none = OK: { $named }. Our automatic texts are not in that language yet. 0 = a person.
back-none = You cannot go back from here. What you sent is saved.
menu-kept = What you told us is saved: { $case }.
ask-first-name = Which child is this about? Please text the first name.

choice-yes = Yes
choice-no = No
choice-carry-on = Carry on
choice-something-else = Start something else
choice-someone-else = Someone else
choice-other-times = Other times
choice-other = Something else

# ---- what no flow says ----
the-office = the school office
stopped = OK. You will get no more texts from { $school }. To talk to us, ring { $office-phone }.
started = Welcome back. You will get texts from { $school } again. 0 = a person.
help = { $school }: text us about your child and a person will read it. Office: { $office-phone }. In danger now? Ring 999. 0 = a person.
handed-over = Sorry, something went wrong here. Your words are saved, and the school office will contact you by { $by }. Office: { $office-phone }.
promise-late = { $reference }: we said we would be in touch by { $by }. It may be later than that. We are sorry. To talk to someone, ring { $office-phone }.
meeting-reminder = { $school }: your meeting is on { $at }, with { $who }. To change it, reply CHANGE.
event-line = { $name }, { $at }
event-reminder = { $school }: { $name } is on { $at }, in { $place }. If you cannot come, text us.
no-groups = Sorry, this service cannot be used in a group. Please write to it by yourself.
sorry-delay = Sorry for the delay: your message reached us late.
prove-number = Are you a parent or carer here? Press the button to show us your number, or type the number we know. Then we can talk about your child.
prove-number-button = Share my number
mail-not-known = Thank you for your email. We cannot tell who it is from, so a person in the school office will read it. Is it about your child? Answer an email of ours, text us, or ring { $office-phone }. In danger now? Ring 999.
link-sent = We have texted a code of six digits to that number. Type it here. It is good for 10 minutes.
link-code = { $school }: your code is { $code }. Type it in our chat on Telegram. Never tell it to anybody else. Not you? Then do nothing.
link-wrong = That is not the code we texted. Look again and type its six digits.
link-over = That code is no longer good. Type your phone number again and we text you a new one.
link-enough = We have texted enough codes for today. Try again tomorrow, or ring the school office: { $office-phone }.
number-proved = Thank you. Now tell us what you need, in your own words. 0 = a person.

# ---- what questions say of themselves: doubts, reminders, what kind of answer is wanted ----
near-which = Sorry, did you mean: { $choices }. 0 = a person.
meant-which = What is this about? { $choices }. 0 = a person.
told = { $told }. Is that right?
told-wrong = OK, let us try again.
also-taken = OK: { $what }.
nudge = We are still waiting to hear from you.
gone-by = That day has gone by.
gone-by-time = That time has gone by.
hint-number = Sorry, we need a number here, such as 3.
hint-date = Sorry, we need a day here, such as 3 December or next Tuesday.
hint-time = Sorry, we need a time here, such as 3.30pm.
hint-datetime = Sorry, we need a day and a time here, such as Thursday 3.30pm.
hint-phone = Sorry, that is no phone number we can ring. It looks like this: 07700 900123.
hint-email = Sorry, that is no email address. It looks like this: name@example.com.
hint-media = Sorry, we need a photo or a voice message here.
came-photo = a photo
came-voice = a voice message
came-file = a file
choice-other-staff = Someone else
part-morning = In the morning
part-afternoon = In the afternoon
part-after-school = After school
part-evening = In the evening
