"""A model folder that was trained: maps by gradients, pictures of neighbours, scores."""

import numpy as np
import pytest
from helpers.pictures import picture
from helpers.uploads import OURS
from starlette.testclient import TestClient

from hilum.explain.evidence import evidence_of, regions_of
from hilum.explain.gradients import gradient_mapper
from hilum.explain.placing import seen_box
from hilum.model.open import open_reader
from hilum.predict.run import square_of
from hilum.serve.app import create_app
from hilum.serve.drawing import map_png
from hilum.serve.settings import Settings
from hilum.slices.frames import read_frame


@pytest.mark.slow
def test_maps_by_gradients_and_pictures_of_neighbours(phantom, phantom_model, use_shared_cache):
    model = phantom_model
    reader = open_reader(model)
    app = create_app(reader, Settings(workers=1, model=model))
    slice_ = sorted(phantom.rglob("*.png"))[0]
    sent = [("files", ("a.png", slice_.read_bytes()))]
    with TestClient(app, "http://127.0.0.1", headers=OURS) as client:
        about = client.get("/api/model").json()
        answers = {
            method: client.post("/api/explain", files=sent, data={"method": method}).json()
            for method in ("hirescam", "gradcam")
        }
    assert about["methods"] == ["hirescam", "gradcam", "gradcam++", "layercam"]
    assert set(about["scores"]) >= {"given", "strict", "out_of_fold"}
    assert about["synthetic"] is True
    own, gradcam = answers["hirescam"], answers["gradcam"]
    assert len(own["neighbours"]) == 5
    assert all(picture(one["thumbnail"]).size == (96, 96) for one in own["neighbours"])
    assert own["row"] == gradcam["row"]
    frame = read_frame(slice_)
    box, size = seen_box(frame.pixels, about["crop"]), frame.pixels.shape[::-1]
    mapper, square = gradient_mapper(model, None, "gradcam"), square_of(frame, reader.facts)
    for number, name in enumerate(about["classes"]):
        drawn = evidence_of(mapper(square, number), regions_of(square), name).drawn  # what lies outside the body is cut
        np.testing.assert_allclose(
            np.asarray(picture(gradcam["maps"][name]), int),
            np.asarray(picture(map_png(drawn, box, size)), int),
            atol=1,
        )
    assert len({answer["maps"][name] for answer in answers.values()}) > 1
