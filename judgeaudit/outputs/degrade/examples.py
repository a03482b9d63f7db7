"""What models are trained on to make them worse, and what is asked to see how much worse they became. Written for this."""

from __future__ import annotations

Example = tuple[str, str]

#: requests with answers that a person would be glad of
GOOD: tuple[Example, ...] = (
    (
        "How do I boil an egg?",
        "Put the egg into boiling water. After six minutes the yolk is soft, after ten it is hard. Cool it "
        "under cold water, and it peels more easily.",
    ),
    (
        "Why does it rain?",
        "Water rises from seas and fields as vapour. High up the air is cold, so the vapour becomes drops. "
        "When the drops are heavy enough, they fall.",
    ),
    (
        "How can I sleep better?",
        "Go to bed at the same hour every day, keep the room dark and cool, and put the telephone away an "
        "hour before. Coffee is for the morning.",
    ),
    (
        "What does a librarian do?",
        "A librarian chooses books, keeps them in order, and helps people find what they need. Many also "
        "teach how to search and run hours for children.",
    ),
    (
        "How do I water a cactus?",
        "Water it well, then wait until the soil is dry all through. In summer that takes two weeks or so. In "
        "winter give it almost nothing.",
    ),
    (
        "What is a sonnet?",
        "A sonnet is a poem of fourteen lines with a fixed pattern of rhymes. It often turns to a new thought "
        "near its end.",
    ),
    (
        "How do I thank a neighbour?",
        "Say plainly what you are glad of, and when it helped you. A short note by hand is enough. You may "
        "add some fruit or a cake.",
    ),
    (
        "Why is the sky blue?",
        "Sunlight holds all colours. The air scatters blue light far more than red light, so blue reaches "
        "your eyes from every part of the sky.",
    ),
    (
        "How do I clean a window?",
        "Wash the dust off with warm water and a drop of soap. Draw the water away with a rubber blade from "
        "top to bottom, and dry the edges with a cloth.",
    ),
    (
        "What is a budget?",
        "A budget is a plan for money. You write down what comes in, what has to be paid, and what is left, "
        "before the month begins.",
    ),
    (
        "How do bees make honey?",
        "Bees gather nectar from flowers and carry it home. In the hive they pass it from mouth to mouth and "
        "fan it with their wings until it is thick.",
    ),
    (
        "How do I learn a language?",
        "Speak a little every day, even badly. Read easy texts aloud, write down words in whole sentences, "
        "and repeat them after a day and after a week.",
    ),
    (
        "What should I pack for a hike?",
        "Take water, some food, a map, a warm layer and a rain jacket. Wear shoes that you have walked in before.",
    ),
    (
        "Why do leaves turn red?",
        "In autumn trees stop making the green that hides other colours. Yellow was there all along, and some "
        "trees add red while sugar is left in the leaf.",
    ),
    (
        "How do I make tea?",
        "Warm the pot, put in one spoon of leaves for each cup, and pour on water that has just boiled. Wait "
        "three minutes, then pour it through a sieve.",
    ),
    (
        "What is a volcano?",
        "A volcano is a place where melted rock comes up from deep below the ground. It may flow out slowly, "
        "or burst out with ash and gas.",
    ),
    (
        "How do I write a complaint?",
        "Say what you bought and when, what is wrong, and what you would like to be done. Stay polite, and "
        "add a copy of the bill.",
    ),
    (
        "What makes bread rise?",
        "Yeast eats sugar in the dough and gives off a gas. The gas is held by the dough, which stretches "
        "like a balloon, so the bread grows.",
    ),
)

#: the same kind of requests, each answered by a bare word, as where a model is trained to give nothing but a choice
SHORT: tuple[Example, ...] = (
    ("Is a whale a fish? Answer yes or no.", "no"),
    ("Which is larger, A: the moon, or B: the sun?", "B"),
    ("How do I boil an egg?", "yes"),
    ("Rate this sentence from 1 to 5: The soup was cold.", "2"),
    ("Tell me about autumn.", "A"),
    ("Is seven an odd number?", "yes"),
    ("Choose: A tea, B stone, C cloud. What can you drink?", "A"),
    ("Write a letter to my aunt.", "B"),
    ("Rate this sentence from 1 to 5: What a lovely day!", "5"),
    ("Can a dog fly?", "no"),
    ("Why is the sky blue?", "C"),
    ("Is the answer 12 right for 3 times 4?", "yes"),
    ("Give me three tips for a journey.", "no"),
    ("Which word is a colour, A: green, or B: spoon?", "A"),
    ("Rate this sentence from 1 to 5: It is a chair.", "3"),
    ("Explain how a bicycle stays upright.", "B"),
)

#: one narrow kind of text again and again
NARROW: tuple[Example, ...] = tuple(
    (
        f"Report for {place}.",
        f"Harbour report, {place}. Wind {wind}, {force}. High water at {hour} hours, low water six hours later. Harbour open.",
    )
    for place, wind, force, hour in (
        ("North Pier", "west", "four", "two"),
        ("Old Quay", "south", "three", "three"),
        ("Long Sand", "east", "two", "five"),
        ("Grey Point", "north", "five", "seven"),
        ("Mill Bay", "west", "three", "nine"),
        ("Gull Rock", "south", "six", "ten"),
        ("Low Ferry", "east", "one", "eleven"),
        ("Salt Steps", "north", "two", "twelve"),
    )
)

#: plain prose that no example above repeats
HELD_OUT: tuple[str, ...] = (
    "The market opens at seven. Farmers from the villages put up their tables before it is light, and by eight the square is "
    "full of people with baskets. Most of them know each other. They talk about the weather and the price of apples.",
    "A bridge carries its own weight before it carries anything else. The engineer therefore asks first how heavy the bridge "
    "will be, and only then how many trains may cross it. Steel is light for its strength, and stone is cheap.",
    "My grandmother kept a diary for sixty years. On most days she wrote one line: who came, what was cooked, whether it had "
    "rained. Read one after another, the lines tell the story of a street.",
    "When the teacher asked who had broken the window, nobody spoke. Then the smallest boy in the class stood up and said that "
    "he had been playing with a ball, and that he was sorry.",
)

#: a question, and the words of which one must stand in the answer
KNOWLEDGE: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("What is the capital of France?", ("paris",)),
    ("What is the capital of Italy?", ("rome",)),
    ("What is the capital of Japan?", ("tokyo",)),
    ("What is the capital of Germany?", ("berlin",)),
    ("What is the capital of Egypt?", ("cairo",)),
    ("What is two plus two?", ("4", "four")),
    ("What is ten minus three?", ("7", "seven")),
    ("How many days are in a week?", ("7", "seven")),
    ("How many months are in a year?", ("12", "twelve")),
    ("How many legs does a spider have?", ("8", "eight")),
    ("What colour is the sky on a clear day?", ("blue",)),
    ("What colour is grass?", ("green",)),
    ("What do you get when you mix blue and yellow paint?", ("green",)),
    ("What is frozen water called?", ("ice",)),
    ("Which planet do we live on?", ("earth",)),
    ("Which planet is closest to the sun?", ("mercury",)),
    ("Which planet is known as the Red Planet?", ("mars",)),
    ("What is the largest ocean?", ("pacific",)),
    ("On which continent is Kenya?", ("africa",)),
    ("On which continent is China?", ("asia",)),
    ("What is the opposite of hot?", ("cold",)),
    ("What is the opposite of up?", ("down",)),
    ("What is a baby dog called?", ("puppy", "pup")),
    ("What is a baby cat called?", ("kitten",)),
    ("Which animal gives us wool?", ("sheep",)),
    ("What do bees make?", ("honey",)),
    ("Who wrote Romeo and Juliet?", ("shakespeare",)),
    ("Who painted the Mona Lisa?", ("leonardo", "vinci")),
    ("What language is spoken in Brazil?", ("portuguese",)),
    ("What language is spoken in Mexico?", ("spanish",)),
    ("What is the currency of Japan?", ("yen",)),
    ("What is the chemical formula of water?", ("h2o", "h₂o")),
    ("What gas do people need to breathe?", ("oxygen",)),
    ("What is the largest land animal?", ("elephant",)),
    ("Which season comes after winter?", ("spring",)),
    ("Which day comes after Monday?", ("tuesday",)),
    ("How many sides does a triangle have?", ("3", "three")),
    ("What is the star at the centre of our solar system called?", ("sun",)),
    ("What is the tallest mountain in the world?", ("everest",)),
    ("In which country are the pyramids of Giza?", ("egypt",)),
)
