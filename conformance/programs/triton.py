"""The Open Inference Protocol over gRPC by tritonclient: health, metadata, tensors, refusals."""

import json
import sys

import numpy
import tritonclient.grpc as triton

address, key, model, texts = sys.argv[1:]
headers = {"authorization": f"Bearer {key}"}
client = triton.InferenceServerClient(address)


def infer(name, array, datatype, **more):
    tensor = triton.InferInput("rows", list(array.shape), datatype)
    tensor.set_data_from_numpy(array)
    return client.infer(name, [tensor], headers=headers, **more)


def refused(call):
    try:
        call()
    except triton.InferenceServerException as error:
        return [error.status(), error.message()]
    return None


rows = numpy.array([[1, 2.5], [3, -4]])
answer = infer(model, rows, "FP64", request_id="seven", model_version="v1")
single = infer(model, rows.astype("f4"), "FP32")
words = infer(texts, numpy.array([b"ab", "ä".encode()], dtype=object), "BYTES")
found = {
    "live": client.is_server_live(headers=headers),
    "ready": client.is_server_ready(headers=headers),
    "model_ready": client.is_model_ready(model, headers=headers),
    "server": client.get_server_metadata(headers=headers, as_json=True),
    "model": client.get_model_metadata(model, headers=headers, as_json=True),
    "sums": answer.as_numpy("predict").tolist(),
    "response": [answer.get_response().id, answer.get_response().model_name, answer.get_response().model_version],
    "single": single.as_numpy("predict").tolist(),
    "words": [text.decode() for text in words.as_numpy("predict").tolist()],
    "nobody": refused(lambda: infer("nobody", rows, "FP64")),
    "wrong": refused(lambda: infer(model, numpy.array([[1.0], [2.0]]).reshape(2), "FP64")),
    "stranger": refused(lambda: client.get_server_metadata(headers={"authorization": "Bearer no"})),
    "unserved": refused(lambda: client.get_model_repository_index(headers=headers)),
}
print(json.dumps(found))
