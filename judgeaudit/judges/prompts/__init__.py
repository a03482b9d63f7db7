"""What a judge is asked: `rubric.py` makes a prompt from the question, `template.py` fills in one of the user's own."""
