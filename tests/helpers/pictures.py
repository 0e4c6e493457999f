"""Pictures as the API sends them."""

import base64
import io

from PIL import Image


def picture(address):
    head, _, data = address.partition(",")
    assert head == "data:image/png;base64"
    return Image.open(io.BytesIO(base64.b64decode(data)))
