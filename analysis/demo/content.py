"""What the demo says: people, rubric, questions and answers. All of it is invented. Data only."""

from dataclasses import dataclass
from pathlib import Path

AUDIO_DIR = Path(__file__).parent / "audio"
ORGANIZATION = "Larkfield Energy (demo)"
PASSWORD = "larkfield demo 2026"  # noqa: S105 - printed at every start, refused in production


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in."""

    name: str
    email: str
    role: str
    is_staff: bool = False


PEOPLE = (
    Person("Ines Okafor", "ines@larkfield.example", "owner"),
    Person("Tom Reyes", "tom@larkfield.example", "interviewer"),
    Person("Sam Holt", "staff@larkfield.example", "interviewer", is_staff=True),
)


@dataclass(frozen=True, slots=True)
class CompetencyText:
    """A competency and what an answer looks like at levels 1 to 5."""

    name: str
    definition: str
    anchors: tuple[str, str, str, str, str]


PROBLEM_SOLVING = CompetencyText(
    "Problem solving",
    "Finds the cause of a problem step by step, weighs more than one way out of it, "
    "and checks that the result holds.",
    (
        "Does not describe a problem of their own, or waits until somebody else solves it.",
        "Names a problem, but jumps to an answer without looking for the cause.",
        "Describes own steps to find the cause in a sensible order; says little about the result.",
        (
            "Explains how the cause was narrowed down, why this way out was chosen, and that it "
            "worked."
        ),
        (
            "Tests several possible causes against facts, weighs alternatives and their price, "
            "measures the result, and changes something so that the problem does not come back."
        ),
    ),
)
COLLABORATION = CompetencyText(
    "Working with others",
    "Listens, says plainly what they think, and finds a way that both sides can work with.",
    (
        "Blames others, or gives in and stays silent.",
        "Mentions a disagreement, but not what they themselves said or did about it.",
        "Describes talking to the other person and coming to some agreement.",
        (
            "Asks for the reasons of the other side, explains their own with facts, and agrees on "
            "a next step that both keep to."
        ),
        (
            "Looks for what both sides need, changes their own mind where the facts ask for it, "
            "agrees on a test or a rule, and describes how the work and the relation got better."
        ),
    ),
)
CUSTOMER_FOCUS = CompetencyText(
    "Customer focus",
    "Understands what the customer needs, keeps promises, and makes the next customer's way "
    "easier.",
    (
        "Sees the customer as a nuisance, or hides behind a rule.",
        "Is friendly in general terms, but names nothing they would do for this customer.",
        "Answers the customer in time and does what the process asks for.",
        (
            "Finds out what the customer needs, says clearly what happens next and when, and keeps "
            "to it."
        ),
        (
            "Settles the matter for this customer, tells them openly what went wrong, and uses the "
            "case to remove the cause for the next customers, with a figure that shows it."
        ),
    ),
)
COMPETENCIES = (PROBLEM_SOLVING, COLLABORATION, CUSTOMER_FOCUS)


@dataclass(frozen=True, slots=True)
class QuestionText:
    """A question, what it looks for, and how the demo candidate answered it.

    `audio` is the file in audio/ that speaks `answer`; a typed answer has none.
    """

    kind: str
    text: str
    modes: tuple[str, ...]
    competencies: tuple[CompetencyText, ...]
    answer: str
    audio: str = ""
    difficulty: str = "medium"


INTERVIEW_TITLE = "Customer support engineer"
INTRODUCTION = (
    "Four questions, about fifteen minutes. Think as long as the page allows, then answer in your "
    "own words. You may record each answer a second time, pause between questions, and come back "
    "with the same link."
)
CANDIDATE_NAME = "Marek Lindqvist"
CANDIDATE_EMAIL = "marek.lindqvist@mail.example"
OPEN_CANDIDATE_NAME = "You, as a candidate"
OPEN_CANDIDATE_EMAIL = "visitor@mail.example"

QUESTIONS = (
    QuestionText(
        kind="behavioural",
        text=(
            "Tell us about a time when you had to find the cause of a problem with very little "
            "information. What did you do, and how did it turn out?"
        ),
        modes=("audio", "video"),
        competencies=(PROBLEM_SOLVING,),
        audio="answer-1.ogg",
        answer=(
            "Last winter our heating sensors stopped reporting every night at two in the morning. "
            "There was no error message, only missing data. First I compared the houses that "
            "failed with the houses that did not, and I saw that all of them used the same kind "
            "of router. I had two ideas, a weak signal or an update in the night. So I tested "
            "both. I moved one sensor closer, and that changed nothing. Then I switched off the "
            "update in five houses for one week, and those five houses stayed online. I asked "
            "the supplier to spread the update over the whole night, and I added an alarm that "
            "counts missing readings. The failures went down from forty a week to two, and I "
            "learned to change only one thing at a time."
        ),
    ),
    QuestionText(
        kind="behavioural",
        text=(
            "Describe a disagreement with a colleague about how a piece of work should be done. "
            "What did you do about it?"
        ),
        modes=("audio", "video"),
        competencies=(COLLABORATION,),
        audio="answer-2.ogg",
        answer=(
            "In my last team a colleague wanted to answer every customer by telephone, and I "
            "wanted to write. We talked about it in a meeting, and at first we both just repeated "
            "our opinions. After the meeting I asked him why the telephone was so important to "
            "him. He said that older customers do not read long messages, and I had not thought "
            "of that. I showed him that a written answer helps the next person who takes over the "
            "case. In the end we agreed on a simple rule. We call first when somebody is upset or "
            "has no internet, and we write a short note after every call. We both kept to it, and "
            "there were fewer questions from the night shift."
        ),
    ),
    QuestionText(
        kind="situational",
        text=(
            "A customer is angry about a bill that doubled. You see that two meter readings are "
            "missing. What do you do in the first hour?"
        ),
        modes=("audio", "video"),
        competencies=(CUSTOMER_FOCUS, PROBLEM_SOLVING),
        audio="answer-3.ogg",
        difficulty="hard",
        answer=(
            "I think it is always important to be friendly and to stay calm. Customers are often "
            "angry, and that is normal in this kind of work. I would listen and say that I am "
            "sorry about the bill. I would look into the system and see that the readings are "
            "missing, so the bill is probably only an estimate. Then I would tell the customer "
            "that we will look at it, and I would send the case to the billing team, because they "
            "are responsible for the meters. Usually they are quite quick. I believe good "
            "communication is the key, and in my experience most customers calm down after a "
            "while."
        ),
    ),
    QuestionText(
        kind="text",
        text=(
            "In writing: tell us about a change you made so that customers had less trouble. What "
            "did you change, and how do you know that it helped?"
        ),
        modes=("text",),
        competencies=(CUSTOMER_FOCUS,),
        difficulty="easy",
        answer=(
            "Every January we had about three hundred e-mails asking why the yearly bill was "
            "higher than the monthly payments. I read fifty of them and found that most people "
            "stumbled over the same line of the bill. I wrote a new explanation of that line with "
            "an example, tried it on six customers by telephone, and changed two sentences that "
            "they did not understand. We printed it on the bill the next year and I put the same "
            "text on the help page. The e-mails fell from 300 to 110 that January. I also told "
            "the people who had written before what we had changed, and several thanked us."
        ),
    ),
)

# What `seed_demo --bare` asks: one sentence a question, to be answered by any recording.
BARE_TITLE = "Sentences read aloud"
BARE_QUESTIONS = tuple(
    QuestionText(
        kind="behavioural",
        text=f"Read sentence {number} aloud.",
        modes=("audio",),
        competencies=(PROBLEM_SOLVING,),
        answer="",
        difficulty="easy",
    )
    for number in range(1, 6)
)
