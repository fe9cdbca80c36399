"""Attacks with a URL that gives one object for a minute."""

from datetime import timedelta

from recordings import signing
from tests.recordings.attacks import MINE, VICTIM, Answer, attack, swapped, with_signature


@attack("GET", "no signature at all")
def _(scene):
    return scene.http.get(scene.plain())


@attack("GET", "the access key's name without a signature")
def _(scene):
    return scene.http.get(scene.plain(query=f"?AWSAccessKeyId={scene.settings.S3_ACCESS_KEY_ID}"))


@attack("GET", "somebody else's recording under one's own signature")
def _(scene):
    return scene.http.get(swapped(scene.get_url(), MINE, VICTIM))


@attack("GET", "somebody else's recording by dots in the path")
def _(scene):
    dots = f"{MINE}/../../../../{VICTIM}"
    return scene.raw("GET", swapped(scene.get_url(), MINE, dots), {})


@attack("GET", "somebody else's recording by encoded dots in the path")
def _(scene):
    dots = f"{MINE}/%2e%2e/%2e%2e/%2e%2e/%2e%2e/{VICTIM}"
    return scene.raw("GET", swapped(scene.get_url(), MINE, dots), {})


@attack("GET", "a doubled slash before the bucket")
def _(scene):
    bucket = scene.store.bucket
    return scene.raw("GET", swapped(scene.get_url(), f"/{bucket}/", f"//{bucket}/"), {})


@attack("GET", "the same key in another bucket")
def _(scene):
    return scene.http.get(swapped(scene.get_url(), f"/{scene.store.bucket}/", f"/{scene.other}/"))


@attack("GET", "the bucket's list under an object's signature")
def _(scene):
    return scene.http.get(swapped(scene.get_url(), f"/{MINE}", ""))


@attack("GET", "the bucket's list without a signature")
def _(scene):
    return scene.http.get(f"{scene.settings.S3_ENDPOINT_URL}/{scene.store.bucket}?list-type=2")


@attack("GET", "a second after its life")
def _(scene):
    return scene.http.get(scene.get_url(age_s=61))


@attack("GET", "a longer life written into it")
def _(scene):
    url = scene.get_url(age_s=61)
    return scene.http.get(swapped(url, "X-Amz-Expires=60", "X-Amz-Expires=86400"))


@attack("GET", "a second life appended to it")
def _(scene):
    return scene.http.get(scene.get_url(age_s=61) + "&X-Amz-Expires=86400")


@attack("GET", "a later date written into it")
def _(scene):
    old, new = (scene.now - timedelta(seconds=61), scene.now)
    url = scene.get_url(age_s=61)
    return scene.http.get(swapped(url, f"Date={old:%Y%m%dT%H%M%SZ}", f"Date={new:%Y%m%dT%H%M%SZ}"))


@attack("GET", "a life of more than seven days, signed by ourselves")
def _(scene, monkeypatched=signing.MAX_LIFETIME_S):
    signing.MAX_LIFETIME_S = 10**9
    try:
        url = scene.forger().presign("GET", MINE, at=scene.now, lifetime_s=8 * 86400)
    finally:
        signing.MAX_LIFETIME_S = monkeypatched
    return scene.http.get(url)


@attack("GET", "a guessed secret")
def _(scene):
    forger = scene.forger(secret_key="guessed")
    return scene.http.get(forger.presign("GET", VICTIM, at=scene.now, lifetime_s=60))


@attack("GET", "an access key that nobody has")
def _(scene):
    forger = scene.forger(access_key="nobody")
    return scene.http.get(forger.presign("GET", VICTIM, at=scene.now, lifetime_s=60))


@attack("GET", "an empty secret")
def _(scene):
    forger = scene.forger(secret_key="")
    return scene.http.get(forger.presign("GET", VICTIM, at=scene.now, lifetime_s=60))


@attack("GET", "another region in the scope")
def _(scene):
    return scene.http.get(swapped(scene.get_url(), "us-east-1", "eu-west-1"))


@attack("GET", "another service in the scope")
def _(scene):
    return scene.http.get(swapped(scene.get_url(), "%2Fs3%2F", "%2Fsts%2F"))


@attack("GET", "yesterday in the scope")
def _(scene):
    old = scene.now - timedelta(days=1)
    return scene.http.get(
        swapped(scene.get_url(), f"%2F{scene.now:%Y%m%d}%2F", f"%2F{old:%Y%m%d}%2F")
    )


@attack("GET", "another host")
def _(scene):
    return scene.http.get(scene.get_url(), headers={"Host": "evil.example"})


@attack("GET", "another port of the host")
def _(scene):
    return scene.http.get(scene.get_url(), headers={"Host": "127.0.0.1:1"})


@attack("GET", "another host behind a proxy's header")
def _(scene):
    return scene.http.get(scene.get_url(), headers={"X-Forwarded-Host": "evil.example"})


@attack("GET", "the host left out of the signed headers")
def _(scene):
    return scene.http.get(swapped(scene.get_url(), "SignedHeaders=host", "SignedHeaders="))


@attack("GET", "another algorithm")
def _(scene):
    return scene.http.get(swapped(scene.get_url(), "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"))


@attack("GET", "no algorithm")
def _(scene):
    return scene.http.get(swapped(scene.get_url(), "X-Amz-Algorithm=AWS4-HMAC-SHA256&", ""))


@attack("GET", "an empty signature")
def _(scene):
    return scene.http.get(with_signature(scene.get_url(), lambda _: ""))


@attack("GET", "half a signature")
def _(scene):
    return scene.http.get(with_signature(scene.get_url(), lambda text: text[:32]))


@attack("GET", "a signature with one digit changed")
def _(scene):
    return scene.http.get(
        with_signature(scene.get_url(), lambda text: text[:-1] + ("0" if text[-1] != "0" else "1"))
    )


@attack("GET", "a signature of zeros")
def _(scene):
    return scene.http.get(with_signature(scene.get_url(), lambda text: "0" * len(text)))


@attack("GET", "the signature of another URL")
def _(scene):
    other = scene.get_url(VICTIM).rpartition("=")[2]
    return scene.http.get(with_signature(scene.get_url(), lambda _: other))


@attack("GET", "an old signature (version 2)")
def _(scene):
    query = f"?AWSAccessKeyId={scene.settings.S3_ACCESS_KEY_ID}&Expires=9999999999&Signature=AAAA"
    return scene.http.get(scene.plain(query=query))


@attack("GET", "a forged Authorization header")
def _(scene):
    scope = f"{scene.settings.S3_ACCESS_KEY_ID}/{scene.now:%Y%m%d}/us-east-1/s3/aws4_request"
    value = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature={'0' * 64}"
    return scene.http.get(scene.plain(), headers={"Authorization": value})


@attack("GET", "a session token that nobody issued")
def _(scene):
    return scene.http.get(scene.get_url() + "&X-Amz-Security-Token=forged")


@attack("GET", "shown inline: the disposition changed")
def _(scene):
    return scene.http.get(swapped(scene.get_url(), "=attachment", "=inline"))


@attack("GET", "shown as a page: the type changed")
def _(scene):
    return scene.http.get(swapped(scene.get_url(), "audio%2Fogg", "text%2Fhtml"))


@attack("GET", "shown as a page: a type added")
def _(scene):
    url = scene.forger().presign("GET", MINE, at=scene.now, lifetime_s=60)
    return scene.http.get(url + "&response-content-type=text%2Fhtml")


@attack("GET", "the disposition left out")
def _(scene):
    url = scene.get_url()
    first = url.partition("?")[2].partition("&")[0]
    assert first.startswith("response-content-disposition")
    return scene.http.get(swapped(url, f"{first}&", ""))


def subresource(name):
    @attack("GET", f"what is not its content: ?{name}")
    def _(scene):
        return scene.http.get(f"{scene.get_url()}&{name}")


for name in ("acl", "tagging", "uploads", "versions", "policy", "torrent"):
    subresource(name)


def method(verb):
    @attack("GET", f"used to {verb}")
    def _(scene):
        answer = scene.http.request(verb, scene.get_url(), content=b"x" * 10)
        return Answer(answer.status_code, answer.content)


for verb in ("PUT", "POST", "DELETE", "PATCH", "HEAD"):
    method(verb)
