after-call = Thank you for talking to us today. What we agreed is written down. { $choices }. 0 = a person.
after-call-words = What would you like to add or put right? Tell us in your own words.
after-call-added = Thank you. That is added to { $case }.
choice-after-copy = A copy
choice-after-add = Add or correct something
topic-after-call = what we agreed
