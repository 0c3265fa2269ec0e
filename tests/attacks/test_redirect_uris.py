"""R-01 of RFC 9700 as a corpus: the function behind the 400 page of the authorization endpoint."""

import pytest

from authserver.clients.redirects import match_redirect_uri, validate_redirect_uri
from authserver.core.net.uri import InvalidUri

WEB = (
    "https://app.example/cb",
    "https://app.example/Deep/Path/cb?tenant=acme&x=1",
    "https://xn--bcher-kva.example/cb",
    "https://[2001:db8::7]:8443/cb",
)
NATIVE = (
    *WEB,
    "http://127.0.0.1/cb",
    "http://127.0.0.1:3000/cb?x=1",
    "http://[::1]:3000/cb",
    "com.example.app:/cb",
)
OTHERS = ("https://other-client.example/cb", "https://app.other-tenant.example/cb")

CORPUS = {
    "extra query": ["https://app.example/cb?x=1", "https://app.example/cb?tenant=acme&x=1"],
    "missing query": ["https://app.example/Deep/Path/cb", "https://app.example/Deep/Path/cb?x=1"],
    "reordered query": ["https://app.example/Deep/Path/cb?x=1&tenant=acme"],
    "repeated query": ["https://app.example/Deep/Path/cb?tenant=acme&x=1&x=1"],
    "empty query": ["https://app.example/cb?", "https://app.example/cb?&"],
    "trailing slash": ["https://app.example/cb/", "https://app.example/cb//"],
    "shorter path": ["https://app.example/c", "https://app.example/", "https://app.example"],
    "longer path": ["https://app.example/cbx", "https://app.example/cb/x"],
    "case": [
        *("https://app.example/CB", "https://APP.example/cb", "HTTPS://app.example/cb"),
        "https://app.example/deep/path/cb?tenant=acme&x=1",
    ],
    "percent-encoding": [
        *("https://app.example/%63b", "https://app.example%2fcb", "https://app%2eexample/cb"),
        *("https://app.example/cb%2f", "https://app.example/cb%2e", "https://app.example/%2563b"),
        *("https://app.example/cb%00", "https://app.example/cb%", "https://app.example/cb%20"),
    ],
    "dot segments": [
        *("https://app.example/cb/..", "https://app.example/x/../cb", "https://app.example/./cb"),
        *("https://app.example/cb/../../evil", "https://app.example/x/%2e%2e/cb"),
        *("https://app.example/x/%252e%252e/cb", "https://app.example/cb/%2e%2e%2fevil"),
    ],
    "dot segments behind a parameter": [
        *("https://app.example/x/..;/cb", "https://app.example/cb/..;/evil"),
        "https://app.example/cb/..%3b/evil",
    ],
    "path parameters": [
        "https://app.example/cb;x=1",
        "https://app.example/cb;",
        "https://app.example;/cb",
    ],
    "fragment": ["https://app.example/cb#", "https://app.example/cb#x", "https://app.example#/cb"],
    "userinfo": [
        *(
            "https://user@app.example/cb",
            "https://user:pw@app.example/cb",
            "https://@app.example/cb",
        ),
        *("https://app.example@evil.test/cb", "https://app.example:443@evil.test/cb"),
        *("https://evil.test%40app.example/cb", "https://app.example%40evil.test/cb"),
    ],
    "several @": [
        *("https://app.example@app.example@evil.test/cb", "https://a@b@app.example/cb"),
        *("https://evil.test@@app.example/cb", "https://evil.test#@app.example/cb"),
    ],
    "backslash": [
        *("https:\\\\app.example\\cb", "https://app.example\\cb", "https:/\\app.example/cb"),
        *("https://evil.test\\@app.example/cb", "https://app.example\\@evil.test/cb"),
        "https://evil.test\\.app.example/cb",
    ],
    "white space and controls": [
        *("https://app.example/cb\t", "https://app.example/\ncb", "\thttps://app.example/cb"),
        *("ht\ntps://app.example/cb", "https://app.exa\tmple/cb", "https://app.example/cb\x00"),
        *("https://app.example/cb ", " https://app.example/cb", "https://app.example/cb\r\nX: y"),
        *(
            "https://app.example/cb\x7f",
            "https://app.example/cb\u00a0",
            "\ufeffhttps://app.example/cb",
        ),
    ],
    "port": [
        *("https://app.example:443/cb", "https://app.example:/cb", "https://app.example:8443/cb"),
        *(
            "https://app.example:0443/cb",
            "https://[2001:db8::7]/cb",
            "https://[2001:db8::7]:8444/cb",
        ),
    ],
    "trailing dot": [
        "https://app.example./cb",
        "https://app.example../cb",
        "https://.app.example/cb",
    ],
    "international names": [
        *(
            "https://bücher.example/cb",
            "https://b\u00fccher.example/cb",
            "https://BÜCHER.example/cb",
        ),
        *("https://bu\u0308cher.example/cb", "https://XN--BCHER-KVA.example/cb"),
        *("https://xn--bcher-kva.example./cb", "https://app\u3002example/cb"),
    ],
    "look-alikes": [
        *(
            "https://\u0430pp.example/cb",
            "https://app.ex\u0430mple/cb",
            "https://ap\uff50.example/cb",
        ),
        *(
            "https://app\uff0eexample/cb",
            "https://app.example\uff0fcb",
            "https://app.example\u2044cb",
        ),
        *("\uff48ttps://app.example/cb", "https\uff1a//app.example/cb"),
    ],
    "loopback names": [
        *(
            "http://localhost/cb",
            "http://localhost:3000/cb",
            "http://[::1]/cb?x=1",
            "http://127.1/cb",
        ),
        *("http://[::1]:3000/cb?x=1", "http://127.0.0.1:3000/", "http://127.0.0.2/cb"),
        *("http://127.0.0.1:80@evil.test/cb", "http://127.0.0.1.evil.test/cb", "http://0/cb"),
        *("http://0x7f.0.0.1/cb", "http://2130706433/cb", "http://0177.0.0.1/cb", "http://[::]/cb"),
        *("https://127.0.0.1/cb", "http://[::ffff:127.0.0.1]/cb", "http://[0:0:0:0:0:0:0:1]/cb"),
    ],
    "other schemes": [
        *(
            "javascript:alert(1)",
            "JAVASCRIPT:alert(1)",
            "java\tscript:alert(1)",
            "data:text/html,x",
        ),
        *("javascript://app.example/cb", "javascript://app.example/%0aalert(1)", "vbscript:x"),
        *("http://app.example/cb", "file:///cb", "//app.example/cb", "/cb", "cb", "https:cb"),
        *("https:/app.example/cb", "https:///app.example/cb", "https:app.example/cb"),
        *(
            "com.example.app:cb",
            "com.example.app://cb",
            "com.example.app:/cb/",
            "com.example.App:/cb",
        ),
    ],
    "prefix and suffix domains": [
        *(
            "https://app.example.evil.test/cb",
            "https://evil-app.example/cb",
            "https://pp.example/cb",
        ),
        *("https://sub.app.example/cb", "https://app.examples/cb", "https://evilapp.example/cb"),
        *("https://app.example-evil.test/cb", "https://evil.test/app.example/cb"),
        *("https://evil.test?https://app.example/cb", "https://evil.test/https://app.example/cb"),
    ],
    "patterns": [
        *(
            "https://app.example/*",
            "https://*.example/cb",
            "https://app.example*",
            "https://app*/cb",
        ),
        *(
            "https://app.example/.*",
            "https://appxexample/cb",
            "https://app.example/cb|.*",
            "*",
            ".*",
        ),
        *("^https://app.example/cb$", "https://app.example/cb$", "(https://app.example/cb)"),
    ],
    "lists": [
        *("https://app.example/cb,https://evil.test/", "https://app.example/cb https://evil.test/"),
        *('["https://app.example/cb"]', "https://app.example/cb&redirect_uri=https://evil.test/"),
    ],
    "too long": ["https://app.example/cb?" + "x" * 2048, "https://app.example/cb" + "/" * 100_000],
    "of another client or tenant": list(OTHERS),
    "nothing": ["", " ", "null", "None", "about:blank"],
}


@pytest.mark.bcp("R-01")
@pytest.mark.attack("ATK-024")
@pytest.mark.attack("ATK-025")
@pytest.mark.attack("ATK-029")
@pytest.mark.attack("ATK-030")
@pytest.mark.attack("ATK-032")
@pytest.mark.attack("ATK-033")
@pytest.mark.parametrize("trick", CORPUS)
def test_a_uri_that_only_resembles_a_registered_one_is_refused(trick: str) -> None:
    for presented in CORPUS[trick]:
        for registered, native in ((WEB, False), (NATIVE, True)):
            assert match_redirect_uri(presented, registered, native=native) is None, presented


@pytest.mark.bcp("R-01")
@pytest.mark.attack("ATK-026")
@pytest.mark.attack("ATK-036")
@pytest.mark.parametrize(
    "uri",
    [
        *(
            "https://app.example*",
            "https://*.app.example/cb",
            "https://app.example/*",
            "https://*/cb",
        ),
        *("https://app.example/cb?*", "com.example.app:/*", "http://127.0.0.1:*/cb", "*"),
        *("https://user@app.example/cb", "https://a@b@app.example/cb", "https://app.example/cb#"),
        *("https://app.example/..;/cb", "https://app.example/%2e%2e/cb", "https://app.example\\cb"),
        *("https://app.example:443/cb", "https://app.example./cb", "https://App.example/cb"),
        *("https://app.example/cb\t", "https://b\u00fccher.example/cb", "javascript:alert(1)"),
        *("JAVASCRIPT:alert(1)", "data:text/html,x", "https://app.example/" + "x" * 2048),
        *("/\\evil.test", "//evil.test", "/%09/evil.test", "\t//evil.test", "https:evil.test"),
    ],
)
def test_a_uri_that_could_be_read_in_two_ways_cannot_be_registered(uri: str) -> None:
    for kind in ("web", "spa", "native"):
        with pytest.raises(InvalidUri):
            validate_redirect_uri(uri, kind=kind, allow_http_loopback=True)
