progress-words = What would you like to know? For example: reading, the extra support, friends. Tell us in your own words. 0 = a person.
choice-progress = How my child is getting on
topic-progress = how your child is getting on
