family-about = We can help. What is it about? { $choices }. 0 = a person.
family-words = Please tell us a little, in your own words. Class staff do not see it.
family-ring = Someone can ring you. When is good? { $choices }. 0 = a person.
family-call = OK. { $who } will ring you by { $by }.
family-call-office = OK. The school office will ring you by { $by }.
family-agency = If it helps, may we ask other services for you?
family-private = Thank you. Only the people who help families read this, not class staff. You can text more at any time.
choice-family-support = Help for your family
choice-family-money = Money or food
choice-family-home = Housing
choice-family-forms = Forms
choice-family-parenting = Parenting
choice-family-talk = Someone to talk to
topic-family-support = help for your family
choice-morning = Morning
choice-afternoon = Afternoon
choice-evening = Evening
choice-no-call = Please do not ring
