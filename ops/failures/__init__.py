"""What can go wrong, in one table: how to tell, what to say, whether to try again. Pure.

    Exception
     └─ StageFailure            raised by our own stages, services and engines, with a code below

Every other exception is recognised by its facts: the dotted names of its classes, provider codes
(an SDK's error code, an errno, an SQLSTATE), the HTTP status, the text. Names instead of classes:
this floor imports no SDK. Of all rules that hold, the most specific one wins.

`rows` says what a row is made of, `table` holds every row, `recognition` finds an error's row.
"""

from ops.failures.recognition import classify, facts_of, match, retry_after_s
from ops.failures.rows import Example, Facts, Failure, Rule, StageFailure
from ops.failures.table import FAILURES, by_code

__all__ = [
    "FAILURES",
    "Example",
    "Facts",
    "Failure",
    "Rule",
    "StageFailure",
    "by_code",
    "classify",
    "facts_of",
    "match",
    "retry_after_s",
]
