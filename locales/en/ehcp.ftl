# Checked against the law as it stood in November 2026. Dates are the usual ones: councils may have reasons to be later.
ehcp-topic = EHC plans set out a child's needs and support. What is it about? { $choices }. 0 = a person.
ehcp-request = You, or the school with you, can ask the council to assess. It should answer within six weeks. If there is to be a plan, that often takes twenty weeks.
ehcp-refused = Keep the decision letter. It names the mediation service and the last day to appeal: often two months from its date. Ask for advice soon.
ehcp-draft = You have fifteen days to answer a draft: what to change, which school. You can ask the council for a meeting. Advice is free.
ehcp-review = The plan is reviewed every year. You will be asked what goes well and what should change. The council then decides whether to change the plan.
ehcp-reform = The government plans changes. The law has not changed yet: plans that stand now still count. If it changes for your child, school will tell you.
ehcp-contact = Shall { $senco } (SENCO) contact you about this?
ehcp-question = What would you like to ask? Tell us in your own words.
choice-ehcp = EHC plans
choice-ehcp-request = Asking for one
choice-ehcp-refused = Turned down
choice-ehcp-draft = A draft
choice-ehcp-review = Yearly review
choice-ehcp-reform = New rules
topic-ehcp = EHC plans
