passport-language = Which language do you want? Text its name. Or reply English. 0 = a person rings you.
passport-interpreter = When we talk, shall we bring an interpreter?
passport-noted = Thank you. We have written that down, and the class teacher and office will see it.
passport-office = Thank you. We have written that down. The school office will contact you by { $by }.
passport-how = How shall we reach you? { $choices }. 0 = a person.
passport-times = When is a good time to reach you? Tell us in your own words.
passport-needs = Does anything make reading, hearing or seeing hard, so that we do it your way? For example: big print, signing, read it to me.
passport-more = Thank you. That is saved. May we ask a little more, so that we know your family?
passport-people = Who are the important people for your child? For example: a grandparent, a carer.
passport-matters = What matters most to your family?
passport-duplicates = Does another home need its own copy of letters?
passport-done = Thank you. It is saved with today's date, and staff who work with you see it. To change it, text us at any time.
choice-text-me = Text me
choice-ring-me = Ring me
choice-email-me = Email me
choice-see-me = Face to face
choice-passport = How to reach me
topic-passport = how to reach you
passport-talk = OK: { $language }. How shall we talk? { $choices }
passport-will-ring = OK. We will ring you with an interpreter ({ $language }). If we cannot get one by { $by }, we will text you. You can text more at any time.
passport-talk-noted = OK. That is written down. You can text more at any time.
choice-talk-phone = Phone, with interpreter
choice-talk-school = At school, with interpreter
choice-talk-text = Text
