meeting-child = Which child is the meeting about?
meeting-offer = { $who } can see you on: { $choices }. We have { $minutes } minutes. 0 = a person.
# A day later some of the times may have gone: they are not shown again, and booking says so.
meeting-offer-nudge = { $school }: you asked for a meeting. To book it, reply with the number of the time you want, or: other times. 0 = a person.
meeting-gone = Sorry, that time has just gone.
meeting-booked = Booked: { $at }, with { $who }, at school, for { $minutes } minutes. You can bring someone with you. To change it, reply CHANGE.
meeting-booked-phone = Booked: { $at }. { $who } will ring you on this phone. To change it, reply CHANGE.
meeting-booked-video = Booked: { $at }, with { $who }, by video. We will send you the link. To change it, reply CHANGE.
meeting-none = There is no free time to offer at the moment. The school office will text you times by { $by }. 0 = a person.
meeting-move-none = There is no other free time at the moment. Your meeting stays as it is. The school office will text you about another time by { $by }.
meeting-office-will = Thank you for asking. The office will text you about a meeting by { $by }. 0 = a person.
meeting-other-times = Which days and times are good for you? Please text them, in your own words.
meeting-other-told = Thank you. The school office will text you about a time by { $by }. Your reference is { $case }.
meeting-which = Your meeting is on { $at }, with { $who }. What would you like? { $choices }. 0 = a person.
meeting-pick = Which meeting? { $choices }. 0 = a person.
meeting-picked = Your meeting: { $meeting }. What would you like? { $choices }. 0 = a person.
meeting-sure = Your meeting is on { $at }, with { $who }. Shall we call it off?
meeting-called-off = Your meeting on { $at } is called off, and school has been told. To book another, reply MEETING.
meeting-kept = OK. Your meeting stays as it is.
meeting-nothing = We have no meeting booked for you. To book one, reply MEETING. 0 = a person.
meeting-unchecked-words = What would you like to talk about? Please tell us, with the child's first name and class. 0 = a person.
meeting-unchecked-change = What would you like to change? Please tell us, with your name and the day of the meeting. A person will answer. 0 = a person.
meeting-unchecked = Thank you for asking. The office will text you about a meeting by { $by }. For free SEND advice, independent of school, reply 4. A person: 0.
meeting-unchecked-again = A person at school looks at requests like this before we book. You will hear by { $by }. To talk to the office, ring { $office-phone }.
choice-move = Another time
choice-off = Call it off
choice-keep = Keep it
topic-meeting = a meeting
