"""A page may talk to the S3 server that the settings name, and to no other."""

import pytest

from config import policy


@pytest.mark.parametrize(
    ("endpoint", "style", "origin"),
    [
        ("http://127.0.0.1:8333", "path", "http://127.0.0.1:8333"),
        ("https://s3.example.org/behind/", "path", "https://s3.example.org"),
        ("", "virtual", "https://rec.s3.eu-west-1.amazonaws.com"),
        ("", "path", "https://s3.eu-west-1.amazonaws.com"),
    ],
)
def test_the_origin_is_where_browsers_find_the_bucket(endpoint, style, origin):
    found = policy.storage_origins(endpoint, bucket="rec", region="eu-west-1", style=style)
    assert found == [origin]


def test_recordings_travel_there_and_nothing_else_is_loosened():
    strict, loose = policy.directives([]), policy.directives(["https://s3.example.org"])
    assert strict == policy.DIRECTIVES
    differing = {name for name in strict if strict[name] != loose[name]}
    assert differing == {"connect-src", "media-src", "img-src"}


def test_without_a_bucket_there_is_no_such_place():
    assert policy.storage_origins("", bucket="", region="us-east-1", style="path") == []
