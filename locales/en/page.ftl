# The page on which a parent reads what is theirs of a case, and the text that leads there. Phones may be
# shared: nothing about a child, a worry or a school's reason stands in either before the PIN.

page-link = { $school }: there is a page for you to read, until { $until }: { $link } You need your PIN. No PIN? Ask the office.

page-title = A page for you
page-pin-label = Your PIN
page-pin-hint = The school gave it to you on paper.
page-open = Open
page-not-opened = That did not open the page. Check the link and the PIN. After 5 wrong PINs, or two weeks, ask the school for a new link.
page-heading = { $reference }: what was said and agreed
page-intro = This is what { $school } has written down that is yours to read.
page-you-wrote = You wrote
page-we-wrote = { $who } wrote to you
page-agreed = What was agreed
page-nothing-changes = What was decided
page-review = When we look at it again
page-added = You added
page-correction = Put right by the school
page-early-discussion = Note of what we talked about
page-stage = How your child is supported
page-told = What you were told
page-formal-notice = A letter to you
page-other = From the school
page-right = This is right
page-add-label = Something to add, or not right? Write it here.
page-add-hint = It goes into the record, word for word.
page-add = Add this
page-thanks-right = Thank you. The school sees that you have read it.
page-thanks-added = Thank you. Your words are in the record, and the school has been told.
page-empty = Nothing is written here yet.
page-danger = If anyone is in danger now, ring 999.
page-leave = Close this page when you have read it: it may be seen on this phone for 30 minutes.
