homework-words = What would you like to ask about homework? Please tell us, with the child's first name and class.
homework-child = Whose homework is it about?
homework-week = This week's homework: { $homework }
homework-how = This week's homework: { $homework } How did it go? { $choices }. 0 = a person.
homework-none = School has not told us this week's homework yet. { $choices }. 0 = a person.
homework-ask = What would you like to ask? Tell us in your own words. The teacher will read it.
homework-thanks = Thank you for telling us. Every bit helps, and it is fine if it was hard. The teacher can see it.
homework-help = What was hard? Tell us in your own words. The teacher will read it.
homework-helped = Thank you. The teacher will read it. If you need an answer soon, reply 0 and a person will contact you.
choice-home-done = Done
choice-home-partly = Partly
choice-home-could-not = Could not
choice-home-help = Too hard
choice-ask-teacher = Ask the teacher
choice-homework = Homework
topic-homework = homework
