records-what = About what is written down: { $choices }. 0 = a person.
records-how = How would you like your copy? { $choices }. 0 = a person.
records-copy = OK. You will have it by { $by }.
records-correct = What should be put right? Tell us what it should say, in your own words. Both stay on the record, so nothing is lost.
records-corrected = Thank you. Your words now stand beside the record: { $case }. A person will answer you by { $by }.
records-who = Your messages are read by the class teacher and the SENCO, who leads on special needs. What you say is not passed to another parent.
records-formal = You can ask for everything we hold, or for something to be put right or removed. Tell us what, in your own words.
records-formal-told = Thank you. This is a formal request: { $case }. School must answer by { $by } and may ask you who you are.
records-sixteen = From the June of the school year in which they turn sixteen, young people decide about their own support. School will talk it over with you both.
choice-records = Records
choice-record-copy = A copy
choice-record-correct = Put something right
choice-record-who = Who sees it
choice-record-formal = Formal request
choice-record-sixteen = Sixteen and over
choice-copy-paper = On paper
choice-copy-translated = Translated
choice-copy-read = Read to me
topic-records = records
