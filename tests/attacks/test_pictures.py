"""Files that are no pictures, or more than pictures, and pictures of other people."""

from io import BytesIO

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from authserver.accounts.models import Picture
from tests.attacks.people import Scene
from tests.attacks.test_deactivation import tenant_suspended, user_disabled
from tests.support.account import enter
from tests.support.browser import Browser, hidden
from tests.support.parallel import together
from tests.support.pictures import claiming, picture, shown, upload, url_on
from tests.support.world import World

SCRIPT = b"<script>alert(document.domain)</script>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">' + SCRIPT + b"</svg>"


@pytest.fixture
def scene(world: World) -> Scene:
    scene = Scene(world)
    enter(scene.browser, scene.person)
    return scene


def rows(scene: Scene) -> list[bytes]:
    wanted = select(Picture.image).where(Picture.user_id == scene.person.id)
    with scene.world.services.database.read() as view:
        return list(view.tenant(scene.tenant.id).scalars(wanted))


REFUSED = {
    "svg": SVG,
    "svg with a byte order mark": b"\xef\xbb\xbf" + SVG,
    "svg called png": SVG,
    "html": b"<!doctype html>" + SCRIPT,
    "gif": picture("GIF"),
    "bmp": picture("BMP"),
    "tiff": picture("TIFF"),
    "ico": picture("ICO"),
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n" + SCRIPT,
    "postscript in a jpeg's name": b"%!PS\n(x) run",
    "pdf": b"%PDF-1.7\n" + SCRIPT,
    "zip": b"PK\x03\x04" + b"\0" * 40,
    "a cut png": picture()[:60],
    "a cut jpeg": picture("JPEG", (600, 600))[:400],
    "only the mark of a png": b"\x89PNG\r\n\x1a\n",
    "only the mark of a jpeg": b"\xff\xd8\xff\xe0",
    "only the mark of a webp": b"RIFF\x00\x00\x00\x00WEBPVP8 ",
    "html that begins like a gif": b"GIF89a/*" + SCRIPT,
}


@pytest.mark.any_database
@pytest.mark.attack("ATK-130")
@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_picture_is_refused(scene: Scene, what: str) -> None:
    """Whatever it is called: nobody reads the name."""
    for name in ("me.png", "me.svg", "../../me.png", "me.png\x00.html"):
        assert upload(scene.browser, REFUSED[what], name).status_code == 400
    assert rows(scene) == []


@pytest.mark.any_database
def test_the_type_that_a_browser_claims_counts_for_nothing(scene: Scene) -> None:
    for data, claimed in ((SVG, "image/png"), (b"GIF89a" + SCRIPT, "image/jpeg")):
        form = {
            **hidden(scene.browser.get("/account/picture")),
            "picture": (BytesIO(data), "x.png", claimed),
        }
        answer = scene.browser.post(
            "/account/picture", data=form, content_type="multipart/form-data"
        )
        assert answer.status_code == 400
    form = {
        **hidden(scene.browser.get("/account/picture")),
        "picture": (BytesIO(picture()), "x.html", "text/html"),
    }
    scene.browser.post("/account/picture", data=form, content_type="multipart/form-data")
    answer = scene.browser.get(url_on(scene.browser.get("/account")) or "")
    assert answer.headers["Content-Type"] == "image/webp"


@pytest.mark.any_database
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_second_file_behind_or_inside_the_first_is_left_behind(scene: Scene, kind: str) -> None:
    text = PngInfo()
    text.add_text("Comment", SCRIPT.decode(), zip=False)
    more = {"PNG": {"pnginfo": text}, "JPEG": {"comment": SCRIPT}, "WEBP": {"xmp": SCRIPT}}[kind]
    data = picture(kind, (300, 200), **more) + b"PK\x03\x04" + SCRIPT + SVG
    assert SCRIPT in data
    assert upload(scene.browser, data).status_code == 303
    (made,) = rows(scene)
    for trace in (SCRIPT, b"PK\x03\x04", b"<svg", b"alert", b"XMP "):
        assert trace not in made


@pytest.mark.any_database
def test_where_a_photograph_was_taken_is_left_behind(scene: Scene) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Canary Camera"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 0.0)  # GPS latitude
    data = picture("JPEG", (300, 200), exif=exif, icc_profile=b"canary profile")
    assert b"Canary Camera" in data
    upload(scene.browser, data)
    (made,) = rows(scene)
    for trace in (b"Canary", b"canary", b"EXIF", b"Exif", b"ICCP"):
        assert trace not in made
    image = Image.open(BytesIO(made))
    assert not image.getexif()
    assert "icc_profile" not in image.info


@pytest.mark.any_database
@pytest.mark.parametrize(
    "size", [(65_000, 65_000), (4097, 4097), (100_000, 2), (2, 30_000), (2**31 - 1, 2**31 - 1)]
)
def test_a_header_that_claims_a_huge_picture_is_not_decoded(
    scene: Scene, size: tuple[int, int]
) -> None:
    answer = upload(scene.browser, claiming(*size))
    assert answer.status_code == 400
    assert rows(scene) == []


@pytest.mark.any_database
def test_a_picture_of_the_most_pixels_is_taken(scene: Scene) -> None:
    assert upload(scene.browser, picture("PNG", (4096, 4096))).status_code == 303


@pytest.mark.any_database
def test_a_moving_picture_stands_still(scene: Scene) -> None:
    frames = [Image.new("RGB", (64, 64), (n, 0, 0)) for n in range(0, 250, 10)]
    out = BytesIO()
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    upload(scene.browser, out.getvalue())
    (made,) = rows(scene)
    assert getattr(Image.open(BytesIO(made)), "n_frames", 1) == 1


@pytest.mark.any_database
def test_a_file_goes_to_its_page_alone(scene: Scene) -> None:
    """Every other form is read as before: no file, no second way to send one."""
    state = hidden(scene.browser.get("/account/profile"))
    for path in ("/account/profile", "/account/email", "/login/password", "/account/security"):
        form = {**state, "picture": (BytesIO(picture()), "me.png")}
        answer = scene.browser.post(path, data=form, content_type="multipart/form-data")
        assert answer.status_code == 400, path


@pytest.mark.any_database
@pytest.mark.parametrize(
    "more",
    [
        {"other": FileStorage(BytesIO(b"x"), "x.png")},
        {"csrf_token": FileStorage(BytesIO(b"x"), "x.png")},
        {"bell": "a\x07b"},
        {"long": "x" * 70_000},
    ],
    ids=["another file", "a file for a field", "a control", "too long"],
)
def test_a_form_with_a_file_is_read_as_strictly(scene: Scene, more: dict[str, object]) -> None:
    assert upload(scene.browser, picture(), **more).status_code in {400, 413}
    assert rows(scene) == []


BOUNDARY = "----b"


def raw(scene: Scene, body: bytes, content_type: str = "", query: str = "") -> int:
    return scene.browser.post(
        f"/account/picture{query}",
        data=body,
        content_type=content_type or f"multipart/form-data; boundary={BOUNDARY}",
    ).status_code


def part(name: str, value: bytes, more: str = "") -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
    return head.encode() + value + b"\r\n"


@pytest.mark.any_database
@pytest.mark.attack("ATK-129")
def test_no_field_and_no_file_comes_twice(scene: Scene) -> None:
    state = hidden(scene.browser.get("/account/picture"))
    once = b"".join(part(name, value.encode()) for name, value in state.items())
    file = part("picture", picture(), '; filename="me.png"')
    end = f"--{BOUNDARY}--\r\n".encode()
    assert raw(scene, once + file + file + end) == 400
    assert raw(scene, once + part("account", b"ses_x") + file + end) == 400
    assert raw(scene, once + file) == 400
    assert raw(scene, once + file + end, "multipart/form-data") == 400
    assert raw(scene, once + file + end, query="?account=ses_x") == 400
    assert raw(scene, b"") == 400
    assert raw(scene, once + part("n", b"\xff\xfe") + file + end) == 400
    assert raw(scene, once + b"".join(part(f"n{n}", b"x") for n in range(20)) + file + end) == 400
    assert rows(scene) == []
    assert raw(scene, once + file + end) == 303


@pytest.mark.any_database
def test_more_than_ten_megabytes_are_not_even_read(scene: Scene) -> None:
    answer = upload(scene.browser, b"x" * (10 * 1024 * 1024 + 1))
    assert answer.status_code == 413
    assert "at most 2 MB" in answer.text


@pytest.mark.attack("ATK-059")
def test_a_form_without_its_token_or_for_another_account_changes_nothing(scene: Scene) -> None:
    for fields, status in (({"csrf_token": "x"}, 400), ({"account": "ses_other"}, 409)):
        assert upload(scene.browser, picture(), **fields).status_code == status
    stranger = Browser(scene.world)
    answer = stranger.post(
        "/account/picture",
        data={**hidden(stranger.get("/login/recover")), "picture": (BytesIO(picture()), "a.png")},
        content_type="multipart/form-data",
    )
    assert "/login/password" in answer.headers["Location"]
    assert rows(scene) == []


@pytest.mark.attack("ATK-111")
def test_a_picture_is_found_by_its_whole_id_alone(scene: Scene) -> None:
    upload(scene.browser, picture())
    url = url_on(scene.browser.get("/account")) or ""
    other = scene.world.tenant(own_issuer=True)
    stranger = Browser(scene.world)
    assert shown(stranger.get(url))
    for wrong in (
        url[:-1],
        f"{url}x",
        url.swapcase().replace("/ACCOUNT/PICTURE", "/account/picture"),
        f"/account/picture/{scene.person.id}",
        "/account/picture/%25",
        "/account/picture/..%2f..%2fetc%2fpasswd",
        "/account/picture/' OR '1'='1",
        f"/t/{other.slug}{url}",
    ):
        assert stranger.get(wrong).status_code == 404, wrong


@pytest.mark.parametrize("close", [user_disabled, tenant_suspended], ids=lambda f: f.__name__)
def test_the_picture_of_a_closed_account_is_gone_at_once(scene: Scene, close: object) -> None:
    upload(scene.browser, picture())
    url = url_on(scene.browser.get("/account")) or ""
    close(scene)
    assert Browser(scene.world).get(url).status_code == 404


@pytest.mark.every_database
def test_uploads_at_the_same_moment_leave_one_picture(scene: Scene) -> None:
    state = hidden(scene.browser.get("/account/picture"))
    cookies = "; ".join(
        f"{name}={scene.browser.http.get_cookie(name, 'auth.example').value}"
        for name in ("__Host-as-session", "__Host-as-flow")
    )

    def send(number: int) -> int:
        form = {**state, "picture": (BytesIO(picture(size=(40 + number, 30))), "me.png")}
        http = scene.world.app.test_client(use_cookies=False)
        return http.post(
            "/account/picture",
            base_url="https://auth.example",
            data=form,
            content_type="multipart/form-data",
            headers={"Cookie": cookies},
        ).status_code

    assert together(6, send) == [303] * 6
    assert len(rows(scene)) == 1
    url = url_on(scene.browser.get("/account")) or ""
    assert scene.browser.get(url).status_code == 200
