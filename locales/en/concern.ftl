concern-words = Please tell us what is worrying you, in your own words. Send as many texts as you like. 0 = a person.
concern-receipt = Thank you for telling us. Your message is saved: { $case }. { $who } will contact you by { $by }. If it gets worse, text us any time.
concern-receipt-closed = Thank you. Your message is saved: { $case }. School opens { $opens }. { $who } will contact you by { $by }. In danger now? Ring 999.
concern-child = Which child is this about?
concern-who = What is the child's first name and class?
concern-wish = How shall we talk? { $choices }. 0 = a person.
concern-added = Thank you. That is added to { $case }. You can text more at any time.
concern-will-ring = OK. We will ring you. That is added to { $case }. You can text more at any time.
concern-office = Thank you for telling us. Your message is saved: { $case }. The school office will contact you by { $by }. If it gets worse, text us any time.
concern-office-closed = Thank you. Your message is saved: { $case }. School opens { $opens }. The office will contact you by { $by }. In danger now? Ring 999.
concern-office-child = Which child is this about? Please text the first name and class. 0 = a person.
choice-call = By phone
choice-meet = At school
choice-text = By text
topic-concern = a worry about your child
