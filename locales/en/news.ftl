news-words = What is the news? Tell us in your own words.
news-about = Thank you, that is written down. Is it: { $choices }. 0 = a person.
news-child = Which child is it about?
news-hard = We are sorry to hear that. { $choices }. 0 = a person.
news-health = Thank you. The class and the office have been sent this. If school must act today, ring { $office-phone }.
news-health-office = Thank you. The school office has been sent this. If school must act today, ring { $office-phone }.
news-thanks = Thank you for telling us. The class team will read it.
news-thanks-office = Thank you for telling us. The school office will read it.
choice-news = News from home
choice-news-good = Good news
choice-news-hard = A hard time
choice-news-health = Health or medicine
choice-news-change = A change at home
choice-just-tell = Just telling you
choice-worried = I am worried
topic-news = your news
