# What staff are told by text: a code and a link, never a parent's words.

staff-new = New { $kind ->
    [unread] message that only a person can read
   *[other] { $kind }
  }, class { $class } (code { $code }). Read it: { $link } Reply OK { $code } when you have it.
staff-waiting = { $reference }: the parent wrote again (code { $code }). Read it: { $link }
staff-escalation = { $reference } has waited too long: nobody has it yet (code { $code }). Read it: { $link } Reply OK { $code } when you have it.
staff-promise = { $reference }: a promise to the parent is due or late (code { $code }). Read it: { $link }
staff-canary = The test text to { $number } was not read: texts from parents may not be arriving. Text it yourself; if nothing answers, run schoolgate doctor.
staff-today = For today, class { $class } (code { $code }). Read it now: { $link } Reply OK { $code } when you have it.
staff-meeting-asked = A parent asks for a meeting, class { $class } (code { $code }). See it: { $link }
staff-meeting = A meeting was booked, moved or cancelled, class { $class } (code { $code }). See it: { $link }
staff-digest = { $count } things wait for you: { $list }. The number in brackets is each one's code. Read them: { $link }

staff-page-urgent = URGENT. A message needs you now. Sign in and open it: { $link } (code { $code }). This repeats until someone opens it.
staff-page-review = A message needs your eyes. Sign in and open it: { $link } (code { $code }). This repeats until someone opens it.
staff-page-delayed = Noted: the next page waits 15 minutes. Only opening it, signed in, stops the pages: { $link }

staff-have = Thank you: { $reference } is marked as yours to deal with.
staff-safe = { $reference } is now with the safeguarding lead, who has been paged.
staff-echo = To { $family }, { $reference }: "{ $words }" Reply 7 to send it, or write again.
staff-sent = Sent, and written into { $reference }.
staff-nothing-to-send = There is nothing to send. Write the code and your words, such as: 7294 I will ring at 3
staff-no-code = No notice of yours has the code { $code }. Codes are your own: look at your last text, or at Today.
staff-sealed = That one is sealed: open it signed in. { $link }
staff-cannot-stop = Staff cannot stop these texts by text. The office has been told, and will talk with you.
staff-help = This number answers parents. Staff: OK and a code, or a code and your words, or SAFE and a code.
staff-mail-help = Nothing was done. Under a notice write OK, or your words to the parent, or SAFE; elsewhere begin with the code, such as: 7294 I will ring at 3
staff-mail-files = What you attached was not sent on: only words go to a parent.

# What staff write to a parent.
desk-reply = { $who }: { $words }
