"""Hand-written answers to six questions, each good, middling, poor and off the question."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    question: str
    competency: str
    definition: str
    anchors: tuple[str, str, str, str, str]
    good: str
    middling: str
    poor: str
    off: str


CASES = (
    Case(
        question=(
            "Tell us about a time when you had to solve a problem with too little information."
        ),
        competency="Problem solving",
        definition="Finds the cause of a problem, weighs alternatives and checks the result.",
        anchors=(
            "Describes no own action, or an action that made the problem worse.",
            "Names a task but no own action or result.",
            "Describes own actions in order, with little about the result.",
            "Describes own actions, why they were chosen, and their result.",
            ("Describes own actions, alternatives weighed, a measured result and what was learnt."),
        ),
        good=(
            "Last year our nightly invoices were wrong for about three percent of customers and "
            "nobody knew why. I pulled the logs for forty failed invoices and compared them with "
            "forty good ones. I considered two causes, a rounding error and a time zone shift, and "
            "I wrote a small test for each. The time zone test reproduced the fault, so I fixed "
            "the conversion and added a check. Within a week the errors fell from three percent to "
            "zero, and I learned to look for differences before guessing."
        ),
        middling=(
            "At my last job a report was broken and we did not have much information. I looked at "
            "the report and asked two people what they knew. Then I changed the query and it "
            "seemed to work after that. I told my manager that it was done."
        ),
        poor=(
            "Problems come up all the time, you know. Usually I think it is important to stay "
            "positive and just get it done somehow. I guess we would have a meeting and people "
            "would decide."
        ),
        off=(
            "My favourite food is pasta with tomato sauce. I also like to travel to the sea in the "
            "summer with my family. Last year we went to Spain and the weather was very nice."
        ),
    ),
    Case(
        question="Describe a disagreement with a colleague and what you did about it.",
        competency="Working with others",
        definition=(
            "Listens, says plainly what they think, and finds a way that both sides can work with."
        ),
        anchors=(
            "Blames others, or gives in and stays silent.",
            "Mentions a disagreement, but not what they themselves said or did about it.",
            "Describes talking to the other person and coming to some agreement.",
            (
                "Asks for the reasons of the other side, explains their own with facts, and agrees "
                "on a next step that both keep to."
            ),
            (
                "Looks for what both sides need, changes their own mind where the facts ask for "
                "it, agrees on a test or a rule, and describes how the work and the relation got "
                "better."
            ),
        ),
        good=(
            "A colleague wanted to rewrite our payment module and I wanted to repair it step by "
            "step. I asked him to explain what worried him most, and I understood that the tests "
            "were too slow for him. I proposed a two week trial: we would speed up the tests first "
            "and measure. We agreed to decide by the number of bugs found. After two weeks the "
            "tests ran in four minutes instead of thirty, he was happy with the repair, and since "
            "then we write down our reasons before we argue."
        ),
        middling=(
            "I once disagreed with a colleague about the design of a page. We talked about it and "
            "I explained my view and she explained hers. In the end we took a bit of both and went "
            "on with the work."
        ),
        poor=(
            "There was a guy who was always wrong. I did not say much because he never listens "
            "anyway. The boss decided in the end, whatever."
        ),
        off=(
            "The best programming language is probably Python because it has many libraries. "
            "Computers are getting faster every year. I bought a new laptop in March and it has a "
            "good screen."
        ),
    ),
    Case(
        question=(
            "A customer writes that she waited two weeks for a reply and now wants to leave. What "
            "would you do?"
        ),
        competency="Customer focus",
        definition=(
            "Understands what the customer needs, keeps promises, and makes the next customer's "
            "way easier."
        ),
        anchors=(
            "Sees the customer as a nuisance, or hides behind a rule.",
            "Is friendly in general terms, but names nothing they would do for this customer.",
            "Answers the customer in time and does what the process asks for.",
            (
                "Finds out what the customer needs, says clearly what happens next and when, and "
                "keeps to it."
            ),
            (
                "Settles the matter for this customer, tells them openly what went wrong, and uses "
                "the case to remove the cause for the next customers, with a figure that shows it."
            ),
        ),
        good=(
            "First I would read her whole history so that she does not have to repeat anything. I "
            "would call her the same day, apologise for the two weeks and ask what she needs "
            "solved first. I would tell her what I will do and by when, for example a fix by "
            "Thursday, and I would write to her on Thursday even if it is not finished. Then I "
            "would look at why the ticket stayed open, count how many other tickets are older than "
            "three days, and set an alarm so that no customer waits longer than that again."
        ),
        middling=(
            "I would answer her quickly and say sorry for the delay. I would look at her request "
            "and try to solve it. If I can't solve it I would pass it on to the right team and "
            "tell her."
        ),
        poor=(
            "Customers are always like that, they complain a lot. I would be friendly I think. "
            "Maybe somebody else can answer it."
        ),
        off=(
            "On weekends I play football with my friends in the park. We have a team and sometimes "
            "we win. My brother is the goalkeeper and he is really tall."
        ),
    ),
    Case(
        question="Explain how you would find out why a web page became slow.",
        competency="Technical depth",
        definition=(
            "Measures before changing, narrows down where time is spent and verifies the fix."
        ),
        anchors=(
            "Guesses, or does not know where to start.",
            "Names a tool or a general idea but no way to use it.",
            "Lists sensible steps to look for the cause.",
            "Measures where time is spent, explains why, and checks the fix.",
            (
                "Measures before and after, isolates server, network and browser, weighs several "
                "causes, and prevents a repetition."
            ),
        ),
        good=(
            "I would first measure, in the browser's network panel, how much of the time is the "
            "server and how much is download and scripts. If the server takes most of it I would "
            "profile the request and count the database queries, because a missing index or a "
            "query in a loop is the usual cause. I would reproduce it on a copy with the same "
            "data, change one thing, and measure again, for example from three seconds to two "
            "hundred milliseconds. At the end I would add a test that fails when the page makes "
            "more than ten queries."
        ),
        middling=(
            "I would open the developer tools and see what is slow. Then I would look at the "
            "database queries and maybe add an index. Then I would see whether it is faster."
        ),
        poor=(
            "It is probably the internet connection. I would restart the server I guess. Slow "
            "pages are annoying."
        ),
        off=(
            "I have two cats and a dog. In the morning I take the dog for a walk before breakfast. "
            "The cats sleep most of the day on the sofa."
        ),
    ),
    Case(
        question="Tell us about a time when you made a mistake at work.",
        competency="Ownership",
        definition=(
            "Takes responsibility for mistakes, repairs the damage and prevents a repetition."
        ),
        anchors=(
            "Denies mistakes or blames others.",
            "Admits a mistake in general terms without saying what they did about it.",
            "Describes a mistake and how they repaired it.",
            "Takes responsibility openly, repairs the damage and explains the cause.",
            (
                "Takes responsibility at once, informs those affected, repairs the damage, finds "
                "the cause and changes the process so that it does not happen again."
            ),
        ),
        good=(
            "In my second month I deleted a table of the production database because I thought I "
            "was on the test server. I told my team lead within five minutes and I wrote to the "
            "two customers who were affected. I restored the backup in forty minutes and re- "
            "entered eleven orders by hand. Afterwards I changed the prompt of the production "
            "shell to red and took away write access for daily work. It has not happened to "
            "anybody in the team since then."
        ),
        middling=(
            "I once sent an email with the wrong attachment to a client. I noticed it later and "
            "sent the right file. The client said it was fine. I try to be more careful now."
        ),
        poor=(
            "I do not really make mistakes to be honest. Sometimes other people give me wrong "
            "information, so it looks like a mistake. It is mostly a communication problem."
        ),
        off=(
            "The city I grew up in has a big river and three bridges. In winter there is a lot of "
            "snow and children go sledging. There is a nice bakery near the station."
        ),
    ),
    Case(
        question="How do you decide what to do first when you have too many tasks?",
        competency="Planning",
        definition="Sets priorities by importance and time, tells others, and keeps track.",
        anchors=(
            "Works on whatever comes along, without any order.",
            "Says that priorities matter but not how they set them.",
            "Makes a list and orders it by deadline.",
            "Weighs importance against urgency, agrees priorities with others and keeps track.",
            (
                "Weighs importance and urgency with clear criteria, negotiates deadlines early, "
                "tracks progress with numbers and adapts the plan."
            ),
        ),
        good=(
            "Every Monday I write down all tasks with their deadline and who waits for them. I "
            "mark what costs money or blocks other people, and those come first. When two things "
            "collide I ask both owners on the same day which of them can move, and I offer a date. "
            "Last quarter I had nineteen requests, I moved six of them after talking, and "
            "delivered the other thirteen on time. On Wednesday I check the list again and change "
            "it when something new came in."
        ),
        middling=(
            "I usually make a list of what I have to do. Then I do the things with the nearest "
            "deadline first. If there is too much I tell my boss."
        ),
        poor=(
            "I just start with something and see. Being busy is normal I guess. Priorities are "
            "important of course."
        ),
        off=(
            "I really like the new film with the two detectives. The music was good and the ending "
            "was a surprise. My sister did not like it at all."
        ),
    ),
)
