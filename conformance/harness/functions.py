"""A function for the tests of Lambda, and how it is called."""

import io
import json
import zipfile

HANDLER = """
import json
def handler(event, context):
    print('got', json.dumps(event))
    if event.get('fail'):
        raise ValueError('told to')
    if event.get('s3'):
        import boto3
        body = boto3.client('s3').get_object(Bucket='lambda-in', Key='word')['Body'].read()
        return {'word': body.decode()}
    if event.get('layer'):
        import from_layer
        return from_layer.WORD
    if event.get('context'):
        return [context.invoked_function_arn, context.client_context.custom['k']]
    return {'event': event, 'version': context.function_version}
"""


def packed(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/") + ".py", text)
    return out.getvalue()


def invoke(client, name, event, **more):
    got = client.invoke(FunctionName=name, Payload=json.dumps(event).encode(), **more)
    return got, json.loads(got["Payload"].read() or "null")
