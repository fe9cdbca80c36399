"""Real stages on real media in real workers, while everything around them is killed.

    python -m tests.chaos [--postgres] [--sessions 20] [--kills 30] [--seed N]

`load` hands in sessions, `fleet` runs the workers and knows who is who among them, `disasters`
says what happens to them, `faults` makes single stages fail from inside, `invariants` looks
afterwards whether every promise of the engine was kept.
"""
