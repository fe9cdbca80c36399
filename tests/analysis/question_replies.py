"""What a language model replies that was asked for a question."""

import json
from itertools import count

from tests.analysis.conftest import chat_reply

CODING = {
    "language": "python",
    "function": "total",
    "starter_code": "def total(numbers):\n    ...\n",
    "examples": [
        {"input": "[[1, 2]]", "output": "3", "explanation": "1 + 2"},
        {"input": "[[5]]", "output": "5", "explanation": ""},
    ],
    "hidden_tests": [
        {"name": "none", "input": "[[]]", "output": "0"},
        {"name": "negative", "input": "[[-1, 1]]", "output": "0"},
        {"name": "many", "input": "[[1, 1, 1, 1]]", "output": "4"},
        {"name": "large", "input": "[[1000000, 1]]", "output": "1000001"},
    ],
    "reference_solution": "def total(numbers):\n    return sum(numbers)\n",
}


def question(number=1, **more):
    return {
        "text": f"Tell us about a night when {number} alarms came at the same time.",
        "good_answer": ["Says what came first and why.", "Names the result."],
        "follow_ups": [],
    } | more


def numbered(*, before=None):
    """Replies with another question each time; `before()` is called first."""
    numbers = count(1)

    def reply(_body):
        number = next(numbers)
        if before is not None:
            before()
        return chat_reply(question(number))

    return reply


def sent(server, index=-1):
    """What the model was given: (system text, the form as JSON)."""
    system, user = json.loads(server.requests[index][1])["messages"]
    return system["content"], json.loads(user["content"].split("\n")[1])
