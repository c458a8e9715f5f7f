record-receipt = Thank you. Your message is saved: { $case }. { $who } will answer you by { $by }. You can text more at any time.
record-receipt-closed = Thank you. Your message is saved: { $case }. School opens { $opens }. { $who } will answer you by { $by }.
record-office = Thank you. Your message is saved: { $case }. The school office will contact you by { $by }. You can text more at any time.
record-office-closed = Thank you. Your message is saved: { $case }. School opens { $opens }. The office will contact you by { $by }.
record-child = Which child is this about?
record-added = Thank you. That is added to { $case }.
topic-record = your message
