"""PDFs that never end, take all memory, or look harmless: each a few thousand bytes."""

import zlib

PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[%s]/Contents 4 0 R/Resources<<%s>>>>"


def pdf(contents, resources=b"", more=(), box=b"0 0 612 792"):
    """A PDF of one page; `more` are its further objects, the first of them number 5."""
    pages = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", PAGE % (box, resources)]
    data, places = bytearray(b"%PDF-1.7\n"), []
    objects = [*pages, contents if contents.startswith(b"<<") else stream(contents), *more]
    for number, thing in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, thing)
    table = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for place in places:
        data += b"%010d 00000 n \n" % place
    return bytes(data + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table))


def stream(data, about=b""):
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (about, len(data), data)


def thin(font=b"Helvetica"):
    """A line of text, soon drawn, in fonts that the decoder finds each in its own way."""
    about = b"<</Type/Font/Subtype/TrueType/BaseFont/%s/Encoding/WinAnsiEncoding>>" % font
    return pdf(b"BT /F1 2 Tf 1 1 Td (12345 abcdefghij) Tj ET", b"/Font<</F1 5 0 R>>", [about], b"0 0 612 6")


FONTS = [b"Helvetica", b"Times-Roman", b"Courier", b"Symbol", b"ZapfDingbats", b"Arial", b"NoSuchFont"]


def nested(depth, fan):
    """Forms in forms, each drawn several times: fan ** (depth + 1) drawings."""
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 612 792]"
    inner = b"%s/Resources<</XObject<</X %d 0 R>>>>"
    more = [stream(b"/X Do\n" * fan, inner % (form, 6 + i)) for i in range(depth - 1)]
    more.append(stream(b"0 0 1 rg 10 10 100 100 re f\n", form))
    return pdf(b"/X Do\n" * fan, b"/XObject<</X 5 0 R>>", more)


def shaded(operators):
    """A shading whose colour is a long program, run for each pixel."""
    shading = b"<</ShadingType 1/ColorSpace/DeviceRGB/Domain[0 612 0 792]/Function 6 0 R>>"
    about = b"/FunctionType 4/Domain[0 612 0 792]/Range[0 1 0 1 0 1]"
    return pdf(b"/S sh", b"/Shading<</S 5 0 R>>", [shading, stream(b"{%s0.5}" % (b"sin cos " * operators), about)])


def deflated(megabytes, times):
    """Strokes without end, packed once or twice."""
    data = b"0 0 m 612 792 l S\n" * (megabytes * 1_000_000 // 18)
    for _ in range(times):
        data = zlib.compress(data, 9)
    return pdf(stream(data, b"/Filter[%s]" % (b"/FlateDecode" * times)))
