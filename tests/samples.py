"""Small files of every kind that glassnet reads, whole and good, for tests to damage."""

import io

import numpy as np
from PIL import Image

import glassnet

KINDS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "PPM")


def content(write):
    """Return what `write` writes to a file."""
    buffer = io.BytesIO()
    write(buffer)
    return buffer.getvalue()


def crops():
    """Return six images of 28 x 28."""
    return np.random.default_rng(0).integers(0, 256, (6, 28, 28), dtype=np.uint8)


def model():
    """Return a small network with all that a header can say."""
    calibration = {"slope": 1.2, "offset": -0.3, "at_least": 0.5, "n": 9}
    calibration["choices"] = [{"at_least": 0.5, "coverage": 0.9, "accuracy": 1.0}] * 2
    return glassnet.Model(
        glassnet.Network.random((784, 3, 10), rng=np.random.default_rng(0)),
        training={"epochs_done": 3, "mini_batch_size": 10, "learning_rate": 1.0, "seed": 0, "optimizer": "sgd"},
        data={"name": "MNIST", "source": "", "licence": "free"},
        results={"test_accuracy": 0.9, "calibration": calibration},
    )


def picture():
    """Return a digit 1 of sorts: a dark bar on light, with some grain."""
    array = np.random.default_rng(1).integers(225, 250, (40, 30)).astype(np.uint8)
    array[8:32, 13:17] = 20
    return Image.fromarray(array)


def encoded(kind):
    """Return the picture as a file of that kind."""
    if kind == "PDF":
        return pdf()
    if kind == "HEIC":
        import pillow_heif

        pillow_heif.register_heif_opener()
        return content(lambda file: picture().convert("RGB").save(file, "HEIF"))
    return content(lambda file: picture().save(file, kind))


def pdf():
    """Return a page of 200 x 20 points with a line on it; its table of places is left out, as readers do without."""
    stream = b"0 0 0 RG 3 w 20 3 m 20 17 l S"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 20]/Contents 4 0 R>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
    ]
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % numbered for numbered in enumerate(objects, 1))
    return b"%PDF-1.7\n" + body + b"trailer\n<</Size 5/Root 1 0 R>>\n%%EOF\n"
