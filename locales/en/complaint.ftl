complaint-words = We are sorry you have to ask. Please tell us what went wrong, in your own words. Staff you write about are not sent it. 0 = a person.
complaint-way = What would help now? { $choices }. 0 = a person.
complaint-ask = About the other thing you told us: { $choices }. 0 = a person.
complaint-offer = { $who } can see you: { $choices }. You can bring someone with you.
complaint-times = Thank you. That is written down. { $head } or the school office will text you about a time.
complaint-policy = How formal complaints work: { $complaints-link }, or ask the office: { $office-phone }. Your message counts from today.
complaint-policy-office = The school office can send you the complaints policy: { $office-phone }. Your message counts from today.
complaint-left = OK. Nothing more happens unless you ask. What you told us is saved. You can text at any time.
choice-complaint = A complaint
choice-talk-head = Talk with the head first
choice-formal = Formal complaint, with the policy
choice-leave = Leave it for now
topic-complaint = your complaint
