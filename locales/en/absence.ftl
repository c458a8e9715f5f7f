absence-words = Who is away or late, why, and until when? Please tell us in your own words.
absence-line = Thank you. This is with the school office. Please also ring the absence line, { $absence-phone }: a text does not mark the register.
absence-office = Thank you. This is with the school office. Please also ring { $office-phone }: a text does not mark the register.
absence-child = Which child is it?
absence-noted = Thank you. The office knows which child it is.
choice-absence = Away or late
topic-absence = your child being away
